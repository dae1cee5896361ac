package cli

import (
	"strconv"

	"github.com/spf13/cobra"
)

func (a *App) hintCmd() *cobra.Command {
	cmd := a.newCmd("hint LAB [N]", func(cmd *cobra.Command, args []string) error {
		return a.between(cmd, args, 1, 2)
	}, nil)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		number := ""
		if len(args) == 2 {
			number = args[1]
		}
		return a.hint(cmd, args[0], number)
	}
	cmd.ValidArgsFunction = a.completeLab
	return cmd
}

// hint shows the hint with that number, or the first that was not seen yet,
// and notes that it was seen.
func (a *App) hint(cmd *cobra.Command, id, number string) error {
	desk, err := a.desk(id)
	if err != nil {
		return err
	}
	hints := desk.instance.Text(a.lang).Hints
	all, err := desk.records.All()
	if err != nil {
		return err
	}
	n := min(all[id].HintsUsed+1, len(hints))
	if number != "" {
		n, err = strconv.Atoi(number)
		if err != nil || n < 1 || n > len(hints) {
			return a.usage(cmd, a.say.Errors.HintNumber.with("lab", id, "number", number, "hints", strconv.Itoa(len(hints))))
		}
	}
	if err := desk.RecordHint(id, n); err != nil {
		return err
	}
	out := printer{w: a.Stdout}
	out.line("%s", a.say.Hint.Heading.with("number", strconv.Itoa(n), "hints", strconv.Itoa(len(hints))))
	out.line("")
	out.line("%s", a.markdown(hints[n-1]))
	if n == len(hints) {
		out.line("")
		out.line("%s", a.say.Hint.Last.with("solution", a.command("solution "+id)))
	}
	return out.err
}
