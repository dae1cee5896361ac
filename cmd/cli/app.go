package cli

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/go-logr/logr"
	"golang.org/x/term"
	"k8s.io/klog/v2"

	"podlab/cluster"
	"podlab/cluster/existing"
	"podlab/cluster/providers"
	"podlab/content"
	"podlab/grader/probe"
	"podlab/labs"
	"podlab/labs/practice"
	"podlab/labs/progress"
)

// App is one run of podlab: what its commands get from the process, and what
// the global flags say. Nothing in this package is kept anywhere else.
type App struct {
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	Getenv         func(string) string
	Version        string

	flags        globalFlags
	lang         content.Lang
	langExplicit bool // by --lang or $PODLAB_LANG
	say          *texts
}

// globalFlags are those that every command understands.
type globalFlags struct {
	lang     string
	name     string
	provider string
	context  string
	labs     string
}

// Run runs podlab with args (without the program's name), prints what went
// wrong, and returns the exit code.
func (a *App) Run(ctx context.Context, args []string) int {
	if err := a.chooseLang(args); err != nil {
		return a.fail(err)
	}
	if code, done := a.completeKubectl(args); done {
		return code
	}
	// client-go logs to stderr, which would write over the TUI; what matters of
	// it comes back as errors. kubectl turns it on again.
	klog.SetLogger(logr.Discard())
	root := a.rootCmd()
	root.SetArgs(args)
	return a.fail(root.ExecuteContext(ctx))
}

// chooseLang decides the language and loads the texts. It runs before the
// arguments are parsed, because the help of the commands is text as well.
func (a *App) chooseLang(args []string) error {
	flag := langArg(args)
	setting := ""
	if s, err := a.settings().Load(); err == nil { // a damaged file only costs the preference
		setting = string(s.Lang)
	}
	lang, err := content.DetectLang(flag, setting, a.Getenv)
	if err != nil {
		// It is said in the language that podlab would speak otherwise.
		err = usageError{err: err}
		var otherwise error
		if lang, otherwise = content.DetectLang("", setting, a.Getenv); otherwise != nil {
			lang, _ = content.DetectLang("", setting, func(name string) string {
				if name == "PODLAB_LANG" {
					return ""
				}
				return a.Getenv(name)
			})
		}
	}
	a.lang = lang
	a.langExplicit = flag != "" || a.Getenv("PODLAB_LANG") != ""
	a.say = &texts{}
	if textErr := content.LoadTexts("cli", lang, a.say); textErr != nil {
		return textErr
	}
	return err
}

// errNoPlace: nothing says where podlab's own files belong.
var errNoPlace = errors.New("there is no place for podlab's files: set HOME, or PODLAB_STATE to a directory")

// stateDir is where podlab keeps its own files. It need not exist.
func (a *App) stateDir() (string, error) {
	if dir := a.Getenv("PODLAB_STATE"); dir != "" {
		return filepath.Abs(dir)
	}
	if dir := a.Getenv("XDG_STATE_HOME"); filepath.IsAbs(dir) { // relative ones are to be ignored, says XDG
		return filepath.Join(dir, "podlab"), nil
	}
	home := a.Getenv("HOME")
	if home == "" {
		return "", errNoPlace
	}
	return filepath.Join(home, ".local", "state", "podlab"), nil
}

// environ is the environment for a process that works in another directory.
func (a *App) environ() []string {
	environ := os.Environ()
	for _, name := range []string{"PODLAB_KUBE", "PODLAB_BUNDLE", "PODLAB_STATE"} {
		if path := a.Getenv(name); path != "" {
			if path, err := filepath.Abs(path); err == nil {
				environ = append(environ, name+"="+path)
			}
		}
	}
	return environ
}

// settings is the file of what the learner chose in the TUI.
func (a *App) settings() settingsFile {
	dir, err := a.stateDir()
	if err != nil {
		return settingsFile{}
	}
	return settingsFile{path: filepath.Join(dir, "settings.yaml")}
}

// bundleDir is the bundle that flag, else $PODLAB_BUNDLE names; empty for none.
func (a *App) bundleDir(flag string) string {
	if flag != "" {
		return flag
	}
	return a.Getenv("PODLAB_BUNDLE")
}

// catalog reads the labs: the embedded ones, and those below --labs.
func (a *App) catalog() (*labs.Catalog, error) {
	sources := []labs.Source{labs.Embedded()}
	if dir := a.flags.labs; dir != "" {
		source, err := a.labsDir(dir)
		if err != nil {
			return nil, err
		}
		sources = append(sources, source)
	}
	return labs.Load(sources...)
}

// labsDir is a directory of labs on disk.
func (a *App) labsDir(dir string) (labs.Source, error) {
	info, err := os.Stat(dir)
	if err == nil && !info.IsDir() {
		err = syscall.ENOTDIR
	}
	if err != nil {
		return labs.Source{}, usageError{err: errors.New(a.say.Errors.LabsDir.with("dir", dir, "error", a.reason(err)))}
	}
	return labs.Source{Dir: dir, FS: os.DirFS(dir)}, nil
}

