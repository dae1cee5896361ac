package labs

import (
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"text/template"
)

// expander expands the templates of one lab with one set of values.
type expander struct {
	lab      *Lab
	values   map[string]string // params and namespace
	problems Problems
}

// file expands a whole file of the lab's folder; nil if it has problems.
func (e *expander) file(name string) []byte {
	raw, ok := e.lab.raw[name]
	if !ok {
		return nil // check has said so, with the line that names the file
	}
	text, line, problem := e.expand(string(raw))
	if problem != "" {
		e.problems = append(e.problems, Problem{File: e.lab.Path(name), Line: line, Message: problem})
		return nil
	}
	return []byte(text)
}

// field expands the text of a field of a YAML file.
func (e *expander) field(file string, path []string, text string) string {
	expanded, line, problem := e.expand(text)
	if problem != "" {
		at, textLine := findLine(e.lab.document(file), path)
		if line > 1 || textLine > at {
			at = textLine + line - 1
		}
		e.problems = append(e.problems, Problem{File: e.lab.Path(file), Line: at, Message: problem})
	}
	return expanded
}

// fields returns a deep copy of v, a part of a YAML file at path, in which
// every string is expanded. Keys of maps are no texts and stay as they are.
func (e *expander) fields(file string, path []string, v reflect.Value) reflect.Value {
	copied := reflect.New(v.Type()).Elem()
	switch v.Kind() {
	case reflect.String:
		copied.SetString(e.field(file, path, v.String()))
	case reflect.Struct:
		copied.Set(v)
		for i := range v.NumField() {
			name, inline := yamlName(v.Type().Field(i))
			switch {
			case inline:
				copied.Field(i).Set(e.fields(file, path, v.Field(i)))
			case name != "":
				copied.Field(i).Set(e.fields(file, append(slices.Clone(path), name), v.Field(i)))
			}
		}
	case reflect.Pointer:
		if !v.IsNil() {
			copied.Set(reflect.New(v.Type().Elem()))
			copied.Elem().Set(e.fields(file, path, v.Elem()))
		}
	case reflect.Slice:
		if !v.IsNil() {
			copied.Set(reflect.MakeSlice(v.Type(), v.Len(), v.Len()))
			for i := range v.Len() {
				copied.Index(i).Set(e.fields(file, append(slices.Clone(path), strconv.Itoa(i)), v.Index(i)))
			}
		}
	case reflect.Map:
		if !v.IsNil() {
			copied.Set(reflect.MakeMapWithSize(v.Type(), v.Len()))
			for _, key := range v.MapKeys() {
				copied.SetMapIndex(key, e.fields(file, append(slices.Clone(path), key.String()), v.MapIndex(key)))
			}
		}
	default:
		copied.Set(v)
	}
	return copied
}

// yamlName returns the key of a field in a file, "" if it has none.
func yamlName(f reflect.StructField) (name string, inline bool) {
	name, options, _ := strings.Cut(f.Tag.Get("yaml"), ",")
	if name == "-" || !f.IsExported() {
		return "", false
	}
	return name, options == "inline"
}

var (
	templateError = regexp.MustCompile(`(?s)^template: [^:]*:(\d+)(?::\d+)?: (.*)$`)
	missingKey    = regexp.MustCompile(`map has no entry for key "([^"]*)"`)
	executing     = regexp.MustCompile(`^executing "[^"]*" at `)
)

// expand expands one text. With a problem comes its line in the text.
func (e *expander) expand(text string) (expanded string, line int, problem string) {
	if !strings.Contains(text, "{{") {
		return text, 0, ""
	}
	t, err := template.New("text").Option("missingkey=error").Parse(text)
	if err == nil {
		var out strings.Builder
		if err = t.Execute(&out, e.values); err == nil {
			return out.String(), 0, ""
		}
	}
	line, what := 1, err.Error()
	if m := templateError.FindStringSubmatch(what); m != nil {
		line, _ = strconv.Atoi(m[1])
		what = m[2]
	}
	if m := missingKey.FindStringSubmatch(what); m != nil {
		known := slices.Sorted(maps.Keys(e.values))
		return text, line, fmt.Sprintf("the template uses {{.%s}}, which is no param: declare it under params, or use one of %s", m[1], strings.Join(known, ", "))
	}
	return text, line, fmt.Sprintf("bad template: %s: for braces that are meant as such write {{\"{{\"}}", executing.ReplaceAllString(what, ""))
}
