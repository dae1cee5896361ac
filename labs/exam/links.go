package exam

import (
	"fmt"
	"io/fs"

	"podlab/content"
	"podlab/labs"
)

// linksFile is beside the blueprints.
const linksFile = "links.yaml"

// Link is a page of the documentation that may be read in an exam.
type Link struct {
	Title string `yaml:"title" json:"title"`
	URL   string `yaml:"url" json:"url"`
}

// Links reads the pages that may be read, by the pattern of the task.
func Links(fsys fs.FS) (map[labs.Pattern][]Link, error) {
	var links map[labs.Pattern][]Link
	if err := content.DecodeFile(fsys, linksFile, &links); err != nil {
		return nil, fmt.Errorf("read the links for exams: %w", err)
	}
	return links, nil
}
