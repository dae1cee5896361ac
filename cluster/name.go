package cluster

import "regexp"

// DefaultName is the name of the cluster where none is given.
const DefaultName = "podlab"

var nameForm = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,48}[a-z0-9])?$`)

// CheckName returns the name of a cluster, DefaultName where it is empty. Names
// are DNS labels of at most 50 characters; the error for another is an *Error.
func CheckName(name string) (string, error) {
	if name == "" {
		return DefaultName, nil
	}
	if !nameForm.MatchString(name) {
		return "", Fail("bad-name", nil, "", "name", name)
	}
	return name, nil
}
