package cli

import (
	"fmt"
	"strings"

	"github.com/charmbracelet/x/ansi"
	"github.com/spf13/cobra"

	"podlab/cluster"
)

func (a *App) statusCmd() *cobra.Command {
	var output *choice
	cmd := a.newCmd("status [-o json]", a.none, func(cmd *cobra.Command, _ []string) error {
		return a.status(cmd, output.value)
	})
	output = a.output(cmd, "table", "json")
	return cmd
}

// status says what is there; that there is nothing is an answer, not an error.
func (a *App) status(cmd *cobra.Command, output string) error {
	p, err := a.provider()
	if err != nil {
		return err
	}
	s, err := p.Status(cmd.Context())
	if err != nil {
		return err
	}
	if output == "json" {
		return writeJSON(a.Stdout, s)
	}
	say := a.say.Status
	next := say.Next[string(s.State)].with("up", a.command("up"))
	if p.Capabilities().Foreign {
		switch s.State {
		case cluster.Absent:
			if s.Detail = ""; s.Context == "" {
				s.Detail = a.clusterText("doctor.existing.absent")
			}
			next = say.ExistingAbsent.with("up", a.command("up"))
		case cluster.Broken:
			next = a.clusterText("doctor.existing.broken.remedy")
		}
	}
	memory := ""
	if s.MemoryBytes > 0 {
		memory = fmt.Sprintf("%d MB", s.MemoryBytes/1e6)
	}
	rows := [][2]string{
		{say.Cluster.with(), s.Name + " (" + s.Provider + ")"},
		{say.State.with(), say.States[string(s.State)].with()},
		{"", s.Detail},
		{say.Context.with(), s.Context},
		{say.Server.with(), s.Server},
		{say.User.with(), s.User},
		{say.Namespaces.with(), strings.Join(s.Namespaces, ", ")},
		{say.Engine.with(), s.Engine},
		{say.Kubernetes.with(), s.KubernetesVersion},
		{say.NodeImage.with(), s.NodeImage},
		{say.Memory.with(), memory},
		{say.Kubeconfig.with(), s.Kubeconfig},
		{"", next},
	}
	label := 0
	for _, row := range rows {
		label = max(label, ansi.StringWidth(row[0]))
	}
	out := printer{w: a.Stdout}
	for _, row := range rows {
		if row[1] != "" {
			out.line("%s  %s", pad(row[0], label), row[1])
		}
	}
	return out.err
}
