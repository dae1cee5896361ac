package tui

import (
	"slices"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"podlab/content"
	"podlab/labs"
	"podlab/tui/components/dialog"
	"podlab/tui/components/pager"
	"podlab/tui/screens/board"
	"podlab/tui/screens/catalog"
	"podlab/tui/screens/concept"
	"podlab/tui/screens/lab"
	"podlab/tui/screens/language"
	"podlab/tui/screens/logs"
	"podlab/tui/screens/report"
	"podlab/tui/screens/welcome"
	"podlab/tui/speech"
	"podlab/tui/texts"
	"podlab/tui/theme"
	"podlab/tui/ui"
)

// The smallest window that podlab can be used in.
const (
	minWidth  = 80
	minHeight = 24
)

// model is the root: it knows the screens that are open, the language and the
// look, and what lies over the screens: a question, the keys, errors.
type model struct {
	options Options
	env     *ui.Env
	ui      *ui.UI
	look    theme.Options
	// speech loads the texts of a language.
	speech func(content.Lang) (speech.Speech, error)

	settings Settings
	saving   bool         // the settings
	unsaved  bool         // they were changed while they were saved
	wantLang content.Lang // chosen last; its texts may not be there yet

	screens  []ui.Screen // the last one is shown
	practice Practice    // nil until connected
	labs     []*labs.Lab // the same
	exams    examWatch

	dialog *dialog.Dialog
	help   bool
	// helpPage is what the page of keys shows.
	helpPage  pager.Pager
	helpWidth int
	errors    []ui.ErrorMsg // the last one is shown
	details   bool          // in full
	notice    func(*texts.Texts) string

	width, height int
	sized         [2]int // what the screens were told last
	quitting      bool
}

type (
	speechMsg struct {
		speech speech.Speech
		err    error
	}
	savedMsg struct{ err error }
	quitMsg  struct{}
)

func newModel(o Options, env *ui.Env, u *ui.UI, look theme.Options, settings Settings) *model {
	u = arranged(u, settings.Layout)
	m := &model{
		options: o, env: env, ui: u, look: look, speech: speech.Load,
		settings: settings, wantLang: u.Lang,
	}
	if !o.LangExplicit && settings.Lang == "" {
		m.screens = []ui.Screen{language.New(u, u.Lang)}
	} else {
		m.screens = []ui.Screen{m.newWelcome()}
	}
	return m
}

func (m *model) newWelcome() ui.Screen {
	return welcome.New(m.env, m.ui, welcome.Deps{
		Cluster: m.options.Cluster, Create: m.options.Create, Open: m.options.Open, Catalog: m.options.Catalog,
	})
}

// Init begins with the first screen.
func (m *model) Init() tea.Cmd { return tea.Batch(m.top().Init(), m.mouseCmd()) }

func (m *model) top() ui.Screen { return m.screens[len(m.screens)-1] }

// Update handles what concerns the whole program; the rest goes to the screen
// that is shown (keys) or to all of them (everything else).
func (m *model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	cmd := m.update(msg)
	m.resize()
	m.layOutHelp()
	return m, cmd
}

func (m *model) update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.width, m.height = msg.Width, msg.Height
		return nil
	case tea.KeyMsg:
		return m.pressEach(msg)
	case tea.MouseMsg:
		return m.point(msg)
	case copyMsg:
		return m.copyCmd(msg.item)
	case copiedMsg:
		return m.copied(msg)
	case ui.TerminalBackMsg:
		return m.mouseCmd()
	case speechMsg:
		return m.speak(msg)
	case savedMsg:
		return m.saved(msg)
	case quitMsg:
		return m.quit()
	case ui.NoticeMsg:
		m.notice = msg.Text
		return nil
	case ui.ErrorMsg:
		m.fail(msg)
		return nil
	case ui.AskMsg:
		m.dialog, m.help, m.details = dialog.New(msg.Question), false, false
		return nil
	}
	if cmd, ok := m.updateExams(msg); ok {
		return cmd
	}
	if cmd, ok := m.navigate(msg); ok {
		return cmd
	}
	return m.tell(msg)
}

