package existing

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/google/renameio/v2"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"podlab/content"
)

const (
	recordFile    = "existing.yaml"
	recordVersion = 1
)

// record is what a person agreed to: clusters/<name>/existing.yaml.
type record struct {
	Version int    `yaml:"version"`
	Context string `yaml:"context"`
	Server  string `yaml:"server"`
	User    string `yaml:"user"`
	// UID of namespace kube-system, which identifies the cluster; empty where
	// the user may not read it.
	UID string `yaml:"uid,omitempty"`
	// Owner labels this installation's namespaces.
	Owner string `yaml:"owner"`
	// Simulated says that no node of the cluster runs containers.
	Simulated   bool      `yaml:"simulated,omitempty"`
	ConfirmedAt time.Time `yaml:"confirmedAt"`
}

func (p *Provider) recordPath() string { return filepath.Join(p.dir(), recordFile) }

// load reads the record; the error wraps fs.ErrNotExist where there is none.
func (p *Provider) load() (record, error) {
	var r record
	data, err := os.ReadFile(p.recordPath())
	if err != nil {
		return r, fmt.Errorf("read what is known of the cluster: %w", err)
	}
	if err := content.Decode(p.recordPath(), data, &r); err != nil {
		return r, fmt.Errorf("%w: delete %s to begin anew", err, p.dir())
	}
	if r.Version != recordVersion || r.Owner == "" {
		return r, fmt.Errorf("%s has version %d, this podlab knows version %d: use the podlab that wrote it", p.recordPath(), r.Version, recordVersion)
	}
	return r, nil
}

// save writes podlab's kubeconfig and the record. The record is written last: it
// says that the kubeconfig is one to be used.
func (p *Provider) save(r record, config *clientcmdapi.Config) error {
	kubeconfig, err := clientcmd.Write(*config)
	if err != nil {
		return fmt.Errorf("write the kubeconfig: %w", err)
	}
	data, err := content.Encode(r)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(p.dir(), 0o700); err != nil {
		return fmt.Errorf("make the directory of the kubeconfig: %w", err)
	}
	if err := renameio.WriteFile(p.KubeconfigPath(), kubeconfig, 0o600); err != nil {
		return fmt.Errorf("write the kubeconfig: %w", err)
	}
	if err := renameio.WriteFile(p.recordPath(), data, 0o600); err != nil {
		return fmt.Errorf("write what is known of the cluster: %w", err)
	}
	return nil
}

// newOwner names an installation: two learners on one cluster must not take
// each other's namespaces for their own.
func newOwner() string {
	raw := make([]byte, 6)
	_, _ = rand.Read(raw) // it never fails
	return hex.EncodeToString(raw)
}
