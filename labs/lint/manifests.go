package lint

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/distribution/reference"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"podlab/labs"
)

// checkManifests looks at the Kubernetes objects of setup, solutions and
// mutants, and returns the images that setup and solutions use. Mutants may
// use images that nobody declared: a wrong one may be their mistake.
func (l *lab) checkManifests(i *labs.Instance) map[string]bool {
	used := map[string]bool{}
	for _, m := range i.Setup {
		for _, o := range l.objects(m, "", i.Namespaces...) {
			l.checkUndeclared(m.Name, o, used)
		}
	}
	for _, s := range i.Solutions {
		for _, m := range manifestsOf(s) {
			for _, o := range l.objects(m, "") {
				l.checkUndeclared(m.Name, o, used)
			}
		}
	}
	for _, answer := range i.Mutants {
		for _, m := range manifestsOf(answer) {
			l.objects(m, answer.Name)
		}
	}
	return used
}

// manifestsOf returns the manifest of an answer and those of its steps.
func manifestsOf(a labs.Answer) []labs.Manifest {
	all := []labs.Manifest{a.Manifest}
	for _, s := range a.Steps {
		if s.Apply != nil {
			all = append(all, *s.Apply)
		}
	}
	return all
}

// object is a Kubernetes object, and the line on which its document begins.
type object struct {
	unstructured.Unstructured
	line int
}

// objects reads an expanded manifest. A mutant that edits a solution has no
// file of its own: its problems are put down to its entry in lab.yaml. Objects
// may name the lab's namespace or one of further.
func (l *lab) objects(m labs.Manifest, mutant string, further ...string) []object {
	add := func(line int, format string, args ...any) {
		p := labs.Problem{File: l.Path(m.Name), Line: line, Message: fmt.Sprintf(format, args...)}
		if n := slices.IndexFunc(l.Mutants, func(x labs.Mutant) bool { return x.Name == mutant }); n >= 0 && l.Mutants[n].Manifest == "" {
			p = l.Problem(labFile, []string{"mutants", strconv.Itoa(n)}, fmt.Sprintf("mutant %q, line %d of its manifest: %s", mutant, line, p.Message))
		}
		l.problems = append(l.problems, p)
	}
	var objects []object
	before := len(l.problems)
	for _, d := range documents(m.Data) {
		line := d.line + leadingComments(d.data)
		o := object{line: line}
		data, err := yaml.YAMLToJSONStrict(d.data)
		if err != nil {
			at, what := yamlLine(err)
			add(d.line+at-1, "no valid YAML: %s: correct it", what)
			continue
		}
		if err := o.UnmarshalJSON(data); err != nil && o.Object == nil {
			add(line, "no Kubernetes object: write apiVersion, kind and metadata.name")
			continue
		}
		switch {
		case o.GetAPIVersion() == "" || o.GetKind() == "" || o.GetName() == "":
			add(line, "no Kubernetes object: write apiVersion, kind and metadata.name")
		case o.GetNamespace() != "" && o.GetNamespace() != testNamespace && !slices.Contains(further, o.GetNamespace()):
			add(line, "%s %s names the namespace %q: leave it out, or write {{.namespace}}", o.GetKind(), o.GetName(), o.GetNamespace())
		}
		objects = append(objects, o)
	}
	if len(objects) == 0 && len(l.problems) == before {
		add(1, "no Kubernetes object: write apiVersion, kind and metadata.name")
	}
	return objects
}

// document is one of the YAML documents of a file.
type document struct {
	data []byte
	line int // on which it begins
}

// documents splits a file at its "---" lines, and leaves out documents that
// hold nothing but comments.
func documents(data []byte) []document {
	var all []document
	current := document{line: 1}
	end := func() {
		for line := range bytes.Lines(current.data) {
			if !isComment(line) {
				all = append(all, current)
				return
			}
		}
	}
	n := 0
	for line := range bytes.Lines(data) {
		n++
		if bytes.HasPrefix(line, []byte("---")) {
			end()
			current = document{line: n + 1}
			continue
		}
		current.data = append(current.data, line...)
	}
	end()
	return all
}

