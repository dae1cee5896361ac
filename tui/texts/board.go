package texts

// Board is the projector layout of a lab's checks.
type Board struct{}
