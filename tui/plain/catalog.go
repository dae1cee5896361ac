package plain

import (
	"errors"
	"slices"
	"strings"

	"podlab/labs"
	"podlab/labs/progress"
	"podlab/tui/match"
	"podlab/tui/texts"
)

// catalogue is what the learner comes back to: the labs.
func (s *session) catalogue() error {
	for {
		opened := ""
		records := s.records()
		s.tellStanding(records)
		s.tellExam()
		list := !s.heard.list
		s.heard.list = true
		err := s.offer(list, func() menu { return s.labsMenu(records, &opened) })
		if opened == "" {
			return err
		}
		if err := s.openLabs(opened); err != nil {
			return err
		}
	}
}

// labsMenu offers the ways to a lab; the one that was chosen is in opened.
func (s *session) labsMenu(records map[string]progress.Record, opened *string) menu {
	open := func(id string, err error) error {
		if err != nil {
			return err
		}
		*opened = id
		return done
	}
	c := s.Texts.Plain.Choices
	var exam []choice
	if s.o.Exams != nil {
		exam = []choice{{c.Exam, func(string) error { return s.exams() }}}
	}
	return menu{place: s.Texts.Plain.Place.Labs, top: true,
		choices: slices.Concat([]choice{
			{c.Next, func(string) error {
				if next := s.suggested(records, ""); next != nil {
					return open(next.ID, nil)
				}
				s.say(s.Texts.Catalog.AllDone)
				return nil
			}},
			{c.List, func(string) error { return open(s.chooseLab(s.labs, records)) }},
			{c.Search, func(words string) error { return open(s.search(words, records)) }},
		}, exam, []choice{
			{c.Cluster, func(string) error { return s.connect() }},
			{c.Language, func(string) error { return s.askLanguage() }},
		}),
		// The name of a lab is as good as its number in the list.
		other: func(answer string) (bool, error) {
			for _, lab := range s.labs {
				if strings.EqualFold(answer, lab.ID) {
					return true, open(lab.ID, nil)
				}
			}
			return false, nil
		},
	}
}

// tellStanding says how many labs are solved, and which one is next.
func (s *session) tellStanding(records map[string]progress.Record) {
	s.gap()
	if len(s.labs) == 0 {
		s.say(s.Texts.Catalog.Empty)
		return
	}
	s.say(s.solvedOf(s.labs, records))
	s.tellSuggested(s.suggested(records, ""))
}

// tellSuggested names the lab to do next, if there is one.
func (s *session) tellSuggested(next *labs.Lab) {
	if next == nil {
		return
	}
	title, _ := next.Headline(s.Lang)
	s.say(texts.Fill(s.Texts.Plain.Suggestion, "lab",
		texts.Fill(s.Texts.Plain.LabTitle, "id", next.ID, "title", title)))
}

// openLabs opens a lab and those that the learner goes on to; it returns nil
// when the learner is back at the list.
func (s *session) openLabs(id string) error {
	for id != "" {
		next, err := s.enter(id)
		switch {
		case errors.Is(err, back):
			return nil
		case err != nil:
			return err
		}
		id = next
	}
	return nil
}

// records reads the scores; without them, every lab counts as new.
func (s *session) records() map[string]progress.Record {
	records, err := s.o.Records.All()
	if err != nil {
		s.fail(s.Texts.Common.WhileRecords, err)
	}
	return records
}

// solvedOf says how many labs of all are solved.
func (s *session) solvedOf(all []*labs.Lab, records map[string]progress.Record) string {
	solved := 0
	for _, lab := range all {
		if r := records[lab.ID]; r.FullMarks() {
			solved++
		}
	}
	return texts.Fill(s.Texts.Catalog.Solved, "solved", itoa(solved), "all", itoa(len(all)))
}

