package texts

// Picture is said in the drawing of Pods and in their timeline. Words that
// people know from kubectl (phases, reasons, kinds) are not in it: they are
// the same in every language.
type Picture struct {
	Title         string `yaml:"title"`
	TimelineTitle string `yaml:"timelineTitle"`

	// What stands in place of a picture before there is a Pod.
	Empty     string `yaml:"empty"`
	EmptyMore string `yaml:"emptyMore"`

	// Of a Pod.
	Ready         string `yaml:"ready"` // {n} {all}
	Node          string `yaml:"node"`  // {name}
	NoIP          string `yaml:"noIP"`
	Age           string `yaml:"age"` // {time}
	Shared        string `yaml:"shared"`
	Network       string `yaml:"network"`
	HostNet       string `yaml:"hostNet"`
	HostIPC       string `yaml:"hostIPC"`
	HostPID       string `yaml:"hostPID"`
	Processes     string `yaml:"processes"`
	Inits         string `yaml:"inits"`
	Together      string `yaml:"together"`
	Then          string `yaml:"then"`
	NothingFolded string `yaml:"nothingFolded"`

	// Of a container.
	Init         string `yaml:"init"`
	Sidecar      string `yaml:"sidecar"`
	Debug        string `yaml:"debug"`
	SidecarShort string `yaml:"sidecarShort"`
	Running      string `yaml:"running"` // {time}
	IsReady      string `yaml:"isReady"`
	NotReady     string `yaml:"notReady"`
	Waiting      string `yaml:"waiting"`
	Queued       string `yaml:"queued"`
	NeverStarted string `yaml:"neverStarted"`
	Exit         string `yaml:"exit"` // {code}
	Ran          string `yaml:"ran"`  // {time}
	Restarts     string `yaml:"restarts"`
	Last         string `yaml:"last"` // {how}
	ReadOnly     string `yaml:"readOnly"`
	InMemory     string `yaml:"inMemory"`
	NotMounted   string `yaml:"notMounted"`

	// Of a Service.
	Headless    string `yaml:"headless"`
	NoSelector  string `yaml:"noSelector"`
	SelectsNone string `yaml:"selectsNone"` // {selector}
	NoNamedPort string `yaml:"noNamedPort"` // {port}
	Undeclared  string `yaml:"undeclared"`  // {port}
	ServingSome string `yaml:"servingSome"` // {n} {all}

	// Of the timeline.
	Timeline Timeline `yaml:"timeline"`
}

// Timeline is said beside and below the bars.
type Timeline struct {
	Now     string `yaml:"now"`
	Created string `yaml:"created"` // {time}
	Queued  string `yaml:"queued"`
	Waiting string `yaml:"waiting"`
	Running string `yaml:"running"`
	Earlier string `yaml:"earlier"`
	Ended   string `yaml:"ended"`
	Restart string `yaml:"restart"`
}
