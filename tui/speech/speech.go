// Package speech is what podlab's interfaces say in one language: the words
// around the labs, and those for clusters and their errors.
package speech

import (
	"errors"
	"fmt"

	"podlab/cluster"
	"podlab/content"
	"podlab/labs/practice"
	"podlab/tui/texts"
)

// Speech is everything that is said in one language.
type Speech struct {
	Lang  content.Lang
	Texts *texts.Texts
	// Cluster has the texts of cluster steps and errors.
	Cluster content.Catalog
	// Concepts are all concept pages, in order.
	Concepts []content.Concept
}

// Load reads the texts of a language.
func Load(lang content.Lang) (Speech, error) {
	t, err := texts.Load(lang)
	if err != nil {
		return Speech{}, err
	}
	c, err := content.LoadCatalog("cluster", lang)
	if err != nil {
		return Speech{}, fmt.Errorf("load the texts of the cluster: %w", err)
	}
	pages, err := content.LoadConcepts(lang)
	if err != nil {
		return Speech{}, fmt.Errorf("load the concept pages: %w", err)
	}
	return Speech{Lang: lang, Texts: t, Cluster: c, Concepts: pages}, nil
}

// Problem says an error in the learner's language as well as it can be:
// cluster errors in full, others in their own words. Remedy may be empty.
func (s Speech) Problem(err error) (problem, remedy, output string) {
	var refused *practice.CannotStartError
	if errors.As(err, &refused) {
		return texts.Fill(s.Texts.Common.CannotStart[string(refused.Refused)], "lab", refused.Lab, "reason", refused.Reason), "", ""
	}
	var ce *cluster.Error
	if errors.As(err, &ce) {
		problem, remedy = ce.Say(s.Cluster)
		return problem, remedy, ce.Output
	}
	return err.Error(), "", ""
}
