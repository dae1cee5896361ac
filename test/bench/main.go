// Bench measures podlab as a learner meets it, as whole processes on a real
// kind cluster and on an embedded one, and prints a table with the goal of each
// figure.
//
// Figures of one machine are noisy: everything is run several times and shown
// as median with its extremes, and "up" is compared with plain kind in the
// same run.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"text/tabwriter"
	"time"
)

func main() {
	os.Exit(run())
}

func run() int {
	var b bench
	flag.StringVar(&b.podlab, "podlab", "bin/podlab", "the podlab to measure")
	flag.StringVar(&b.kind, "kind", "", "a kind binary to compare up with; none leaves the comparison out")
	flag.StringVar(&b.bundle, "bundle", os.Getenv("PODLAB_BUNDLE"), "the bundle that holds the images")
	flag.StringVar(&b.image, "image", "", "the node image for plain kind")
	flag.IntVar(&b.rounds, "rounds", 3, "how often up is measured")
	flag.StringVar(&b.name, "name", "podlab-bench", "the name of the cluster")
	flag.StringVar(&b.state, "state", "", "the state directory of a podlab whose cluster is there and stays: only the TUI is measured, on it")
	flag.StringVar(&b.lab, "lab", lab, "the lab that the TUI is measured in")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := b.all(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		return 1
	}
	return 0
}

// bench is one run of all measurements.
type bench struct {
	podlab, kind, bundle, image string
	rounds                      int
	name, state                 string // of the cluster; podlab's state directory
	lab                         string // for the TUI
	table                       *tabwriter.Writer
}

func (b *bench) all(ctx context.Context) error {
	var err error
	if b.podlab, err = filepath.Abs(b.podlab); err != nil {
		return err
	}
	b.table = tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	defer func() { _ = b.table.Flush() }()
	b.row("what", "goal", "median", "min … max")

	if b.state != "" {
		if err := b.startUp(ctx); err != nil {
			return err
		}
		return b.tui(ctx)
	}
	if b.state, err = os.MkdirTemp("", "podlab-bench-"); err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(b.state) }()
	if err := b.startUp(ctx); err != nil {
		return err
	}
	defer func() {
		// the cluster goes even when ctx has ended
		clean, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		_, _ = b.process(clean, "down", "--yes")
	}()
	if err := b.up(ctx); err != nil {
		return err
	}
	if err := b.labs(ctx); err != nil {
		return err
	}
	if err := b.exam(ctx); err != nil {
		return err
	}
	if err := b.tui(ctx); err != nil {
		return err
	}
	return b.embedded(ctx)
}

func (b *bench) row(cells ...string) {
	for _, c := range cells {
		_, _ = fmt.Fprint(b.table, c, "\t")
	}
	_, _ = fmt.Fprintln(b.table)
	_ = b.table.Flush()
}

// times shows a series of durations.
func (b *bench) times(what, goal string, series []time.Duration) {
	s := summarise(series)
	b.row(what, goal, shown(s.median), shown(s.min)+" … "+shown(s.max))
}

func shown(d time.Duration) string {
	if d < 10*time.Second {
		return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1000)
	}
	return fmt.Sprintf("%.1f s", d.Seconds())
}

func percent(share float64) string { return fmt.Sprintf("%.2f %%", 100*share) }

func megabytes(bytes int64) string { return fmt.Sprintf("%d MB", bytes/1e6) }

func mebibytes(bytes int64) string { return fmt.Sprintf("%d MiB", bytes>>20) }
