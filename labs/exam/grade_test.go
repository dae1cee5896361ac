package exam

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"k8s.io/client-go/rest"

	"podlab/grader"
	"podlab/grader/probe"
	"podlab/labs"
)

// apiServer plays one to a client that is used to real ones. It has no objects,
// and forbids to list namespaces; ready is the status code of /readyz.
func apiServer(t *testing.T, ready int) *grader.Client {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := func(code int, format string, args ...any) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(code)
			_, _ = fmt.Fprintf(w, format, args...)
		}
		status := `{"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": %q, "code": %d}`
		switch {
		case r.URL.Path == "/readyz":
			answer(ready, status, http.StatusText(ready), ready)
		case r.URL.Path == "/api/v1/namespaces":
			answer(http.StatusForbidden, status, "Forbidden", http.StatusForbidden)
		case strings.HasSuffix(r.URL.Path, "/rolebindings"):
			answer(http.StatusOK, `{"kind": "RoleBindingList", "apiVersion": "rbac.authorization.k8s.io/v1", "items": []}`)
		default:
			answer(http.StatusNotFound, status, "NotFound", http.StatusNotFound)
		}
	}))
	t.Cleanup(server.Close)
	client, err := probe.NewClient(&rest.Config{Host: server.URL})
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// A task that cannot be graded holds the result up only while the cluster is
// away, and not where its namespaces may not be listed.
func TestFaultsHoldTheResultUpWhileTheClusterIsAway(t *testing.T) {
	for _, tt := range []struct {
		ready int
		away  bool
	}{
		{http.StatusOK, false},
		{http.StatusForbidden, false},
		{http.StatusServiceUnavailable, true},
	} {
		t.Run(http.StatusText(tt.ready), func(t *testing.T) {
			k := newTicker(t)
			k.o.Catalog, k.o.Client = &labs.Catalog{}, apiServer(t, tt.ready) // of which mc1 is none
			r, err := k.Submit(t.Context())
			switch {
			case tt.away && err == nil:
				t.Errorf("graded: %+v", r)
			case !tt.away && (err != nil || r.Tasks[0].Fault == ""):
				t.Errorf("result %+v, %v", r, err)
			}
			if s, _, err := k.State(); err != nil || (s.Phase == Graded) == tt.away {
				t.Errorf("state %+v, %v", s, err)
			}
		})
	}
}
