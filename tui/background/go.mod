// A module of its own for the sake of its path, see background.go.
module charm.local/background

go 1.26.0

require (
	github.com/charmbracelet/lipgloss v1.1.0
	golang.org/x/sys v0.47.0
	golang.org/x/term v0.45.0
)
