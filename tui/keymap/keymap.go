// Package keymap holds every key of the TUI, with its help text.
package keymap

import (
	"github.com/charmbracelet/bubbles/key"

	"podlab/tui/texts"
)

// Map is all keys in one language. Footers and the help page are made of them.
type Map struct {
	Up, Down, PageUp, PageDown, Top, Bottom key.Binding
	// Move and Scroll stand for Up and Down in footers.
	Move, Scroll                          key.Binding
	Choose, Open, Back, Quit, ForceQuit   key.Binding
	Help, Language, Theme                 key.Binding
	CloseError, ErrorDetails              key.Binding
	Yes, No                               key.Binding
	Create, Cancel, Retry, Output         key.Binding
	Unsolved, Cluster                     key.Binding
	Search, KeepSearch, EndSearch         key.Binding
	NextPane, PrevPane, Expand            key.Binding
	Hint, Solution, Apply, Reset          key.Binding
	RetryStart, Shell, Grade              key.Binding
	BackToLab, NextLab, List              key.Binding
	Pods, Timeline, Logs, Concept, Board  key.Binding
	Picture, Unfold                       key.Binding // Picture is Timeline where it leads back
	Copy, CopyOther, Split, Mouse, Layout key.Binding
	Follow, Wrap, PreviousRun             key.Binding
	NextMatch, PrevMatch, Diff            key.Binding
	NextConcept, PrevConcept, Contents    key.Binding
	NextSource, PrevSource, Times         key.Binding
	ScrollLeft, ScrollRight               key.Binding
	// Manifest is Diff where the comparison is shown.
	Manifest key.Binding

	Exam, StartExam, ResumeExam, History key.Binding
	// SeedDigit writes the seed of an exam.
	SeedDigit, EraseDigit, NewSeed key.Binding
	GotoTask, FlagTask             key.Binding
	// MarkDoneHere is MarkDone where Space scrolls a text.
	MarkDone, MarkDoneHere key.Binding
	Submit, AbortExam      key.Binding
	PractiseLab            key.Binding
}

