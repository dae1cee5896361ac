// Package texts holds every word that the TUI says, in one language.
package texts

import (
	"fmt"
	"strconv"

	"podlab/content"
	"podlab/grader"
	"podlab/labs"
)

// Texts is content/texts/tui.<lang>.yaml. A text with {placeholders} is shown
// through Fill.
type Texts struct {
	Keys     Keys     `yaml:"keys"`
	Common   Common   `yaml:"common"`
	Language Language `yaml:"language"`
	Welcome  Welcome  `yaml:"welcome"`
	Catalog  Catalog  `yaml:"catalog"`
	Lab      Lab      `yaml:"lab"`
	Report   Report   `yaml:"report"`
	Copy     Copy     `yaml:"copy"`
	Picture  Picture  `yaml:"picture"`
	Logs     Logs     `yaml:"logs"`
	Concept  Concept  `yaml:"concept"`
	Diff     Diff     `yaml:"diff"`
	Board    Board    `yaml:"board"`
	Plain    Plain    `yaml:"plain"`
	Exam     Exam     `yaml:"exam"`
}

// Keys says what each key does, in one or two words.
type Keys struct {
	Up          string `yaml:"up"`
	Down        string `yaml:"down"`
	PageUp      string `yaml:"pageUp"`
	PageDown    string `yaml:"pageDown"`
	Top         string `yaml:"top"`
	Bottom      string `yaml:"bottom"`
	Move        string `yaml:"move"`   // up and down together
	Scroll      string `yaml:"scroll"` // up and down together, in a text
	Choose      string `yaml:"choose"`
	Open        string `yaml:"open"`
	Back        string `yaml:"back"`
	Quit        string `yaml:"quit"`
	Help        string `yaml:"help"`
	Language    string `yaml:"language"`
	Theme       string `yaml:"theme"`
	Close       string `yaml:"close"`
	Details     string `yaml:"details"`
	Yes         string `yaml:"yes"`
	No          string `yaml:"no"`
	Create      string `yaml:"create"`
	Cancel      string `yaml:"cancel"`
	Retry       string `yaml:"retry"`
	Output      string `yaml:"output"`
	Unsolved    string `yaml:"unsolved"`
	Search      string `yaml:"search"`
	KeepSearch  string `yaml:"keepSearch"`
	EndSearch   string `yaml:"endSearch"`
	Cluster     string `yaml:"cluster"`
	NextPane    string `yaml:"nextPane"`
	PrevPane    string `yaml:"prevPane"`
	Expand      string `yaml:"expand"`
	Hint        string `yaml:"hint"`
	Solution    string `yaml:"solution"`
	Apply       string `yaml:"apply"`
	Reset       string `yaml:"reset"`
	Shell       string `yaml:"shell"`
	Grade       string `yaml:"grade"`
	BackToLab   string `yaml:"backToLab"`
	NextLab     string `yaml:"nextLab"`
	List        string `yaml:"list"`
	Pods        string `yaml:"pods"`
	Timeline    string `yaml:"timeline"`
	Picture     string `yaml:"picture"`
	Unfold      string `yaml:"unfold"`
	Logs        string `yaml:"logs"`
	Concept     string `yaml:"concept"`
	Board       string `yaml:"board"`
	Copy        string `yaml:"copy"`
	CopyOther   string `yaml:"copyOther"`
	Split       string `yaml:"split"`
	Mouse       string `yaml:"mouse"`
	Layout      string `yaml:"layout"`
	Follow      string `yaml:"follow"`
	Wrap        string `yaml:"wrap"`
	PreviousRun string `yaml:"previousRun"`
	NextMatch   string `yaml:"nextMatch"`
	PrevMatch   string `yaml:"prevMatch"`
	Diff        string `yaml:"diff"`
	NextConcept string `yaml:"nextConcept"`
	PrevConcept string `yaml:"prevConcept"`
	Contents    string `yaml:"contents"`
	NextSource  string `yaml:"nextSource"`
	PrevSource  string `yaml:"prevSource"`
	Times       string `yaml:"times"`
	ScrollLeft  string `yaml:"scrollLeft"`
	ScrollRight string `yaml:"scrollRight"`
	Manifest    string `yaml:"manifest"`
	Exam        string `yaml:"exam"`
	GotoTask    string `yaml:"gotoTask"`
	FlagTask    string `yaml:"flagTask"`
	MarkDone    string `yaml:"markDone"`
	Submit      string `yaml:"submit"`
	AbortExam   string `yaml:"abortExam"`
	StartExam   string `yaml:"startExam"`
	ResumeExam  string `yaml:"resumeExam"`
	Seed        string `yaml:"seed"`
	EraseDigit  string `yaml:"eraseDigit"`
	NewSeed     string `yaml:"newSeed"`
	History     string `yaml:"history"`
	PractiseLab string `yaml:"practiseLab"`
}

