// Package ui is what the root model and the screens have in common: the
// language, the look and the keys of the moment, and the messages by which a
// screen asks for another one, for a question or for an error to be shown.
package ui

import (
	"context"
	"sync"
	"time"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"podlab/content"
	"podlab/grader"
	"podlab/labs"
	"podlab/tui/backend"
	"podlab/tui/keymap"
	"podlab/tui/speech"
	"podlab/tui/stream"
	"podlab/tui/texts"
	"podlab/tui/theme"
)

// UI is the language, the look and the keys of the moment. It is never
// changed: the root replaces it and hands the new one to every screen.
type UI struct {
	speech.Speech
	Theme *theme.Theme
	Keys  keymap.Map
	// Layout is how screens arrange their panes.
	Layout backend.Layout
}

// New makes a UI.
func New(s speech.Speech, th *theme.Theme) *UI {
	return &UI{Speech: s, Theme: th, Keys: keymap.New(s.Texts)}
}

// Env is what screens share and never changes while the program runs.
type Env struct {
	// Context ends when the program does.
	Context context.Context
	// IDs for streams and ticks.
	IDs *stream.Source
	Now func() time.Time
	// Jobs have to end before the program does.
	Jobs *Jobs
	// Clipboard takes what the learner copies.
	Clipboard backend.Clipboard
}

// Jobs counts the work that must not be cut off when the program ends, since
// it cleans up after itself. The zero Jobs is ready for use.
type Jobs struct {
	mu     sync.Mutex
	closed bool
	wg     sync.WaitGroup
}

// Run calls f, unless the program is ending.
func (j *Jobs) Run(f func()) {
	j.mu.Lock()
	if j.closed {
		j.mu.Unlock()
		return
	}
	j.wg.Add(1)
	j.mu.Unlock()
	defer j.wg.Done()
	f()
}

// Wait lets no new job begin and returns when the last one has ended.
func (j *Jobs) Wait() {
	j.mu.Lock()
	j.closed = true
	j.mu.Unlock()
	j.wg.Wait()
}

// Screen is one page between header and footer.
type Screen interface {
	// Init returns what to do first. It is called once.
	Init() tea.Cmd
	// Update changes the screen. It does no I/O.
	Update(msg tea.Msg) tea.Cmd
	// View draws exactly the size that was set last.
	View() string
	SetSize(width, height int)
	SetUI(u *UI)
	// Title and Status stand at the left and the right of the header.
	Title() string
	Status() string
	// Footer lists the keys that matter most now; Help all keys.
	Footer() []key.Binding
	Help() []key.Binding
	// Leaving says what leaving the program now would lose; empty for nothing.
	Leaving() string
	// Close ends what the screen has running.
	Close()
}

// Typist is a screen that at times takes keys as text.
type Typist interface {
	Typing() bool
}

// The messages by which screens ask the root for something.
type (
	// LanguageChosenMsg ends the first screen.
	LanguageChosenMsg struct{ Lang content.Lang }
	// PreviewLangMsg shows a language without remembering it.
	PreviewLangMsg struct{ Lang content.Lang }
	// ConnectedMsg says that the cluster is ready and open.
	ConnectedMsg struct {
		Practice backend.Practice
		Labs     []*labs.Lab
	}
	// OpenCatalogMsg asks for the list of labs.
	OpenCatalogMsg struct{}
	// OpenClusterMsg asks for the screen that looks after the cluster.
	OpenClusterMsg struct{}
	// OpenLabMsg asks for a lab.
	OpenLabMsg struct{ ID string }
	// OpenNextLabMsg asks for the lab after ID in the list.
	OpenNextLabMsg struct{ ID string }
	// OpenReportMsg asks for the report of the lab that is open.
	OpenReportMsg struct {
		Lab      string
		Exercise backend.Exercise
		Report   *grader.Report
		// Minutes is the lab's target time.
		Minutes int
		// Elapsed since the attempt began; zero where it is not known.
		Elapsed      time.Duration
		HintsUsed    int
		SolutionSeen bool
	}
	// OpenConceptMsg asks for a concept page: the id of one, or of a pattern.
	OpenConceptMsg struct{ ID string }
	// OpenLogsMsg asks for the logs and events of the lab that is open.
	OpenLogsMsg struct{ Lab string }
	// WantObjectsMsg asks the screen of a lab for an ObjectsMsg.
	WantObjectsMsg struct{ Lab string }
	// ObjectsMsg says what the namespace of a lab holds. The lab's screen, which
	// watches it, tells all screens, whenever it changes and when it is asked.
	ObjectsMsg struct {
		Lab string
		// Version grows with each message, so that one that was overtaken can be
		// dropped.
		Version uint64
		// Known says that Objects are what is there: before the first look,
		// nothing is known.
		Known   bool
		Objects grader.Objects
		// Trouble is why the cluster does not answer; nil while it does.
		Trouble error
	}
	// BackMsg asks for the screen before.
	BackMsg struct{}
	// NoticeMsg asks for a line that stays until the next key.
	NoticeMsg struct{ Text func(*texts.Texts) string }
	// ErrorMsg asks for an error to be shown until it is dismissed. Doing says
	// what failed.
	ErrorMsg struct {
		Doing func(*texts.Texts) string
		Err   error
	}
	// TerminalBackMsg says that another program had the terminal.
	TerminalBackMsg struct{}
	// AskMsg asks the learner something.
	AskMsg struct{ Question Question }
)

// Question is shown in a box over the screen until it is answered.
type Question struct {
	Title func(*texts.Texts) string
	Body  func(*texts.Texts) string
	// Items are listed below the body; with Choices, the answer is one of them.
	Items []string
	// Choices says that an item is to be chosen instead of yes or no.
	Choices bool
	// Yes is sent to the screen that asked; it is told the chosen item's index.
	Yes func(choice int) tea.Msg
}

// Cmd returns a command that says msg.
func Cmd(msg tea.Msg) tea.Cmd { return func() tea.Msg { return msg } }

// Fail returns a command that shows err.
func Fail(err error, doing func(*texts.Texts) string) tea.Cmd {
	return Cmd(ErrorMsg{Doing: doing, Err: err})
}

// Notice returns a command that shows a line until the next key.
func Notice(text func(*texts.Texts) string) tea.Cmd {
	return Cmd(NoticeMsg{Text: text})
}

// Ask returns a command that asks the learner.
func Ask(q Question) tea.Cmd { return Cmd(AskMsg{Question: q}) }

// TickMsg is a tick of the clock that a screen asked for with TickCmd.
type TickMsg struct{ ID stream.ID }

// TickCmd ticks once after d. The screen drops ticks whose ID is not its own.
func TickCmd(id stream.ID, d time.Duration) tea.Cmd {
	return tea.Tick(d, func(time.Time) tea.Msg { return TickMsg{ID: id} })
}

// HelpItems returns key and meaning of each binding that is enabled.
func HelpItems(bindings []key.Binding) [][2]string {
	items := make([][2]string, 0, len(bindings))
	for _, b := range bindings {
		if b.Enabled() {
			items = append(items, [2]string{b.Help().Key, b.Help().Desc})
		}
	}
	return items
}
