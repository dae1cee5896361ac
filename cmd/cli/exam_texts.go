package cli

// examTexts is what "podlab exam" says.
type examTexts struct {
	// Phases and Warnings by exam.Phase and exam.Warning.
	Phases   map[string]phrase `yaml:"phases"`
	Warnings map[string]phrase `yaml:"warnings"`

	// Before and while it begins.
	Summary   phrase `yaml:"summary"`
	Question  phrase `yaml:"question"`
	Preparing phrase `yaml:"preparing"`
	Ready     phrase `yaml:"ready"`
	Failed    phrase `yaml:"failed"`
	Started   phrase `yaml:"started"`
	Next      phrase `yaml:"next"`

	// None and what status and list show.
	None  phrase `yaml:"none"`
	Label struct {
		Exam     phrase `yaml:"exam"`
		State    phrase `yaml:"state"`
		Seed     phrase `yaml:"seed"`
		TimeLeft phrase `yaml:"timeLeft"`
		Task     phrase `yaml:"task"`
		Done     phrase `yaml:"done"`
		Flagged  phrase `yaml:"flagged"`
	} `yaml:"label"`
	EndsAt phrase `yaml:"endsAt"`
	Of     phrase `yaml:"of"`
	Column struct {
		Number phrase `yaml:"number"`
		Task   phrase `yaml:"task"`
		Weight phrase `yaml:"weight"`
		Target phrase `yaml:"target"`
		Spent  phrase `yaml:"spent"`
		Marks  phrase `yaml:"marks"`
		Points phrase `yaml:"points"`
	} `yaml:"column"`
	Mark struct {
		Current phrase `yaml:"current"`
		Flagged phrase `yaml:"flagged"`
		Done    phrase `yaml:"done"`
	} `yaml:"mark"`

	// A task.
	Heading phrase `yaml:"heading"`
	Facts   phrase `yaml:"facts"`
	Dir     phrase `yaml:"dir"`
	Links   phrase `yaml:"links"`
	Flagged phrase `yaml:"flagged"`
	// Unflagged and so on: marks that were taken back.
	Unflagged phrase `yaml:"unflagged"`
	Done      phrase `yaml:"done"`
	Undone    phrase `yaml:"undone"`

	// The end.
	Untouched phrase `yaml:"untouched"`
	NotDone   phrase `yaml:"notDone"`
	Reminder  phrase `yaml:"reminder"`
	SubmitAsk phrase `yaml:"submitAsk"`
	AbortAsk  phrase `yaml:"abortAsk"`
	Kept      phrase `yaml:"kept"`
	Grading   phrase `yaml:"grading"`
	Aborted   phrase `yaml:"aborted"`
	Passed    phrase `yaml:"passed"`
	NotPassed phrase `yaml:"notPassed"`
	Verified  phrase `yaml:"verified"` // {percent}; where that is not all
	Report    phrase `yaml:"report"`
	Late      phrase `yaml:"late"`
	TimeWasUp phrase `yaml:"timeWasUp"`
	Cleaned   phrase `yaml:"cleaned"`

	// The shell.
	Banner  phrase `yaml:"banner"`
	Goodbye phrase `yaml:"goodbye"`
	Prompt  phrase `yaml:"prompt"`
	Over    phrase `yaml:"over"`
	Left    phrase `yaml:"left"`

	// What is to be known besides.
	Recovered phrase `yaml:"recovered"`
	Restored  phrase `yaml:"restored"`
	SetBack   phrase `yaml:"setBack"`
	Ungraded  phrase `yaml:"ungraded"`
	Alone     phrase `yaml:"alone"`
	OldShell  phrase `yaml:"oldShell"`

	Errors struct {
		None       phrase `yaml:"none"`
		NotRunning phrase `yaml:"notRunning"`
		Unprepared phrase `yaml:"unprepared"`
		Open       phrase `yaml:"open"`
		Ungraded   phrase `yaml:"ungraded"`
		Taken      phrase `yaml:"taken"`
		NoTask     phrase `yaml:"noTask"`
		NeedsTask  phrase `yaml:"needsTask"`
		Blueprint  phrase `yaml:"blueprint"`
		Pattern    phrase `yaml:"pattern"`
		Positive   phrase `yaml:"positive"`
		TooFew     phrase `yaml:"tooFew"`
		NeedsYes   phrase `yaml:"needsYes"`
		RightsLeft phrase `yaml:"rightsLeft"`
		Stopped    phrase `yaml:"stopped"`
		Damaged    phrase `yaml:"damaged"`
		Forbidden  phrase `yaml:"forbidden"`
		InShell    phrase `yaml:"inShell"`
		Down       phrase `yaml:"down"`
	} `yaml:"errors"`
}
