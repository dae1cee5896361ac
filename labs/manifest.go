package labs

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/yaml"
)

// Manifest is an expanded Kubernetes YAML file.
type Manifest struct {
	Name string // relative to the lab's folder
	Data []byte
}

// Objects decodes the objects of a manifest; the items of a List count as if
// they stood alone. Errors name the document, counted from 1.
func (m Manifest) Objects() ([]*unstructured.Unstructured, error) {
	var objects []*unstructured.Unstructured
	docs := utilyaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(m.Data)))
	for n := 1; ; n++ {
		doc, err := docs.Read()
		if errors.Is(err, io.EOF) {
			return objects, nil
		}
		if err != nil {
			return nil, fmt.Errorf("%s: document %d: %w", m.Name, n, err)
		}
		data, err := yaml.YAMLToJSONStrict(doc)
		if err != nil {
			return nil, fmt.Errorf("%s: document %d: %w", m.Name, n, err)
		}
		if string(data) == "null" {
			continue // only comments
		}
		u := &unstructured.Unstructured{}
		if err := u.UnmarshalJSON(data); err != nil {
			return nil, fmt.Errorf("%s: document %d: not a Kubernetes object: %w", m.Name, n, err)
		}
		if !u.IsList() {
			objects = append(objects, u)
			continue
		}
		list, err := u.ToList()
		if err != nil {
			return nil, fmt.Errorf("%s: document %d: %w", m.Name, n, err)
		}
		for i := range list.Items {
			objects = append(objects, &list.Items[i])
		}
	}
}

// setupObjects returns the objects of manifests by "Kind/name", as
// expressions see them. Manifests that cannot be decoded are left out; lint
// reports them, and so does applying them.
func setupObjects(manifests []Manifest) map[string]any {
	objects := map[string]any{}
	for _, m := range manifests {
		found, err := m.Objects()
		if err != nil {
			continue
		}
		for _, o := range found {
			objects[o.GetKind()+"/"+o.GetName()] = o.Object
		}
	}
	return objects
}
