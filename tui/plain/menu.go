package plain

import (
	"errors"
	"strconv"
	"strings"

	"podlab/tui/texts"
)

// menu is a list of choices, made anew for each question: the language may
// have changed.
type menu struct {
	place   string
	top     bool // there is nothing to go back to
	choices []choice
	// other, if not nil, is offered what is no choice of the list; it reports
	// whether it knows what that means.
	other func(answer string) (known bool, err error)
}

// choice is something to do. More of what was typed is handed on, such as the
// number in "explain 2".
type choice struct {
	texts.PlainChoice
	do func(more string) error
}

// offer asks what to do, and does it, until the learner goes back or a choice
// takes a turn elsewhere. It never returns nil. Learners who know the choices
// do not want to hear them again, so they are listed only if told to.
func (s *session) offer(list bool, build func() menu) error {
	if list {
		s.tellChoices(build())
	}
	for {
		m := build()
		answer, err := s.ask(texts.Fill(s.Texts.Plain.Prompt, "place", m.place))
		if err != nil {
			return err
		}
		switch answer {
		case "":
			continue
		case "?":
			s.tellChoices(m)
			continue
		case "q", "Q":
			return back
		case "L":
			switch err := s.askLanguage(); {
			case err == nil:
				s.tellChoices(build())
			case !errors.Is(err, back):
				return err
			}
			continue
		}
		switch err := s.follow(m, answer); {
		case errors.Is(err, cancelled):
			s.say(s.Texts.Plain.Cancelled)
		case errors.Is(err, back):
		case err != nil:
			return err
		}
	}
}

// follow does what an answer means.
func (s *session) follow(m menu, answer string) error {
	word, more, _ := strings.Cut(answer, " ")
	chosen := m.find(word)
	if len(chosen) == 1 {
		return chosen[0].do(more)
	}
	if m.other != nil {
		if known, err := m.other(answer); known {
			return err
		}
	}
	s.tellUnclear(word, chosen)
	return nil
}

// find returns the choices that a number or the beginning of a word may mean.
func (m menu) find(word string) []choice {
	if n, err := strconv.Atoi(word); err == nil {
		if n < 1 || n > len(m.choices) {
			return nil
		}
		return m.choices[n-1 : n]
	}
	var found []choice
	for _, c := range m.choices {
		if strings.EqualFold(c.Word, word) {
			return []choice{c}
		}
		if isPrefix(word, c.Word) {
			found = append(found, c)
		}
	}
	return found
}

func isPrefix(start, of string) bool {
	return start != "" && strings.HasPrefix(strings.ToLower(of), strings.ToLower(start))
}

func (s *session) tellChoices(m menu) {
	t := s.Texts.Plain
	s.heading(m.place)
	for i, c := range m.choices {
		s.say(texts.Fill(t.Choice, "n", strconv.Itoa(i+1), "word", c.Word, "does", c.Does))
	}
	if m.top {
		s.say(t.AlwaysTop)
	} else {
		s.say(t.Always)
	}
}

func (s *session) tellUnclear(word string, may []choice) {
	t := s.Texts.Plain
	if len(may) == 0 {
		s.say(texts.Fill(t.Unclear, "answer", word))
		return
	}
	words := make([]string, len(may))
	for i, c := range may {
		words[i] = c.Word
	}
	s.say(texts.Fill(t.Ambiguous, "answer", word, "words", s.list(words)))
}

// agree asks a question that is answered by yes or no; going back means no.
func (s *session) agree(question ...string) (bool, error) {
	say := func() {
		for _, q := range question {
			s.say(q)
		}
	}
	say()
	yes, no := s.Texts.Keys.Yes, s.Texts.Keys.No
	for {
		answer, err := s.ask(texts.Fill(s.Texts.Plain.YesOrNo, "yes", yes, "no", no))
		switch {
		case err != nil:
			return false, err
		case answer == "1" || isPrefix(answer, yes) || strings.EqualFold(answer, "y"):
			return true, nil
		case answer == "2" || isPrefix(answer, no) || strings.EqualFold(answer, "n") || strings.EqualFold(answer, "q"):
			return false, nil
		case answer == "?":
			say()
		case answer != "":
			s.say(texts.Fill(s.Texts.Plain.OutOf, "answer", answer, "all", "2"))
		}
	}
}

// pick asks for a number from 1 to n, unless given is one, and returns the
// index.
func (s *session) pick(question, given string, n int) (int, error) {
	answer := given
	for {
		if answer == "" {
			var err error
			if answer, err = s.ask(texts.Fill(question, "all", strconv.Itoa(n))); err != nil {
				return 0, err
			}
		}
		if strings.EqualFold(answer, "q") {
			return 0, back
		}
		if i, err := strconv.Atoi(answer); err == nil && i >= 1 && i <= n {
			return i - 1, nil
		}
		if answer != "" && answer != "?" {
			s.say(texts.Fill(s.Texts.Plain.OutOf, "answer", answer, "all", strconv.Itoa(n)))
		}
		answer = ""
	}
}