// provider opens the provider of the chosen cluster; it reaches no cluster.
func (a *App) provider() (cluster.Provider, error) {
	dir, err := a.stateDir()
	if err != nil {
		return nil, err
	}
	return providers.Open(a.flags.provider, providers.Options{
		Name: a.flags.name, StateDir: dir, Context: a.flags.context, Getenv: a.Getenv, Images: a.labImages,
	})
}

// desk is a lab as far as no cluster is needed: its texts, its work directory
// and its record.
type desk struct {
	*practice.Practice
	instance *labs.Instance
	records  *progress.Store
}

func (a *App) desk(lab string) (desk, error) {
	catalog, err := a.catalog()
	if err != nil {
		return desk{}, err
	}
	if _, err := catalog.Lab(lab); err != nil {
		return desk{}, usageError{err: err}
	}
	o, err := a.practiceOptions(catalog)
	if err != nil {
		return desk{}, err
	}
	d := desk{Practice: practice.New(o), records: o.Records}
	d.instance, err = d.Instance(lab)
	return d, err
}

// practice opens practice of a lab on the cluster. It only reads the
// kubeconfig: whether the cluster answers shows when it is used. A lab that
// there is not is told before a cluster that there is not.
func (a *App) practice(lab string) (*practice.Practice, error) {
	catalog, err := a.catalog()
	if err != nil {
		return nil, err
	}
	if _, err := catalog.Lab(lab); err != nil {
		return nil, usageError{err: err}
	}
	return a.practiceOf(catalog)
}

// practiceOf opens practice of all labs of a catalog on the cluster.
func (a *App) practiceOf(catalog *labs.Catalog) (*practice.Practice, error) {
	o, err := a.practiceOptions(catalog)
	if err != nil {
		return nil, err
	}
	p, err := a.provider()
	if err != nil {
		return nil, err
	}
	if o.Client, err = a.connect(p, catalog); err != nil {
		return nil, err
	}
	can := p.Capabilities()
	o.RunsContainers, o.Foreign, o.Owner = can.RunsContainers, can.Foreign, can.Owner
	return practice.New(o), nil
}

func (a *App) practiceOptions(catalog *labs.Catalog) (practice.Options, error) {
	dir, err := a.stateDir()
	if err != nil {
		return practice.Options{}, err
	}
	return practice.Options{
		Catalog:  catalog,
		Prefix:   practice.DefaultPrefix,
		WorkRoot: filepath.Join(dir, "work"),
		Records:  progress.Open(filepath.Join(dir, "progress.yaml")),
	}, nil
}

// client connects to the cluster of p.
func (a *App) client(p cluster.Provider) (*probe.Client, error) {
	path := p.KubeconfigPath()
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		missing := a.say.Errors.NoCluster
		if p.Capabilities().Foreign {
			missing = a.say.Errors.NoContext
		}
		return nil, errors.New(missing.with("name", a.flags.name, "up", a.command("up")))
	}
	if err := a.verify(p); err != nil {
		return nil, err
	}
	config, err := cluster.RESTConfig(path)
	if err != nil {
		return nil, err
	}
	return probe.NewClient(config)
}

// addImagesTimeout bounds the wait for another podlab that is bringing the cluster up.
const addImagesTimeout = 20 * time.Second

// connect connects to the cluster of p, which can then pull the images of the
// labs of a catalog, if that is for podlab to say.
func (a *App) connect(p cluster.Provider, catalog *labs.Catalog) (*probe.Client, error) {
	client, err := a.client(p)
	if err != nil {
		return nil, err
	}
	if adder, ok := p.(cluster.ImageAdder); ok {
		ctx, cancel := context.WithTimeout(context.Background(), addImagesTimeout)
		defer cancel()
		if err := adder.AddImages(ctx, imagesOf(catalog)); err != nil {
			return nil, err
		}
	}
	return client, nil
}

// verify fails where the cluster of p is not the one that was agreed to.
func (a *App) verify(p cluster.Provider) error {
	if v, ok := p.(cluster.Verifier); ok {
		return v.Verify(context.Background())
	}
	return nil
}

// recorded reports whether the chosen cluster is one that was agreed to.
func (a *App) recorded() bool {
	dir, err := a.stateDir()
	return err == nil && existing.Recorded(dir, a.flags.name)
}

// command says how to call podlab so that it means the same cluster.
func (a *App) command(args string) string {
	if a.flags.provider == existing.ProviderName && !a.recorded() {
		context := a.flags.context
		if context == "" {
			context = "NAME"
		}
		args = "--provider " + existing.ProviderName + " --context " + context + " " + args
	}
	if a.flags.name != a.defaultName() {
		args = "--name " + a.flags.name + " " + args
	}
	return strings.TrimSpace("podlab " + args)
}

func (a *App) defaultName() string {
	if name := a.Getenv("PODLAB_NAME"); name != "" {
		return name
	}
	return "podlab"
}

// isTerminal reports whether a stream of the App is a terminal.
func isTerminal(stream any) bool {
	f, ok := stream.(interface{ Fd() uintptr })
	return ok && term.IsTerminal(int(f.Fd()))
}

// width is the number of columns of the terminal behind stream, 0 where it is
// none.
func width(stream any) int {
	f, ok := stream.(interface{ Fd() uintptr })
	if !ok {
		return 0
	}
	columns, _, err := term.GetSize(int(f.Fd()))
	if err != nil {
		return 0
	}
	return columns
}
