package lab

import (
	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"podlab/tui/texts"
	"podlab/tui/ui"
)

func (s *Screen) press(msg tea.KeyMsg) tea.Cmd {
	keys := s.ui.Keys
	switch {
	case key.Matches(msg, keys.Back):
		return s.back()
	case key.Matches(msg, keys.NextPane):
		s.focusOn(s.neighbour(1))
	case key.Matches(msg, keys.PrevPane):
		s.focusOn(s.neighbour(-1))
	case key.Matches(msg, keys.Hint):
		return s.hint()
	case key.Matches(msg, keys.Board):
		return s.openBoard()
	case key.Matches(msg, keys.Concept):
		return ui.Cmd(ui.OpenConceptMsg{ID: string(s.lab.Pattern)})
	case key.Matches(msg, keys.Logs):
		return s.openLogs()
	case key.Matches(msg, keys.RetryStart) && s.failed:
		return s.retry()
	case key.Matches(msg, keys.Reset, keys.Shell, keys.Split, keys.Grade, keys.Apply, keys.Solution, keys.Diff):
		return s.act(msg)
	case key.Matches(msg, keys.Pods, keys.Timeline):
		s.pressPods(msg)
	case s.focus == podsPane && key.Matches(msg, keys.Unfold):
		return s.unfold()
	case s.focus == checksPane:
		s.pressInChecks(msg)
	case key.Matches(msg, keys.Expand):
		return ui.Notice(func(t *texts.Texts) string { return t.Lab.ExpandInChecks })
	default:
		s.panes[s.focus].Update(msg, keys)
	}
	return nil
}

// act does what needs the lab to be set up and nothing else to be running.
func (s *Screen) act(msg tea.KeyMsg) tea.Cmd {
	keys := s.ui.Keys
	switch {
	case s.job != none:
		return ui.Notice(func(t *texts.Texts) string { return t.Lab.BusyNow })
	case !s.started:
		return ui.Notice(func(t *texts.Texts) string { return t.Lab.NotStarted })
	case key.Matches(msg, keys.Reset):
		return s.askReset()
	case key.Matches(msg, keys.Shell):
		return s.prepareShellCmd()
	case key.Matches(msg, keys.Split):
		return s.splitShell()
	case key.Matches(msg, keys.Diff):
		return s.toggleComparison()
	case key.Matches(msg, keys.Grade):
		return s.gradeCmd(s.beginJob(grading))
	case key.Matches(msg, keys.Solution):
		return s.askSolution()
	case key.Matches(msg, keys.Apply):
		return s.askApply()
	}
	return nil
}

// back leaves the lab, or cancels grading. Other jobs change the lab and are
// not cut off by a single key.
func (s *Screen) back() tea.Cmd {
	switch s.job {
	case grading:
		s.endJob()
		return nil
	case resetting, applying:
		return ui.Notice(func(t *texts.Texts) string { return t.Lab.BusyNow })
	default:
		return ui.Cmd(ui.BackMsg{})
	}
}

func (s *Screen) retry() tea.Cmd {
	s.failed = false
	if s.exercise == nil {
		s.job = starting
		return s.readCmd()
	}
	return s.start()
}

// available lists the panes in the order in which Tab goes through them.
func (s *Screen) available() []paneID {
	panes := []paneID{taskPane, checksPane, podsPane, hintsPane}
	if s.solution != nil {
		panes = append(panes, solutionPane)
	}
	return panes
}

func (s *Screen) neighbour(step int) paneID {
	panes := s.available()
	for i, p := range panes {
		if p == s.focus {
			return panes[(i+step+len(panes))%len(panes)]
		}
	}
	return taskPane
}

func (s *Screen) focusOn(p paneID) {
	s.focus = p
	if p != checksPane {
		s.doc = p
	}
}

func (s *Screen) pressInChecks(msg tea.KeyMsg) {
	keys := s.ui.Keys
	last := max(len(s.lab.Checks)-1, 0)
	switch {
	case key.Matches(msg, keys.Up):
		s.check = max(s.check-1, 0)
	case key.Matches(msg, keys.Down):
		s.check = min(s.check+1, last)
	case key.Matches(msg, keys.Top):
		s.check = 0
	case key.Matches(msg, keys.Bottom):
		s.check = last
	case key.Matches(msg, keys.Expand):
		s.open = !s.open
	default:
		s.panes[checksPane].Update(msg, keys)
		return
	}
	s.layOut()
	s.showCheck()
}

// hint shows the next hint.
func (s *Screen) hint() tea.Cmd {
	if s.exercise == nil || !s.started {
		return ui.Notice(func(t *texts.Texts) string { return t.Lab.NotStarted })
	}
	if s.focus != hintsPane && s.doc != hintsPane && s.hints > 0 {
		// The learner may only want to read again what is there.
		s.focusOn(hintsPane)
		return nil
	}
	s.focusOn(hintsPane)
	if s.hints >= len(s.exercise.Text(s.ui.Lang).Hints) {
		return ui.Notice(func(t *texts.Texts) string { return t.Lab.NoMoreHints })
	}
	s.hints++
	s.layOut()
	s.showHint()
	return s.recordHintCmd(s.hints)
}