// New makes the keys with the help texts of a language.
func New(t *texts.Texts) Map {
	k := t.Keys
	bind := func(shown, help string, keys ...string) key.Binding {
		return key.NewBinding(key.WithKeys(keys...), key.WithHelp(shown, help))
	}
	return Map{
		Up:       bind("↑/k", k.Up, "up", "k"),
		Down:     bind("↓/j", k.Down, "down", "j"),
		PageUp:   bind("PgUp/b", k.PageUp, "pgup", "b", "ctrl+b"),
		PageDown: bind("PgDn/Space", k.PageDown, "pgdown", " ", "ctrl+f"),
		Top:      bind("Home", k.Top, "home"),
		Bottom:   bind("End/G", k.Bottom, "end", "G"),
		Move:     bind("↑↓", k.Move, "up", "down", "k", "j"),
		Scroll:   bind("↑↓", k.Scroll, "up", "down", "k", "j"),

		Choose:    bind("Enter", k.Choose, "enter"),
		Open:      bind("Enter", k.Open, "enter"),
		Back:      bind("Esc", k.Back, "esc"),
		Quit:      bind("q", k.Quit, "q"),
		ForceQuit: bind("Ctrl-C", k.Quit, "ctrl+c"),

		Help:     bind("?", k.Help, "?"),
		Language: bind("L", k.Language, "L"),
		Theme:    bind("T", k.Theme, "T"),

		CloseError:   bind("x", k.Close, "x"),
		ErrorDetails: bind("e", k.Details, "e"),

		Yes: bind("y", k.Yes, "y", "Y"),
		No:  bind("n/Esc", k.No, "n", "N", "esc"),

		Create: bind("Enter", k.Create, "enter"),
		Cancel: bind("Esc", k.Cancel, "esc"),
		Retry:  bind("r", k.Retry, "r", "enter"),
		Output: bind("o", k.Output, "o"),

		Unsolved: bind("n", k.Unsolved, "n"),
		Cluster:  bind("c", k.Cluster, "c"),

		Search:     bind("/", k.Search, "/"),
		KeepSearch: bind("Enter", k.KeepSearch, "enter"),
		EndSearch:  bind("Esc", k.EndSearch, "esc"),

		NextPane: bind("Tab", k.NextPane, "tab", "right", "l"),
		PrevPane: bind("Shift-Tab", k.PrevPane, "shift+tab", "left"),
		Expand:   bind("Enter", k.Expand, "enter"),

		Hint:       bind("h", k.Hint, "h"),
		Solution:   bind("a", k.Solution, "a"),
		Apply:      bind("p", k.Apply, "p"),
		Reset:      bind("r", k.Reset, "r"),
		RetryStart: bind("r", k.Retry, "r"),
		Shell:      bind("s", k.Shell, "s"),
		Grade:      bind("g", k.Grade, "g"),

		BackToLab: bind("Esc", k.BackToLab, "esc"),
		NextLab:   bind("n", k.NextLab, "n"),
		List:      bind("l", k.List, "l"),

		Pods:        bind("d", k.Pods, "d"),
		Timeline:    bind("t", k.Timeline, "t"),
		Picture:     bind("t", k.Picture, "t"),
		Unfold:      bind("Enter", k.Unfold, "enter"),
		Logs:        bind("o", k.Logs, "o"),
		Concept:     bind("i", k.Concept, "i"),
		Board:       bind("B", k.Board, "B"),
		Copy:        bind("y", k.Copy, "y"),
		CopyOther:   bind("Y", k.CopyOther, "Y"),
		Split:       bind("S", k.Split, "S"),
		Mouse:       bind("M", k.Mouse, "M"),
		Layout:      bind("W", k.Layout, "W"),
		Follow:      bind("f", k.Follow, "f"),
		Wrap:        bind("w", k.Wrap, "w"),
		PreviousRun: bind("p", k.PreviousRun, "p"),
		NextMatch:   bind("n", k.NextMatch, "n"),
		PrevMatch:   bind("N", k.PrevMatch, "N"),
		Diff:        bind("v", k.Diff, "v"),

		NextConcept: bind("Tab/→", k.NextConcept, "tab", "right", "l"),
		PrevConcept: bind("Shift-Tab/←", k.PrevConcept, "shift+tab", "left", "h"),
		Contents:    bind("i", k.Contents, "i"),
		NextSource:  bind("Tab", k.NextSource, "tab", "right", "l"),
		PrevSource:  bind("Shift-Tab", k.PrevSource, "shift+tab", "left", "h"),
		Times:       bind("t", k.Times, "t"),
		ScrollLeft:  bind("←/h", k.ScrollLeft, "left", "h"),
		ScrollRight: bind("→/l", k.ScrollRight, "right", "l"),
		Manifest:    bind("v", k.Manifest, "v"),

		Exam:         bind("E", k.Exam, "E"),
		StartExam:    bind("Enter", k.StartExam, "enter"),
		ResumeExam:   bind("Enter", k.ResumeExam, "enter"),
		History:      bind("h", k.History, "h"),
		SeedDigit:    bind("0-9", k.Seed, "0", "1", "2", "3", "4", "5", "6", "7", "8", "9"),
		EraseDigit:   bind("Backspace", k.EraseDigit, "backspace"),
		NewSeed:      bind("r", k.NewSeed, "r"),
		GotoTask:     bind("Enter/g", k.GotoTask, "enter", "g"),
		FlagTask:     bind("f", k.FlagTask, "f"),
		MarkDone:     bind("x/Space", k.MarkDone, "x", " "),
		MarkDoneHere: bind("x", k.MarkDone, "x"),
		Submit:       bind("u", k.Submit, "u"),
		AbortExam:    bind("A", k.AbortExam, "A"),
		PractiseLab:  bind("n", k.PractiseLab, "n"),
	}
}
