package board

import "strings"

// fontRows is how many rows of pixels a glyph has.
const fontRows = 5

// glyph returns the pixels of a character, one string per row: digits are
// three pixels wide.
func glyph(r rune) [fontRows]string {
	switch r {
	case '0':
		return [fontRows]string{"###", "# #", "# #", "# #", "###"}
	case '1':
		return [fontRows]string{" # ", "## ", " # ", " # ", "###"}
	case '2':
		return [fontRows]string{"###", "  #", "###", "#  ", "###"}
	case '3':
		return [fontRows]string{"###", "  #", " ##", "  #", "###"}
	case '4':
		return [fontRows]string{"# #", "# #", "###", "  #", "  #"}
	case '5':
		return [fontRows]string{"###", "#  ", "###", "  #", "###"}
	case '6':
		return [fontRows]string{"###", "#  ", "###", "# #", "###"}
	case '7':
		return [fontRows]string{"###", "  #", "  #", " # ", " # "}
	case '8':
		return [fontRows]string{"###", "# #", "###", "# #", "###"}
	case '9':
		return [fontRows]string{"###", "# #", "###", "  #", "###"}
	case '/':
		return [fontRows]string{"  #", "  #", " # ", "#  ", "#  "}
	case ':':
		return [fontRows]string{" ", "#", " ", "#", " "}
	default:
		return [fontRows]string{"   ", "   ", "   ", "   ", "   "}
	}
}

// pixelWidth is how many cells a pixel takes beside each other, so that it is
// about as wide as it is high.
const pixelWidth = 2

// figures draws text in large figures made of ink. Each pixel is scale rows
// high.
func figures(text, ink string, scale int) []string {
	rows := make([]string, 0, fontRows*scale)
	for row := range fontRows {
		var b strings.Builder
		for i, r := range text {
			if i > 0 {
				b.WriteString(strings.Repeat(" ", pixelWidth*scale))
			}
			for _, pixel := range glyph(r)[row] {
				dot := " "
				if pixel == '#' {
					dot = ink
				}
				b.WriteString(strings.Repeat(dot, pixelWidth*scale))
			}
		}
		for range scale {
			rows = append(rows, b.String())
		}
	}
	return rows
}

// figuresWidth returns how many cells figures takes.
func figuresWidth(text string, scale int) int {
	pixels := max(len(text)-1, 0) // between two glyphs lies a pixel
	for _, r := range text {
		pixels += len(glyph(r)[0])
	}
	return pixels * pixelWidth * scale
}
