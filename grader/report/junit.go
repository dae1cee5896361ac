package report

import (
	"encoding/xml"
	"fmt"
	"io"
	"strconv"
	"strings"

	"podlab/grader"
)

// The JUnit XML that CI systems read (the schema of Jenkins' xunit plugin).
type (
	junitSuites struct {
		XMLName  xml.Name     `xml:"testsuites"`
		Name     string       `xml:"name,attr"`
		Tests    int          `xml:"tests,attr"`
		Failures int          `xml:"failures,attr"`
		Errors   int          `xml:"errors,attr"`
		Time     string       `xml:"time,attr"`
		Suites   []junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name       string          `xml:"name,attr"`
		Tests      int             `xml:"tests,attr"`
		Failures   int             `xml:"failures,attr"`
		Errors     int             `xml:"errors,attr"`
		Skipped    int             `xml:"skipped,attr"`
		Time       string          `xml:"time,attr"`
		Properties []junitProperty `xml:"properties>property"`
		Cases      []junitCase     `xml:"testcase"`
	}
	junitProperty struct {
		Name  string `xml:"name,attr"`
		Value string `xml:"value,attr"`
	}
	junitCase struct {
		Name      string        `xml:"name,attr"`
		ClassName string        `xml:"classname,attr"`
		Time      string        `xml:"time,attr"`
		Failure   *junitOutcome `xml:"failure"`
		Error     *junitOutcome `xml:"error"`
		Skipped   *junitSkipped `xml:"skipped"`
	}
	junitOutcome struct {
		Message string `xml:"message,attr"`
		Type    string `xml:"type,attr"`
		Text    string `xml:",chardata"`
	}
	junitSkipped struct {
		Message string `xml:"message,attr"`
	}
)

// JUnit writes r as JUnit XML. Each check is a test case named by its id,
// which stays the same in every language. A failed check is a failure, and so
// is one that is still pending: grading has ended without it. A check in error
// is an error, an unverifiable one is skipped. Full marks therefore mean no
// failure, no error and nothing skipped.
func JUnit(w io.Writer, r *Report) error {
	r = Clean(r)
	suite := junitSuite{
		Name:  "podlab." + r.Lab,
		Tests: len(r.Checks),
		Time:  seconds(r.DurationMS),
		Properties: []junitProperty{
			{"title", r.Title},
			{"namespace", r.Namespace},
			{"language", r.Language},
			{"score", strconv.Itoa(r.Score)},
			{"points", strconv.Itoa(r.Points)},
			{"maxPoints", strconv.Itoa(r.MaxPoints)},
			{"verifiablePoints", strconv.Itoa(r.VerifiablePoints)},
		},
	}
	for _, check := range r.Checks {
		c := junitCase{Name: check.ID, ClassName: suite.Name, Time: seconds(check.DurationMS)}
		switch check.Status {
		case grader.Passed:
		case grader.Unverifiable:
			suite.Skipped++
			c.Skipped = &junitSkipped{Message: summary(check)}
		case grader.Errored:
			suite.Errors++
			c.Error = outcome(check)
		default:
			suite.Failures++
			c.Failure = outcome(check)
		}
		suite.Cases = append(suite.Cases, c)
	}
	suites := junitSuites{
		Name: "podlab", Tests: suite.Tests, Failures: suite.Failures, Errors: suite.Errors,
		Time: suite.Time, Suites: []junitSuite{suite},
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return fmt.Errorf("write the report of %s as JUnit XML: %w", r.Lab, err)
	}
	enc := xml.NewEncoder(w)
	enc.Indent("", "  ")
	if err := enc.Encode(suites); err != nil {
		return fmt.Errorf("write the report of %s as JUnit XML: %w", r.Lab, err)
	}
	if _, err := io.WriteString(w, "\n"); err != nil {
		return fmt.Errorf("write the report of %s as JUnit XML: %w", r.Lab, err)
	}
	return nil
}

func outcome(c Check) *junitOutcome {
	var text strings.Builder
	for _, part := range []struct{ name, text string }{
		{"expected", c.Expected}, {"actual", c.Actual}, {"why", c.Why},
	} {
		if part.text != "" {
			fmt.Fprintf(&text, "\n%s: %s", part.name, part.text)
		}
	}
	text.WriteString("\n")
	return &junitOutcome{Message: summary(c), Type: string(c.Status), Text: text.String()}
}

// summary is what CI systems show in a list of failures.
func summary(c Check) string {
	first, _, _ := strings.Cut(c.Actual, "\n")
	if first == "" {
		return c.Title
	}
	return c.Title + ": " + first
}

func seconds(ms int64) string { return strconv.FormatFloat(float64(ms)/1000, 'f', 3, 64) }
