package markdown

import (
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/text"
)

// Blocks returns the contents of the code blocks of src, in order.
func Blocks(src string) []string {
	source := []byte(src)
	var blocks []string
	doc := goldmark.New().Parser().Parse(text.NewReader(source))
	// The visitor returns no errors, so neither does Walk.
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n.(type) {
		case *ast.FencedCodeBlock, *ast.CodeBlock:
			if code := strings.TrimRight(string(n.Lines().Value(source)), "\n"); code != "" {
				blocks = append(blocks, code)
			}
		}
		return ast.WalkContinue, nil
	})
	return blocks
}