func isComment(line []byte) bool {
	text := bytes.TrimSpace(line)
	return len(text) == 0 || text[0] == '#'
}

// leadingComments counts the lines before the document's first field.
func leadingComments(data []byte) int {
	n := 0
	for line := range bytes.Lines(data) {
		if !isComment(line) {
			break
		}
		n++
	}
	return n
}

var lineOfYAML = regexp.MustCompile(`(?s)line (\d+): (.*)$`)

// yamlLine finds the line that the YAML library's error names.
func yamlLine(err error) (int, string) {
	if m := lineOfYAML.FindStringSubmatch(err.Error()); m != nil {
		line, _ := strconv.Atoi(m[1])
		return line, strings.ReplaceAll(strings.TrimSpace(m[2]), "\n", " ")
	}
	return 1, err.Error()
}

// checkUndeclared notes the images that an object uses, and reports those
// that the lab does not declare.
func (l *lab) checkUndeclared(file string, o object, used map[string]bool) {
	for _, image := range imagesOf(o.Object) {
		used[normalImage(image)] = true
		declared := slices.ContainsFunc(l.Images, func(d string) bool { return normalImage(d) == normalImage(image) })
		if !declared {
			line := o.line
			if at := imageLine(l.Raw(file), image); at > 0 {
				line = at
			}
			l.problems = append(l.problems, labs.Problem{
				File: l.Path(file), Line: line,
				Message: fmt.Sprintf("image %q is not declared: add it to images in %s, or use one that is there", image, labFile),
			})
		}
	}
}

// imageLine finds the first line of a file that mentions an image, 0 if a
// template hides it.
func imageLine(data []byte, image string) int {
	n := 0
	for line := range bytes.Lines(data) {
		n++
		if bytes.Contains(line, []byte(image)) {
			return n
		}
	}
	return 0
}

// checkImages looks at the declared images.
func (l *lab) checkImages(used map[string]bool) {
	for i, image := range l.Images {
		at := []string{"images", strconv.Itoa(i)}
		if !used[normalImage(image)] && !l.inFiles(image) {
			l.add(labFile, at, "image %q is used by no setup, file or solution: remove it", image)
		}
		if l.options.Images != nil && !slices.ContainsFunc(l.options.Images, func(a string) bool { return normalImage(a) == normalImage(image) }) {
			l.add(labFile, at, "image %q is not in the bundle: use one of %s", image, strings.Join(l.options.Images, ", "))
		}
	}
}

// inFiles reports whether a file for the learner mentions an image.
func (l *lab) inFiles(image string) bool {
	return slices.ContainsFunc(l.Files, func(name string) bool { return imageLine(l.Raw(name), image) > 0 })
}

// imagesOf finds the images of an object: those of containers of every kind
// at any depth, so that a Pod template in a CronJob counts, and image volumes.
func imagesOf(value any) []string {
	var images []string
	switch v := value.(type) {
	case map[string]any:
		for _, key := range []string{"containers", "initContainers", "ephemeralContainers"} {
			list, _ := v[key].([]any)
			for _, c := range list {
				if container, ok := c.(map[string]any); ok {
					if image, ok := container["image"].(string); ok {
						images = append(images, image)
					}
				}
			}
		}
		if volumes, ok := v["volumes"].([]any); ok {
			for _, entry := range volumes {
				if image, ok, _ := unstructured.NestedString(asMap(entry), "image", "reference"); ok {
					images = append(images, image)
				}
			}
		}
		for _, child := range v {
			images = append(images, imagesOf(child)...)
		}
	case []any:
		for _, child := range v {
			images = append(images, imagesOf(child)...)
		}
	}
	slices.Sort(images)
	return slices.Compact(images)
}

func asMap(v any) map[string]any {
	m, _ := v.(map[string]any)
	return m
}

// normalImage writes an image as container engines understand it:
// docker.io/library/busybox:1.37 and busybox:1.37 are one.
func normalImage(image string) string {
	named, err := reference.ParseNormalizedNamed(image)
	if err != nil {
		return image
	}
	return reference.TagNameOnly(named).String()
}
