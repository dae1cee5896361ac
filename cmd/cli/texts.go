package cli

import "podlab/content"

// phrase is a text with {placeholders}.
type phrase string

// with fills the placeholders from alternating names and values.
func (p phrase) with(namesAndValues ...string) string {
	return content.Fill(string(p), namesAndValues...)
}

// texts is all that the command line says, as content/texts/cli.<lang>.yaml
// holds it.
type texts struct {
	// Help is the frame of --help.
	Help struct {
		Usage       phrase `yaml:"usage"`
		Flags       phrase `yaml:"flags"`
		GlobalFlags phrase `yaml:"globalFlags"`
		Default     phrase `yaml:"default"`
		Cluster     phrase `yaml:"cluster"`
		Labs        phrase `yaml:"labs"`
		Others      phrase `yaml:"others"`
		More        phrase `yaml:"more"`
	} `yaml:"help"`
	// Commands by name ("exam start"): what a command does, in a line and at
	// length.
	Commands map[string]commandText `yaml:"commands"`
	// Flags by name.
	Flags map[string]phrase `yaml:"flags"`

	Errors struct {
		UnknownCommand phrase `yaml:"unknownCommand"`
		SimilarCommand phrase `yaml:"similarCommand"`
		UnknownFlag    phrase `yaml:"unknownFlag"`
		FlagNeedsValue phrase `yaml:"flagNeedsValue"`
		FlagValue      phrase `yaml:"flagValue"`
		OneOf          phrase `yaml:"oneOf"`
		NeedsLab       phrase `yaml:"needsLab"`
		TooManyArgs    phrase `yaml:"tooManyArgs"`
		NeedsConcept   phrase `yaml:"needsConcept"`
		NoConcept      phrase `yaml:"noConcept"`
		NeedsShell     phrase `yaml:"needsShell"`
		LabsDir        phrase `yaml:"labsDir"`
		NoTerminal     phrase `yaml:"noTerminal"`
		NoLab          phrase `yaml:"noLab"`
		SimilarLab     phrase `yaml:"similarLab"`
		NoLabs         phrase `yaml:"noLabs"`
		NoLang         phrase `yaml:"noLang"`
		NoPlace        phrase `yaml:"noPlace"`
		CannotRead     phrase `yaml:"cannotRead"`
		CannotWrite    phrase `yaml:"cannotWrite"`
		// Reasons why the system refuses a file.
		Reasons map[string]phrase `yaml:"reasons"`
		// What to write as the value of a flag.
		WholeNumber phrase `yaml:"wholeNumber"`
		Natural     phrase `yaml:"natural"`
		OutOfRange  phrase `yaml:"outOfRange"`
		Duration    phrase `yaml:"duration"`
		Names       phrase `yaml:"names"`

		NoCluster   phrase `yaml:"noCluster"`
		Unreachable phrase `yaml:"unreachable"`
		// Of a cluster that was there.
		NoContext      phrase `yaml:"noContext"`
		ExistingSilent phrase `yaml:"existingSilent"`

		EngineSaid    phrase `yaml:"engineSaid"`
		Cancelled     phrase `yaml:"cancelled"`
		UpCancelled   phrase `yaml:"upCancelled"`
		NotStarted    phrase `yaml:"notStarted"`
		Foreign       phrase `yaml:"foreign"`
		ForeignPodlab phrase `yaml:"foreignPodlab"`
		// CannotStart by what of the lab is refused, with {lab} and {reason}.
		CannotStart   map[string]phrase `yaml:"cannotStart"`
		Edited        phrase            `yaml:"edited"`
		HintNumber    phrase            `yaml:"hintNumber"`
		NoVariant     phrase            `yaml:"noVariant"`
		NestedShell   phrase            `yaml:"nestedShell"`
		ClusterFlag   phrase            `yaml:"clusterFlag"`
		EvidenceFile  phrase            `yaml:"evidenceFile"`
		EvidenceNewer phrase            `yaml:"evidenceNewer"`
		EvidenceLarge phrase            `yaml:"evidenceLarge"`
		EvidenceLab   phrase            `yaml:"evidenceLab"`
		EvidenceAlone phrase            `yaml:"evidenceAlone"`
	} `yaml:"errors"`

	// Yes lists what counts as yes beside y and yes.
	Yes []string `yaml:"yes"`
	Up  struct {
		Question phrase `yaml:"question"`
		// Agree asks before a cluster is used that podlab did not make.
		Agree phrase `yaml:"agree"`
		Ready phrase `yaml:"ready"`
		Next  phrase `yaml:"next"`
		Steps struct {
			Running phrase `yaml:"running"`
			Done    phrase `yaml:"done"`
			Skipped phrase `yaml:"skipped"`
			Failed  phrase `yaml:"failed"`
		} `yaml:"steps"`
	} `yaml:"up"`
	Down struct {
		Question phrase `yaml:"question"`
		Done     phrase `yaml:"done"`
		Absent   phrase `yaml:"absent"`
		Kept     phrase `yaml:"kept"`
		// Of a cluster that stays: {context} and {namespaces}.
		LeaveQuestion    phrase `yaml:"leaveQuestion"`
		LeaveUnconfirmed phrase `yaml:"leaveUnconfirmed"`
		LeaveKept        phrase `yaml:"leaveKept"`
		Left             phrase `yaml:"left"`
		Forgotten        phrase `yaml:"forgotten"` // {name}
		ForgetOwn        phrase `yaml:"forgetOwn"` // {down}
	} `yaml:"down"`
	Status struct {
		Cluster    phrase            `yaml:"cluster"`
		State      phrase            `yaml:"state"`
		Engine     phrase            `yaml:"engine"`
		Context    phrase            `yaml:"context"`
		Server     phrase            `yaml:"server"`
		User       phrase            `yaml:"user"`
		Namespaces phrase            `yaml:"namespaces"`
		Kubernetes phrase            `yaml:"kubernetes"`
		NodeImage  phrase            `yaml:"nodeImage"`
		Memory     phrase            `yaml:"memory"`
		Kubeconfig phrase            `yaml:"kubeconfig"`
		States     map[string]phrase `yaml:"states"`
		Next       map[string]phrase `yaml:"next"`
		// ExistingAbsent is Next of a cluster that nobody has agreed to yet.
		ExistingAbsent phrase `yaml:"existingAbsent"`
	} `yaml:"status"`
	Doctor struct {
		Healthy phrase            `yaml:"healthy"`
		Blocked phrase            `yaml:"blocked"`
		Levels  map[string]phrase `yaml:"levels"`
		// Effects say what goes without a right.
		Effects struct {
			NoLab        phrase `yaml:"noLab"`
			NoStart      phrase `yaml:"noStart"`      // {labs}
			Unverifiable phrase `yaml:"unverifiable"` // {checks}
			NoExam       phrase `yaml:"noExam"`
			NoDown       phrase `yaml:"noDown"`
		} `yaml:"effects"`
	} `yaml:"doctor"`
	List struct {
		Title   phrase `yaml:"title"`
		Pattern phrase `yaml:"pattern"`
		Level   phrase `yaml:"level"`
		Minutes phrase `yaml:"minutes"`
		Points  phrase `yaml:"points"`
		Best    phrase `yaml:"best"`
		None    phrase `yaml:"none"`
		// Suggested ends the list.
		Suggested phrase `yaml:"suggested"`
		// InPart explains the mark of a lab that was solved only in part.
		InPart phrase `yaml:"inPart"`
	} `yaml:"list"`
	Show struct {
		Facts phrase `yaml:"facts"`
		Files phrase `yaml:"files"`
		Start phrase `yaml:"start"`
	} `yaml:"show"`
	Concept struct {
		Labs phrase `yaml:"labs"`
		Read phrase `yaml:"read"`
	} `yaml:"concept"`
	Lab struct {
		Started   phrase `yaml:"started"`
		Namespace phrase `yaml:"namespace"`
		WorkDir   phrase `yaml:"workDir"`
		Files     phrase `yaml:"files"`
		Next      phrase `yaml:"next"`
		ResetAsk  phrase `yaml:"resetAsk"`
		ResetDone phrase `yaml:"resetDone"`
		ResetKept phrase `yaml:"resetKept"`
		Stopped   phrase `yaml:"stopped"`
	} `yaml:"lab"`
	Hint struct {
		Heading phrase `yaml:"heading"`
		Last    phrase `yaml:"last"`
	} `yaml:"hint"`
	Solution struct {
		Heading phrase `yaml:"heading"`
		Others  phrase `yaml:"others"`
		Applied phrase `yaml:"applied"`
		Wait    phrase `yaml:"wait"`
		Delete  phrase `yaml:"delete"`
		Change  phrase `yaml:"change"`
	} `yaml:"solution"`
	Watch struct {
		Stop      phrase `yaml:"stop"`
		Trouble   phrase `yaml:"trouble"`
		Recovered phrase `yaml:"recovered"`
	} `yaml:"watch"`
	Shell struct {
		Banner  phrase `yaml:"banner"`
		NoLab   phrase `yaml:"noLab"`
		Silent  phrase `yaml:"silent"`
		Leave   phrase `yaml:"leave"`
		Goodbye phrase `yaml:"goodbye"`
	} `yaml:"shell"`
	Exam       examTexts `yaml:"exam"`
	ExamReport struct {
		None     phrase `yaml:"none"`
		Unknown  phrase `yaml:"unknown"`
		Saved    phrase `yaml:"saved"`
		Practise phrase `yaml:"practise"`
		Evidence phrase `yaml:"evidence"`
	} `yaml:"examReport"`
	History struct {
		None     phrase `yaml:"none"`
		Date     phrase `yaml:"date"`
		Exam     phrase `yaml:"exam"`
		Score    phrase `yaml:"score"`
		Time     phrase `yaml:"time"`
		Passed   phrase `yaml:"passed"`
		Failed   phrase `yaml:"failed"`
		Patterns phrase `yaml:"patterns"`
		Pattern  phrase `yaml:"pattern"`
		Exams    phrase `yaml:"exams"`
		Change   phrase `yaml:"change"`
		Practice phrase `yaml:"practice"`
		Solved   phrase `yaml:"solved"`
		Better   phrase `yaml:"better"`
		Worse    phrase `yaml:"worse"`
		Same     phrase `yaml:"same"`
		Percent  phrase `yaml:"percent"`
		// Export and import.
		NeedsFile   phrase `yaml:"needsFile"`
		Exists      phrase `yaml:"exists"`
		Exported    phrase `yaml:"exported"`
		NewExams    phrase `yaml:"newExams"`
		KnownExams  phrase `yaml:"knownExams"`
		NewProgress phrase `yaml:"newProgress"`
		Unchanged   phrase `yaml:"unchanged"`
		Damaged     phrase `yaml:"damaged"`
		Newer       phrase `yaml:"newer"`
		TooLarge    phrase `yaml:"tooLarge"`
	} `yaml:"history"`
	Bundle struct {
		NeedsDir  phrase `yaml:"needsDir"`
		Platform  phrase `yaml:"platform"`
		Mirror    phrase `yaml:"mirror"`
		Again     phrase `yaml:"again"`
		Created   phrase `yaml:"created"`
		Unchanged phrase `yaml:"unchanged"`
		Platforms phrase `yaml:"platforms"`
		Next      phrase `yaml:"next"`
		Good      phrase `yaml:"good"`
		Bad       phrase `yaml:"bad"`
	} `yaml:"bundle"`
	Lint struct {
		Good     phrase `yaml:"good"`
		Unproven phrase `yaml:"unproven"`
		Proven   phrase `yaml:"proven"`
	} `yaml:"lint"`
}

// commandText says what a command does.
type commandText struct {
	Short phrase `yaml:"short"`
	Long  phrase `yaml:"long,omitempty"`
	// Flags that mean something of their own here.
	Flags map[string]phrase `yaml:"flags,omitempty"`
}
