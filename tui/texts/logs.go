package texts

// Logs is the screen of logs and events.
type Logs struct {
	Title      string `yaml:"title"`
	Containers string `yaml:"containers"`
	Events     string `yaml:"events"`
	Search     string `yaml:"search"`  // the label of the search
	Matches    string `yaml:"matches"` // {n} {all}
	NoMatch    string `yaml:"noMatch"`
	// What a container is, in a word; a regular one needs none.
	Init    string `yaml:"init"`
	Sidecar string `yaml:"sidecar"`
	Debug   string `yaml:"debug"`
	// States of containers, in a word or two.
	Running    string `yaml:"running"`
	NotReady   string `yaml:"notReady"`
	Waiting    string `yaml:"waiting"`
	Completed  string `yaml:"completed"`
	WaitingFor string `yaml:"waitingFor"` // {reason}
	ExitCode   string `yaml:"exitCode"`   // {code}
	ExitReason string `yaml:"exitReason"` // {code} {reason}
	Gone       string `yaml:"gone"`
	Restarts   string `yaml:"restarts"` // {n}
	// How many events there are.
	EventCount string `yaml:"eventCount"` // {n}
	Warnings   string `yaml:"warnings"`   // {n}
	// How the log goes on.
	Following string `yaml:"following"`
	Stopped   string `yaml:"stopped"`
	MoreBelow string `yaml:"moreBelow"` // {n}
	Resume    string `yaml:"resume"`
	Previous  string `yaml:"previous"`
	// Lines that podlab puts into a log.
	Restarted     string `yaml:"restarted"` // {how}
	RestartedOnly string `yaml:"restartedOnly"`
	Replaced      string `yaml:"replaced"`
	// What stands in place of a log.
	NoPods       string `yaml:"noPods"`
	NoPodsHelp   string `yaml:"noPodsHelp"`
	NotStarted   string `yaml:"notStarted"`
	Reading      string `yaml:"reading"`
	Silent       string `yaml:"silent"`
	EndedSilent  string `yaml:"endedSilent"`
	PreviousGone string `yaml:"previousGone"`
	NoEvents     string `yaml:"noEvents"`
	// Why a key does nothing.
	NoPrevious      string `yaml:"noPrevious"` // {container}
	OnlyContainers  string `yaml:"onlyContainers"`
	SearchFirst     string `yaml:"searchFirst"`
	NothingFound    string `yaml:"nothingFound"`
	EventsHaveTimes string `yaml:"eventsHaveTimes"`
}
