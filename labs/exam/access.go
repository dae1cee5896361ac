package exam

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"
	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"podlab/grader"
	"podlab/labs/practice"
)

// The candidate: a ServiceAccount in a namespace of its own, bound to the
// built-in ClusterRole edit in the namespaces of the tasks, and nowhere else.
const (
	roomNamespace = "podlab-exam"
	candidate     = "candidate"
	bindingName   = "podlab-candidate"
	debugName     = "podlab-candidate-debug"
	candidateRole = "edit"
)

// labelExam names the exam that an object belongs to.
const labelExam = "podlab.dev/exam"

// roomLabels mark what an exam makes as podlab's.
func roomLabels(id string) map[string]string {
	return map[string]string{practice.LabelManagedBy: "podlab", labelExam: id}
}

// access gives the candidate of an exam rights, and takes them away.
type access struct {
	client *grader.Client
	state  *State
	owner  string // as in practice.Options
}

// TakenError says that an exam of somebody else is under way on the cluster, or
// was left there.
type TakenError struct {
	// Exam is the id of that exam.
	Exam string
}

func (e *TakenError) Error() string {
	return fmt.Sprintf("exam %s is under way on this cluster, from another state directory: if it is not, run kubectl delete serviceaccount %s -n %s",
		e.Exam, candidate, roomNamespace)
}

// begin fails where the cluster does not answer, or has the candidate of
// another exam. It ends rights of the exam before, if there was one, that could
// not be ended then.
func (a access) begin(ctx context.Context) error {
	if a.state != nil {
		if err := a.revoke(ctx); err != nil {
			return err
		}
	}
	there, err := a.client.Typed.CoreV1().ServiceAccounts(roomNamespace).Get(ctx, candidate, metav1.GetOptions{})
	switch {
	case apierrors.IsNotFound(err):
		return nil
	case err != nil:
		return fmt.Errorf("read ServiceAccount %s: %w", candidate, err)
	}
	return &TakenError{Exam: there.Labels[labelExam]}
}

// claim makes the candidate anew: no token that was ever issued works for it.
// The error is a TakenError where the candidate is that of another exam.
func (a access) claim(ctx context.Context) error {
	if err := a.dismiss(ctx); err != nil {
		return err
	}
	return a.appoint(ctx)
}

// appoint makes the candidate if there is none.
func (a access) appoint(ctx context.Context) error {
	accounts := a.client.Typed.CoreV1().ServiceAccounts(roomNamespace)
	if _, err := a.room(ctx); err != nil {
		return err
	}
	_, err := accounts.Create(ctx, a.account(), metav1.CreateOptions{})
	switch {
	case err == nil:
		return nil
	case !apierrors.IsAlreadyExists(err):
		return fmt.Errorf("make ServiceAccount %s: %w", candidate, err)
	}
	there, err := accounts.Get(ctx, candidate, metav1.GetOptions{})
	if err != nil {
		return fmt.Errorf("read ServiceAccount %s: %w", candidate, err)
	}
	if owner := there.Labels[labelExam]; owner != a.state.ID {
		return &TakenError{Exam: owner}
	}
	return nil
}

// account is the candidate.
func (a access) account() *corev1.ServiceAccount {
	return &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Name: candidate, Labels: roomLabels(a.state.ID)}}
}

// rehearse makes what a candidate takes, but only for show: on a cluster that
// podlab did not make, the exam must not fail when half of it is prepared.
func (a access) rehearse(ctx context.Context) error {
	made, err := a.room(ctx)
	if err != nil {
		return err
	}
	err = a.tryAll(ctx)
	if err != nil && made {
		_ = a.client.Typed.CoreV1().Namespaces().Delete(ctx, roomNamespace, metav1.DeleteOptions{}) // podlab down does it, too
	}
	return err
}

func (a access) tryAll(ctx context.Context) error {
	accounts := a.client.Typed.CoreV1().ServiceAccounts(roomNamespace)
	_, err := accounts.Create(ctx, a.account(), metav1.CreateOptions{DryRun: forShow})
	if err != nil && !apierrors.IsAlreadyExists(err) {
		return err
	}
	// There is nobody to get a token for yet: that it is refused comes first.
	_, err = accounts.CreateToken(ctx, candidate, &authenticationv1.TokenRequest{}, metav1.CreateOptions{DryRun: forShow})
	if apierrors.IsForbidden(err) {
		return err
	}
	return a.grantIn(ctx, roomNamespace, forShow)
}

