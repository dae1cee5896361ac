package sitting

import (
	"strconv"
	"strings"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"podlab/labs/exam"
	"podlab/tui/layout"
	"podlab/tui/texts"
	"podlab/tui/ui"
)

func (s *Screen) press(msg tea.KeyMsg) tea.Cmd {
	keys := s.ui.Keys
	switch {
	case key.Matches(msg, keys.Back):
		if s.onText && !s.wide() {
			s.onText = false
			return nil
		}
		return ui.Cmd(ui.BackMsg{})
	case !s.running():
		return ui.Notice(func(t *texts.Texts) string { return t.Exam.Sitting.NotNow })
	case key.Matches(msg, keys.NextPane, keys.PrevPane):
		s.onText = !s.onText
		return nil
	case key.Matches(msg, keys.Submit):
		return s.askSubmit()
	case key.Matches(msg, keys.AbortExam):
		return ui.Ask(ui.Question{
			Title: func(t *texts.Texts) string { return t.Exam.Sitting.AbortTitle },
			Body:  func(t *texts.Texts) string { return t.Exam.Sitting.AbortBody },
			Yes:   func(int) tea.Msg { return abortConfirmedMsg{from(s.id)} },
		})
	}
	if cmd, ok := s.pressTask(msg); ok {
		return cmd
	}
	if s.onText {
		s.text.Update(msg, keys)
		return nil
	}
	s.move(msg)
	return nil
}

// pressTask handles the keys that do something with a task.
func (s *Screen) pressTask(msg tea.KeyMsg) (cmd tea.Cmd, ok bool) {
	keys := s.ui.Keys
	done := keys.MarkDone
	if s.onText {
		done = keys.MarkDoneHere
	}
	if s.onText && key.Matches(msg, keys.GotoTask) || !key.Matches(msg, keys.GotoTask, keys.FlagTask, done, keys.Shell, keys.Split) {
		return nil, false
	}
	n := s.task()
	if n == 0 {
		return ui.Notice(func(t *texts.Texts) string { return t.Exam.Sitting.AskTask }), true
	}
	task := s.exam.State.Tasks[n-1]
	switch {
	case key.Matches(msg, keys.GotoTask):
		s.onText = true
		if n != s.exam.State.Current {
			cmd = s.gotoCmd(n)
		}
	case key.Matches(msg, keys.FlagTask):
		cmd = s.flagCmd(n, !task.Flagged)
	case key.Matches(msg, done):
		cmd = s.markDoneCmd(n, !task.Done)
	case key.Matches(msg, keys.Shell):
		cmd = s.prepareShellCmd(n)
	case s.deps.Split == nil:
		cmd = ui.Notice(func(t *texts.Texts) string { return t.Lab.SplitNoTmux })
	default:
		cmd = s.splitCmd(n)
	}
	return cmd, true
}

func (s *Screen) move(msg tea.KeyMsg) {
	keys, last := s.ui.Keys, len(s.exam.State.Tasks)-1
	switch {
	case key.Matches(msg, keys.Up):
		s.cursor--
	case key.Matches(msg, keys.Down):
		s.cursor++
	case key.Matches(msg, keys.Top, keys.PageUp):
		s.cursor = 0
	case key.Matches(msg, keys.Bottom, keys.PageDown):
		s.cursor = last
	}
	s.cursor = max(min(s.cursor, last), 0)
}

// askSubmit asks whether to submit, and says what is open.
func (s *Screen) askSubmit() tea.Cmd {
	state, left := s.exam.State, s.exam.State.Left(s.exam.At)
	return ui.Ask(ui.Question{
		Title: func(t *texts.Texts) string { return t.Exam.Sitting.SubmitTitle },
		Body: func(t *texts.Texts) string {
			return texts.Fill(t.Exam.Sitting.SubmitBody, "time", layout.Clock(left))
		},
		Items: summary(s.ui.Texts, state),
		Yes:   func(int) tea.Msg { return submitConfirmedMsg{from(s.id)} },
	})
}

