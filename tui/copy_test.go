package tui

import (
	"errors"
	"strings"
	"testing"

	"podlab/content"
	"podlab/grader"
)

// y copies the main thing of the pane that has the focus.
func TestCopyMain(t *testing.T) {
	for _, tt := range []struct {
		name   string
		keys   []string
		copies string // a part of what is copied
		says   string
	}{
		{"task", nil, "- `webapp`, image `busybox:1.37`", "Copied: the task ("},
		{"check", []string{"tab", "down", "down"}, "Found: nginx passes requests on to port 5001", "Copied: the check \"A request"},
		{"hint", []string{"h", "h"}, "Look at the port in `proxy_pass`.", "Copied: hint 2"},
		{"solution", []string{"a", "enter"}, testManifest, "Copied: the solution \"subpath\" (11 lines)"},
		{"report", []string{"g"}, "✗ A request to the Service reaches webapp  failed 0/5\n  Found: nginx", "Copied: the report ("},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld()
			w.practice.graded = verdicts(grader.Passed, grader.Passed, grader.Failed, grader.Passed)
			d := inLab(t, w, 80, 24)
			for _, key := range tt.keys {
				d.press(key)
				switch key {
				case "a":
					d.shows("projected")
				case "enter":
					d.shows("apiVersion")
				case "g":
					d.shows("Not everything passed")
				}
			}
			d.press("y")
			d.shows(tt.says)
			if got := w.clipboard.holds(); !strings.Contains(got, tt.copies) {
				t.Errorf("the clipboard holds\n%s\nwithout %q", got, tt.copies)
			}
		})
	}
}

func TestCopyEngineOutput(t *testing.T) {
	w := newWorld()
	w.cluster.err = noEngine()
	d := start(t, w, 80, 24)
	d.shows("No container engine answers")
	d.press("y")
	d.shows("Copied: the engine's output (2 lines)")
	if got := w.clipboard.holds(); !strings.HasPrefix(got, "Cannot connect") {
		t.Errorf("the clipboard holds %q", got)
	}
}

func TestNothingToCopy(t *testing.T) {
	d := start(t, newWorld(), 80, 24)
	d.shows(d.say().Common.Share(50))
	for _, key := range []string{"y", "Y"} {
		d.press(key)
		d.shows("nothing to copy")
		d.press("down")
	}
}

// Y offers the single blocks; what a Pod printed cannot do anything to the
// terminal that it is pasted into.
func TestCopyOther(t *testing.T) {
	w := newWorld()
	d := inLab(t, w, 80, 24)
	d.press("Y")
	d.shows("What would you like to copy?")
	d.press("down")
	d.shows("▸ proxy_pass")
	d.press("enter")
	d.shows("Copied: proxy_pass http://127.0.0.1:5000;")
	if got := w.clipboard.holds(); got != "proxy_pass http://127.0.0.1:5000;" {
		t.Errorf("the clipboard holds %q", got)
	}
	report := verdicts(grader.Passed, grader.Passed, grader.Failed, grader.Passed)
	report.Results[2].Actual = []content.Message{content.Say("found", "port", "5001\x1b]52;c;ZXZpbA==\a\x1b[201~rm")}
	w.practice.sees(0, report)
	d.shows("✓✓✗✓")
	d.press("tab", "down", "down", "y")
	d.until("the check", func() bool { return strings.Contains(w.clipboard.holds(), "5001") })
	if got := w.clipboard.holds(); strings.ContainsAny(got, "\x1b\a") {
		t.Errorf("the clipboard holds control sequences: %q", got)
	}
}

func TestCopyFails(t *testing.T) {
	w := newWorld()
	w.clipboard.err = errors.New("broken pipe")
	d := inLab(t, w, 80, 24)
	d.press("y")
	d.shows("Copying did not work")
	d.shows("broken pipe")
}
