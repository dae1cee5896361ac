package cli

import (
	"strings"

	"github.com/spf13/cobra"

	"podlab/content"
	"podlab/labs"
	"podlab/tui/wrap"
)

// explained is a concept page as "podlab concept ID -o json" shows it; without
// an ID, the list is of such pages without body and manifest.
type explained struct {
	ID       string `json:"id"`
	Title    string `json:"title"`
	Summary  string `json:"summary"`
	Language string `json:"language"`
	// Labs are the ids of those that practise the pattern.
	Labs []string `json:"labs"`
	// Body is Markdown; a block of the language "diagram" is a drawing.
	Body     string `json:"body,omitempty"`
	Manifest string `json:"manifest,omitempty"`
}

func (a *App) conceptCmd() *cobra.Command {
	var output *choice
	cmd := a.newCmd("concept [ID] [-o json|manifest]", nil, nil)
	output = a.output(cmd, "table", "json", "manifest")
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		switch {
		case len(args) > 1:
			return a.usage(cmd, a.say.Errors.TooManyArgs.with("arg", args[1]))
		case len(args) == 0 && output.value == "manifest":
			return a.usage(cmd, a.say.Errors.NeedsConcept.with("command", cmd.CommandPath()))
		}
		return nil
	}
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		pages, err := content.LoadConcepts(a.lang)
		if err != nil {
			return err
		}
		if len(args) == 0 {
			return a.listConcepts(pages, output.value)
		}
		for _, page := range pages {
			if page.ID == args[0] {
				return a.showConcept(page, output.value)
			}
		}
		return a.usage(cmd, a.say.Errors.NoConcept.with("id", args[0], "ids", strings.Join(content.ConceptIDs(), ", ")))
	}
	cmd.ValidArgsFunction = a.completeConcept
	return cmd
}

func (a *App) listConcepts(pages []content.Concept, output string) error {
	if output == "json" {
		all := make([]explained, 0, len(pages))
		for _, page := range pages {
			e, err := a.explain(page)
			if err != nil {
				return err
			}
			all = append(all, e)
		}
		return writeJSON(a.Stdout, all)
	}
	ids := 0
	for _, page := range pages {
		ids = max(ids, len(page.ID)) // ids are ASCII
	}
	indent := strings.Repeat(" ", ids+2)
	out := printer{w: a.Stdout}
	for _, page := range pages {
		out.line("%s  %s", pad(page.ID, ids), page.Title)
		for _, line := range wrap.Text(a.lang, page.Summary, a.textWidth()-len(indent)) {
			out.line("%s%s", indent, line)
		}
	}
	if out.err != nil {
		return out.err
	}
	a.remark(a.say.Concept.Read.with("concept", a.command("concept "+pages[0].ID)))
	return nil
}

func (a *App) showConcept(page content.Concept, output string) error {
	if output == "manifest" {
		return a.printf("%s", page.Manifest())
	}
	e, err := a.explain(page)
	if err != nil {
		return err
	}
	if output == "json" {
		e.Body, e.Manifest = page.Body, page.Manifest()
		return writeJSON(a.Stdout, e)
	}
	out := printer{w: a.Stdout}
	out.line("# %s", e.Title)
	out.line("")
	out.line("%s", a.markdown(e.Summary+"\n\n"+page.Body))
	if len(e.Labs) > 0 {
		out.line("")
		out.line("%s", a.say.Concept.Labs.with("labs", strings.Join(e.Labs, ", ")))
	}
	return out.err
}

// explain is what is said of a page wherever it is mentioned.
func (a *App) explain(page content.Concept) (explained, error) {
	catalog, err := a.catalog()
	if err != nil {
		return explained{}, err
	}
	e := explained{ID: page.ID, Title: page.Title, Summary: page.Summary, Language: string(a.lang), Labs: []string{}}
	for _, l := range catalog.Labs() {
		if l.Pattern == labs.Pattern(page.ID) {
			e.Labs = append(e.Labs, l.ID)
		}
	}
	return e, nil
}

// completeConcept completes the id of a page.
func (a *App) completeConcept(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	pages, err := content.LoadConcepts(a.lang)
	if err != nil || len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var ids []string
	for _, page := range pages {
		ids = append(ids, cobra.CompletionWithDesc(page.ID, page.Title))
	}
	return ids, cobra.ShellCompDirectiveNoFileComp
}
