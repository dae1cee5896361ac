package texts

// Diff is said where the learner's objects are compared with a solution.
type Diff struct {
	Pane      string `yaml:"pane"`
	Head      string `yaml:"head"` // {name}
	Mine      string `yaml:"mine"`
	Solution  string `yaml:"solution"`
	Equal     string `yaml:"equal"`   // {object}
	Missing   string `yaml:"missing"` // {object}
	Folded    string `yaml:"folded"`  // {n}
	Comparing string `yaml:"comparing"`
	AllEqual  string `yaml:"allEqual"`
	While     string `yaml:"while"` // {lab}
}