// navigate opens and closes screens.
func (m *model) navigate(msg tea.Msg) (cmd tea.Cmd, ok bool) {
	switch msg := msg.(type) {
	case ui.PreviewLangMsg:
		return m.setLang(msg.Lang), true
	case ui.LanguageChosenMsg:
		return tea.Batch(m.setLang(msg.Lang), m.saveLangCmd(msg.Lang), m.replace(m.newWelcome())), true
	case ui.ConnectedMsg:
		m.practice, m.labs = msg.Practice, msg.Labs
		return tea.Batch(m.replace(catalog.New(m.env, m.ui, catalog.Deps{
			Labs: m.labs, Records: m.options.Records, Practice: m.practice,
		})), m.watchExams()), true
	case ui.OpenClusterMsg:
		return m.replace(m.newWelcome()), true
	case ui.OpenLabMsg:
		return m.openLab(msg.ID), true
	case ui.OpenReportMsg:
		return m.push(report.New(m.ui, msg)), true
	case ui.OpenBoardMsg:
		return m.push(board.New(m.env, m.ui, msg)), true
	case ui.OpenConceptMsg:
		return m.push(concept.New(m.ui, msg.ID)), true
	case ui.OpenLogsMsg:
		return m.push(logs.New(m.env, m.ui, logs.Deps{Practice: m.practice}, msg.Lab)), true
	case ui.OpenCatalogMsg:
		return m.popTo(1), true
	case ui.OpenNextLabMsg:
		return m.openNext(msg.ID), true
	case ui.BackMsg:
		return m.popTo(len(m.screens) - 1), true
	}
	return nil, false
}

func (m *model) replace(s ui.Screen) tea.Cmd {
	for _, old := range m.screens {
		old.Close()
	}
	m.screens = nil
	return m.push(s)
}

func (m *model) push(s ui.Screen) tea.Cmd {
	m.screens = append(m.screens, s)
	if m.width > 0 {
		s.SetSize(m.width, m.bodyHeight())
	}
	if !m.exams.known {
		return s.Init()
	}
	return tea.Batch(s.Init(), s.Update(m.exams.now))
}

// popTo closes screens until n are left, and lets the list of labs read the
// scores again when it comes back.
func (m *model) popTo(n int) tea.Cmd {
	for len(m.screens) > max(n, 1) {
		m.top().Close()
		m.screens = m.screens[:len(m.screens)-1]
	}
	if c, ok := m.top().(*catalog.Screen); ok {
		return c.Refresh()
	}
	return nil
}

func (m *model) openLab(id string) tea.Cmd {
	if m.refused(id) {
		m.refuse(id)
		return nil
	}
	for _, l := range m.labs {
		if l.ID == id && m.practice != nil {
			return m.push(lab.New(m.env, m.ui, lab.Deps{
				Practice: m.practice, Records: m.options.Records, Shell: m.options.Shell, Split: m.options.Split,
			}, l))
		}
	}
	return nil
}

func (m *model) openNext(after string) tea.Cmd {
	c, ok := m.screens[0].(*catalog.Screen)
	if !ok {
		return nil
	}
	next, ok := c.After(after)
	if !ok {
		m.notice = func(t *texts.Texts) string { return t.Report.Last }
		return nil
	}
	c.Select(next)
	return tea.Batch(m.popTo(1), m.openLab(next))
}

// press handles a key: what lies on top takes it first.
func (m *model) press(msg tea.KeyMsg) tea.Cmd {
	keys := m.ui.Keys
	m.notice = nil
	if m.quitting {
		if key.Matches(msg, keys.ForceQuit) {
			return tea.Quit // the learner does not want to wait for the clean-up
		}
		return nil
	}
	if m.tooSmall() {
		if key.Matches(msg, keys.ForceQuit) {
			return m.askQuit()
		}
		return nil
	}
	switch {
	case m.dialog != nil:
		done, answer := m.dialog.Update(msg, m.ui)
		if key.Matches(msg, keys.ForceQuit) {
			return m.quit() // pressed twice: meant
		}
		if done {
			m.dialog = nil
		}
		if answer != nil {
			return ui.Cmd(answer)
		}
		if !done && key.Matches(msg, keys.Language) {
			return m.nextLang()
		}
		return nil
	case m.help || m.details:
		switch {
		case key.Matches(msg, keys.Language):
			return m.nextLang()
		case key.Matches(msg, keys.ForceQuit):
			return m.askQuit()
		case key.Matches(msg, keys.Back, keys.Help, keys.ErrorDetails, keys.Quit, keys.CloseError):
			m.help, m.details = false, false
		case m.help:
			m.helpPage.Update(msg, keys)
		}
		return nil
	}
	if t, ok := m.top().(ui.Typist); ok && t.Typing() && !key.Matches(msg, keys.ForceQuit) {
		return m.top().Update(msg)
	}
	return m.pressGlobal(msg)
}

