package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"

	"podlab/cluster"
	"podlab/content"
)

func englishSteps(t *testing.T) (content.Catalog, *texts) {
	t.Helper()
	titles, err := content.LoadCatalog("cluster", content.English)
	if err != nil {
		t.Fatal(err)
	}
	say := &texts{}
	if err := content.LoadTexts("cli", content.English, say); err != nil {
		t.Fatal(err)
	}
	return titles, say
}

// TestStepsPlain: without a terminal, each step is a line when it begins and
// one when it ends, and no control sequences.
func TestStepsPlain(t *testing.T) {
	t.Parallel()
	titles, say := englishSteps(t)
	var b strings.Builder
	s := newSteps(&b, titles, say)
	s.on(cluster.Progress{Step: cluster.StepNodeImage, State: cluster.Running})
	s.on(cluster.Progress{Step: cluster.StepNodeImage, State: cluster.Running, Bytes: 5e6, Total: 10e6})
	s.on(cluster.Progress{Step: cluster.StepNodeImage, State: cluster.Done, Elapsed: 7300 * time.Millisecond, Bytes: 10e6, Total: 10e6})
	s.on(cluster.Progress{Step: cluster.StepLabImages, State: cluster.Skipped})
	s.on(cluster.Progress{Step: cluster.StepReady, State: cluster.Running})
	s.on(cluster.Progress{Step: cluster.StepReady, State: cluster.Failed, Elapsed: time.Second})
	s.close()
	title := func(id cluster.StepID) string { return titles["step."+string(id)] }
	want := "  … " + title(cluster.StepNodeImage) + "\n" +
		"  ✓ " + title(cluster.StepNodeImage) + ": done  7.3 s  10/10 MB\n" +
		"  - " + title(cluster.StepLabImages) + ": nothing to do\n" +
		"  … " + title(cluster.StepReady) + "\n" +
		"  ✗ " + title(cluster.StepReady) + ": failed  1.0 s\n"
	if got := b.String(); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

// TestStepsLive: on a terminal the running steps are redrawn in place, and at
// the end only those that ended remain.
func TestStepsLive(t *testing.T) {
	t.Parallel()
	titles, say := englishSteps(t)
	master, tty, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = master.Close() }()
	if err := pty.Setsize(tty, &pty.Winsize{Rows: 24, Cols: 30}); err != nil {
		t.Fatal(err)
	}
	output := make(chan string, 1)
	go func() {
		var b strings.Builder
		buf := make([]byte, 1024)
		for {
			n, err := master.Read(buf)
			b.Write(buf[:n])
			if err != nil { // the other side is closed
				output <- b.String()
				return
			}
		}
	}()
	s := newSteps(tty, titles, say)
	s.on(cluster.Progress{Step: cluster.StepNodeImage, State: cluster.Running})
	s.on(cluster.Progress{Step: cluster.StepLabImages, State: cluster.Running, Bytes: 1e6})
	s.on(cluster.Progress{Step: cluster.StepNodeImage, State: cluster.Done})
	s.close()
	_ = tty.Close()

	lines := screen(<-output)
	if len(lines) != 1 || !strings.HasPrefix(lines[0], "  ✓ ") {
		t.Errorf("what remains on the screen:\n%s", strings.Join(lines, "\n"))
	}
	for _, line := range lines {
		if n := len([]rune(line)); n > 29 {
			t.Errorf("a line of %d columns wraps on a terminal of 30: %q", n, line)
		}
	}
}

// screen plays the control sequences that steps uses: up, and clear below.
func screen(output string) []string {
	var lines []string
	current, row := "", 0
	for output != "" {
		switch {
		case strings.HasPrefix(output, "\x1b["):
			end := strings.IndexAny(output, "AJ")
			switch output[end] {
			case 'A':
				up := 0
				for _, c := range output[2:end] {
					up = up*10 + int(c-'0')
				}
				row -= up
			case 'J':
				lines = lines[:row]
			}
			output = output[end+1:]
		case strings.HasPrefix(output, "\r\n"):
			lines = append(lines[:row], current)
			current, row = "", row+1
			output = output[2:]
		default:
			current += output[:1]
			output = output[1:]
		}
	}
	return lines
}

func TestSettingsFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	f := settingsFile{path: filepath.Join(dir, "new", "settings.yaml")}
	got, err := f.Load()
	if err != nil || got.Lang != "" || got.Theme != "" {
		t.Fatalf("a file that is not there: %+v, %v", got, err)
	}
	got.Lang, got.Theme = content.Korean, "dark"
	if err := f.Save(got); err != nil {
		t.Fatal(err)
	}
	again, err := f.Load()
	if err != nil || again != got {
		t.Errorf("saved %+v, loaded %+v, %v", got, again, err)
	}
	if err := os.WriteFile(f.path, []byte("lang: ko\ncolour: blue\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Load(); err == nil || !strings.Contains(err.Error(), "settings.yaml:2") {
		t.Errorf("an unknown field: got %v, want an error that names file and line", err)
	}
}

func TestWriteTable(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	err := writeTable(&b, []column{{title: "ID"}, {title: "제목"}, {title: "N", right: true}},
		[][]string{{"a", "공유 볼륨", "1"}, {"bcd", "x", "10"}})
	if err != nil {
		t.Fatal(err)
	}
	want := "ID   제목        N\n" +
		"a    공유 볼륨   1\n" +
		"bcd  x          10\n"
	if got := b.String(); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}
