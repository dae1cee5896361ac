package practice

import (
	"errors"
	"fmt"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
)

// What the typed errors of this package are, for errors.Is.
var (
	// ErrEdited: Reset would replace files that the learner edited.
	ErrEdited = errors.New("files were edited")
	// ErrNotStarted: the lab has no namespace yet.
	ErrNotStarted = errors.New("the lab is not started")
	// ErrForeign: the lab's namespace was made by someone else.
	ErrForeign = errors.New("the namespace is not podlab's")
)

// EditedError lists the files that Reset would replace. It is ErrEdited.
type EditedError struct {
	Lab string
	// Dir is the work directory.
	Dir string
	// Files holds base names of files that were changed or deleted, sorted.
	Files []string
}

func (e *EditedError) Error() string {
	return fmt.Sprintf("you edited %s in %s: confirm to replace what you edited; it is kept with the ending .old",
		strings.Join(e.Files, ", "), e.Dir)
}

// Is makes it ErrEdited.
func (e *EditedError) Is(target error) bool { return target == ErrEdited }

// NotStartedError says that a lab must be started first. It is ErrNotStarted.
type NotStartedError struct{ Lab, Namespace string }

func (e *NotStartedError) Error() string {
	return fmt.Sprintf("lab %s is not started (there is no namespace %s that is set up): run podlab start %s",
		e.Lab, e.Namespace, e.Lab)
}

// Is makes it ErrNotStarted.
func (e *NotStartedError) Is(target error) bool { return target == ErrNotStarted }

// ForeignError says that someone else has made the namespace that a lab
// needs. It is ErrForeign.
type ForeignError struct {
	Lab, Namespace string
	// Podlab says that it was another podlab: somebody else practises there.
	Podlab bool
}

func (e *ForeignError) Error() string {
	if e.Podlab {
		return fmt.Sprintf("namespace %s belongs to somebody else's podlab on this cluster and is left alone: "+
			"practise another lab, or wait until theirs is stopped", e.Namespace)
	}
	return fmt.Sprintf("namespace %s exists, but without the labels %s=%s and %s=%s, so podlab did not make it for lab %s and leaves it alone: "+
		"if nobody needs it, delete it with kubectl delete namespace %s",
		e.Namespace, LabelManagedBy, managedBy, LabelLab, e.Lab, e.Lab, e.Namespace)
}

// Is makes it ErrForeign.
func (e *ForeignError) Is(target error) bool { return target == ErrForeign }

// Refused reports whether err, from Apply, only says that the API server
// refused objects as wrong: everything else of the manifest is applied then.
func Refused(err error) bool {
	if err == nil {
		return false
	}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		for _, e := range joined.Unwrap() {
			if !Refused(e) {
				return false
			}
		}
		return true
	}
	return apierrors.IsInvalid(err) || apierrors.IsBadRequest(err) || apierrors.IsForbidden(err)
}
