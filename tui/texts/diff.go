package texts

// Diff is said where the learner's object is compared with a solution.
type Diff struct{}
