package labs

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sync/errgroup"

	"podlab/content"
)

// labFile is the file that makes a folder a lab.
const labFile = "lab.yaml"

// The folders of a lab's folder, by what lives there.
const (
	setupDir     = "setup"
	filesDir     = "files"
	solutionsDir = "solutions"
	mutantsDir   = "mutants"
)

// Inspect is Load for those who want to look at unsound labs too: it returns
// every lab whose files could be decoded, in order, beside the problems of
// all. A lab that has problems may lack texts and may not instantiate.
func Inspect(sources ...Source) ([]*Lab, Problems) {
	folders, problems := list(sources)
	var all []*Lab
	for _, r := range loadAll(folders) {
		problems = append(problems, r.problems...)
		if r.lab != nil {
			all = append(all, r.lab)
		}
	}
	order(all)
	return all, problems.Sorted()
}

// loadAll reads and checks labs at once.
func loadAll(folders []folder) []result {
	results := make([]result, len(folders))
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, f := range folders {
		group.Go(func() error {
			results[i] = f.load()
			return nil
		})
	}
	_ = group.Wait() // the functions return none
	return results
}

type result struct {
	lab      *Lab // nil if it could not be decoded
	problems Problems
}

// folder is a lab before it is read.
type folder struct {
	source Source
	id     string
}

// list finds the lab folders; where two have the same id the later one wins.
func list(sources []Source) ([]folder, Problems) {
	var problems Problems
	byID := map[string]folder{}
	for _, s := range sources {
		entries, err := fs.ReadDir(s.FS, ".")
		if err != nil {
			problems = append(problems, Problem{File: s.Dir, Message: fmt.Sprintf("cannot list the labs: %v: name a directory that holds lab folders", err)})
			continue
		}
		for _, e := range entries {
			switch {
			case e.Name() == labFile:
				problems = append(problems, Problem{File: s.Dir, Message: "this is the folder of one lab: name the directory that holds it"})
			case e.IsDir() && !strings.HasPrefix(e.Name(), "."):
				byID[e.Name()] = folder{source: s, id: e.Name()}
			}
		}
	}
	folders := make([]folder, 0, len(byID))
	for _, f := range byID {
		folders = append(folders, f)
	}
	slices.SortFunc(folders, func(a, b folder) int { return strings.Compare(a.id, b.id) })
	return folders, problems
}

// load reads and checks one lab.
func (f folder) load() result {
	l := &Lab{dir: path.Join(f.source.Dir, f.id), Texts: map[content.Lang]*Text{}}
	var err error
	if l.raw, err = readAll(f.source.FS, f.id); err != nil {
		return result{problems: Problems{{File: l.dir, Message: fmt.Sprintf("cannot read the lab: %v: check the folder's permissions", err)}}}
	}
	if l.raw[labFile] == nil {
		return result{problems: Problems{{File: l.Path(labFile), Message: "missing: a lab's folder needs one, see docs/labs.md"}}}
	}
	problems := l.decode(labFile, l)
	if l.Version != FormatVersion {
		if problem, ok := l.otherVersion(); ok {
			return result{problems: Problems{problem}}
		}
	}
	if len(problems) > 0 {
		// The texts may still be looked at, so that their own errors do not
		// have to wait for the next run.
		return result{problems: append(problems, l.decodeTexts()...)}
	}
	problems = l.decodeTexts()
	inParams := l.checkParams()
	problems = append(problems, inParams...)
	problems = append(problems, l.check(f.id)...)
	// Without sound params every template that uses one would be reported.
	if len(inParams) == 0 && !f.source.proven {
		if _, err := l.Instantiate("podlab-"+l.ID, l.Defaults()); err != nil {
			problems = append(problems, asProblems(l, err)...)
		}
	}
	return result{lab: l, problems: problems}
}

// readAll reads the files of a lab's folder, by their path in it. Hidden
// files, as editors leave them, are no part of a lab.
func readAll(fsys fs.FS, dir string) (map[string][]byte, error) {
	files := map[string][]byte{}
	err := fs.WalkDir(fsys, dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		hidden := strings.HasPrefix(d.Name(), ".")
		if d.IsDir() {
			if hidden {
				return fs.SkipDir
			}
			return nil
		}
		if hidden {
			return nil
		}
		data, err := fs.ReadFile(fsys, name)
		if err != nil {
			return err
		}
		files[strings.TrimPrefix(name, dir+"/")] = data
		return nil
	})
	return files, err
}

