package plane

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"

	"github.com/spf13/pflag"
	utilerrors "k8s.io/apimachinery/pkg/util/errors"
	"k8s.io/client-go/tools/cache"
	cliflag "k8s.io/component-base/cli/flag"
	"k8s.io/kubernetes/cmd/kube-apiserver/app"
	"k8s.io/kubernetes/cmd/kube-apiserver/app/options"

	"podlab/cmd/podlab-kube/internal/node"
	"podlab/cmd/podlab-kube/internal/pki"
)

// serviceCIDR is where Services get their addresses from, as in kind.
const serviceCIDR = "10.96.0.0/16"

// runAPIServer runs the API server on listener until ctx ends. The flags are
// those that kubeadm gives it, but for what one process on loopback does not
// have: other members, aggregated servers, nodes that join.
func runAPIServer(ctx context.Context, listener net.Listener, store *etcd, certs *pki.Store, kubelet pki.Pair) error {
	server, err := certs.Cluster.Server("kube-apiserver",
		"kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local")
	if err != nil {
		return err
	}
	accounts, err := certs.ServiceAccountKey()
	if err != nil {
		return err
	}
	port := listener.Addr().(*net.TCPAddr).Port
	s := options.NewServerRunOptions()
	s.SecureServing.Listener = listener
	err = parse(s.Flags(), []string{
		"--bind-address=127.0.0.1",
		"--advertise-address=127.0.0.1",
		"--secure-port=" + strconv.Itoa(port),
		// The address of the Service kubernetes would be a loopback, which
		// EndpointSlices refuse; no container is there to use it.
		"--endpoint-reconciler-type=none",
		"--tls-cert-file=" + server.Cert,
		"--tls-private-key-file=" + server.Key,
		"--etcd-servers=" + store.url,
		"--etcd-cafile=" + certs.Etcd.File,
		"--etcd-certfile=" + store.client.Cert,
		"--etcd-keyfile=" + store.client.Key,
		"--anonymous-auth=false",
		"--client-ca-file=" + certs.Cluster.File,
		"--authorization-mode=Node,RBAC",
		"--enable-admission-plugins=NodeRestriction",
		"--allow-privileged=true",
		"--service-cluster-ip-range=" + serviceCIDR,
		"--service-account-issuer=https://kubernetes.default.svc.cluster.local",
		"--service-account-key-file=" + accounts,
		"--service-account-signing-key-file=" + accounts,
		"--kubelet-certificate-authority=" + certs.Cluster.File,
		"--kubelet-client-certificate=" + kubelet.Cert,
		"--kubelet-client-key=" + kubelet.Key,
		// The simulated node's kubelet listens on loopback, which is its
		// Hostname; its InternalIP does not exist.
		"--kubelet-preferred-address-types=Hostname",
		// The cache of what is watched pays with many clients. Here are few, and
		// with a thousand Pods it held 30 MB of them, past versions included.
		"--watch-cache=false",
		"--profiling=false",
		// Requests of the process's own are the bulk of a learner's traffic.
		"--shutdown-send-retry-after=false",
	})
	if err != nil {
		return err
	}
	if s.InformerName, err = cache.NewInformerName("kube-apiserver"); err != nil {
		return err
	}
	completed, err := s.Complete(ctx)
	if err != nil {
		return fmt.Errorf("complete the options of the API server: %w", err)
	}
	if errs := completed.Validate(); len(errs) > 0 {
		return fmt.Errorf("options of the API server: %w", utilerrors.NewAggregate(errs))
	}
	config, err := app.NewConfig(completed)
	if err != nil {
		return fmt.Errorf("configure the API server: %w", err)
	}
	// The proxy to Pods and Services would send to the addresses of Pods that
	// are not there, and so out of this machine.
	config.KubeAPIs.ControlPlane.ProxyTransport.DialContext = func(context.Context, string, string) (net.Conn, error) {
		return nil, errors.New(node.NoContainers)
	}
	ready, err := config.Complete()
	if err != nil {
		return fmt.Errorf("configure the API server: %w", err)
	}
	chain, err := app.CreateServerChain(ready)
	if err != nil {
		return fmt.Errorf("make the API server: %w", err)
	}
	prepared, err := chain.PrepareRun()
	if err != nil {
		return fmt.Errorf("prepare the API server: %w", err)
	}
	return prepared.Run(ctx)
}

// parse reads flags into the options that sets belong to.
func parse(sets cliflag.NamedFlagSets, args []string) error {
	all := pflag.NewFlagSet("", pflag.ContinueOnError)
	for _, set := range sets.FlagSets {
		all.AddFlagSet(set)
	}
	return all.Parse(args)
}