// forShow is the DryRun of requests that only ask whether they would work.
var forShow = []string{metav1.DryRunAll}

// room makes the candidate's namespace if there is none, and reports whether it
// did. One of that name that podlab did not make is a practice.ForeignError.
func (a access) room(ctx context.Context) (made bool, err error) {
	namespaces := a.client.Typed.CoreV1().Namespaces()
	ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: roomNamespace, Labels: roomLabels(a.state.ID)}}
	if a.owner != "" {
		ns.Labels[practice.LabelOwner] = a.owner
	}
	var there *corev1.Namespace
	for {
		_, err = namespaces.Create(ctx, ns, metav1.CreateOptions{})
		if err == nil {
			return true, nil
		}
		if !apierrors.IsAlreadyExists(err) {
			return false, fmt.Errorf("make namespace %s: %w", roomNamespace, err)
		}
		if there, err = namespaces.Get(ctx, roomNamespace, metav1.GetOptions{}); err != nil && !apierrors.IsNotFound(err) || err == nil && there.DeletionTimestamp == nil {
			break
		}
		select { // until the one that is being deleted is gone
		case <-ctx.Done():
			return false, context.Cause(ctx)
		case <-time.After(200 * time.Millisecond):
		}
	}
	switch {
	case err != nil:
		return false, fmt.Errorf("read namespace %s: %w", roomNamespace, err)
	case there.Labels[practice.LabelManagedBy] != "podlab" || there.Labels[labelExam] == "":
		return false, &practice.ForeignError{Namespace: roomNamespace}
	case a.owner != "" && there.Labels[practice.LabelOwner] != a.owner:
		return false, &practice.ForeignError{Namespace: roomNamespace, Podlab: true}
	}
	return false, nil
}

// dismiss deletes the candidate of this exam, and returns when it is gone: its
// tokens are void then.
func (a access) dismiss(ctx context.Context) error {
	accounts := a.client.Typed.CoreV1().ServiceAccounts(roomNamespace)
	there, err := accounts.Get(ctx, candidate, metav1.GetOptions{})
	if err == nil && there.Labels[labelExam] == a.state.ID {
		err = accounts.Delete(ctx, candidate, metav1.DeleteOptions{Preconditions: &metav1.Preconditions{UID: &there.UID}})
	}
	if err != nil && !apierrors.IsNotFound(err) && !apierrors.IsConflict(err) {
		return fmt.Errorf("delete ServiceAccount %s: %w", candidate, err)
	}
	return nil
}

// grant binds the candidate in every task's namespace.
func (a access) grant(ctx context.Context) error {
	if err := a.appoint(ctx); err != nil {
		return err
	}
	g, ctx := errgroup.WithContext(ctx)
	for _, t := range a.state.Tasks {
		g.Go(func() error {
			if err := a.grantIn(ctx, t.Namespace, nil); err != nil {
				return fmt.Errorf("bind the candidate in namespace %s: %w", t.Namespace, err)
			}
			return nil
		})
	}
	return g.Wait()
}

// grantIn binds the candidate in a namespace; dryRun is that of CreateOptions.
func (a access) grantIn(ctx context.Context, namespace string, dryRun []string) error {
	rbac, marks := a.client.Typed.RbacV1(), roomLabels(a.state.ID)
	// What kubectl debug needs; no built-in role has it.
	debug := &rbacv1.Role{
		ObjectMeta: metav1.ObjectMeta{Name: debugName, Labels: marks},
		Rules: []rbacv1.PolicyRule{{
			APIGroups: []string{""}, Resources: []string{"pods/ephemeralcontainers"}, Verbs: []string{"get", "patch", "update"},
		}},
	}
	_, err := rbac.Roles(namespace).Create(ctx, debug, metav1.CreateOptions{DryRun: dryRun})
	if err != nil && !apierrors.IsAlreadyExists(err) {
		return err
	}
	for name, role := range map[string]rbacv1.RoleRef{
		bindingName: {APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: candidateRole},
		debugName:   {APIGroup: rbacv1.GroupName, Kind: "Role", Name: debugName},
	} {
		if dryRun != nil && role.Kind == "Role" {
			continue // it is not there to be bound; who may make it may bind it
		}
		_, err := rbac.RoleBindings(namespace).Create(ctx, &rbacv1.RoleBinding{
			ObjectMeta: metav1.ObjectMeta{Name: name, Labels: marks},
			Subjects:   []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Name: candidate, Namespace: roomNamespace}},
			RoleRef:    role,
		}, metav1.CreateOptions{DryRun: dryRun})
		if err != nil && !apierrors.IsAlreadyExists(err) {
			return err
		}
	}
	return nil
}

