package texts

import "podlab/labs/exam"

// Exam is timed exams.
type Exam struct {
	Header    string `yaml:"header"`    // the clock on other screens, {time}
	UnderWay  string `yaml:"underWay"`  // found when podlab started, or begun elsewhere
	Closed    string `yaml:"closed"`    // a lab that the exam asks, {lab}
	ClosedWhy string `yaml:"closedWhy"` // the same, in full
	ClosedTag string `yaml:"closedTag"` // the same, in the list of labs
	SetBack   string `yaml:"setBack"`   // {time}
	Recovered string `yaml:"recovered"`
	Restored  string `yaml:"restored"`

	// How short time has become.
	HalfTime       string `yaml:"halfTime"`
	FifteenMinutes string `yaml:"fifteenMinutes"`
	FiveMinutes    string `yaml:"fiveMinutes"`
	OneMinute      string `yaml:"oneMinute"`

	// The end of an exam, on screens that are not about it.
	GradedNotice  string `yaml:"gradedNotice"`
	AbortedNotice string `yaml:"abortedNotice"`

	// What was tried when an error came.
	WhileLook   string `yaml:"whileLook"`
	WhileStart  string `yaml:"whileStart"`
	WhileResume string `yaml:"whileResume"`
	WhileWatch  string `yaml:"whileWatch"`
	WhileChange string `yaml:"whileChange"`
	WhileFinish string `yaml:"whileFinish"`
	WhileAbort  string `yaml:"whileAbort"`
	WhileShell  string `yaml:"whileShell"`
	WhileResult string `yaml:"whileResult"`

	Start   ExamStart   `yaml:"start"`
	Sitting ExamSitting `yaml:"sitting"`
	Result  ExamResult  `yaml:"result"`
	History ExamHistory `yaml:"history"`
}

// ExamStart is the screen on which an exam is chosen, prepared and resumed.
type ExamStart struct {
	Title     string `yaml:"title"`
	Exam      string `yaml:"exam"` // heading
	Tasks     string `yaml:"tasks"`
	Minutes   string `yaml:"minutes"`
	Rules     string `yaml:"rules"`
	Seed      string `yaml:"seed"`     // {seed}
	SeedHelp  string `yaml:"seedHelp"` // what a seed is for
	AskTitle  string `yaml:"askTitle"`
	AskBody   string `yaml:"askBody"` // {title} {tasks} {minutes} {seed}
	Different string `yaml:"different"`
	Help      string `yaml:"help"`
	End       string `yaml:"end"`
	Leave     string `yaml:"leave"`

	Preparing string `yaml:"preparing"`
	Later     string `yaml:"later"`     // the clock does not run yet
	Task      string `yaml:"task"`      // {n}
	TaskReady string `yaml:"taskReady"` // in a word
	TaskWaits string `yaml:"taskWaits"`
	Rights    string `yaml:"rights"` // after the tasks
	Stopped   string `yaml:"stopped"`

	OpenTitle    string `yaml:"openTitle"`
	OpenRunning  string `yaml:"openRunning"`  // {title} {time}
	OpenPrepared string `yaml:"openPrepared"` // {title}
	OpenEnded    string `yaml:"openEnded"`    // {title}
	Elsewhere    string `yaml:"elsewhere"`
	Joining      string `yaml:"joining"`
	BusyNow      string `yaml:"busyNow"`
}

