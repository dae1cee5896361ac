// Package theme is the look of the TUI in one place: what a style means, its
// colours on dark and light terminals, and the symbols.
package theme

import (
	"github.com/charmbracelet/lipgloss"
	"github.com/muesli/termenv"

	"podlab/grader"
)

// Theme is a set of styles named by what they mean. Colours are the 16 of
// ANSI, so that the learner's own palette decides how they look; where the
// terminal shows none (NO_COLOR), symbols and words still say everything.
type Theme struct {
	Text     lipgloss.Style
	Strong   lipgloss.Style
	Selected lipgloss.Style // a cursor in text
	Faint    lipgloss.Style
	Accent   lipgloss.Style // focus, headings, the current row
	Passed   lipgloss.Style
	Failed   lipgloss.Style
	Pending  lipgloss.Style
	Trouble  lipgloss.Style // podlab or the cluster is at fault
	Code     lipgloss.Style
	Key      lipgloss.Style
	Border   lipgloss.Style // of a pane without focus
	Bar      lipgloss.Style // the header

	Symbols Symbols
	Lines   lipgloss.Border
	// Heavy lines stand out among Lines; Taps join a heavy line that ends on a
	// light upright one.
	Heavy lipgloss.Border
	Taps  Taps
	// Mono says that the terminal shows no colours and no weights, so that
	// marks that only a style would carry have to be written out.
	Mono bool
	// ASCII says that nothing but ASCII may be drawn with; what people wrote is
	// shown as it is.
	ASCII bool
}

// Symbols of the theme; each is one cell wide.
type Symbols struct {
	Passed, Failed, Pending, Unverifiable, Errored, NotYet string
	Running, Skipped                                       string
	Cursor, Bullet, Dot, Ellipsis, Up, Down                string
	BarFull, BarEmpty                                      string
	LevelFull, LevelEmpty                                  string
	Flag                                                   string
	// Arrowheads: Into is one that arrives, IntoIdle one that nothing comes
	// through now.
	Into, IntoIdle, Onward, Then string
	Restart                      string
	// Between stands between words beside lines, where Dot may look like one.
	Between string
	// Bars that stand close below each other: of what runs, of what did at
	// unknown times, and of what is not there yet.
	BarThick, BarHalf, BarNone string
	// Spinner turns while something is being done, a step each second.
	Spinner [4]string
}

// Taps are joints of a light upright line with heavy ones: from the left, from
// the right, or from both sides.
type Taps struct{ Left, Right, Both string }

// Mode says which background the colours are for.
type Mode string

// The modes.
const (
	Auto  Mode = ""
	Dark  Mode = "dark"
	Light Mode = "light"
)

// Next returns the mode after m.
func (m Mode) Next() Mode {
	switch m {
	case Auto:
		return Dark
	case Dark:
		return Light
	default:
		return Auto
	}
}

// Options of a Theme.
type Options struct {
	Mode Mode
	// TerminalDark is what the terminal said, used by Auto.
	TerminalDark bool
	Profile      termenv.Profile
	ASCII        bool
}

// New makes a Theme. It asks the terminal nothing.
func New(o Options) *Theme {
	r := lipgloss.NewRenderer(nil)
	r.SetColorProfile(o.Profile)
	dark := o.Mode == Dark || o.Mode == Auto && o.TerminalDark
	r.SetHasDarkBackground(dark)
	// The only place where colours are named: 16 ANSI colours, by number.
	color := func(light, dark string) lipgloss.Style {
		return r.NewStyle().Foreground(lipgloss.AdaptiveColor{Light: light, Dark: dark})
	}
	// On white, some terminals make a faint grey all but invisible.
	faint := color("8", "7").Faint(dark)
	t := &Theme{
		Text:     r.NewStyle(),
		Strong:   r.NewStyle().Bold(true),
		Selected: r.NewStyle().Reverse(true),
		Faint:    faint,
		Accent:   color("4", "14").Bold(true),
		Passed:   color("2", "10"),
		Failed:   color("1", "9"),
		Pending:  color("3", "11"),
		Trouble:  color("5", "13"),
		Code:     color("6", "14"),
		Key:      r.NewStyle().Bold(true),
		Border:   color("8", "8"),
		Bar:      r.NewStyle().Reverse(true),
		Symbols:  unicodeSymbols(),
		Lines:    lipgloss.RoundedBorder(),
		Heavy:    lipgloss.ThickBorder(),
		Taps:     Taps{Left: "┥", Right: "┝", Both: "┿"},
		Mono:     o.Profile == termenv.Ascii,
		ASCII:    o.ASCII,
	}
	if o.ASCII {
		t.Symbols = asciiSymbols()
		t.Lines = lipgloss.ASCIIBorder()
		t.Heavy = asciiHeavy()
		t.Taps = Taps{Left: "+", Right: "+", Both: "+"}
	}
	return t
}

func unicodeSymbols() Symbols {
	return Symbols{
		Passed: "✓", Failed: "✗", Pending: "…", Unverifiable: "?", Errored: "!", NotYet: "○",
		Running: "●", Skipped: "–",
		Cursor: "▸", Bullet: "•", Dot: "·", Ellipsis: "…", Up: "↑", Down: "↓",
		BarFull: "█", BarEmpty: "░", LevelFull: "●", LevelEmpty: "○", Flag: "⚑",
		Into: "◂", IntoIdle: "◃", Onward: "▸", Then: "▾", Restart: "↻", Between: "·", BarThick: "▇", BarHalf: "▒", BarNone: "·",
		Spinner: [4]string{"◐", "◓", "◑", "◒"},
	}
}

func asciiSymbols() Symbols {
	return Symbols{
		Passed: "+", Failed: "x", Pending: "~", Unverifiable: "?", Errored: "!", NotYet: "o",
		Running: "*", Skipped: "-",
		Cursor: ">", Bullet: "-", Dot: "|", Ellipsis: "~", Up: "^", Down: "v",
		BarFull: "#", BarEmpty: ".", LevelFull: "*", LevelEmpty: ".", Flag: "F",
		Into: "<", IntoIdle: "(", Onward: ">", Then: "v", Restart: "@", Between: "-", BarThick: "#", BarHalf: "%", BarNone: "_",
		Spinner: [4]string{"|", "/", "-", "\\"},
	}
}

func asciiHeavy() lipgloss.Border {
	b := lipgloss.ASCIIBorder()
	b.Top, b.Bottom, b.Left, b.Right = "=", "=", "#", "#"
	return b
}

// Status returns the symbol and the style of a verdict; the empty status is a
// check that was not looked at yet.
func (t *Theme) Status(s grader.Status) (symbol string, style lipgloss.Style) {
	switch s {
	case grader.Passed:
		return t.Symbols.Passed, t.Passed
	case grader.Failed:
		return t.Symbols.Failed, t.Failed
	case grader.Pending:
		return t.Symbols.Pending, t.Pending
	case grader.Unverifiable:
		return t.Symbols.Unverifiable, t.Trouble
	case grader.Errored:
		return t.Symbols.Errored, t.Trouble
	default:
		return t.Symbols.NotYet, t.Faint
	}
}