// summary lists what the candidate may have overlooked.
func summary(t *texts.Texts, state *exam.State) []string {
	say := t.Exam.Sitting
	var items []string
	for _, group := range []struct {
		text string
		has  func(exam.TaskState) bool
	}{
		{say.SumUntouched, func(t exam.TaskState) bool { return !t.Visited && !t.Done }},
		{say.SumNotDone, func(t exam.TaskState) bool { return t.Visited && !t.Done }},
		{say.SumFlagged, func(t exam.TaskState) bool { return t.Flagged }},
	} {
		var numbers []string
		for i, task := range state.Tasks {
			if group.has(task) {
				numbers = append(numbers, strconv.Itoa(i+1))
			}
		}
		if len(numbers) > 0 {
			items = append(items, texts.Fill(group.text, "tasks", strings.Join(numbers, " ")))
		}
	}
	if len(items) == 0 {
		items = []string{say.SubmitAllDone}
	}
	return items
}

// Footer lists the keys that matter most now.
func (s *Screen) Footer() []key.Binding {
	k := s.ui.Keys
	switch {
	case !s.running():
		return []key.Binding{k.Back}
	case s.onText:
		return []key.Binding{k.Shell, k.NextPane, k.Submit, k.MarkDoneHere, k.FlagTask, k.Copy, k.Scroll, k.Back}
	default:
		return []key.Binding{k.GotoTask, k.Shell, k.Submit, k.MarkDone, k.FlagTask, k.NextPane, k.AbortExam, k.Back}
	}
}

// Help lists all keys.
func (s *Screen) Help() []key.Binding {
	k := s.ui.Keys
	all := []key.Binding{k.NextPane, k.Up, k.Down, k.PageUp, k.PageDown, k.Top, k.Bottom}
	switch {
	case !s.running():
		return []key.Binding{k.Back}
	case s.onText:
		all = append(all, k.MarkDoneHere)
	default:
		all = append(all, k.GotoTask, k.MarkDone)
	}
	return append(all, k.FlagTask, k.Shell, k.Split, k.Submit, k.AbortExam, k.Back)
}

// Copies is the task, its single commands and manifests, and where it is done.
func (s *Screen) Copies() []ui.Copyable {
	state := s.exam.State
	if !s.running() || s.asked == nil || state.Current == 0 {
		return nil
	}
	t, asked := s.ui.Texts, s.asked[state.Current-1]
	task, namespace := asked.Text(s.ui.Lang).Task, state.Tasks[state.Current-1].Namespace
	copies := append([]ui.Copyable{{Name: t.Copy.Task, Text: task}}, ui.CopyBlocks(task)...)
	copies = append(copies,
		ui.Copyable{Name: t.Lab.Namespace + " " + namespace, Text: namespace},
		ui.Copyable{Name: t.Lab.WorkDir + " " + asked.WorkDir(), Text: asked.WorkDir()})
	for _, link := range asked.Links() {
		copies = append(copies, ui.Copyable{Name: link.Title, Text: link.URL})
	}
	return copies
}

// Wheel scrolls the text, or moves the cursor.
func (s *Screen) Wheel(x, _, lines int) {
	if s.textAt(x) {
		s.text.Scroll(lines)
	} else if s.exam.State != nil {
		s.cursor = max(min(s.cursor+lines, len(s.exam.State.Tasks)-1), 0)
	}
	s.layOut()
}

// Click gives the focus to the pane under the pointer and moves the cursor to
// the task; a click on the task at the cursor goes to it.
func (s *Screen) Click(x, y int) tea.Cmd {
	s.onText = s.textAt(x)
	line, ok := s.list.LineAt(y - clockHeight - 2) // below the border and the heading
	if s.onText || !ok || !s.running() || line >= len(s.exam.State.Tasks) {
		s.layOut()
		return nil
	}
	var cmd tea.Cmd
	if line == s.cursor {
		s.onText = true
		cmd = s.gotoCmd(line + 1)
	}
	s.cursor = line
	s.layOut()
	return cmd
}

// textAt reports whether the text is in a column.
func (s *Screen) textAt(x int) bool {
	if s.wide() {
		return x >= s.listWidth()
	}
	return s.onText
}
