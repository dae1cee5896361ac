package cluster

import (
	"strings"

	"podlab/content"
)

// Error is a failure of cluster work that a person has to deal with. The
// interface shows Problem and Remedy in the learner's language (texts
// "error.<key>" and "remedy.<key>" of content/texts/cluster.<lang>.yaml) and
// Output, the engine's own words, on request.
type Error struct {
	// Problem says what was tried, on what, and what came back; its key also
	// names the remedy.
	Problem content.Message
	// Output is what the engine or the registry said.
	Output string
	Err    error
}

// Fail makes an Error: the key of its texts, what caused it (nil if nothing
// did), what the engine said, and alternating names and values for the texts.
func Fail(key string, cause error, output string, namesAndValues ...string) *Error {
	return &Error{Problem: content.Say(key, namesAndValues...), Output: output, Err: cause}
}

// Error says the problem and its remedy in English.
func (e *Error) Error() string {
	c, err := content.LoadCatalog("cluster", content.English)
	if err != nil {
		return err.Error()
	}
	problem, remedy := e.Say(c)
	return strings.TrimSpace(strings.TrimSuffix(problem, ".") + ". " + remedy)
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Say renders problem and remedy with the catalog of a language.
func (e *Error) Say(c content.Catalog) (problem, remedy string) {
	p, r := e.Problem, e.Problem
	p.Key, r.Key = "error."+p.Key, "remedy."+p.Key
	return c.Render(p), c.Render(r)
}

// LastLine returns the last line of text that is not blank: where programs
// say why they failed.
func LastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.TrimSpace(lines[len(lines)-1])
}