func (s *Screen) askReset() tea.Cmd {
	return ui.Ask(ui.Question{
		Title: func(t *texts.Texts) string { return t.Lab.ResetTitle },
		Body:  func(t *texts.Texts) string { return t.Lab.ResetBody },
		Yes:   func(int) tea.Msg { return resetConfirmedMsg{from(s.id)} },
	})
}

func (s *Screen) findEdited() tea.Cmd {
	s.beginJob(resetting)
	return s.editedCmd()
}

func (s *Screen) edited(msg editedMsg) tea.Cmd {
	s.endJob()
	switch {
	case msg.err != nil:
		return s.failure(msg.err, func(t *texts.Texts) string { return t.Common.WhileReset })
	case len(msg.files) == 0:
		return s.reset(false)
	}
	return ui.Ask(ui.Question{
		Title: func(t *texts.Texts) string { return t.Lab.EditedTitle },
		Body:  func(t *texts.Texts) string { return t.Lab.EditedBody },
		Items: msg.files,
		Yes:   func(int) tea.Msg { return replaceConfirmedMsg{from(s.id)} },
	})
}

func (s *Screen) reset(replaceEdited bool) tea.Cmd {
	return s.resetCmd(s.beginJob(resetting), replaceEdited)
}

// askSolution asks which solution to show.
func (s *Screen) askSolution() tea.Cmd {
	var names []string
	for _, a := range s.exercise.Answers() {
		names = append(names, a.Name)
	}
	seen := s.seen
	return ui.Ask(ui.Question{
		Title: func(t *texts.Texts) string { return t.Lab.SolutionTitle },
		Body: func(t *texts.Texts) string {
			if seen {
				return t.Lab.SolutionAgain
			}
			return t.Lab.SolutionBody
		},
		Items: names, Choices: true,
		Yes: func(i int) tea.Msg { return solutionChosenMsg{from(s.id), i} },
	})
}

func (s *Screen) showSolution(i int) tea.Cmd {
	answers := s.exercise.Answers()
	if i < 0 || i >= len(answers) {
		return nil
	}
	s.solution, s.comparison = &answers[i], comparison{}
	s.focusOn(solutionPane)
	if s.seen || !s.ended.IsZero() {
		return nil
	}
	s.seen = true
	return s.recordSolutionCmd()
}

func (s *Screen) askApply() tea.Cmd {
	if s.solution == nil {
		return ui.Notice(func(t *texts.Texts) string { return t.Lab.SolutionFirst })
	}
	return ui.Ask(ui.Question{
		Title: func(t *texts.Texts) string { return t.Lab.ApplyTitle },
		Body:  func(t *texts.Texts) string { return t.Lab.ApplyBody },
		Yes:   func(int) tea.Msg { return applyConfirmedMsg{from(s.id)} },
	})
}

func (s *Screen) apply() tea.Cmd {
	if s.solution == nil {
		return nil
	}
	return s.applyCmd(s.beginJob(applying), *s.solution)
}

// Footer lists the keys that matter most now.
func (s *Screen) Footer() []key.Binding {
	k := s.ui.Keys
	switch {
	case s.failed:
		return []key.Binding{k.RetryStart, k.Back}
	case s.job == grading:
		return []key.Binding{k.Cancel, k.NextPane}
	case s.focus == checksPane:
		return []key.Binding{k.NextPane, k.Expand, k.Shell, k.Grade, k.Logs, k.Hint, k.Solution, k.Reset, k.Concept, k.Back}
	case s.focus == podsPane:
		return s.podsFooter()
	case s.focus == solutionPane:
		compare := k.Diff
		if s.comparison.shown {
			compare = k.Manifest
		}
		return []key.Binding{k.NextPane, compare, k.Apply, k.Copy, k.Shell, k.Grade, k.Scroll, k.Logs, k.Reset, k.Back}
	default:
		return []key.Binding{k.NextPane, k.Shell, k.Grade, k.Hint, k.Pods, k.Logs, k.Solution, k.Reset, k.Concept, k.Scroll, k.Back}
	}
}

// Help lists all keys.
func (s *Screen) Help() []key.Binding {
	k := s.ui.Keys
	enter := k.Expand
	if s.focus == podsPane {
		enter = k.Unfold
	}
	return []key.Binding{
		k.NextPane, k.PrevPane, k.Up, k.Down, k.PageUp, k.PageDown, k.Top, k.Bottom,
		enter, k.Shell, k.Split, k.Grade, k.Logs, k.Pods, k.Timeline, k.Hint, k.Solution, k.Diff, k.Apply, k.Reset,
		k.Concept, k.Board, k.Back,
	}
}