// otherVersion reports a version that is not FormatVersion. That goes before
// all other problems: to an older podlab a newer format would seem full of
// unknown fields.
func (l *Lab) otherVersion() (Problem, bool) {
	doc := l.document(labFile)
	if doc == nil || len(doc.Content) == 0 || !isMapping(doc.Content[0]) {
		return Problem{}, false
	}
	key, value := child(doc.Content[0], "version")
	want := strconv.Itoa(FormatVersion)
	switch {
	case value == nil:
		return Problem{File: l.Path(labFile), Line: 1, Message: "version is missing: write version: " + want}, true
	case value.Value != want:
		return Problem{File: l.Path(labFile), Line: key.Line, Message: fmt.Sprintf("version %s of the lab format: this podlab reads version %s", value.Value, want)}, true
	}
	return Problem{}, false
}

// decodeTexts reads the file of each language.
func (l *Lab) decodeTexts() Problems {
	var problems Problems
	for _, lang := range content.Langs() {
		name := textFile(lang)
		if l.raw[name] == nil {
			problems = append(problems, Problem{File: l.Path(name), Message: "missing: every lab speaks en, de, zh and ko: add it"})
			continue
		}
		text := new(Text)
		found := l.decode(name, text)
		if len(found) == 0 {
			l.Texts[lang] = text
		}
		problems = append(problems, found...)
	}
	return problems
}

func textFile(lang content.Lang) string { return string(lang) + ".yaml" }

// decode reads a YAML file of the lab into dst.
func (l *Lab) decode(file string, dst any) Problems {
	err := content.Decode(file, l.raw[file], dst)
	if err == nil {
		return nil
	}
	var problems Problems
	for line := range strings.SplitSeq(err.Error(), "\n") {
		problems = append(problems, l.decodeProblem(file, line))
	}
	return problems
}

var (
	positioned   = regexp.MustCompile(`^:(\d+): (.*)$`)
	unknownField = regexp.MustCompile(`^field (\S+) not found in type \S+$`)
	wrongType    = regexp.MustCompile("^cannot unmarshal (!!\\w+)(?: (`.*`))? into (.*)$")
	// What the YAML library's parser says, in contrast to its scanner; it
	// counts lines from 0.
	parserError = regexp.MustCompile(`^did not find expected (node content|key|'-' indicator|',' or|<document)`)
	quoted      = regexp.MustCompile(`"([^"]*)"`)
)

// decodeProblem turns a line of content.Decode's error into a problem.
func (l *Lab) decodeProblem(file, line string) Problem {
	p := Problem{File: l.Path(file)}
	rest := strings.TrimPrefix(line, file)
	if m := positioned.FindStringSubmatch(rest); m != nil {
		p.Line, _ = strconv.Atoi(m[1])
		p.Message = m[2]
	} else {
		p.Message = strings.TrimPrefix(rest, ": ")
		// Errors of UnmarshalText have no line; they quote the value.
		if m := quoted.FindStringSubmatch(p.Message); m != nil {
			p.Line = scalarLine(l.document(file), m[1])
		}
	}
	if m := unknownField.FindStringSubmatch(p.Message); m != nil {
		p.Message = fmt.Sprintf("unknown field %q: check its spelling and its place, docs/labs.md lists all", m[1])
	} else if parserError.MatchString(p.Message) {
		p.Line++
		p.Message += ": correct the YAML, here or on the lines around"
	} else if strings.HasPrefix(p.Message, "mapping values are not allowed") {
		p.Message = "a colon and a blank within a plain value: quote the value, or write it as a block (|)"
	} else if m := wrongType.FindStringSubmatch(p.Message); m != nil {
		p.Message = strings.TrimSpace(fmt.Sprintf("%s %s", yamlKind(m[1]), m[2])) + " does not fit here: write " + goKind(m[3])
	}
	return p
}

func yamlKind(tag string) string {
	switch tag {
	case "!!map":
		return "a mapping"
	case "!!seq":
		return "a list"
	default:
		return "the value"
	}
}

func goKind(goType string) string {
	switch {
	case goType == "int":
		return "a whole number"
	case goType == "string":
		return "a text"
	case goType == "bool":
		return "true or false"
	case strings.HasPrefix(goType, "[]"):
		return "a list"
	default:
		return "a mapping"
	}
}

// asProblems returns the problems of an error of Instantiate.
func asProblems(l *Lab, err error) Problems {
	var problems Problems
	if errors.As(err, &problems) {
		return problems
	}
	return Problems{{File: l.Path(labFile), Line: 1, Message: err.Error()}}
}
