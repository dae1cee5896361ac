package report

import (
	"fmt"
	"strconv"
	"strings"

	"podlab/content"
	"podlab/grader/report"
)

// texts are the words around tasks and checks, in one language:
// content/texts/examreport.<lang>.yaml.
type texts struct {
	Heading string `yaml:"heading"`
	Passed  string `yaml:"passed"`
	Failed  string `yaml:"failed"`
	// PassMark has {percent}.
	PassMark string `yaml:"passMark"`
	Exam     string `yaml:"exam"`
	Started  string `yaml:"started"`
	Time     string `yaml:"time"`
	// TimeUsed has {used} and {length}.
	TimeUsed  string `yaml:"timeUsed"`
	Ended     string `yaml:"ended"`
	Submitted string `yaml:"submitted"`
	TimeUp    string `yaml:"timeUp"`
	Seed      string `yaml:"seed"`
	// Verified is the label of how much could be judged, VerifiedOf has {percent}.
	Verified   string `yaml:"verified"`
	VerifiedOf string `yaml:"verifiedOf"`
	Tasks      string `yaml:"tasks"`
	// Columns of the tables.
	Number    string `yaml:"number"`
	Task      string `yaml:"task"`
	Lab       string `yaml:"lab"`
	Namespace string `yaml:"namespace"`
	Pattern   string `yaml:"pattern"`
	Level     string `yaml:"level"`
	Weight    string `yaml:"weight"`
	Points    string `yaml:"points"`
	Score     string `yaml:"score"`
	// Spent is the time on a task, with the target behind a slash.
	Spent     string `yaml:"spent"`
	Marks     string `yaml:"marks"`
	Over      string `yaml:"over"`
	Done      string `yaml:"done"`
	Flagged   string `yaml:"flagged"`
	Untouched string `yaml:"untouched"`
	Unjudged  string `yaml:"unjudged"`
	// InPart: some points of the task were not judged.
	InPart string `yaml:"inPart"`
	// WeakestFirst heads the patterns.
	WeakestFirst string `yaml:"weakestFirst"`
	Details      string `yaml:"details"`
	NoneMissed   string `yaml:"noneMissed"`
	// ChecksPassed has {passed} and {all}.
	ChecksPassed string `yaml:"checksPassed"`
	TaskText     string `yaml:"taskText"`
	Practise     string `yaml:"practise"`
	AllSolved    string `yaml:"allSolved"`
	// Asked has {number}: the lab was that task of the exam.
	Asked string `yaml:"asked"`
	// Minutes and LevelOf have {n}, Percent too.
	Minutes string `yaml:"minutes"`
	LevelOf string `yaml:"levelOf"`
	Percent string `yaml:"percent"`
	// Separator stands between the items of a list.
	Separator string `yaml:"separator"`
	// Colon stands behind a label, with the blank after it.
	Colon string `yaml:"colon"`
	Notes struct {
		Late          string `yaml:"late"`          // {delay}
		LeftOut       string `yaml:"leftOut"`       // {points}
		UnjudgedTasks string `yaml:"unjudgedTasks"` // {tasks} {weight}
		Fault         string `yaml:"fault"`         // {reason}
		Unverifiable  string `yaml:"unverifiable"`  // {points}
		Errored       string `yaml:"errored"`       // {points}
		Given         string `yaml:"given"`         // {points}
		Unjudged      string `yaml:"unjudged"`      // {weight}
		Changed       string `yaml:"changed"`
		Unknown       string `yaml:"unknown"` // {lab}
	} `yaml:"notes"`

	// Checks are the words of a single verdict.
	Checks report.Texts `yaml:"-"`
}

func loadTexts(lang content.Lang) (texts, error) {
	var t texts
	if err := content.LoadTexts("examreport", lang, &t); err != nil {
		return texts{}, fmt.Errorf("load the texts of reports on exams: %w", err)
	}
	var err error
	t.Checks, err = report.LoadTexts(lang)
	return t, err
}

func (t *texts) percent(n int) string { return content.Fill(t.Percent, "n", strconv.Itoa(n)) }

func (t *texts) list(items []string) string { return strings.Join(items, t.Separator) }
