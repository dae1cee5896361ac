// A module of its own for the sake of its path. Go initialises packages in the
// order of their import paths, after what they import. The packages here change
// what others do while they are initialised, so their paths must come first:
// before github.com/charmbracelet/bubbletea and before k8s.io/kubectl. podlab's
// go.mod points the path to this folder.
module early.podlab

go 1.26.0

require (
	github.com/charmbracelet/lipgloss v1.1.0
	k8s.io/kubectl v0.37.2
)
