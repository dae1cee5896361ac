package node

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"podlab/cmd/podlab-kube/internal/pki"
)

// NoContainers is what whoever asks for something that only a running container
// has is told.
const NoContainers = "this cluster runs no containers: podlab's embedded cluster simulates them. " +
	"Logs, exec, attach, debug, port-forward and proxy need a cluster with a container engine (podlab up --provider kind)"

// serveKubelet answers what the API server asks the node's kubelet, on
// loopback, and the API server alone. It returns the port.
func serveKubelet(ctx context.Context, certs *pki.Store) (int, error) {
	pair, err := certs.Cluster.Server("kubelet")
	if err != nil {
		return 0, err
	}
	cert, err := tls.LoadX509KeyPair(pair.Cert, pair.Key)
	if err != nil {
		return 0, fmt.Errorf("load the kubelet's certificate: %w", err)
	}
	clients := x509.NewCertPool()
	clients.AppendCertsFromPEM(certs.Cluster.PEM)
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("listen on loopback: %w", err)
	}
	server := &http.Server{
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/healthz" {
				_, _ = w.Write([]byte("ok"))
				return
			}
			refuse(w, r)
		}),
		TLSConfig: &tls.Config{
			Certificates: []tls.Certificate{cert}, ClientCAs: clients, ClientAuth: tls.RequireAndVerifyClientCert,
			MinVersion: tls.VersionTLS12,
		},
		ReadHeaderTimeout: 10 * time.Second,
	}
	go func() {
		if err := server.ServeTLS(listener, "", ""); !errors.Is(err, http.ErrServerClosed) {
			return // the process is about to end, or the listener broke: exec then fails by itself
		}
	}()
	context.AfterFunc(ctx, func() { _ = server.Close() })
	return listener.Addr().(*net.TCPAddr).Port, nil
}

// refuse says that there are no containers. The API server hands on the text of
// an answer about logs; the clients of exec, attach and port-forward want a Status.
func refuse(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, "/containerLogs/") {
		http.Error(w, NoContainers, http.StatusNotImplemented)
		return
	}
	status := apierrors.NewGenericServerResponse(http.StatusNotImplemented, "", schema.GroupResource{}, "", NoContainers, 0, false).Status()
	status.TypeMeta = metav1.TypeMeta{Kind: "Status", APIVersion: "v1"}
	status.Message = NoContainers
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(int(status.Code))
	_ = json.NewEncoder(w).Encode(status)
}
