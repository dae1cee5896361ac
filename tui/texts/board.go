package texts

// Board is the projector layout of a lab's checks.
type Board struct {
	Passed  string `yaml:"passed"`  // {passed} {all}
	Changed string `yaml:"changed"` // marks a check that has just changed
	Page    string `yaml:"page"`    // {n} {all}
	Waiting string `yaml:"waiting"` // before the first look
	Done    string `yaml:"done"`    // everything passed
	// DoneInPart: everything passed that the cluster can show.
	DoneInPart string `yaml:"doneInPart"`
	Trouble    string `yaml:"trouble"` // the cluster does not answer
}
