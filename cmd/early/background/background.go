// Package background keeps bubbletea from asking the terminal for its
// background colour whenever podlab starts.
//
// bubbletea v1 asks in an init function. In every command that would write
// control sequences to the terminal, swallow what was typed ahead, and wait
// five seconds for a terminal that does not answer. Where lipgloss knows the
// answer already, bubbletea does not ask. The TUI asks when it starts
// (tui/background). See go.mod for why this comes first.
package background

import "github.com/charmbracelet/lipgloss"

func init() { lipgloss.SetHasDarkBackground(true) }
