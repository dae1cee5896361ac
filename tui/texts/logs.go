package texts

// Logs is the screen of logs and events.
type Logs struct{}
