package texts

// Plain is the linear flow without a screen.
type Plain struct {
	Hello      string `yaml:"hello"`
	Always     string `yaml:"always"`     // what every list of choices ends with
	AlwaysTop  string `yaml:"alwaysTop"`  // the same, where there is nothing to go back to
	Choice     string `yaml:"choice"`     // {n} {word} {does}
	Prompt     string `yaml:"prompt"`     // {place}
	Heading    string `yaml:"heading"`    // {title}
	Fact       string `yaml:"fact"`       // {label} {value}
	And        string `yaml:"and"`        // between the items of a list
	Unclear    string `yaml:"unclear"`    // {answer}
	Ambiguous  string `yaml:"ambiguous"`  // {answer} {words}
	OutOf      string `yaml:"outOf"`      // {answer} {all}
	YesOrNo    string `yaml:"yesOrNo"`    // {yes} {no}
	Bye        string `yaml:"bye"`        // after q and Ctrl-C
	InputEnded string `yaml:"inputEnded"` // after the end of input
	Kept       string `yaml:"kept"`       // said after both, where there is a cluster
	Cancelled  string `yaml:"cancelled"`
	CtrlC      string `yaml:"ctrlC"` // what Ctrl-C does while something runs

	LangPrompt string `yaml:"langPrompt"` // {default}

	Place   PlainPlaces  `yaml:"place"`
	Choices PlainChoices `yaml:"choices"`

	CreateNow   string `yaml:"createNow"`
	RepairNow   string `yaml:"repairNow"`
	StepBegun   string `yaml:"stepBegun"`   // {step}
	StepBytes   string `yaml:"stepBytes"`   // {step} {percent} {done} {total}
	StepSoFar   string `yaml:"stepSoFar"`   // {step} {done}
	StepDone    string `yaml:"stepDone"`    // {step} {seconds}
	StepFailed  string `yaml:"stepFailed"`  // {step} {seconds}
	StepSkipped string `yaml:"stepSkipped"` // {step}

	LabLine    string `yaml:"labLine"`    // {n} {id} {title} {facts}
	LabNumber  string `yaml:"labNumber"`  // how a lab of a list is chosen
	NoLab      string `yaml:"noLab"`      // {answer}
	SearchFor  string `yaml:"searchFor"`  // the prompt
	Nothing    string `yaml:"nothing"`    // {words}
	Level      string `yaml:"level"`      // {level}
	BestSoFar  string `yaml:"bestSoFar"`  // {score}
	Solved     string `yaml:"solved"`     // a lab with full marks
	NeverDone  string `yaml:"neverDone"`  // a lab that was never graded
	Suggestion string `yaml:"suggestion"` // {lab}
	TryAgain   string `yaml:"tryAgain"`
	LabTitle   string `yaml:"labTitle"` // {id} {title}

	ExamUnderWay string `yaml:"examUnderWay"` // {word}: that of the choice
	WhileExam    string `yaml:"whileExam"`

	Check     string `yaml:"check"`  // {n} {title} {verdict}
	Tally     string `yaml:"tally"`  // {passed} {all} {points}
	Still     string `yaml:"still"`  // {n} {title} {now}
	Change    string `yaml:"change"` // {n} {title} {before} {now}
	AllPassed string `yaml:"allPassed"`
	// SolvedInPart has {n} and {max}.
	SolvedInPart string `yaml:"solvedInPart"`
	AnswersNow   string `yaml:"answersNow"`
	Watching     string `yaml:"watching"`
	WatchEnded   string `yaml:"watchEnded"`
	WhichCheck   string `yaml:"whichCheck"` // {all}
	MoreHints    string `yaml:"moreHints"`  // {n}
	WhichOne     string `yaml:"whichOne"`   // {all}; a solution or a container
	ShowNow      string `yaml:"showNow"`
	ShownFirst   string `yaml:"shownFirst"`
	Applied      string `yaml:"applied"`
	ToShell      string `yaml:"toShell"`
	FromShell    string `yaml:"fromShell"`

	NoContainers string `yaml:"noContainers"`
	LogOf        string `yaml:"logOf"`     // {container} {pod}
	LogBefore    string `yaml:"logBefore"` // {container} {pod}; of the run before the last restart
	LogEmpty     string `yaml:"logEmpty"`  // {log}
	LogBegins    string `yaml:"logBegins"` // {log} {n}
	LogEnds      string `yaml:"logEnds"`   // {log}
	WhileLog     string `yaml:"whileLog"`  // an error came while a log was read

	Pods PlainPods `yaml:"pods"`
}

