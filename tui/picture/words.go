package picture

import (
	"strconv"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/duration"

	"podlab/content"
	"podlab/tui/layout"
	"podlab/tui/texts"
	"podlab/tui/theme"
)

// Options say for whom, where and when a Model is drawn.
type Options struct {
	Lang  content.Lang
	Texts *texts.Texts
	Theme *theme.Theme
	// Now is what ages are counted to.
	Now time.Time
	// Width is how many cells a line has. Height is how many lines can be seen
	// at once, 0 for any number: the picture gets denser, and folds Pods that
	// matter less, to fit. It may still be higher.
	Width, Height int
	// All draws every Pod in full.
	All bool
}

// drawing says things in the words and the symbols of its Options.
type drawing struct {
	Options
	t *texts.Picture
}

func (o Options) drawing() *drawing { return &drawing{o, &o.Texts.Picture} }

// dot separates what stands side by side.
func (d *drawing) dot() span { return span{" " + d.Theme.Symbols.Between + " ", faint} }

func (d *drawing) since(t time.Time) string { return lasted(t, d.Now) }

// lasted writes a duration as kubectl does: 45s, 2m5s, 3h.
func lasted(from, to time.Time) string { return duration.HumanDuration(max(to.Sub(from), 0)) }

func (d *drawing) spinner() string {
	return d.Theme.Symbols.Spinner[int(d.Now.Unix()%4+4)%4]
}

// symbol of a container's state.
func (d *drawing) symbol(p *Pod, c *Container) span {
	s := d.Theme.Symbols
	switch {
	case c.State == Terminated && c.Run.ExitCode == 0:
		return span{s.Passed, passed}
	case c.Failing():
		return span{s.Failed, failed}
	case c.State == Running && (c.Role == Init || !c.Ready && c.Role != Ephemeral):
		return span{d.spinner(), pending}
	case c.State == Running:
		return span{s.Running, passed}
	case !c.Turn || p.Ended:
		return span{s.NotYet, faint}
	default:
		return span{d.spinner(), pending}
	}
}

// state says in a line what a container does.
func (d *drawing) state(p *Pod, c *Container) line {
	said := line{d.symbol(p, c), {" ", plain}}
	add := func(text string, i ink) { said = append(said, d.dot(), span{text, i}) }
	switch {
	case c.State == Running:
		said = append(said, span{texts.Fill(d.t.Running, "time", d.since(c.Run.Started)), plain})
		switch {
		case c.Role == Init || c.Role == Ephemeral:
		case c.Ready:
			add(d.t.IsReady, plain)
		default:
			add(d.t.NotReady, pending)
		}
	case c.State == Terminated:
		said = append(said, d.exit(&c.Run))
		if !c.Run.Started.IsZero() {
			add(texts.Fill(d.t.Ran, "time", lasted(c.Run.Started, c.Run.Finished)), plain)
		}
	case p.Ended:
		said = append(said, span{d.t.NeverStarted, faint})
	case c.Failing():
		said = append(said, span{c.Reason, failed})
	case !c.Turn:
		said = append(said, span{d.t.Queued, faint})
	case c.Reason != "":
		said = append(said, span{c.Reason, plain})
	default:
		said = append(said, span{d.t.Waiting, plain})
	}
	return said
}

// exit says how a run ended. "Error" and "Completed" add nothing to the code.
func (d *drawing) exit(r *Run) span {
	text, i := texts.Fill(d.t.Exit, "code", strconv.Itoa(r.ExitCode)), plain
	if r.ExitCode != 0 {
		i = failed
	}
	if r.Reason != "" && r.Reason != "Error" && r.Reason != "Completed" {
		text += " " + r.Reason
	}
	return span{text, i}
}

// history says how often a container was restarted, and how the run before
// ended; nil where there was none.
func (d *drawing) history(c *Container) line {
	if c.Restarts == 0 {
		return nil
	}
	said := line{{d.Theme.Symbols.Restart + " " + d.t.Restarts + " " + strconv.Itoa(c.Restarts), pending}}
	if c.Last != nil {
		how := d.exit(c.Last)
		said = append(said, d.dot(), span{texts.Fill(d.t.Last, "how", how.text), how.ink})
	}
	return said
}

// cause is what the cluster says of a container that fails.
func (c *Container) cause() string {
	switch {
	case !c.Failing():
		return ""
	case c.State == Terminated:
		return brief(c.Run.Message)
	case c.Reason == "CrashLoopBackOff":
		if c.Last != nil {
			return brief(c.Last.Message)
		}
		return ""
	default:
		return c.Message
	}
}

