package markdown

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestBlocks(t *testing.T) {
	const src = "Do `this`:\n\n```yaml\na:\n  b: 1\n```\n\n- a list\n\n  ```\n  kubectl get pods\n  ```\n\nand\n\n    indented\n\n```\n```\n"
	want := []string{"a:\n  b: 1", "kubectl get pods", "indented"}
	if diff := cmp.Diff(want, Blocks(src)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
