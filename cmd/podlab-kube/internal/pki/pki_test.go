package pki

import (
	"crypto/x509"
	"os"
	"testing"
	"time"

	"k8s.io/client-go/util/cert"
)

// Certificates hold for clocks that are set back by years, too.
func TestClockSetBack(t *testing.T) {
	store, err := Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for name, a := range map[string]*Authority{"cluster": store.Cluster, "etcd": store.Etcd} {
		pair, err := a.Server("server")
		if err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(pair.Cert)
		if err != nil {
			t.Fatal(err)
		}
		leaf, err := cert.ParseCertsPEM(text)
		if err != nil {
			t.Fatal(err)
		}
		roots := x509.NewCertPool()
		roots.AppendCertsFromPEM(a.PEM)
		for _, at := range []time.Time{time.Date(2020, 1, 2, 0, 0, 0, 0, time.UTC), time.Now(), time.Now().Add(leafLife - time.Hour)} {
			if _, err := leaf[0].Verify(x509.VerifyOptions{Roots: roots, DNSName: "localhost", CurrentTime: at}); err != nil {
				t.Errorf("%s at %v: %v", name, at, err)
			}
		}
	}
}
