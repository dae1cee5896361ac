package labs

import (
	"slices"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/yaml"

	"podlab/content"
)

// A learner can read about every pattern that labs practise.
func TestPatternsHaveConcepts(t *testing.T) {
	for _, p := range Patterns() {
		if !slices.Contains(content.ConceptIDs(), string(p)) {
			t.Errorf("there is no concept page %q", p)
		}
	}
}

// The manifests of the concept pages are objects as Kubernetes knows them, of
// images that lab clusters have. Translations have the same manifests, which is
// tested where the pages are.
func TestConceptManifests(t *testing.T) {
	catalog, err := Load(Embedded())
	if err != nil {
		t.Fatal(err)
	}
	var images []string
	for _, l := range catalog.Labs() {
		images = append(images, l.Images...)
	}
	pages, err := content.LoadConcepts(content.English)
	if err != nil {
		t.Fatal(err)
	}
	strict := serializer.NewCodecFactory(scheme.Scheme, serializer.EnableStrict).UniversalDeserializer()
	for _, page := range pages {
		t.Run(page.ID, func(t *testing.T) {
			objects, err := Manifest{Name: page.ID, Data: []byte(page.Manifest())}.Objects()
			if err != nil {
				t.Fatal(err)
			}
			if len(objects) == 0 {
				t.Error("the page has no manifest")
			}
			for _, o := range objects {
				data, err := yaml.Marshal(o)
				if err != nil {
					t.Fatal(err)
				}
				if _, _, err := strict.Decode(data, nil, nil); err != nil {
					t.Errorf("%s %s: %v", o.GetKind(), o.GetName(), err)
				}
				for _, image := range containerImages(t, o) {
					if !slices.Contains(images, image) {
						t.Errorf("%s %s: no lab has the image %q", o.GetKind(), o.GetName(), image)
					}
				}
			}
		})
	}
}

// containerImages returns the images of a Pod's containers; other objects of
// the pages have none.
func containerImages(t *testing.T, o *unstructured.Unstructured) []string {
	t.Helper()
	var images []string
	for _, field := range []string{"initContainers", "containers"} {
		containers, _, err := unstructured.NestedSlice(o.Object, "spec", field)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range containers {
			if fields, ok := c.(map[string]any); ok {
				if image, ok := fields["image"].(string); ok {
					images = append(images, image)
				}
			}
		}
	}
	return images
}