// Common is said on more than one screen.
type Common struct {
	Percent      string `yaml:"percent"`  // {n}
	TooSmall     string `yaml:"tooSmall"` // {width} {height} {minWidth} {minHeight}
	HelpTitle    string `yaml:"helpTitle"`
	KeysHere     string `yaml:"keysHere"`
	KeysAnywhere string `yaml:"keysAnywhere"`
	ErrorTitle   string `yaml:"errorTitle"`
	MoreErrors   string `yaml:"moreErrors"` // {n}
	QuitTitle    string `yaml:"quitTitle"`
	QuitLab      string `yaml:"quitLab"`
	QuitJob      string `yaml:"quitJob"`
	QuitCreate   string `yaml:"quitCreate"`
	Minutes      string `yaml:"minutes"` // {n}
	PointsOf     string `yaml:"pointsOf"`
	Verifiable   string `yaml:"verifiable"` // {n} {max}
	// Statuses of checks, in a word.
	Passed       string `yaml:"passed"`
	Failed       string `yaml:"failed"`
	Pending      string `yaml:"pending"`
	Unverifiable string `yaml:"unverifiable"`
	Errored      string `yaml:"errored"`
	NotYet       string `yaml:"notYet"`
	// CannotStart by what of the lab a cluster refuses, with {lab} and {reason}.
	CannotStart map[string]string `yaml:"cannotStart"`
	// What was tried when an error came.
	WhileSettings string `yaml:"whileSettings"`
	WhileRecords  string `yaml:"whileRecords"`
	WhileStart    string `yaml:"whileStart"` // {lab}
	WhileReset    string `yaml:"whileReset"` // {lab}
	WhileGrade    string `yaml:"whileGrade"` // {lab}
	WhileShell    string `yaml:"whileShell"` // {lab}
	WhileApply    string `yaml:"whileApply"` // {lab}
	WhileLab      string `yaml:"whileLab"`   // {lab}
	ThemeAuto     string `yaml:"themeAuto"`
	ThemeDark     string `yaml:"themeDark"`
	ThemeLight    string `yaml:"themeLight"`
	MouseOn       string `yaml:"mouseOn"`
	MouseOff      string `yaml:"mouseOff"`
	LayoutAuto    string `yaml:"layoutAuto"`
	LayoutOne     string `yaml:"layoutOne"`
	LayoutBeside  string `yaml:"layoutBeside"`
	LayoutNarrow  string `yaml:"layoutNarrow"` // {n}
	LayoutNotHere string `yaml:"layoutNotHere"`
}

// Language is the screen that asks for the language.
type Language struct {
	Title string `yaml:"title"`
	Ask   string `yaml:"ask"`
	Later string `yaml:"later"`
}