// PlainPlaces name where the learner is, in prompts.
type PlainPlaces struct {
	Labs    string `yaml:"labs"`
	Cluster string `yaml:"cluster"`
	Exam    string `yaml:"exam"`
}

// PlainChoice is a choice of a list: the word that stands for it, and what it
// does.
type PlainChoice struct {
	Word string `yaml:"word"`
	Does string `yaml:"does"`
}

// PlainChoices are all choices.
type PlainChoices struct {
	Next     PlainChoice `yaml:"next"`
	List     PlainChoice `yaml:"list"`
	Search   PlainChoice `yaml:"search"`
	Cluster  PlainChoice `yaml:"cluster"`
	Language PlainChoice `yaml:"language"`
	Retry    PlainChoice `yaml:"retry"`
	Output   PlainChoice `yaml:"output"`

	Check    PlainChoice `yaml:"check"`
	Watch    PlainChoice `yaml:"watch"`
	Explain  PlainChoice `yaml:"explain"`
	Task     PlainChoice `yaml:"task"`
	Hint     PlainChoice `yaml:"hint"`
	Solution PlainChoice `yaml:"solution"`
	Apply    PlainChoice `yaml:"apply"`
	Pods     PlainChoice `yaml:"pods"`
	Logs     PlainChoice `yaml:"logs"`
	Shell    PlainChoice `yaml:"shell"`
	Reset    PlainChoice `yaml:"reset"`
	Report   PlainChoice `yaml:"report"`
	NextLab  PlainChoice `yaml:"nextLab"`

	Exam        PlainChoice `yaml:"exam"`
	ExamStatus  PlainChoice `yaml:"examStatus"`
	ExamStart   PlainChoice `yaml:"examStart"`
	ExamTasks   PlainChoice `yaml:"examTasks"`
	ExamGoto    PlainChoice `yaml:"examGoto"`
	ExamFlag    PlainChoice `yaml:"examFlag"`
	ExamDone    PlainChoice `yaml:"examDone"`
	ExamSubmit  PlainChoice `yaml:"examSubmit"`
	ExamResume  PlainChoice `yaml:"examResume"`
	ExamAbort   PlainChoice `yaml:"examAbort"`
	ExamReport  PlainChoice `yaml:"examReport"`
	ExamHistory PlainChoice `yaml:"examHistory"`
}

// PlainPods describes Pods in sentences.
type PlainPods struct {
	None        string `yaml:"none"`
	Pod         string `yaml:"pod"` // {name} {phase} {ready} {all}
	Deleting    string `yaml:"deleting"`
	Address     string `yaml:"address"`     // {ip} {node}
	Labels      string `yaml:"labels"`      // {labels}
	OneProcess  string `yaml:"oneProcess"`  // shareProcessNamespace
	HostNetwork string `yaml:"hostNetwork"` // hostNetwork
	Init        string `yaml:"init"`        // {n} {all} {name} {image} {state}
	Sidecar     string `yaml:"sidecar"`     // {n} {all} {name} {image} {state}
	Container   string `yaml:"container"`   // {name} {image} {state}
	Ports       string `yaml:"ports"`       // {ports}
	Restarts    string `yaml:"restarts"`    // {n}
	LastEnd     string `yaml:"lastEnd"`     // {code} {reason}

	NotStarted  string `yaml:"notStarted"`
	Waiting     string `yaml:"waiting"`     // {reason}
	Because     string `yaml:"because"`     // {message}
	Running     string `yaml:"running"`     // an init container has no readiness
	RunsReady   string `yaml:"runsReady"`   //
	RunsUnready string `yaml:"runsUnready"` //
	Ended       string `yaml:"ended"`       // {code} {reason}

	Volume      string `yaml:"volume"` // {name} {source} {mounts}
	SharedBy    string `yaml:"sharedBy"`
	MountedIn   string `yaml:"mountedIn"`
	Unmounted   string `yaml:"unmounted"`
	Mount       string `yaml:"mount"`       // {container} {path}
	ReadOnly    string `yaml:"readOnly"`    // {mount}
	SubPath     string `yaml:"subPath"`     // {mount} {path}
	Service     string `yaml:"service"`     // {name} {type} {ports} {pods}
	ServicePort string `yaml:"servicePort"` // {port} {target}
	NoPod       string `yaml:"noPod"`
	Undecided   string `yaml:"undecided"` // a Service without a selector
}
