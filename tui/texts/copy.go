package texts

// Copy is said when something goes to the clipboard.
type Copy struct{}