// pressGlobal handles the keys that work on every screen.
func (m *model) pressGlobal(msg tea.KeyMsg) tea.Cmd {
	keys := m.ui.Keys
	switch {
	case key.Matches(msg, keys.Quit, keys.ForceQuit):
		return m.askQuit()
	case key.Matches(msg, keys.Help):
		m.help, m.helpPage = true, pager.Pager{}
		return nil
	case key.Matches(msg, keys.Language):
		return m.nextLang()
	case key.Matches(msg, keys.Theme):
		return m.nextTheme()
	case key.Matches(msg, keys.Copy):
		return m.copyMain()
	case key.Matches(msg, keys.CopyOther):
		return m.askCopy()
	case key.Matches(msg, keys.Mouse):
		return m.toggleMouse()
	case key.Matches(msg, keys.Layout):
		return m.nextLayout()
	case m.mayReturn() && key.Matches(msg, keys.Exam):
		return m.openExam()
	case len(m.errors) > 0 && key.Matches(msg, keys.CloseError):
		m.errors = m.errors[:len(m.errors)-1]
		return nil
	case len(m.errors) > 0 && key.Matches(msg, keys.ErrorDetails):
		m.details = true
		return nil
	}
	return m.top().Update(msg)
}

// fail shows an error; one that is already shown is not repeated.
func (m *model) fail(e ui.ErrorMsg) {
	same := func(other ui.ErrorMsg) bool { return other.Err.Error() == e.Err.Error() }
	m.errors = append(slices.DeleteFunc(m.errors, same), e)
}

// askQuit quits, after a question where something would be lost.
func (m *model) askQuit() tea.Cmd {
	if m.top().Leaving() == "" {
		return m.quit()
	}
	return ui.Ask(ui.Question{
		Title: func(t *texts.Texts) string { return t.Common.QuitTitle },
		Body:  func(*texts.Texts) string { return m.top().Leaving() },
		Yes:   func(int) tea.Msg { return quitMsg{} },
	})
}

// quit ends what runs and leaves when it has cleaned up after itself.
func (m *model) quit() tea.Cmd {
	m.quitting, m.dialog = true, nil
	for _, s := range m.screens {
		s.Close()
	}
	return m.quitCmd()
}

func (m *model) quitCmd() tea.Cmd {
	jobs := m.env.Jobs
	return func() tea.Msg {
		jobs.Wait()
		return tea.QuitMsg{}
	}
}

func (m *model) nextLang() tea.Cmd {
	next := m.wantLang.Next()
	return tea.Batch(m.setLang(next), m.saveLangCmd(next))
}

func (m *model) setLang(lang content.Lang) tea.Cmd {
	m.wantLang = lang
	if lang == m.ui.Lang {
		return nil
	}
	return m.speechCmd(lang)
}

// speechCmd loads the texts of a language.
func (m *model) speechCmd(lang content.Lang) tea.Cmd {
	load := m.speech
	return func() tea.Msg {
		s, err := load(lang)
		return speechMsg{s, err}
	}
}

func (m *model) speak(msg speechMsg) tea.Cmd {
	if msg.err != nil {
		m.fail(ui.ErrorMsg{Err: msg.err, Doing: func(t *texts.Texts) string { return t.Common.WhileSettings }})
		return nil
	}
	if msg.speech.Lang == m.wantLang { // not overtaken by a later choice
		m.setUI(ui.New(msg.speech, m.ui.Theme))
		return m.tell(ui.SpokenMsg{})
	}
	return nil
}

func (m *model) setUI(u *ui.UI) {
	m.ui = arranged(u, m.settings.Layout)
	for _, s := range m.screens {
		s.SetUI(m.ui)
	}
}

func (m *model) nextTheme() tea.Cmd {
	m.look.Mode = m.look.Mode.Next()
	m.setUI(ui.New(m.ui.Speech, theme.New(m.look)))
	mode := m.look.Mode
	m.notice = func(t *texts.Texts) string {
		switch mode {
		case theme.Dark:
			return t.Common.ThemeDark
		case theme.Light:
			return t.Common.ThemeLight
		default:
			return t.Common.ThemeAuto
		}
	}
	m.settings.Theme = string(mode)
	return m.saveCmd()
}

func (m *model) saveLangCmd(lang content.Lang) tea.Cmd {
	m.settings.Lang = lang
	return m.saveCmd()
}

// saveCmd saves the settings, one time after the other, so that the last
// ones are those that stay. What is being saved is not cut off by the end.
func (m *model) saveCmd() tea.Cmd {
	if m.saving {
		m.unsaved = true
		return nil
	}
	m.saving, m.unsaved = true, false
	store, settings, jobs := m.options.Settings, m.settings, m.env.Jobs
	return func() (msg tea.Msg) {
		jobs.Run(func() { msg = savedMsg{store.Save(settings)} })
		return msg
	}
}

// saved goes on with what was changed meanwhile.
func (m *model) saved(msg savedMsg) tea.Cmd {
	m.saving = false
	if msg.err != nil {
		m.fail(ui.ErrorMsg{Err: msg.err, Doing: func(t *texts.Texts) string { return t.Common.WhileSettings }})
	}
	if m.unsaved {
		return m.saveCmd()
	}
	return nil
}