// suggested returns the lab to do next, but not the one that is named; nil
// when all others are solved.
func (s *session) suggested(records map[string]progress.Record, but string) *labs.Lab {
	return labs.Suggest(s.labs, func(l *labs.Lab) bool {
		r := records[l.ID]
		return l.ID == but || r.Solved()
	})
}

// search lists the labs that hold all words, and lets the learner choose one.
func (s *session) search(words string, records map[string]progress.Record) (string, error) {
	for {
		if words == "" {
			var err error
			if words, err = s.ask(s.Texts.Plain.SearchFor); err != nil {
				return "", err
			}
		}
		if words == "" || strings.EqualFold(words, "q") {
			return "", back
		}
		var found []*labs.Lab
		for _, lab := range s.labs {
			title, summary := lab.Headline(s.Lang)
			if match.Words(words, lab.ID, title, summary, s.pattern(lab.Pattern)) {
				found = append(found, lab)
			}
		}
		if len(found) > 0 {
			return s.chooseLab(found, records)
		}
		s.say(texts.Fill(s.Texts.Plain.Nothing, "words", words))
		words = ""
	}
}

// chooseLab lists labs by pattern and asks for one. A lab has the same number
// in every list.
func (s *session) chooseLab(shown []*labs.Lab, records map[string]progress.Record) (string, error) {
	s.tellLabs(shown, records)
	for {
		answer, err := s.ask(s.Texts.Plain.LabNumber)
		switch {
		case err != nil:
			return "", err
		case answer == "":
			continue
		case answer == "?":
			s.tellLabs(shown, records)
			continue
		case strings.EqualFold(answer, "q"):
			return "", back
		}
		for i, lab := range s.labs {
			if answer == itoa(i+1) || strings.EqualFold(answer, lab.ID) {
				return lab.ID, nil
			}
		}
		s.say(texts.Fill(s.Texts.Plain.NoLab, "answer", answer))
	}
}

func (s *session) tellLabs(shown []*labs.Lab, records map[string]progress.Record) {
	numbers := map[*labs.Lab]int{}
	groups := map[labs.Pattern][]*labs.Lab{}
	for i, lab := range s.labs {
		numbers[lab] = i + 1
		groups[lab.Pattern] = append(groups[lab.Pattern], lab)
	}
	var pattern labs.Pattern
	for i, lab := range shown {
		if i == 0 || lab.Pattern != pattern {
			pattern = lab.Pattern
			s.heading(s.list([]string{s.pattern(pattern), s.solvedOf(groups[pattern], records)}))
		}
		title, _ := lab.Headline(s.Lang)
		s.say(texts.Fill(s.Texts.Plain.LabLine, "n", itoa(numbers[lab]), "id", lab.ID, "title", title,
			"facts", s.list(s.facts(lab, records[lab.ID]))))
	}
	s.gap()
}

// facts are level, minutes and score of a lab.
func (s *session) facts(lab *labs.Lab, r progress.Record) []string {
	t := s.Texts.Plain
	score := t.NeverDone
	switch {
	case r.FullMarks():
		score = t.Solved
	case r.SolvedInPart():
		score = texts.Fill(s.Texts.Catalog.SolvedInPart, "n", itoa(r.VerifiedPoints), "max", itoa(r.VerifiedOf))
	case r.MaxPoints > 0:
		score = texts.Fill(t.BestSoFar, "score", s.points(r.BestPoints, r.MaxPoints))
	}
	return []string{
		texts.Fill(t.Level, "level", s.Texts.Catalog.Levels[itoa(lab.Level)]),
		texts.Fill(s.Texts.Common.Minutes, "n", itoa(lab.Minutes)),
		score,
	}
}

func (s *session) points(earned, all int) string {
	return texts.Fill(s.Texts.Common.PointsOf, "n", itoa(earned), "max", itoa(all))
}

func (s *session) pattern(p labs.Pattern) string {
	if name, ok := s.Texts.Catalog.Patterns[string(p)]; ok {
		return name
	}
	return string(p)
}
