// Package bad breaks every rule once. The comments say what is to be found.
package bad

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"sync"
	"time"

	tea "github.com/charmbracelet/bubbletea"
)

// store is something with files behind it.
type store interface{ read() string }

type disk struct{ path string }

func (d disk) read() string {
	data, _ := os.ReadFile(d.path) // want "calls os.ReadFile"
	return string(data)
}

type model struct {
	files  fs.FS
	store  store
	ready  chan struct{}
	done   sync.WaitGroup
	load   func() string
	gate   Gate
	given  func()
	clock  clock
	text   string
	cancel context.CancelFunc
}

// New makes a model that reads from the disk.
func New(given func()) tea.Model {
	return &model{store: disk{"settings"}, gate: gate{}, given: given}
}

type gate struct{}

func (gate) Slow() string  { return "" }
func (gate) Quick() string { return os.TempDir() } // want "calls os.TempDir"

// clock is what nothing implements.
type clock interface{ read() time.Time }

// Gate is an interface of a package whose interfaces lead outside.
type Gate interface {
	Slow() string
	Quick() string
}

func (m *model) Init() tea.Cmd {
	go m.fetch() // want "starts a goroutine"
	return nil
}

func (m *model) fetch() {}

func (m *model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg.(type) {
	case tea.KeyMsg:
		m.press()
	case tea.WindowSizeMsg:
		m.text = m.store.read()
	case int:
		m.text = m.gate.Quick() + m.gate.Slow() // want "Gate.Slow, behind which lies the outside"
	case string:
		m.load = func() string { return os.Getenv("HOME") } // want "calls os.Getenv"
		m.text = m.load()
	case fs.FS:
		_ = fs.WalkDir(m.files, ".", func(string, fs.DirEntry, error) error { return nil }) // want "calls io/fs.WalkDir"
	case []string:
		slices.SortFunc(msg.([]string), func(a, b string) int {
			time.Sleep(time.Second) // want "calls time.Sleep"
			return 0
		})
	case []byte:
		read := os.ReadFile
		if m.text != "" {
			read = func(string) ([]byte, error) { return nil, nil }
		}
		_, _ = read("settings") // want "calls os.ReadFile"
	case context.Context:
		m.clock.read() // want "clock.read, which nothing that is known has"
		m.given()      // want "comes from elsewhere, held in .*bad.model.given"
	}
	return m, nil
}

// press reaches a file through two helpers.
func (m *model) press() { m.reload() }

func (m *model) reload() {
	if err := os.Remove("settings"); err != nil { // want "calls os.Remove"
		defer fmt.Println(err) // want "calls fmt.Println"
	}
}

// run runs a command instead of returning it.
func (m *model) SetSize(width, height int) {
	cmd := m.loadCmd()
	cmd()
}

func (m *model) loadCmd() tea.Cmd {
	return func() tea.Msg {
		_, err := os.Stat("settings") // want "calls os.Stat"
		return err
	}
}

func (m *model) View() string {
	println("drawing") // want "calls println"
	m.wait()
	fmt.Fprintln(os.Stderr, "drawing") // want "uses os.Stderr"
	return fmt.Sprint(time.Now())      // want "calls time.Now"
}

func (m *model) wait() {
	<-m.ready             // want "waits to receive"
	m.ready <- struct{}{} // want "waits to send"
	for range m.ready {   // want "waits to receive"
	}
	select { // want "waits in a select"
	case <-m.ready:
	case m.ready <- struct{}{}:
	}
	m.done.Wait() // want "calls .*WaitGroup.*Wait"
}
