package labs

import (
	"fmt"
	"maps"
	"strings"

	"podlab/content"
	"podlab/grader"
	"podlab/grader/printable"
	"podlab/grader/report"
)

// Bounds of a value that a message quotes from an object or a container.
const (
	maxValueLines = 12
	maxValueRunes = 400 // per line
)

// Localize says a graded report in lang. Values that messages quote are
// stripped of control sequences and cut to a dozen lines of 400 characters.
func (i *Instance) Localize(r *grader.Report, lang content.Lang) *report.Report {
	text := i.Text(lang)
	catalog := i.catalog(lang)
	earned, most := r.Score()
	verifiable, _ := r.Verifiable()
	localized := &report.Report{
		Lab:              i.Lab.ID,
		Title:            text.Title,
		Namespace:        r.Namespace,
		Language:         string(lang),
		Points:           earned,
		MaxPoints:        most,
		VerifiablePoints: verifiable, SolvedInPart: r.SolvedInPart(),
		DurationMS: r.Duration.Milliseconds(),
		Checks:     make([]report.Check, 0, len(r.Results)),
	}
	if most > 0 {
		localized.Score = 100 * earned / most
	}
	for _, c := range r.Results {
		said := text.Checks[c.ID]
		actual := make([]string, len(c.Actual))
		for n, message := range c.Actual {
			actual[n] = say(catalog, message)
		}
		localized.Checks = append(localized.Checks, report.Check{
			ID:         c.ID,
			Title:      strings.TrimSpace(said.Title),
			Status:     c.Status,
			Points:     c.Points,
			Earned:     c.Earned,
			Expected:   strings.TrimSpace(said.Expected),
			Actual:     strings.Join(actual, "\n"),
			Why:        strings.TrimSpace(said.Why),
			DurationMS: c.Duration.Milliseconds(),
		})
	}
	return localized
}

// say renders a message whose values may come from anywhere.
func say(catalog content.Catalog, m content.Message) string {
	safe := content.Message{Key: m.Key, Args: maps.Clone(m.Args)}
	for name, value := range safe.Args {
		lines, more := printable.Lines(value, maxValueLines, maxValueRunes)
		if more > 0 {
			lines += fmt.Sprintf("\n… (+%d)", more)
		}
		safe.Args[name] = lines
	}
	return strings.TrimSpace(printable.Text(catalog.Render(safe)))
}

// catalog returns the lab's messages over the grader's.
func (i *Instance) catalog(lang content.Lang) content.Catalog {
	i.mu.Lock()
	defer i.mu.Unlock()
	if c, ok := i.catalogs[lang]; ok {
		return c
	}
	base, err := content.LoadCatalog("grader", lang)
	if err != nil {
		// Only a language that podlab does not speak; a message is then shown
		// as its key and values, which loses nothing.
		base, _ = content.LoadCatalog("grader", content.English)
	}
	c := i.Text(lang).Messages.Over(base)
	if i.catalogs == nil {
		i.catalogs = map[content.Lang]content.Catalog{}
	}
	i.catalogs[lang] = c
	return c
}