// Welcome is the screen that brings the cluster up.
type Welcome struct {
	Title   string `yaml:"title"`
	Intro   string `yaml:"intro"`
	Looking string `yaml:"looking"`
	Opening string `yaml:"opening"`
	Absent  string `yaml:"absent"` // {provider}
	// AbsentEmbedded is said instead where no engine will run containers.
	AbsentEmbedded string `yaml:"absentEmbedded"`
	// Existing heads what would be done on a cluster that is there.
	Existing    string `yaml:"existing"`
	AskExisting string `yaml:"askExisting"`
	Stopped     string `yaml:"stopped"`    // {name}
	Broken      string `yaml:"broken"`     // {name}
	FromBundle  string `yaml:"fromBundle"` // {dir}
	FromNetwork string `yaml:"fromNetwork"`
	Usual       string `yaml:"usual"`
	// Simulated and Seconds are said of a cluster that runs no containers.
	Simulated   string `yaml:"simulated"`
	Seconds     string `yaml:"seconds"`
	Untouched   string `yaml:"untouched"`
	AskCreate   string `yaml:"askCreate"`
	AskRepair   string `yaml:"askRepair"`
	Creating    string `yaml:"creating"`
	Repairing   string `yaml:"repairing"`
	CancelTitle string `yaml:"cancelTitle"`
	CancelBody  string `yaml:"cancelBody"`
	Cancelling  string `yaml:"cancelling"`
	Cancelled   string `yaml:"cancelled"`
	FailedTitle string `yaml:"failedTitle"`
	Remedy      string `yaml:"remedy"`
	OutputTitle string `yaml:"outputTitle"`
	NoOutput    string `yaml:"noOutput"`
	Total       string `yaml:"total"` // {time}

	// Why a key does nothing now.
	WaitLooking      string `yaml:"waitLooking"`
	WaitCreating     string `yaml:"waitCreating"`
	WaitCancelling   string `yaml:"waitCancelling"`
	NotRunning       string `yaml:"notRunning"`
	NotRunningFailed string `yaml:"notRunningFailed"`
}

// Catalog is the list of labs.
type Catalog struct {
	Title    string            `yaml:"title"`
	Solved   string            `yaml:"solved"` // {solved} {all}
	Columns  CatalogColumns    `yaml:"columns"`
	Patterns content.Catalog   `yaml:"-"` // what labs.PatternNames says
	Levels   map[string]string `yaml:"levels"`
	Attempts string            `yaml:"attempts"` // {n}
	// SolvedInPart is of a lab that was solved where only {n} of {max} points
	// could be verified.
	SolvedInPart string `yaml:"solvedInPart"`
	Empty        string `yaml:"empty"`
	AllDone      string `yaml:"allDone"`
	// Suggested marks the lab to do next; Search is the label of the search.
	Suggested    string `yaml:"suggested"`
	Search       string `yaml:"search"`
	NothingFound string `yaml:"nothingFound"`
	NoSearch     string `yaml:"noSearch"`
	OnlyUnsolved string `yaml:"onlyUnsolved"`
}

// CatalogColumns are the headings of the list.
type CatalogColumns struct {
	Lab     string `yaml:"lab"`
	Level   string `yaml:"level"`
	Minutes string `yaml:"minutes"`
	Points  string `yaml:"points"`
	Best    string `yaml:"best"`
}

