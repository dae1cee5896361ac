// Package plain is podlab's interface as plain text, for screen readers, braille
// displays and serial lines: questions and answers, one after the other. It
// draws nothing, moves no cursor and uses no colours, and says the same words
// as the screens.
//
// One goroutine, that of Run, reads answers and writes; what happens meanwhile
// reaches it through mailboxes, so that no line is ever torn.
package plain

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"time"

	"podlab/cluster"
	"podlab/content"
	"podlab/labs"
	"podlab/tui/backend"
	"podlab/tui/speech"
	"podlab/tui/texts"
)

// Options is all that the interface needs to know. Fields without a note are
// required.
type Options struct {
	// Lang is the language to start in: what content.DetectLang answered.
	Lang content.Lang
	// LangExplicit says that --lang or $PODLAB_LANG named Lang. Otherwise, and
	// when Settings hold no language yet, the first question is for it.
	LangExplicit bool

	Cluster backend.Cluster
	// Create is the template of what to create. Its Listener is replaced.
	Create cluster.CreateOptions
	// Catalog is asked for its labs once Open has succeeded.
	Catalog  backend.Catalog
	Records  backend.Records
	Settings backend.SettingsStore
	// Open connects to the cluster, whenever it has become ready.
	Open func(ctx context.Context) (backend.Practice, error)
	// Shell prepares the shell of a lab, which gets Input and Output.
	Shell backend.ShellCommand
	// Exams is asked for the exam that is under way, and Exam prepares a command of
	// "podlab exam", which gets Input and Output. Both are optional, together.
	Exams Exams
	Exam  func(command ...string) (*exec.Cmd, error)

	Input  io.Reader
	Output io.Writer
	// Echo says that nobody sees what is typed, as where Input is a pipe:
	// then answers are written behind their questions.
	Echo bool
	// Width returns how many columns Output has; optional, 80 by default.
	Width func() int
	// Interrupts has a value for each Ctrl-C; optional.
	Interrupts <-chan os.Signal
	// Settle is how long changes of verdicts are collected before they are told:
	// a check may be looked at anew for a moment, which is no news. Optional,
	// half a second by default.
	Settle time.Duration
	// Now is the clock; optional, time.Now by default.
	Now func() time.Time
	// Speech loads the texts of a language; optional, speech.Load by default.
	Speech func(content.Lang) (speech.Speech, error)
}

// turn is an error that is none: it says where the conversation goes on.
type turn string

func (t turn) Error() string { return string(t) }

const (
	// leave: the learner wants to leave podlab, or podlab is being ended.
	leave = turn("leave podlab")
	// leaveAtOnce: and does not want to wait until podlab has cleaned up.
	leaveAtOnce = turn("leave podlab at once")
	// inputEnded: there is nobody to ask any more.
	inputEnded = turn("the input has ended")
	// back: the learner wants to go back to the question before.
	back = turn("go back")
	// done: a choice has ended its menu.
	done = turn("done")
	// cancelled: Ctrl-C ended what was running.
	cancelled = turn("cancelled")
)

// session is one run.
type session struct {
	speech.Speech
	o        Options
	ctx      context.Context
	in       *reader
	out      *writer
	settings backend.Settings

	practice backend.Practice
	labs     []*labs.Lab

	// heard says that the learner knows the choices of the list, of a lab, of exams.
	heard struct{ list, lab, exam bool }
	// open is the lab that the learner is in, nil outside.
	open *openLab
	// jobs are goroutines that clean up after themselves.
	jobs sync.WaitGroup
}

// Run talks with the learner until one of them ends it: the learner by q, by
// Ctrl-C or by the end of input, which is no error; podlab by the end of ctx.
func Run(ctx context.Context, o Options) error {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Settle == 0 {
		o.Settle = 500 * time.Millisecond
	}
	if o.Speech == nil {
		o.Speech = speech.Load
	}
	settings, err := o.Settings.Load()
	if err != nil {
		return fmt.Errorf("read the settings: %w", err)
	}
	if !o.LangExplicit && settings.Lang != "" {
		o.Lang = settings.Lang
	}
	said, err := o.Speech(o.Lang)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	s := &session{
		Speech: said, o: o, ctx: ctx, settings: settings,
		in: newReader(o.Input), out: &writer{w: o.Output, width: o.Width},
	}
	err = s.talk()
	cancel()
	if s.out.err != nil {
		s.jobs.Wait()
		return fmt.Errorf("write to the terminal: %w", s.out.err)
	}
	var end turn
	if !errors.As(err, &end) {
		s.jobs.Wait()
		return err
	}
	if end == inputEnded {
		s.say(s.Texts.Plain.InputEnded)
	} else {
		s.say(s.Texts.Plain.Bye)
	}
	if s.practice != nil {
		s.say(s.Texts.Plain.Kept)
	}
	if end != leaveAtOnce {
		s.jobs.Wait()
	}
	return nil
}

// talk is the whole conversation. It ends with an error only.
func (s *session) talk() error {
	if !s.o.LangExplicit && s.settings.Lang == "" {
		if err := s.askLanguage(); err != nil {
			return err
		}
	}
	s.say(s.Texts.Plain.Hello)
	if err := s.connect(); err != nil {
		return err
	}
	return s.catalogue()
}

// askLanguage asks for the language, each named in itself, and remembers it.
func (s *session) askLanguage() error {
	langs := content.Langs()
	list := func() {
		s.say(s.Texts.Language.Ask)
		for i, lang := range langs {
			s.fact(itoa(i+1), lang.Name())
		}
	}
	list()
	prompt := texts.Fill(s.Texts.Plain.LangPrompt, "default", s.Lang.Name())
	for {
		answer, err := s.ask(prompt)
		if err != nil {
			return err
		}
		switch answer {
		case "":
			return s.speak(s.Lang)
		case "?":
			list()
			continue
		case "q", "Q":
			return back
		}
		for i, lang := range langs {
			if answer == itoa(i+1) || answer == string(lang) || isPrefix(answer, lang.Name()) {
				return s.speak(lang)
			}
		}
		s.say(texts.Fill(s.Texts.Plain.OutOf, "answer", answer, "all", itoa(len(langs))))
	}
}

// speak changes the language, for this time and the next.
func (s *session) speak(lang content.Lang) error {
	said, err := s.o.Speech(lang)
	if err != nil {
		return err
	}
	s.Speech, s.settings.Lang = said, lang
	if err := s.o.Settings.Save(s.settings); err != nil {
		s.fail(s.Texts.Common.WhileSettings, err)
	}
	return nil
}

// fail says what did not work, why, and what to do about it.
func (s *session) fail(doing string, err error) {
	problem, remedy, _ := s.Problem(err)
	s.fact(doing, problem)
	if remedy != "" {
		s.say(remedy)
	}
}
