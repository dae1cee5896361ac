// Package background asks the terminal for its background colour.
//
// bubbletea v1 would ask by itself, in an init function of every command, and
// wait five seconds for a terminal that does not answer; cmd/early keeps it
// from that.
package background

import (
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/charmbracelet/lipgloss"
)

// patience is how long Ask waits for the terminal. A terminal that is slower,
// far away over SSH say, is taken to be dark; the learner can switch.
const patience = 300 * time.Millisecond

// Ask asks the terminal of stdin and stdout, and tells lipgloss. It must be
// called before bubbletea takes the terminal.
func Ask() {
	term := os.Getenv("TERM")
	for _, mute := range []string{"dumb", "screen", "tmux"} {
		if strings.HasPrefix(term, mute) { // they keep the question to themselves
			return
		}
	}
	if answer := ask(os.Stdin, os.Stdout, patience); answer != "" {
		lipgloss.SetHasDarkBackground(dark(answer))
	}
}

// question asks for the background (OSC 11), and for the cursor's position,
// which every terminal answers: with that the wait is over.
const question = "\x1b]11;?\x1b\\\x1b[6n"

// complete reports whether answer ends with the cursor's position.
func complete(answer string) bool {
	i := strings.LastIndex(answer, "\x1b[")
	return i >= 0 && strings.HasSuffix(answer, "R")
}

// dark reads "…]11;rgb:ffff/ffff/ffff…". Where there is no such answer the
// background is taken to be dark.
func dark(answer string) bool {
	_, rgb, ok := strings.Cut(answer, "]11;rgb:")
	if !ok {
		return true
	}
	end := strings.IndexFunc(rgb, func(r rune) bool { return r != '/' && !strings.ContainsRune("0123456789abcdefABCDEF", r) })
	if end >= 0 {
		rgb = rgb[:end]
	}
	parts := strings.Split(rgb, "/")
	if len(parts) != 3 {
		return true
	}
	var light float64 // from 0 to 1, as the eye weighs the colours
	for i, weight := range []float64{0.299, 0.587, 0.114} {
		value, err := strconv.ParseUint(parts[i], 16, 64)
		if err != nil || len(parts[i]) > 4 {
			return true
		}
		light += weight * float64(value) / float64(uint64(1)<<(4*len(parts[i]))-1)
	}
	return light < 0.5
}
