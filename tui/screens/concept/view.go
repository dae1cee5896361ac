package concept

import (
	"github.com/charmbracelet/lipgloss"

	"podlab/tui/components/pane"
	"podlab/tui/layout"
	"podlab/tui/markdown"
)

const (
	// wideFrom is the width from which the list stands beside the page.
	wideFrom = 110
	// maxText is the widest that running text gets: longer lines are hard to
	// read.
	maxText = 96
	// summaryHeight is the room for the summary of the page at the cursor.
	summaryHeight = 3
)

// View draws the page or the list, on wide screens both.
func (s *Screen) View() string {
	th := s.ui.Theme
	page := pane.Of(s.Page().Title, &s.page, !s.listing)
	list := pane.Of(s.ui.Texts.Concept.Contents, &s.list, s.listing)
	switch {
	case s.wide():
		return lipgloss.JoinHorizontal(lipgloss.Top,
			list.Render(th, s.listWidth(), s.height),
			page.Render(th, s.width-s.listWidth(), s.height))
	case s.listing:
		return list.Render(th, s.width, s.height-summaryHeight-pane.FrameHeight) + "\n" +
			s.summary().Render(th, s.width, summaryHeight+pane.FrameHeight)
	default:
		return page.Render(th, s.width, s.height)
	}
}

// summary says what the page at the cursor is about.
func (s *Screen) summary() pane.Pane {
	page := s.ui.Concepts[s.cursor]
	return pane.Pane{
		Title: page.Title,
		Lines: layout.Text(s.ui.Lang, page.Summary, s.width-pane.FrameWidth, s.ui.Theme.Text),
	}
}

func (s *Screen) wide() bool { return s.width >= wideFrom }

func (s *Screen) listWidth() int {
	if !s.wide() {
		return s.width
	}
	widest := 0
	for _, page := range s.ui.Concepts {
		widest = max(widest, layout.Widest(page.Title))
	}
	const cursor = 2
	return min(widest+cursor+pane.FrameWidth, s.width/3)
}

func (s *Screen) pageWidth() int {
	if s.wide() {
		return s.width - s.listWidth()
	}
	return s.width
}

// layOut builds the lines of page and list; View only shows them.
func (s *Screen) layOut() {
	if s.width <= 0 {
		return
	}
	s.layOutPage()
	s.layOutList()
}

func (s *Screen) layOutPage() {
	th, page := s.ui.Theme, s.Page()
	width := min(s.pageWidth()-pane.FrameWidth, maxText)
	block, line := s.place()

	lines := layout.Text(s.ui.Lang, page.Summary, width, th.Strong)
	s.blocks = []int{0}
	body, starts := markdown.Page(page.Body, s.ui.Lang, th, width)
	lines = append(lines, "")
	for _, start := range starts {
		s.blocks = append(s.blocks, len(lines)+start)
	}
	lines = append(lines, body...)

	s.page.SetHeight(s.height - pane.FrameHeight)
	s.page.SetLines(lines)
	s.page.ScrollTo(s.line(block, line, len(lines)))
}

// place returns the block at the top of the window, and how many of its lines
// are above it.
func (s *Screen) place() (block, line int) {
	offset := s.page.Offset()
	for i, start := range s.blocks {
		if start <= offset {
			block, line = i, offset-start
		}
	}
	return block, line
}

// line returns the line of a page of so many lines at which a place is now.
func (s *Screen) line(block, line, lines int) int {
	block = min(block, len(s.blocks)-1)
	end := lines
	if block+1 < len(s.blocks) {
		end = s.blocks[block+1]
	}
	return min(s.blocks[block]+line, end-1)
}

func (s *Screen) layOutList() {
	th := s.ui.Theme
	lines := make([]string, len(s.ui.Concepts))
	for i, page := range s.ui.Concepts {
		mark, style := "  ", th.Text
		if i == s.cursor {
			mark, style = th.Accent.Render(th.Symbols.Cursor)+" ", th.Strong
		}
		lines[i] = mark + layout.Split(style.Render(page.Title), "", s.listWidth()-pane.FrameWidth-2, th.Symbols.Ellipsis)
	}
	height := s.height - pane.FrameHeight
	if !s.wide() {
		height -= summaryHeight + pane.FrameHeight
	}
	s.list.SetHeight(height)
	s.list.SetLines(lines)
	s.list.Show(s.cursor, s.cursor+1)
}
