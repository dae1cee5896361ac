package ui

import (
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"podlab/tui/markdown"
)

// Copyable is something that a learner can copy.
type Copyable struct {
	// Name says what it is, in the language of the moment.
	Name string
	Text string
}

// Copier is a screen that has something to copy. Copying itself is the root's.
type Copier interface {
	// Copies returns what can be copied now: first the main thing of what has
	// the focus, then its parts, such as single commands and manifests. It is
	// empty when there is nothing.
	Copies() []Copyable
}

// CopyBlocks returns the code blocks of Markdown texts, each named by its
// first line.
func CopyBlocks(texts ...string) []Copyable {
	var copies []Copyable
	for _, text := range texts {
		for _, block := range markdown.Blocks(text) {
			first, _, _ := strings.Cut(block, "\n")
			// Without a newline at its end, a shell does not run it yet.
			copies = append(copies, Copyable{Name: first, Text: block})
		}
	}
	return copies
}

// Arranger is a screen whose panes can stand side by side.
type Arranger interface {
	// Arranges is only a mark: the Layout of the UI says how.
	Arranges()
}

// Pointed is a screen that heeds the mouse.
type Pointed interface {
	// Wheel scrolls what lies under a cell of the screen by some lines, up
	// where they are negative.
	Wheel(x, y, lines int)
	// Click selects what lies under a cell of the screen.
	Click(x, y int) tea.Cmd
}
