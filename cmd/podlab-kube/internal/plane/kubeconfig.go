package plane

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"github.com/google/renameio/v2"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"podlab/cmd/podlab-kube/internal/pki"
)

// masters is the group that may do everything. The parts share a process and
// its memory: a boundary between their rights would protect nothing.
const masters = "system:masters"

// user is somebody who talks to the API server.
type user struct {
	server, ca string
	pair       pki.Pair
	// file is the user's kubeconfig.
	file string
}

// users of the process itself.
type users struct{ controllers, scheduler, node user }

// writeKubeconfigs makes the kubeconfigs of all users, the learner's too.
func writeKubeconfigs(o Options, certs *pki.Store, port int) (users, error) {
	server := "https://127.0.0.1:" + strconv.Itoa(port)
	var all users
	for _, who := range []struct {
		name  string
		user  *user
		file  string
		label string
	}{
		{"system:kube-controller-manager", &all.controllers, "controller-manager", ""},
		{"system:kube-scheduler", &all.scheduler, "scheduler", ""},
		{"podlab:node", &all.node, "node", ""},
		{"podlab-admin", &user{}, "admin", o.Kubeconfig},
	} {
		pair, err := certs.Cluster.Client(who.file, who.name, masters)
		if err != nil {
			return users{}, err
		}
		file := who.label
		if file == "" {
			file = filepath.Join(o.Dir, "pki", who.file+".kubeconfig")
		}
		*who.user = user{server: server, ca: certs.Cluster.File, pair: pair, file: file}
		if err := who.user.write(o.Name, certs.Cluster.PEM); err != nil {
			return users{}, err
		}
	}
	return all, nil
}

// write writes the user's kubeconfig, whole or not at all, with everything in it.
func (u user) write(name string, ca []byte) error {
	cert, err := os.ReadFile(u.pair.Cert)
	if err != nil {
		return fmt.Errorf("read a certificate: %w", err)
	}
	key, err := os.ReadFile(u.pair.Key)
	if err != nil {
		return fmt.Errorf("read a key: %w", err)
	}
	config := clientcmdapi.NewConfig()
	config.Clusters[name] = &clientcmdapi.Cluster{Server: u.server, CertificateAuthorityData: ca}
	config.AuthInfos[name] = &clientcmdapi.AuthInfo{ClientCertificateData: cert, ClientKeyData: key}
	config.Contexts[name] = &clientcmdapi.Context{Cluster: name, AuthInfo: name}
	config.CurrentContext = name
	text, err := clientcmd.Write(*config)
	if err != nil {
		return fmt.Errorf("encode a kubeconfig: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(u.file), 0o700); err != nil {
		return fmt.Errorf("make the directory of the kubeconfig: %w", err)
	}
	if err := renameio.WriteFile(u.file, text, 0o600); err != nil {
		return fmt.Errorf("write a kubeconfig: %w", err)
	}
	return nil
}
