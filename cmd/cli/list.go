package cli

import (
	"fmt"
	"path/filepath"
	"strconv"

	"github.com/spf13/cobra"

	"podlab/labs"
	"podlab/labs/progress"
)

// listed is a lab as "podlab list -o json" shows it.
type listed struct {
	ID      string `json:"id"`
	Title   string `json:"title"`
	Summary string `json:"summary"`
	Pattern string `json:"pattern"`
	Level   int    `json:"level"`
	Minutes int    `json:"minutes"`
	Points  int    `json:"points"`
	// BestPoints is null where the lab was never graded.
	BestPoints *int `json:"bestPoints"`
	// VerifiedPoints is how many points could be verified where the lab was
	// solved in part; null where it was solved in full, or not at all.
	VerifiedPoints *int `json:"verifiedPoints"`
	Attempts       int  `json:"attempts"`
	// Suggested is true of the lab to do next.
	Suggested bool `json:"suggested"`
}

func (a *App) listCmd() *cobra.Command {
	var output *choice
	cmd := a.newCmd("list [-o json]", a.none, func(*cobra.Command, []string) error {
		return a.list(output.value)
	})
	output = a.output(cmd, "table", "json")
	return cmd
}

func (a *App) list(output string) error {
	catalog, err := a.catalog()
	if err != nil {
		return err
	}
	dir, err := a.stateDir()
	if err != nil {
		return err
	}
	records, err := progress.Open(filepath.Join(dir, "progress.yaml")).All()
	if err != nil {
		return err
	}
	next := labs.Suggest(catalog.Labs(), func(l *labs.Lab) bool {
		r := records[l.ID]
		return r.Solved()
	})
	all := []listed{} // not nil: an empty list is [] in JSON
	for _, l := range catalog.Labs() {
		title, summary := l.Headline(a.lang)
		entry := listed{
			ID: l.ID, Title: title, Summary: summary, Pattern: string(l.Pattern),
			Level: l.Level, Minutes: l.Minutes, Points: l.Points(), Suggested: l == next,
		}
		if r, ok := records[l.ID]; ok && !r.LastGraded.IsZero() {
			entry.BestPoints, entry.Attempts = &r.BestPoints, r.Attempts
			if r.SolvedInPart() {
				entry.VerifiedPoints = &r.VerifiedPoints
			}
		}
		all = append(all, entry)
	}
	if output == "json" {
		return writeJSON(a.Stdout, all)
	}
	say := a.say.List
	patterns, err := labs.PatternNames(a.lang)
	if err != nil {
		return err
	}
	columns := []column{
		{title: "ID"}, {title: say.Title.with()}, {title: say.Pattern.with()}, {title: say.Level.with(), right: true},
		{title: say.Minutes.with(), right: true}, {title: say.Points.with(), right: true}, {title: say.Best.with(), right: true},
	}
	var rows [][]string
	inPart := false
	for _, l := range all {
		best := "–"
		if l.BestPoints != nil {
			best = fmt.Sprintf("%d/%d", *l.BestPoints, l.Points)
		}
		if l.VerifiedPoints != nil {
			best += " ?"
			inPart = true
		}
		rows = append(rows, []string{
			l.ID, l.Title, patterns[l.Pattern], strconv.Itoa(l.Level), strconv.Itoa(l.Minutes), strconv.Itoa(l.Points), best,
		})
	}
	if err := writeTable(a.Stdout, columns, rows); err != nil {
		return err
	}
	if inPart {
		a.remark(say.InPart.with())
	}
	if next != nil {
		a.remark(say.Suggested.with("start", a.command("start "+next.ID)))
	}
	return nil
}
