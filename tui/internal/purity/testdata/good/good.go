// Package good comes close to breaking the rules, and breaks none.
package good

import (
	"context"
	"errors"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	tea "github.com/charmbracelet/bubbletea"
)

var (
	errStale = errors.New("stale")
	order    = []string{"a", "b"}
	ranks    = map[string]int{"a": 1}
	digits   = regexp.MustCompile(`\d+`)
	origin   = struct{ x, y int }{1, 2}
)

type model struct {
	now     func() time.Time
	ready   chan string
	mu      sync.Mutex
	cancel  context.CancelFunc
	screens []screen
	words   []string
}

// screen is implemented twice; only one of the types is ever a screen.
type screen interface {
	show() string
	close()
}

type page struct{}

func (page) show() string { return "page" }
func (page) close()       {}

type file struct{ path string }

func (f file) show() string {
	data, _ := os.ReadFile(f.path)
	return string(data)
}

func (m *model) Init() tea.Cmd {
	ctx, cancel := context.WithCancel(context.Background())
	m.cancel = cancel
	m.screens = append(m.screens, page{})
	return tea.Batch(m.waitCmd(ctx), m.readCmd("settings"))
}

// waitCmd waits, but elsewhere.
func (m *model) waitCmd(ctx context.Context) tea.Cmd {
	ready := m.ready
	return func() tea.Msg {
		select {
		case word := <-ready:
			return word
		case <-ctx.Done():
			return nil
		}
	}
}

func (m *model) readCmd(path string) tea.Cmd {
	show := file{path}.show
	return func() tea.Msg { return show() }
}

func (m *model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case string:
		m.words = slices.DeleteFunc(m.words, func(word string) bool { return word == msg })
		return m, tea.Tick(time.Second, func(time.Time) tea.Msg { return time.Now() })
	case tea.KeyMsg:
		m.cancel()
		select { // never waits
		case m.ready <- msg.String():
		default:
		}
		return m, tea.Sequence(func() tea.Msg {
			_ = os.Remove("settings")
			return errStale
		}, tea.Quit)
	case time.Time:
		if msg.After(m.now()) {
			m.screens[0].close()
		}
	}
	return m, nil
}

func (m *model) View() string {
	var b strings.Builder
	for _, s := range m.screens {
		b.WriteString(s.show())
	}
	for word := range strings.FieldsSeq("so it is") {
		b.WriteString(digits.ReplaceAllString(word, ""))
	}
	for _, name := range slices.Sorted(maps.Keys(ranks)) {
		if ranks[name] > origin.x && !slices.Contains(order, name) || order[0] == name {
			b.WriteString(name)
		}
	}
	return b.String()
}

// Run is no part of Update.
func Run(m *model) error {
	m.now = time.Now
	m.mu.Lock()
	defer m.mu.Unlock()
	_, err := tea.NewProgram(m).Run()
	return err
}
