package texts

// Concept is the screen of a concept page.
type Concept struct {
	Title    string `yaml:"title"`
	Contents string `yaml:"contents"` // heads the list of all pages
	PageOf   string `yaml:"pageOf"`   // {n} {all}
}
