package picture

import (
	"fmt"
	"testing"

	"podlab/content"
)

// BenchmarkDraw draws what is drawn once a second while it is looked at.
func BenchmarkDraw(b *testing.B) {
	for _, pods := range []int{1, 20} {
		b.Run(fmt.Sprintf("%d Pods", pods), func(b *testing.B) {
			s := load(b, "sidecar-native")
			for i := 1; i < pods; i++ {
				p := s.Pods[0].DeepCopy()
				p.Name = fmt.Sprintf("shop-%d", i)
				s.Pods = append(s.Pods, p)
			}
			m := s.model()
			o := s.options(b, content.English, 76, false)
			o.Height = 20
			for b.Loop() {
				m.Draw(o)
			}
		})
	}
}
