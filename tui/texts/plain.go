package texts

// Plain is the linear flow without a screen.
type Plain struct{}
