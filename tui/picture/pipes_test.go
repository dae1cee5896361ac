package picture

import (
	"fmt"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"podlab/content"
)

// TestPipesConnect follows the line of each volume with a finger: it has to
// lead to every mount of that volume, and to no other.
func TestPipesConnect(t *testing.T) {
	for _, name := range append([]string{"tangled", "tangled with init containers"}, scenarios...) {
		s := tangled(strings.Contains(name, "init containers"))
		if !strings.HasPrefix(name, "tangled") {
			s = load(t, name)
		}
		for _, p := range s.model().Pods {
			for _, width := range []int{40, 56, 76, 116} {
				for _, density := range []density{roomy, normal, dense} {
					d := s.options(t, content.English, width, false).drawing()
					pl := d.plan(p, width, density, nil)
					c := newCanvas(d.Theme, width)
					pl.render(c, 0, 0)
					what := fmt.Sprintf("%s, Pod %s at %d, density %d", name, p.Name, width, density)
					if len(pl.pipes) < sharedBySome(p) {
						t.Errorf("%s: %d volumes are drawn", what, len(pl.pipes))
					}
					for _, one := range pl.pipes {
						checkPipe(t, what, c, pl, one)
					}
				}
			}
		}
	}
}

// sharedBySome counts the volumes that more than one container mounts.
func sharedBySome(p *Pod) int {
	n := 0
	for _, v := range p.Volumes {
		mounting := 0
		for _, c := range p.Containers {
			for _, m := range c.Mounts {
				if m.Volume == v.Name {
					mounting++
					break
				}
			}
		}
		if mounting > 1 {
			n++
		}
	}
	return n
}

type place struct{ x, y int }

func checkPipe(t *testing.T, what string, c *canvas, pl *plan, one *pipe) {
	t.Helper()
	reached := c.follow(place{one.taps[0].x, one.taps[0].y})
	for _, other := range pl.pipes {
		for _, tap := range other.taps {
			if got := reached[place{tap.x, tap.y}]; got != (other == one) {
				t.Errorf("%s: the line of %s reaches a mount of %s: %v\n%s", what, one.volume.Name, other.volume.Name,
					got, strings.Join(c.lines(), "\n"))
				return
			}
		}
	}
}

// follow returns the places that a heavy line leads to. Where it meets another
// that runs up and down, it passes beneath.
func (c *canvas) follow(from place) map[place]bool {
	steps := []struct {
		out, in arms
		dx, dy  int
	}{{up, down, 0, -1}, {right, left, 1, 0}, {down, up, 0, 1}, {left, right, -1, 0}}
	reached := map[place]bool{}
	todo := []place{from}
	for len(todo) > 0 {
		at := todo[0]
		todo = todo[1:]
		if reached[at] {
			continue
		}
		reached[at] = true
		for _, s := range steps {
			if c.at(at.x, at.y).lines[heavy]&s.out == 0 {
				continue
			}
			next := place{at.x + s.dx, at.y + s.dy}
			for s.dy == 0 && c.at(next.x, next.y) != nil && c.at(next.x, next.y).lines[heavy] == upright {
				next.x += s.dx
			}
			if cell := c.at(next.x, next.y); cell != nil && cell.lines[heavy]&s.in != 0 {
				todo = append(todo, next)
			}
		}
	}
	return reached
}

// tangled is a Pod whose containers share volumes crosswise.
func tangled(inits bool) *scenario {
	mounts := func(volumes ...string) []corev1.VolumeMount {
		var all []corev1.VolumeMount
		for _, v := range volumes {
			all = append(all, corev1.VolumeMount{Name: v, MountPath: "/" + v})
		}
		return all
	}
	p := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "tangled"}}
	for _, v := range []string{"a", "b", "c", "d", "e"} {
		p.Spec.Volumes = append(p.Spec.Volumes, corev1.Volume{
			Name: v, VolumeSource: corev1.VolumeSource{EmptyDir: &corev1.EmptyDirVolumeSource{}},
		})
	}
	p.Spec.Containers = []corev1.Container{
		{Name: "one", VolumeMounts: mounts("a", "b", "c")},
		{Name: "two", VolumeMounts: mounts("c", "d", "a")},
		{Name: "three", VolumeMounts: mounts("b", "e")},
		{Name: "four", VolumeMounts: mounts("e", "a", "d")},
	}
	if inits {
		p.Spec.InitContainers, p.Spec.Containers = p.Spec.Containers[:2], p.Spec.Containers[2:]
	}
	return &scenario{Pods: []*corev1.Pod{p}}
}
