// Package match is how a learner's words find something.
package match

import "strings"

// Words reports whether the texts together hold every word of query, in
// whatever case. An empty query matches everything.
func Words(query string, texts ...string) bool {
	all := strings.ToLower(strings.Join(texts, "\n"))
	for word := range strings.FieldsSeq(strings.ToLower(query)) {
		if !strings.Contains(all, word) {
			return false
		}
	}
	return true
}
