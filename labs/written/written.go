// Package written reduces objects, as an API server holds them, to what a
// person would have written: without status, without what the cluster added,
// and without the values that the API server filled in.
//
// Which values those are is not listed here, but asked: a field that comes
// back by itself when an object is created without it is a default. So it is
// right for every kind and every version of Kubernetes, and for what a
// LimitRange fills in.
package written

import (
	"context"
	"encoding/base64"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// Server answers what the API server would store of a new object, without
// storing it: a dry run. The object may be changed and has a name that may be
// taken already.
type Server func(ctx context.Context, o *unstructured.Unstructured) (*unstructured.Unstructured, error)

// maxAsked bounds how often Server is asked for one object. A Deployment
// takes about five times.
const maxAsked = 16

// Canonical returns a manifest's object with its values as the API server
// writes them ("500m" for 0.5), and nothing that the manifest does not say.
// Where the API server does not take the object, it is as the manifest has it.
func Canonical(ctx context.Context, manifest *unstructured.Unstructured, server Server) map[string]any {
	own := strip(manifest)
	encodeStringData(own)
	stored, err := server(ctx, probe(own, nil))
	if err != nil {
		return own
	}
	out := map[string]any{}
	for key, value := range own {
		if from, ok := stored.Object[key]; ok && key != "metadata" {
			value = canonical(value, from)
		}
		out[key] = value
	}
	return out
}

// canonical takes the values of stored for what own says.
func canonical(own, stored any) any {
	switch own := own.(type) {
	case map[string]any:
		from, ok := stored.(map[string]any)
		if !ok {
			return own
		}
		out := make(map[string]any, len(own))
		for key, value := range own {
			if of, ok := from[key]; ok {
				value = canonical(value, of)
			}
			out[key] = value
		}
		return out
	case []any:
		// What the cluster adds, it adds at the end.
		from, ok := stored.([]any)
		if !ok || len(from) < len(own) {
			return own
		}
		out := make([]any, len(own))
		for i, value := range own {
			out[i] = canonical(value, from[i])
		}
		return out
	default:
		if stored == nil {
			return own
		}
		return stored
	}
}

// encodeStringData writes what a Secret says in plain text as the API server
// keeps it.
func encodeStringData(o map[string]any) {
	plain, ok := o["stringData"].(map[string]any)
	if !ok || o["kind"] != "Secret" {
		return
	}
	data, _ := o["data"].(map[string]any)
	data = maps.Clone(data)
	if data == nil {
		data = map[string]any{}
	}
	for key, value := range plain {
		if text, ok := value.(string); ok {
			data[key] = base64.StdEncoding.EncodeToString([]byte(text))
		}
	}
	delete(o, "stringData")
	o["data"] = data
}

// Reduce returns what a person would have written to get live. What like says
// as well stays, default or not, and lists whose order means nothing are in
// like's order, so that the two can be compared line by line.
func Reduce(ctx context.Context, live *unstructured.Unstructured, like map[string]any, server Server) map[string]any {
	own := strip(live)
	r := &reduction{own: own, like: like, fate: map[string]fate{}}
	for range maxAsked {
		asked := r.undecided()
		if len(asked) == 0 {
			break
		}
		stored, err := server(ctx, probe(own, r.without(asked)))
		if !r.learn(asked, stored, err) {
			break
		}
	}
	out, _ := r.without(nil)(own).(map[string]any)
	removeOwned(out, like)
	removeMirrored(out, like)
	sortLike(out, like)
	return out
}

// fate is what is known of a field that like does not have.
type fate int

const (
	undecided fate = iota
	dropped        // a default
	opened         // no default as a whole; its fields may be
	kept
)

type reduction struct {
	own, like map[string]any
	fate      map[string]fate // by path
}

// undecided returns the paths of the fields to ask about next.
func (r *reduction) undecided() []string {
	var paths []string
	fields := maps.Clone(r.own)
	// These the API server never fills in.
	for _, key := range []string{"apiVersion", "kind", "metadata", "data", "binaryData"} {
		delete(fields, key)
	}
	r.walk(fields, r.like, "", func(path string) { paths = append(paths, path) })
	return paths
}

// walk finds the fields below value that like does not have and whose fate is
// not known.
func (r *reduction) walk(value, like any, path string, found func(path string)) {
	switch value := value.(type) {
	case map[string]any:
		like, _ := like.(map[string]any)
		for _, key := range slices.Sorted(maps.Keys(value)) {
			below := join(path, key)
			of, ok := like[key]
			switch {
			case ok && !(empty(value[key]) && !empty(of)) || r.fate[below] == opened:
				r.walk(value[key], of, below, found)
			case r.fate[below] == undecided && !isName(key, path) && key != "emptyDir":
				found(below) // a volume is an emptyDir by default, yet people write it
			}
		}
	case []any:
		like, _ := like.([]any)
		key := path[strings.LastIndexByte(path, '/')+1:]
		for i, element := range value {
			r.walk(element, partner(key, element, i, like), join(path, strconv.Itoa(i)), found)
		}
	}
}

// isName reports whether a field is what tells an element of a list from the
// others: it never is a default.
func isName(key, path string) bool {
	list, index := cutLast(path)
	_, err := strconv.Atoi(index)
	_, name := cutLast(list)
	return err == nil && slices.Contains(identities(name), key)
}

// without returns a function that copies the object without defaults and
// without the fields at paths.
func (r *reduction) without(paths []string) func(any) any {
	gone := map[string]bool{}
	for _, path := range paths {
		gone[path] = true
	}
	var copied func(value any, path string) any
	copied = func(value any, path string) any {
		switch value := value.(type) {
		case map[string]any:
			out := make(map[string]any, len(value))
			for key, v := range value {
				if below := join(path, key); !gone[below] && r.fate[below] != dropped {
					out[key] = copied(v, below)
				}
			}
			return out
		case []any:
			out := make([]any, len(value))
			for i, v := range value {
				out[i] = copied(v, join(path, strconv.Itoa(i)))
			}
			return out
		default:
			return value
		}
	}
	return func(o any) any { return copied(o, "") }
}

// learn draws conclusions from what the API server made of the object without
// the fields at asked. It reports whether there may be more to learn.
func (r *reduction) learn(asked []string, stored *unstructured.Unstructured, err error) bool {
	if err != nil {
		return r.learnRequired(asked, err)
	}
	for _, path := range asked {
		value := at(r.own, path)
		switch {
		case reflect.DeepEqual(value, at(stored.Object, path)):
			r.fate[path] = dropped
		case holdsFields(value):
			r.fate[path] = opened
		default:
			r.fate[path] = kept
		}
	}
	return true
}

// learnRequired learns from a refusal which fields the object cannot be
// without. It reports false for one that says nothing of the kind.
func (r *reduction) learnRequired(asked []string, err error) bool {
	status, ok := err.(apierrors.APIStatus)
	if !ok || status.Status().Details == nil {
		return false
	}
	learned := false
	for _, cause := range status.Status().Details.Causes {
		field := strings.NewReplacer(".", "/", "[", "/", "]", "").Replace(cause.Field)
		for _, path := range r.needed(asked, field) {
			learned = true
			if holdsFields(at(r.own, path)) {
				r.fate[path] = opened
			} else {
				r.fate[path] = kept
			}
		}
	}
	return learned
}

// needed returns which of the fields that were left out the API server misses
// when it complains of field.
func (r *reduction) needed(asked []string, field string) []string {
	var exact, maps, others []string
	for _, path := range asked {
		switch {
		case path == field || strings.HasPrefix(field, path+"/"):
			exact = append(exact, path)
		case !strings.HasPrefix(path, field+"/"):
		case holdsFields(at(r.own, path)):
			maps = append(maps, path)
		default:
			others = append(others, path)
		}
	}
	// "must specify a handler type" is said of the probe: of its fields, the
	// handler is a map, and the numbers beside it are defaults.
	switch {
	case exact != nil:
		return exact
	case maps != nil:
		return maps
	default:
		return others
	}
}

// empty reports whether a value is a map without fields.
func empty(value any) bool {
	m, ok := value.(map[string]any)
	return ok && len(m) == 0
}

// holdsFields reports whether a value is a map or a list that is not empty.
func holdsFields(value any) bool {
	switch value := value.(type) {
	case map[string]any:
		return len(value) > 0
	case []any:
		return len(value) > 0
	}
	return false
}

// at returns the value at a path, nil where there is none.
func at(value any, path string) any {
	for key := range strings.SplitSeq(path, "/") {
		switch v := value.(type) {
		case map[string]any:
			value = v[unescape(key)]
		case []any:
			i, err := strconv.Atoi(key)
			if err != nil || i < 0 || i >= len(v) {
				return nil
			}
			value = v[i]
		default:
			return nil
		}
	}
	return value
}

// Keys in paths are escaped as in JSON pointers: labels hold slashes.
func join(path, key string) string {
	key = strings.NewReplacer("~", "~0", "/", "~1").Replace(key)
	if path == "" {
		return key
	}
	return path + "/" + key
}

func unescape(key string) string { return strings.NewReplacer("~1", "/", "~0", "~").Replace(key) }

func cutLast(path string) (before, last string) {
	i := strings.LastIndexByte(path, '/')
	return path[:max(i, 0)], path[i+1:]
}
