package cli

import (
	"strings"

	"github.com/muesli/termenv"

	"podlab/tui/markdown"
	"podlab/tui/theme"
)

// maxTextWidth is the widest that running text gets: longer lines are hard to
// read.
const maxTextWidth = 96

// markdown lays out Markdown on a terminal, and leaves it as it is for
// everything else: it reads well, and scripts can work with it.
func (a *App) markdown(src string) string {
	src = strings.TrimSpace(src)
	if !isTerminal(a.Stdout) {
		return src
	}
	// The colours for light backgrounds can be read on dark ones too.
	o := theme.Options{Profile: termenv.ANSI}
	if a.Getenv("NO_COLOR") != "" {
		o.Profile = termenv.Ascii
	}
	if s, err := a.settings().Load(); err == nil {
		o.Mode = theme.Mode(s.Theme)
	}
	return strings.Join(markdown.Render(src, a.lang, theme.New(o), a.textWidth()), "\n")
}

// textWidth is how many cells of running text a line on stdout gets.
func (a *App) textWidth() int {
	columns := width(a.Stdout)
	if columns <= 0 || columns > maxTextWidth {
		return maxTextWidth
	}
	return columns
}