// Lab is the screen of one lab.
type Lab struct {
	Task          string `yaml:"task"`
	Checks        string `yaml:"checks"`
	Hints         string `yaml:"hints"`
	Solution      string `yaml:"solution"`
	Starting      string `yaml:"starting"`
	StartFailed   string `yaml:"startFailed"`
	Resetting     string `yaml:"resetting"`
	ResetDone     string `yaml:"resetDone"`
	Grading       string `yaml:"grading"`
	Applying      string `yaml:"applying"`
	Applied       string `yaml:"applied"`
	FirstLook     string `yaml:"firstLook"`
	Trouble       string `yaml:"trouble"`
	AllPassed     string `yaml:"allPassed"`
	SolvedInPart  string `yaml:"solvedInPart"` // {n} {max}
	Expected      string `yaml:"expected"`
	Actual        string `yaml:"actual"`
	Why           string `yaml:"why"`
	Namespace     string `yaml:"namespace"`
	WorkDir       string `yaml:"workDir"`
	HintN         string `yaml:"hintN"`     // {n} {all}
	NoHints       string `yaml:"noHints"`   // {all}
	MoreHints     string `yaml:"moreHints"` // {n}
	NoMoreHints   string `yaml:"noMoreHints"`
	SolutionTitle string `yaml:"solutionTitle"`
	SolutionBody  string `yaml:"solutionBody"`
	SolutionAgain string `yaml:"solutionAgain"`
	SolutionShown string `yaml:"solutionShown"` // {name}
	StepWait      string `yaml:"stepWait"`      // {checks}
	StepDelete    string `yaml:"stepDelete"`    // {command}
	StepChange    string `yaml:"stepChange"`
	ApplyTitle    string `yaml:"applyTitle"`
	ApplyBody     string `yaml:"applyBody"`
	ResetTitle    string `yaml:"resetTitle"`
	ResetBody     string `yaml:"resetBody"`
	EditedTitle   string `yaml:"editedTitle"`
	EditedBody    string `yaml:"editedBody"`
	NotStarted    string `yaml:"notStarted"`
	BusyNow       string `yaml:"busyNow"`
	SolutionFirst string `yaml:"solutionFirst"`

	Split          string `yaml:"split"`
	SplitNoTmux    string `yaml:"splitNoTmux"`
	SplitNoRoom    string `yaml:"splitNoRoom"`
	ExpandInChecks string `yaml:"expandInChecks"`
}

// Report is the screen after grading.
type Report struct {
	Title        string `yaml:"title"`
	Full         string `yaml:"full"`
	Partly       string `yaml:"partly"`
	InPart       string `yaml:"inPart"`   // all of what can be verified
	Verified     string `yaml:"verified"` // the label of how much that is
	Score        string `yaml:"score"`
	Time         string `yaml:"time"`
	TimeOf       string `yaml:"timeOf"` // {time} {minutes}
	Hints        string `yaml:"hints"`
	HintsUsed    string `yaml:"hintsUsed"` // {n} {all}
	SolutionSeen string `yaml:"solutionSeen"`
	Yes          string `yaml:"yes"`
	No           string `yaml:"no"`
	Checks       string `yaml:"checks"`
	Debrief      string `yaml:"debrief"`
	Trouble      string `yaml:"trouble"`
	Last         string `yaml:"last"`
	OnePane      string `yaml:"onePane"`
}

// Share says n percent.
func (c Common) Share(n int) string { return Fill(c.Percent, "n", strconv.Itoa(n)) }

// Verdict says a verdict in a word; the empty status is a check that was not
// looked at yet.
func (c Common) Verdict(status grader.Status) string {
	switch status {
	case grader.Passed:
		return c.Passed
	case grader.Failed:
		return c.Failed
	case grader.Pending:
		return c.Pending
	case grader.Unverifiable:
		return c.Unverifiable
	case grader.Errored:
		return c.Errored
	default:
		return c.NotYet
	}
}

// Load reads the texts of a language.
func Load(lang content.Lang) (*Texts, error) {
	var t Texts
	if err := content.LoadTexts("tui", lang, &t); err != nil {
		return nil, fmt.Errorf("load the texts of the TUI: %w", err)
	}
	var err error
	if t.Catalog.Patterns, err = labs.PatternNames(lang); err != nil {
		return nil, fmt.Errorf("load the texts of the TUI: %w", err)
	}
	return &t, nil
}

// Fill replaces each {name} in text by its value, given as alternating names
// and values.
func Fill(text string, namesAndValues ...string) string { return content.Fill(text, namesAndValues...) }
