package texts

// Copy is said when something goes to the clipboard.
type Copy struct {
	Copied     string `yaml:"copied"`     // {what} {n}
	CopiedLine string `yaml:"copiedLine"` // {what}
	Nothing    string `yaml:"nothing"`
	NoParts    string `yaml:"noParts"`
	Title      string `yaml:"title"`
	Body       string `yaml:"body"`
	While      string `yaml:"while"`
	// What was copied.
	Task       string `yaml:"task"`
	Check      string `yaml:"check"`    // {title}
	Hint       string `yaml:"hint"`     // {n}
	Solution   string `yaml:"solution"` // {name}
	Comparison string `yaml:"comparison"`
	Report     string `yaml:"report"`
	Debrief    string `yaml:"debrief"`
	Output     string `yaml:"output"`
	Problem    string `yaml:"problem"`
}
