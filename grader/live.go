package grader

import (
	"context"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// live is the source that asks the API server.
type live struct {
	client    *Client
	namespace string
}

func (l live) get(ctx context.Context, r schema.GroupVersionResource, name string) (object, error) {
	u, err := l.client.Dynamic.Resource(r).Namespace(l.namespace).Get(ctx, name, metav1.GetOptions{})
	if apierrors.IsNotFound(err) && !unknownResource(err) {
		return nil, nil
	}
	if err != nil {
		return nil, denied(err, "get", plural(r))
	}
	return u.Object, nil
}

func (l live) list(ctx context.Context, r schema.GroupVersionResource) ([]object, error) {
	all, err := l.client.Dynamic.Resource(r).Namespace(l.namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, denied(err, "list", plural(r))
	}
	out := make([]object, len(all.Items))
	for i := range all.Items {
		out[i] = all.Items[i].Object
	}
	return out, nil
}

// unknownResource tells "this API server has no such resource" from "there is
// no such object": only the latter names the object in its details.
func unknownResource(err error) bool {
	status, ok := err.(apierrors.APIStatus)
	if !ok {
		return false
	}
	details := status.Status().Details
	return details == nil || details.Name == ""
}
