package cli

import (
	"errors"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/google/renameio/v2"
	"github.com/spf13/cobra"

	"podlab/labs/history"
)

// historyCmd moves what a learner achieved from one machine to another.
func (a *App) historyCmd() *cobra.Command {
	cmd := a.newCmd("history COMMAND", a.unknownCommand, func(cmd *cobra.Command, _ []string) error { return cmd.Help() })
	cmd.AddCommand(
		a.newCmd("export FILE", a.oneFile, func(_ *cobra.Command, args []string) error { return a.exportHistory(args[0]) }),
		a.newCmd("import FILE", a.oneFile, func(_ *cobra.Command, args []string) error { return a.importHistory(args[0]) }),
	)
	return cmd
}

// oneFile accepts exactly one argument, the path of a file.
func (a *App) oneFile(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return a.usage(cmd, a.say.History.NeedsFile.with("command", cmd.CommandPath()))
	}
	return a.between(cmd, args, 1, 1)
}

// exportHistory writes all exams and the progress to a file that is not there
// yet: what is there may be an older export.
func (a *App) exportHistory(path string) error {
	place, err := a.historyPlace()
	if err != nil {
		return err
	}
	say := a.say.History
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		if err != nil {
			return a.cannotWrite(path, err)
		}
		return errors.New(say.Exists.with("file", path))
	}
	f, err := renameio.NewPendingFile(path, renameio.WithPermissions(0o600))
	if err != nil {
		return a.cannotWrite(path, err)
	}
	defer f.Cleanup() //nolint:errcheck // nothing is left once it is in place
	done, err := history.Export(f, place, a.Version, time.Now())
	if err != nil {
		return err
	}
	if err := f.CloseAtomicallyReplace(); err != nil {
		return a.cannotWrite(path, err)
	}
	return a.println(say.Exported.with("exams", strconv.Itoa(done.Exams), "labs", strconv.Itoa(done.Labs), "file", path))
}

func (a *App) importHistory(path string) error {
	place, err := a.historyPlace()
	if err != nil {
		return err
	}
	done, err := history.Import(path, place)
	say := a.say.History
	var unread *fs.PathError
	switch {
	case errors.As(err, &unread) && unread.Path == path:
		return a.cannotRead(path, err)
	case errors.Is(err, history.ErrNewer):
		return errors.New(say.Newer.with("file", path))
	case errors.Is(err, history.ErrTooLarge):
		return errors.New(say.TooLarge.with("file", path))
	case errors.Is(err, history.ErrDamaged):
		return errors.New(say.Damaged.with("file", path))
	case err != nil:
		return err
	}
	for _, line := range []string{
		say.NewExams.with("count", strconv.Itoa(len(done.Exams))) + named(done.Exams),
		say.KnownExams.with("count", strconv.Itoa(len(done.Known))),
		say.NewProgress.with("count", strconv.Itoa(len(done.Labs))) + named(done.Labs),
		say.Unchanged.with("count", strconv.Itoa(done.Unchanged)),
	} {
		if err := a.println(line); err != nil {
			return err
		}
	}
	return nil
}

// named appends ids to a line; nothing for none.
func named(ids []string) string {
	if len(ids) == 0 {
		return ""
	}
	return " (" + strings.Join(ids, ", ") + ")"
}
