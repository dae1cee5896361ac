package existing

import (
	"context"
	"fmt"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"
	authorizationv1 "k8s.io/api/authorization/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"podlab/cluster"
)

// Right is a request that the user of the context may or may not make.
type Right struct {
	Verb, Group, Resource, Subresource string
	// Namespace that is asked for; empty for all, or for what has none.
	Namespace string
}

// String says it as "kubectl auth can-i" takes it: "get pods/log".
func (r Right) String() string {
	name := r.Resource
	if r.Group != "" {
		name += "." + r.Group
	}
	if r.Subresource != "" {
		name += "/" + r.Subresource
	}
	return r.Verb + " " + name
}

// reviewsAtOnce bounds how many reviews are asked for at a time.
const reviewsAtOnce = 8

// Essential are the rights without which no lab can start.
func Essential() []Right {
	return []Right{
		{Verb: "create", Resource: "namespaces"},
		{Verb: "get", Resource: "namespaces"},
		{Verb: "patch", Resource: "namespaces"},
		{Verb: "delete", Resource: "namespaces"},
	}
}

// Missing returns those of all that the user lacks, in their order, by asking the
// API server (SelfSubjectAccessReview, which everybody may).
func (p *Provider) Missing(ctx context.Context, all []Right) ([]Right, error) {
	client, err := p.client()
	if err != nil {
		return nil, err
	}
	return missing(ctx, client, all)
}

func missing(ctx context.Context, client kubernetes.Interface, all []Right) ([]Right, error) {
	allowed := make([]bool, len(all))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(reviewsAtOnce)
	for i, r := range all {
		g.Go(func() error {
			review, err := client.AuthorizationV1().SelfSubjectAccessReviews().Create(ctx, &authorizationv1.SelfSubjectAccessReview{
				Spec: authorizationv1.SelfSubjectAccessReviewSpec{ResourceAttributes: &authorizationv1.ResourceAttributes{
					Namespace: r.Namespace, Verb: r.Verb, Group: r.Group, Resource: r.Resource, Subresource: r.Subresource,
				}},
			}, metav1.CreateOptions{})
			if err != nil {
				return fmt.Errorf("ask whether podlab may %s: %w", r, err)
			}
			allowed[i] = review.Status.Allowed
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	var lacking []Right
	for i, r := range all {
		if !allowed[i] {
			lacking = append(lacking, r)
		}
	}
	return lacking, nil
}

// rights fails where not even a namespace can be made.
func (p *Provider) rights(ctx context.Context, client kubernetes.Interface, steps *cluster.Steps) error {
	steps.Start(cluster.StepRights)
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	lacking, err := missing(ctx, client, Essential())
	if err != nil {
		return cluster.Fail("existing-rights", err, "", "reason", err.Error())
	}
	if len(lacking) > 0 {
		names := make([]string, len(lacking))
		for i, r := range lacking {
			names[i] = r.String()
		}
		return cluster.Fail("existing-forbidden", nil, "", "rights", strings.Join(names, ", "))
	}
	steps.Done(cluster.StepRights)
	return nil
}
