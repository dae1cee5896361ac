package report

import (
	"bufio"
	"io"
	"strings"

	"github.com/rivo/uniseg"

	"podlab/content"
)

// The SGR codes that reports use.
const (
	Bold   = "1"
	Faint  = "2"
	Red    = "31"
	Green  = "32"
	Yellow = "33"
)

// Printer writes the lines of a report for a terminal.
type Printer struct {
	Lang  content.Lang
	Width int  // in cells, that lines are wrapped to
	Color bool // whether Styled styles

	w *bufio.Writer // keeps the first error until Flush
}

// NewPrinter makes a Printer that writes to w when it is flushed.
func NewPrinter(w io.Writer, lang content.Lang, width int, color bool) *Printer {
	return &Printer{Lang: lang, Width: width, Color: color, w: bufio.NewWriter(w)}
}

// Hang prints text wrapped behind a prefix of lead cells; further lines are
// indented as far.
func (p *Printer) Hang(prefix string, lead int, text string) {
	for i, l := range Wrap(p.Lang, text, max(p.Width-lead, minWidth/2)) {
		if i > 0 {
			prefix = strings.Repeat(" ", lead)
		}
		p.Println(prefix + l)
	}
}

// Println prints a line; blanks at its end are left out.
func (p *Printer) Println(s string) {
	_, _ = p.w.WriteString(strings.TrimRight(s, " ") + "\n") // Flush returns the error
}

// Styled is s with an SGR code, where there is colour.
func (p *Printer) Styled(code, s string) string {
	if !p.Color || s == "" {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}

// Flush writes what was printed; it returns the first error of the writer.
func (p *Printer) Flush() error { return p.w.Flush() }

// Pad fills s with blanks to width cells.
func Pad(s string, width int) string {
	return s + strings.Repeat(" ", max(0, width-uniseg.StringWidth(s)))
}
