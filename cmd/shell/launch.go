package shell

import (
	"embed"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"text/template"
)

//go:embed rc
var rcFiles embed.FS

// setup is what the rc files of a shell are made of.
type setup struct {
	dir        string // of this shell
	root       string // of all shells
	kubeconfig string
	bin        string // with links, may be empty
	name       string
	exam       *Exam // nil for a lab
	environ    []string
}

// launch is how to start a shell.
type launch struct {
	argv []string
	env  []string
}

// launchFor writes the rc files for the shell at path into s.dir. A shell
// that podlab does not know is started as a POSIX shell would be.
func launchFor(path string, s setup) (launch, error) {
	switch filepath.Base(path) {
	case "bash":
		rc, err := s.write("bashrc", "bashrc")
		return launch{argv: []string{path, "--rcfile", rc, "-i"}}, err
	case "zsh":
		dir := filepath.Join(s.dir, "zsh")
		if err := os.Mkdir(dir, 0o700); err != nil {
			return launch{}, fmt.Errorf("write the rc files of the lab shell: %w", err)
		}
		for _, name := range []string{"zshenv", "zshrc"} {
			if _, err := s.write(name, filepath.Join("zsh", "."+name)); err != nil {
				return launch{}, err
			}
		}
		own := lookup(s.environ, "ZDOTDIR")
		if own == "" {
			own = lookup(s.environ, "HOME")
		}
		return launch{argv: []string{path, "-i"}, env: []string{"ZDOTDIR=" + dir, "PODLAB_ZDOTDIR=" + own}}, nil
	case "fish":
		rc, err := s.write("fish", "init.fish")
		return launch{
			argv: []string{path, "--init-command", "source " + quote(rc), "-i"},
			env:  []string{"fish_history=podlab"},
		}, err
	default:
		rc, err := s.write("shrc", "shrc")
		return launch{
			argv: []string{path, "-i"},
			env:  []string{"ENV=" + rc, "PODLAB_ENV=" + lookup(s.environ, "ENV")},
		}, err
	}
}

// write expands an embedded rc file into a file below s.dir.
func (s setup) write(name, to string) (string, error) {
	t, err := template.New(name).Delims("<<", ">>").Funcs(template.FuncMap{"quote": quote}).ParseFS(rcFiles, "rc/"+name, "rc/exam.sh")
	if err != nil {
		return "", fmt.Errorf("write the rc files of the lab shell: %w", err)
	}
	var b strings.Builder
	if err := t.ExecuteTemplate(&b, name, map[string]any{
		"Exam":       s.exam.rc(s.dir),
		"Kubeconfig": s.kubeconfig,
		"Bin":        s.bin,
		"Mark":       "(" + s.name + ") ",
		"History":    filepath.Join(s.root, "history"),
		"ZshDir":     filepath.Join(s.dir, "zsh"),
	}); err != nil {
		return "", fmt.Errorf("write the rc files of the lab shell: %w", err)
	}
	path := filepath.Join(s.dir, to)
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		return "", fmt.Errorf("write the rc files of the lab shell: %w", err)
	}
	return path, nil
}

// quote makes a word of s that bash, zsh, fish and sh read alike.
func quote(s string) string {
	if !strings.ContainsAny(s, `'\`) {
		return "'" + s + "'"
	}
	// fish reads \' and \\ inside single quotes, the others do not: outside of
	// them all four agree.
	var b strings.Builder
	for _, r := range s {
		if r < 0x80 && !strings.ContainsRune("/._-=:,+@", r) && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}
