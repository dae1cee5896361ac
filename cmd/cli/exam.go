package cli

import (
	"path/filepath"

	"github.com/spf13/cobra"
)

// examCmd is "podlab exam" with all commands below it.
func (a *App) examCmd() *cobra.Command {
	cmd := a.newCmd("exam COMMAND", a.unknownCommand, func(cmd *cobra.Command, _ []string) error { return cmd.Help() })
	cmd.AddCommand(a.examReportCmd(), a.examHistoryCmd())
	return cmd
}

// examRoot is the directory of all exams.
func (a *App) examRoot() (string, error) {
	dir, err := a.stateDir()
	return filepath.Join(dir, "exams"), err
}
