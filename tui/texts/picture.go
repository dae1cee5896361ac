package texts

// Picture is said in the drawing of Pods and in their timeline.
type Picture struct{}
