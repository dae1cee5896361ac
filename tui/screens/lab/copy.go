package lab

import (
	"strconv"
	"strings"

	"sigs.k8s.io/yaml"

	"podlab/labs"
	"podlab/tui/texts"
	"podlab/tui/ui"
)

// Copies returns what the focused pane has to copy.
func (s *Screen) Copies() []ui.Copyable {
	if s.exercise == nil {
		return nil
	}
	t, text := s.ui.Texts, s.exercise.Text(s.ui.Lang)
	switch s.focus {
	case checksPane:
		return s.checkCopies()
	case hintsPane:
		shown := text.Hints[:min(s.hints, len(text.Hints))]
		if len(shown) == 0 {
			return nil
		}
		name := texts.Fill(t.Copy.Hint, "n", strconv.Itoa(len(shown)))
		return append([]ui.Copyable{{Name: name, Text: shown[len(shown)-1]}}, ui.CopyBlocks(shown...)...)
	case solutionPane:
		return s.solutionCopies()
	default:
		copies := append([]ui.Copyable{{Name: t.Copy.Task, Text: text.Task}}, ui.CopyBlocks(text.Task)...)
		return append(copies,
			ui.Copyable{Name: t.Lab.Namespace + " " + s.namespace(), Text: s.namespace()},
			ui.Copyable{Name: t.Lab.WorkDir + " " + s.deps.Practice.WorkDir(s.lab.ID), Text: s.deps.Practice.WorkDir(s.lab.ID)})
	}
}

// checkCopies is the selected check, and each of its texts.
func (s *Screen) checkCopies() []ui.Copyable {
	checks := s.checks()
	if s.check >= len(checks) {
		return nil
	}
	c, t := checks[s.check], s.ui.Texts
	whole := c.Title + "\n"
	var parts []ui.Copyable
	for _, part := range [][2]string{{t.Lab.Expected, c.Expected}, {t.Lab.Actual, c.Actual}, {t.Lab.Why, c.Why}} {
		if text := strings.TrimSpace(part[1]); text != "" {
			line := part[0] + ": " + text
			whole += line + "\n"
			parts = append(parts, ui.Copyable{Name: line, Text: text})
		}
	}
	main := ui.Copyable{Name: texts.Fill(t.Copy.Check, "title", c.Title), Text: whole}
	return append(append([]ui.Copyable{main}, parts...), ui.CopyBlocks(c.Expected, c.Why)...)
}

// solutionCopies is the manifest, or the comparison with it; and each object
// and each step.
func (s *Screen) solutionCopies() []ui.Copyable {
	if s.solution == nil {
		return nil
	}
	t := s.ui.Texts.Copy
	var copies []ui.Copyable
	if s.comparison.shown && s.comparison.objects != nil {
		copies = append(copies, ui.Copyable{Name: t.Comparison, Text: s.comparisonText()})
	}
	name := texts.Fill(t.Solution, "name", s.solution.Name)
	copies = append(copies, ui.Copyable{Name: name, Text: string(s.solution.Manifest.Data)})
	if objects := objectsOf(s.solution.Manifest); len(objects) > 1 {
		copies = append(copies, objects...)
	}
	for _, step := range s.solution.Steps {
		switch {
		case step.Apply != nil:
			copies = append(copies, objectsOf(*step.Apply)...)
		case step.Delete != nil:
			command := step.Delete.DeleteCommand()
			copies = append(copies, ui.Copyable{Name: command, Text: command})
		}
	}
	return copies
}

// objectsOf takes a manifest apart, as it is written.
func objectsOf(m labs.Manifest) []ui.Copyable {
	var copies []ui.Copyable
	for doc := range strings.SplitSeq("\n"+string(m.Data), "\n---") {
		doc = strings.Trim(doc, "\n")
		var object struct {
			Kind     string
			Metadata struct{ Name string }
		}
		if err := yaml.Unmarshal([]byte(doc), &object); err != nil || object.Kind == "" {
			continue // only comments
		}
		copies = append(copies, ui.Copyable{Name: object.Kind + " " + object.Metadata.Name, Text: doc + "\n"})
	}
	return copies
}