// revoke ends the candidate's rights. The API server heeds it at once, though
// a token lives on: without its account it is void, and what is not bound may
// do nothing.
func (a access) revoke(ctx context.Context) error {
	if err := a.dismiss(ctx); err != nil {
		return fmt.Errorf("end the candidate's rights: %w", err)
	}
	bindings, err := a.bindings(ctx)
	if err != nil {
		return fmt.Errorf("end the candidate's rights: %w", err)
	}
	g, ctx := errgroup.WithContext(ctx)
	for _, b := range bindings {
		g.Go(func() error {
			err := a.client.Typed.RbacV1().RoleBindings(b.Namespace).Delete(ctx, b.Name, metav1.DeleteOptions{})
			if err != nil && !apierrors.IsNotFound(err) {
				return fmt.Errorf("end the candidate's rights in namespace %s: %w", b.Namespace, err)
			}
			return nil
		})
	}
	return g.Wait()
}

// bindings lists the candidate's. Who may not look into all namespaces looks
// into those of the tasks, where they are made.
func (a access) bindings(ctx context.Context) ([]rbacv1.RoleBinding, error) {
	mine := metav1.ListOptions{LabelSelector: labels.Set(roomLabels(a.state.ID)).String()}
	all, err := a.client.Typed.RbacV1().RoleBindings(metav1.NamespaceAll).List(ctx, mine)
	if err == nil {
		return all.Items, nil
	}
	if !apierrors.IsForbidden(err) {
		return nil, err
	}
	var found []rbacv1.RoleBinding
	for _, t := range a.state.Tasks {
		there, err := a.client.Typed.RbacV1().RoleBindings(t.Namespace).List(ctx, mine)
		if err != nil {
			return nil, err
		}
		found = append(found, there.Items...)
	}
	return found, nil
}

// leftOver lists the labs that have a namespace of an exam, but are no tasks
// of s, which may be nil; only of namespaces of the owner, if one is given.
func leftOver(ctx context.Context, client *grader.Client, s *State, owner string) ([]string, error) {
	selector := practice.LabelLab
	if owner != "" {
		selector += "," + practice.LabelOwner + "=" + owner
	}
	all, err := client.Typed.CoreV1().Namespaces().List(ctx, metav1.ListOptions{LabelSelector: selector})
	if err != nil {
		return nil, fmt.Errorf("look for namespaces of former exams: %w", err)
	}
	var left []string
	for _, ns := range all.Items {
		lab := ns.Labels[practice.LabelLab]
		if strings.HasPrefix(ns.Name, Prefix) && (s == nil || s.TaskOf(lab) == 0) && !slices.Contains(left, lab) {
			left = append(left, lab)
		}
	}
	return left, nil
}

// leave deletes the candidate's namespace if this exam made it.
func (a access) leave(ctx context.Context) error {
	namespaces := a.client.Typed.CoreV1().Namespaces()
	there, err := namespaces.Get(ctx, roomNamespace, metav1.GetOptions{})
	if err == nil && there.Labels[practice.LabelManagedBy] == "podlab" && there.Labels[labelExam] == a.state.ID {
		err = namespaces.Delete(ctx, roomNamespace, metav1.DeleteOptions{Preconditions: &metav1.Preconditions{UID: &there.UID}})
	}
	if err != nil && !apierrors.IsNotFound(err) && !apierrors.IsConflict(err) {
		return fmt.Errorf("delete namespace %s: %w", roomNamespace, err)
	}
	return nil
}
