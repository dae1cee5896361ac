package backend

import (
	"fmt"
	"slices"

	"podlab/content"
)

// Layout says how a screen with two panes arranges them.
type Layout string

// The layouts.
const (
	// LayoutAuto puts panes side by side where there is much room.
	LayoutAuto Layout = ""
	// OnePane shows one pane at a time.
	OnePane Layout = "one-pane"
	// SideBySide puts panes side by side where there is any room for it.
	SideBySide Layout = "side-by-side"
)

// MinBeside is the width from which panes may stand side by side, in cells.
const MinBeside = 96

// Next returns the layout after l.
func (l Layout) Next() Layout {
	switch l {
	case LayoutAuto:
		return OnePane
	case OnePane:
		return SideBySide
	default:
		return LayoutAuto
	}
}

// Beside reports whether panes stand side by side on a screen of width cells,
// which has much room from auto on.
func (l Layout) Beside(width, auto int) bool {
	switch l {
	case OnePane:
		return false
	case SideBySide:
		return width >= MinBeside
	default:
		return width >= auto
	}
}

// Validate says which setting has a value that it cannot have, and which ones
// it can.
func (s Settings) Validate() error {
	if s.Lang != "" && !slices.Contains(content.Langs(), s.Lang) {
		return fmt.Errorf("lang is %q: write one of %q", s.Lang, content.Langs())
	}
	if !slices.Contains([]string{"", "dark", "light"}, s.Theme) {
		return fmt.Errorf("theme is %q: write dark or light, or leave it out to follow the terminal", s.Theme)
	}
	if !slices.Contains([]Layout{LayoutAuto, OnePane, SideBySide}, s.Layout) {
		return fmt.Errorf("layout is %q: write %s or %s, or leave it out to follow the window", s.Layout, OnePane, SideBySide)
	}
	return nil
}