// brief leaves out the layers through which a message of the runtime came:
// what it is about comes last.
func brief(message string) string {
	if i := strings.Index(message, `exec: "`); i > 0 {
		return message[i:]
	}
	return message
}

// status of a Pod in a word, as kubectl has it.
func (p *Pod) status() string {
	if p.Deleted {
		return "Terminating"
	}
	for _, c := range p.Containers {
		if c.Failing() && c.State == Waiting {
			return c.Reason
		}
	}
	return string(p.Phase)
}

// health is the symbol of a Pod.
func (d *drawing) health(p *Pod) span {
	s := d.Theme.Symbols
	switch {
	case p.Deleted:
		return span{s.Skipped, faint}
	case p.Phase == corev1.PodSucceeded:
		return span{s.Passed, passed}
	case p.failing():
		return span{s.Failed, failed}
	case p.Phase == corev1.PodRunning && p.Ready == p.All:
		return span{s.Running, passed}
	default:
		return span{d.spinner(), pending}
	}
}

// failing reports whether the Pod cannot do what it is meant to.
func (p *Pod) failing() bool {
	if p.Phase == corev1.PodFailed || p.Trouble != "" {
		return true
	}
	for _, c := range p.Containers {
		if c.Failing() && c.Role != Ephemeral {
			return true
		}
	}
	return false
}

// standing says phase and readiness.
func (d *drawing) standing(p *Pod) line {
	l := line{d.health(p), {" " + p.status(), plain}}
	if !p.Ended {
		ready := texts.Fill(d.t.Ready, "n", strconv.Itoa(p.Ready), "all", strconv.Itoa(p.All))
		l = append(l, d.dot(), span{ready, plain})
	}
	return l
}

// where says address, node and age.
func (d *drawing) where(p *Pod) line {
	var l line
	add := func(text string, i ink) {
		if len(l) > 0 {
			l = append(l, d.dot())
		}
		l = append(l, span{text, i})
	}
	if p.IP != "" {
		add(p.IP, accent)
	} else {
		add(d.t.NoIP, faint)
	}
	if p.Node != "" {
		add(texts.Fill(d.t.Node, "name", p.Node), plain)
	}
	add(texts.Fill(d.t.Age, "time", d.since(p.Created)), faint)
	return l
}

// shares lists what all containers of a Pod share, wrapped to a width.
func (d *drawing) shares(p *Pod, width int) []line {
	items := []string{d.t.Network, "IPC"}
	if p.Shared.HostNetwork {
		items[0] = d.t.HostNet
	}
	if p.Shared.HostIPC {
		items[1] = d.t.HostIPC
	}
	switch {
	case p.Shared.HostPID:
		items = append(items, d.t.HostPID)
	case p.Shared.Processes:
		items = append(items, d.t.Processes)
	}
	l := line{{d.t.Shared, faint}}
	indent := l.width()
	var lines []line
	for i, item := range items {
		switch {
		case i == 0:
		case l.width()+3+layout.Widest(item) > width:
			lines = append(lines, l)
			l = line{{strings.Repeat(" ", indent), plain}}
		default:
			l = append(l, d.dot())
		}
		l = append(l, span{item, plain})
	}
	return append(lines, l)
}

// kind says what a volume is.
func (d *drawing) kind(v *Volume) string {
	switch {
	case v.InMemory:
		return v.Kind + " " + d.t.InMemory
	case v.Kind == "persistentVolumeClaim":
		return "PVC " + v.Of
	case v.Of != "":
		return v.Kind + " " + v.Of
	default:
		return v.Kind
	}
}

// mountPoint says where a container sees a volume, in width cells.
func (d *drawing) mountPoint(m *Mount, width int) line {
	full := line{{m.Path, path}}
	short := line{{m.Path, path}}
	add := func(text, brief string) {
		full = append(full, d.dot(), span{text, faint})
		short = append(short, span{" " + brief, faint})
	}
	if m.ReadOnly {
		add(d.t.ReadOnly, "ro")
	}
	bare := short
	if m.SubPath != "" {
		add("subPath "+m.SubPath, "subPath")
	}
	fitting := full.or(width, short, bare)
	if over := fitting.width() - width; over > 0 {
		room := max(width-fitting[1:].width(), 4)
		fitting[0].text = tail(m.Path, room, d.Theme.Symbols.Ellipsis)
	}
	return fitting
}
