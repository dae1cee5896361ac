package content

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"gopkg.in/yaml.v3"
)

// Node is a YAML node; an alias, so that only this package imports the YAML
// library.
type Node = yaml.Node

// DecodeFile reads one YAML document from name in fsys into dst. Unknown
// fields, a second document and an empty file are errors; every error names
// the file, and the line where the YAML library knows it.
func DecodeFile(fsys fs.FS, name string, dst any) error {
	data, err := fs.ReadFile(fsys, name)
	if err != nil {
		return fmt.Errorf("read %s: %w", name, err)
	}
	return Decode(name, data, dst)
}

// Decode is DecodeFile for data that is already read; name is used in errors.
func Decode(name string, data []byte, dst any) error {
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true)
	if err := dec.Decode(dst); err != nil {
		if errors.Is(err, io.EOF) {
			return fmt.Errorf("%s: the file is empty", name)
		}
		return inFile(name, err)
	}
	var more yaml.Node
	switch err := dec.Decode(&more); {
	case errors.Is(err, io.EOF):
		return nil
	case err != nil:
		return inFile(name, err)
	default:
		return fmt.Errorf("%s:%d: a second document: keep one document per file", name, more.Line)
	}
}

// Encode writes v as YAML with two spaces of indent.
func Encode(v any) ([]byte, error) {
	var buf bytes.Buffer
	enc := yaml.NewEncoder(&buf)
	enc.SetIndent(2)
	if err := enc.Encode(v); err != nil {
		return nil, fmt.Errorf("encode YAML: %w", err)
	}
	if err := enc.Close(); err != nil {
		return nil, fmt.Errorf("encode YAML: %w", err)
	}
	return buf.Bytes(), nil
}

// inFile turns the YAML library's "yaml: line 3: ..." and its lists of type
// errors into the file:line form that editors understand.
func inFile(name string, err error) error {
	var typeErr *yaml.TypeError
	if errors.As(err, &typeErr) {
		lines := make([]string, len(typeErr.Errors))
		for i, e := range typeErr.Errors {
			lines[i] = name + ":" + strings.TrimPrefix(e, "line ")
		}
		return errors.New(strings.Join(lines, "\n"))
	}
	msg := strings.TrimPrefix(err.Error(), "yaml: ")
	if rest, ok := strings.CutPrefix(msg, "line "); ok {
		return errors.New(name + ":" + rest)
	}
	return errors.New(name + ": " + msg)
}
