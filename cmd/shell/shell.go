// Package shell starts the shell in which a learner works on a lab, or on the
// tasks of an exam: a child process with its own copy of the kubeconfig, in the
// lab's namespace, with the alias k, completion, and a prompt that names the
// lab, or the task and the minutes that are left.
//
// All that the shell needs is in one directory of its own, which is removed
// when the shell ends. The learner's rc files are read as always and never
// written, and the lab's commands go into a history of their own.
package shell

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

// Guard is the environment variable that is set inside a lab shell, to the
// name that its prompt shows.
const Guard = "PODLAB_SHELL"

// ErrNested means that the process runs inside a lab shell already.
var ErrNested = errors.New("this is a lab shell already")

// Options of a shell. All fields without a note are required.
type Options struct {
	// Name is what the prompt shows: the lab, or the cluster.
	Name string
	// Root is the directory for the directories of all shells.
	Root string
	// Kubeconfig is the file to copy.
	Kubeconfig string
	// Namespace of the copy's current context; empty leaves it as it is.
	Namespace string
	// Exam makes it the shell of an exam; nil for that of a lab.
	Exam *Exam
	// Dir is where the shell starts; empty for the current directory.
	Dir string
	// Podlab is the path of the podlab executable.
	Podlab string
	// Banner is printed on entry and Goodbye at the end; each may have several
	// lines, or be empty.
	Banner, Goodbye string
	// Environ is the environment, as os.Environ gives it. Extra variables are
	// for podlab's own commands inside the shell.
	Environ, Extra []string

	Stdin          io.Reader
	Stdout, Stderr io.Writer
}

// Run starts the shell and returns when it ends. What the shell's last
// command answered is no error.
func Run(o Options) error {
	if lookup(o.Environ, Guard) != "" {
		return ErrNested
	}
	if err := sweep(o.Root); err != nil {
		return err
	}
	home, err := newHome(o.Root)
	if err != nil {
		return err
	}
	defer home.remove()
	kubeconfig := filepath.Join(home.dir, "kubeconfig")
	if err := copyKubeconfig(o.Kubeconfig, kubeconfig, o.Namespace); err != nil {
		return err
	}
	if o.Exam != nil {
		if err := o.Exam.enter(home.dir); err != nil {
			return err
		}
		o.Extra = slices.Concat(o.Extra, o.Exam.env(home.dir))
	}
	bin, err := home.shims(o)
	if err != nil {
		return err
	}
	l, err := launchFor(shellPath(o.Environ), setup{
		dir: home.dir, root: o.Root, kubeconfig: kubeconfig, bin: bin, name: o.Name, exam: o.Exam, environ: o.Environ,
	})
	if err != nil {
		return err
	}
	cmd := exec.Command(l.argv[0], l.argv[1:]...)
	cmd.Dir = o.Dir
	cmd.Stdin, cmd.Stdout, cmd.Stderr = o.Stdin, o.Stdout, o.Stderr
	cmd.Env = withPath(slices.Concat(o.Environ, o.Extra, l.env, []string{Guard + "=" + o.Name, "KUBECONFIG=" + kubeconfig}), bin)
	if o.Dir != "" {
		cmd.Env = append(cmd.Env, "PWD="+o.Dir)
	}
	return run(cmd, o)
}

// run runs the shell between banner and goodbye.
func run(cmd *exec.Cmd, o Options) error {
	if err := say(o.Stdout, o.Banner); err != nil {
		return err
	}
	// Ctrl-C is for what runs in the shell. A hang-up is passed on, so that
	// podlab lives long enough to clean up behind the shell.
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, os.Interrupt, syscall.SIGQUIT, syscall.SIGHUP, syscall.SIGTERM)
	defer signal.Stop(signals)
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start the shell %s: %w: set SHELL to a shell that is installed", cmd.Path, err)
	}
	done := make(chan struct{})
	go func() {
		for {
			select {
			case <-done:
				return
			case s := <-signals:
				if s == syscall.SIGHUP || s == syscall.SIGTERM {
					_ = cmd.Process.Signal(syscall.SIGHUP) // it may have ended by itself
				}
			}
		}
	}()
	err := cmd.Wait()
	close(done)
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return fmt.Errorf("wait for the shell %s: %w", cmd.Path, err)
	}
	return say(o.Stdout, o.Goodbye)
}

func say(w io.Writer, text string) error {
	if text == "" {
		return nil
	}
	_, err := fmt.Fprintln(w, text)
	return err
}

// copyKubeconfig writes the current context of a kubeconfig, and nothing
// else of it, to another file, with a namespace.
func copyKubeconfig(from, to, namespace string) error {
	config, err := clientcmd.LoadFromFile(from)
	if err != nil {
		return fmt.Errorf("read the cluster's kubeconfig for the lab shell: %w", err)
	}
	if err := clientcmdapi.MinifyConfig(config); err != nil {
		return fmt.Errorf("read the cluster's kubeconfig %s for the lab shell: %w", from, err)
	}
	if namespace != "" {
		config.Contexts[config.CurrentContext].Namespace = namespace
	}
	if err := clientcmd.WriteToFile(*config, to); err != nil { // with mode 0600
		return fmt.Errorf("write the lab shell's kubeconfig: %w", err)
	}
	return nil
}

// shellPath is the shell to start: $SHELL, or what is found.
func shellPath(environ []string) string {
	if path := lookup(environ, "SHELL"); path != "" {
		if _, err := exec.LookPath(path); err == nil {
			return path
		}
	}
	if path, err := exec.LookPath("bash"); err == nil {
		return path
	}
	return "/bin/sh"
}

// lookup returns the value of a variable in an environment; the last one
// counts, as it does for a process.
func lookup(environ []string, name string) string {
	for _, entry := range slices.Backward(environ) {
		if value, ok := strings.CutPrefix(entry, name+"="); ok {
			return value
		}
	}
	return ""
}

// withPath puts bin at the end of PATH: it holds only what is missing there.
func withPath(environ []string, bin string) []string {
	if bin == "" {
		return environ
	}
	path := bin
	if old := lookup(environ, "PATH"); old != "" {
		path = old + string(os.PathListSeparator) + bin
	}
	return append(environ, "PATH="+path)
}
