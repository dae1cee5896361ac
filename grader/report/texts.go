package report

import (
	"podlab/content"
	"podlab/grader"
)

// Texts are the words around the checks, in one language. A Report brings the
// words about the checks themselves.
type Texts struct {
	Passed       string `yaml:"passed"`
	Failed       string `yaml:"failed"`
	Pending      string `yaml:"pending"`
	Unverifiable string `yaml:"unverifiable"`
	Error        string `yaml:"error"`
	Expected     string `yaml:"expected"`
	Actual       string `yaml:"actual"`
	Why          string `yaml:"why"`
	// Score has the placeholders {points}, {max} and {score} (percent).
	Score string `yaml:"score"`
	// VerifiedNote has {verified} and {max}: how many points could be verified.
	VerifiedNote string `yaml:"verifiedNote"`
	// SolvedNote: all of these were earned.
	SolvedNote string `yaml:"solvedNote"`
	// ErrorNote has {count}: how many checks could not be judged.
	ErrorNote string `yaml:"errorNote"`
}

// LoadTexts returns the texts of lang.
func LoadTexts(lang content.Lang) (Texts, error) {
	var t Texts
	err := content.LoadTexts("report", lang, &t)
	return t, err
}

// Status returns the word for a verdict.
func (t Texts) Status(s grader.Status) string {
	switch s {
	case grader.Passed:
		return t.Passed
	case grader.Failed:
		return t.Failed
	case grader.Pending:
		return t.Pending
	case grader.Unverifiable:
		return t.Unverifiable
	case grader.Errored:
		return t.Error
	default:
		return string(s)
	}
}

// Symbol returns a sign of one cell for a verdict, for use beside its word.
func Symbol(s grader.Status) string {
	switch s {
	case grader.Passed:
		return "✓"
	case grader.Failed:
		return "✗"
	case grader.Pending:
		return "○"
	case grader.Unverifiable:
		return "?"
	default:
		return "!"
	}
}