// ExamSitting is the exam while the clock runs.
type ExamSitting struct {
	Tasks    string `yaml:"tasks"`    // name of the pane
	Task     string `yaml:"task"`     // name of the pane, {n}
	NoTask   string `yaml:"noTask"`   // the same, before the first
	Left     string `yaml:"left"`     // {time} {minutes}
	DoneOf   string `yaml:"doneOf"`   // {n} {all}
	Flags    string `yaml:"flags"`    // {n}
	Weight   string `yaml:"weight"`   // heading
	Spent    string `yaml:"spent"`    // heading
	SpentOf  string `yaml:"spentOf"`  // {time} {minutes}
	Target   string `yaml:"target"`   // {minutes}
	Links    string `yaml:"links"`    // label
	Choose   string `yaml:"choose"`   // before the first task
	Reading  string `yaml:"reading"`  // the tasks are read
	AskTask  string `yaml:"askTask"`  // a key that needs a task
	Preparer string `yaml:"preparer"` // another terminal prepares
	NotNow   string `yaml:"notNow"`

	// The legend of the list.
	Here      string `yaml:"here"`
	Done      string `yaml:"done"`
	Begun     string `yaml:"begun"`
	Untouched string `yaml:"untouched"`
	Flagged   string `yaml:"flagged"`

	TimeUp    string `yaml:"timeUp"`
	Submitted string `yaml:"submitted"`
	Grading   string `yaml:"grading"`
	Again     string `yaml:"again"` // the cluster does not answer

	SubmitTitle   string `yaml:"submitTitle"`
	SubmitBody    string `yaml:"submitBody"` // {time}
	SubmitAllDone string `yaml:"submitAllDone"`
	SumUntouched  string `yaml:"sumUntouched"` // {tasks}
	SumNotDone    string `yaml:"sumNotDone"`   // {tasks}
	SumFlagged    string `yaml:"sumFlagged"`   // {tasks}
	AbortTitle    string `yaml:"abortTitle"`
	AbortBody     string `yaml:"abortBody"`
	Quit          string `yaml:"quit"`
	QuitGrading   string `yaml:"quitGrading"`
}

// ExamResult is the result of an exam.
type ExamResult struct {
	Title     string `yaml:"title"` // name of the pane
	Missed    string `yaml:"missed"`
	Passed    string `yaml:"passed"`
	Failed    string `yaml:"failed"`
	PassMark  string `yaml:"passMark"` // {n}
	Time      string `yaml:"time"`
	TimeOf    string `yaml:"timeOf"` // {time} {minutes}
	Ended     string `yaml:"ended"`
	ByYou     string `yaml:"byYou"`
	ByClock   string `yaml:"byClock"`
	Seed      string `yaml:"seed"`
	Tasks     string `yaml:"tasks"`
	Patterns  string `yaml:"patterns"`
	Practise  string `yaml:"practise"`
	Asked     string `yaml:"asked"` // {n}
	AllSolved string `yaml:"allSolved"`
	NotJudged string `yaml:"notJudged"`
	// Verified is the label of how much could be verified, VerifiedOf has {n}.
	Verified   string `yaml:"verified"`
	VerifiedOf string `yaml:"verifiedOf"`
	NoneMissed string `yaml:"noneMissed"`
	TaskN      string `yaml:"taskN"` // {n} {title}
	Untouched  string `yaml:"untouched"`
	Copy       string `yaml:"copy"`
	Reading    string `yaml:"reading"`
}

// ExamHistory is the list of earlier exams.
type ExamHistory struct {
	Title   string `yaml:"title"`
	When    string `yaml:"when"`
	Exam    string `yaml:"exam"`
	Score   string `yaml:"score"`
	Verdict string `yaml:"verdict"`
	Time    string `yaml:"time"`
	// Trend is how the learner does in each pattern; Practice says how many labs
	// are solved, {solved} {all}.
	Trend    string `yaml:"trend"`
	Practice string `yaml:"practice"`
	Empty    string `yaml:"empty"`
	Reading  string `yaml:"reading"`
}

// Warning says a warning of the clock in a few words; empty for none.
func (e Exam) Warning(w exam.Warning) string {
	switch w {
	case exam.HalfTime:
		return e.HalfTime
	case exam.FifteenMinutes:
		return e.FifteenMinutes
	case exam.FiveMinutes:
		return e.FiveMinutes
	case exam.OneMinute:
		return e.OneMinute
	default:
		return ""
	}
}
