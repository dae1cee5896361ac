package texts

// Concept is the screen of a concept page.
type Concept struct{}
