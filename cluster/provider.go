// Package cluster provides the Kubernetes clusters that labs run on, behind
// one interface. A provider is one package below this one: kind, embedded and
// existing.
//
// Creating a cluster is a list of named steps whose progress goes to a
// Listener. Nothing here prints, and nothing here reads or writes the
// learner's own kubeconfig.
package cluster

import (
	"context"
	"time"

	"podlab/content"
)

// Provider makes and keeps one named cluster.
type Provider interface {
	// Name of the provider: "kind", "embedded", "existing".
	Name() string
	// Create brings the cluster up. An existing healthy cluster is reused, a
	// broken one repaired. When it fails, or ctx ends, a cluster that it was
	// creating is removed again before it returns.
	Create(ctx context.Context, o CreateOptions) error
	// Delete removes the cluster and its kubeconfig. Deleting what does not
	// exist is no error.
	Delete(ctx context.Context) error
	// Status says what is there. It is fast and changes nothing.
	Status(ctx context.Context) (Status, error)
	// LoadImages loads the lab images of a bundle that the cluster lacks.
	LoadImages(ctx context.Context, o CreateOptions) error
	// Capabilities of clusters of this provider.
	Capabilities() Capabilities
	// KubeconfigPath is where Create writes the cluster's kubeconfig, mode 0600.
	KubeconfigPath() string
}

// Capabilities says what a provider's clusters can do.
type Capabilities struct {
	// RunsContainers is false where nodes are simulated.
	RunsContainers bool
	// Foreign is true of a cluster that podlab did not make: its admission,
	// quotas and rights may forbid what labs need.
	Foreign bool
	// Owner marks the namespaces on a cluster that others use as well; empty on
	// one that is podlab's alone.
	Owner string
}

// Verifier is a provider whose cluster could be replaced behind podlab's back.
type Verifier interface {
	// Verify fails where the kubeconfig leads to another cluster than the one
	// that was agreed to. A cluster that does not answer is no other one.
	Verify(ctx context.Context) error
}

// Forgetter is a provider whose clusters were there before podlab.
type Forgetter interface {
	// Forget removes what podlab keeps of the cluster, without asking the cluster
	// anything: it may be gone.
	Forget(ctx context.Context) error
}

// Keeper is a provider whose cluster is a process of this machine that nobody
// else starts again.
type Keeper interface {
	// Keep starts the cluster again, with all that it held, whenever it dies; a
	// start that fails is reported to trouble and tried again. It returns nil when
	// the cluster is stopped or deleted, or needs no keeping, and an error when ctx
	// ends or the cluster dies too often.
	Keep(ctx context.Context, trouble func(error)) error
}

// ImageAdder is a provider whose cluster can only pull images that it was told of.
type ImageAdder interface {
	// AddImages lets the cluster pull these images, too. Without a cluster there
	// is nothing to do.
	AddImages(ctx context.Context, images []string) error
}

// CreateOptions says what to create.
type CreateOptions struct {
	// BundleDir holds a bundle; empty means that images are pulled.
	BundleDir string
	// Confirmed says that a person has agreed to what Status.Plan says.
	Confirmed bool
	// Image overrides the node image.
	Image string
	// Listener is told of progress; nil for none.
	Listener Listener
}

// State of a cluster.
type State string

// The states.
const (
	Absent  State = "absent"
	Stopped State = "stopped" // there, but its node does not run
	Broken  State = "broken"  // the node runs, the API server does not answer
	Ready   State = "ready"
)

// Status of a cluster.
type Status struct {
	Provider          string `json:"provider"`
	Name              string `json:"name"`
	State             State  `json:"state"`
	KubernetesVersion string `json:"kubernetesVersion,omitempty"`
	Engine            string `json:"engine,omitempty"` // docker, podman, nerdctl
	NodeImage         string `json:"nodeImage,omitempty"`
	Kubeconfig        string `json:"kubeconfig,omitempty"`
	RunsContainers    bool   `json:"runsContainers"`
	// MemoryBytes is what the cluster's process keeps in memory (its resident
	// set); 0 where no process of podlab's is the cluster.
	MemoryBytes int64 `json:"memoryBytes,omitempty"`
	// Choice says why podlab took this provider, where it did so because it could
	// not take a better one: a text of content/texts/cluster.<lang>.yaml. Without
	// a key there is nothing to say.
	Choice content.Message `json:"-"`
	// Of a cluster that podlab did not make: the context, and the names of its
	// API server and of the user in the kubeconfig.
	Context string `json:"context,omitempty"`
	Server  string `json:"server,omitempty"`
	User    string `json:"user,omitempty"`
	// Plan says what Create would do, where a person must agree to it first:
	// texts of content/texts/cluster.<lang>.yaml.
	Plan []content.Message `json:"-"`
	// Namespaces that Delete would delete, where the cluster itself stays.
	Namespaces []string `json:"namespaces,omitempty"`
	// Detail says in plain words what is wrong; empty when ready or absent.
	Detail string `json:"detail,omitempty"`
}

// StepID names a step of creation; its title in each language is the text
// "step.<id>" of content/texts/cluster.<lang>.yaml.
type StepID string

// The steps, in order. A provider reports those that it has.
const (
	StepProvider    StepID = "provider"
	StepCheckBundle StepID = "check-bundle"
	StepNodeImage   StepID = "node-image"
	StepNode        StepID = "node"
	StepControl     StepID = "control-plane"
	StepNetwork     StepID = "network"
	StepStorage     StepID = "storage"
	StepLabImages   StepID = "lab-images"
	StepReady       StepID = "ready"
	StepRepair      StepID = "repair"
	StepCleanUp     StepID = "clean-up"
	StepConnect     StepID = "connect"
	StepRights      StepID = "rights"
)

// StepState is how far a step is.
type StepState string

// The states of a step.
const (
	Running StepState = "running"
	Done    StepState = "done"
	Skipped StepState = "skipped" // nothing to do
	Failed  StepState = "failed"
)

// Progress is one event of a step.
type Progress struct {
	Step    StepID
	State   StepState
	Elapsed time.Duration // since the step began
	// Bytes done of Total; both zero where bytes mean nothing, Total zero
	// where it is not known.
	Bytes, Total int64
	// Detail is a line of the engine or of kind, for those who want to see it.
	Detail string
	// Message is what a learner should know of the step, as a text of
	// content/texts/cluster.<lang>.yaml; its key is empty for none.
	Message content.Message
}

// Listener is told of progress, from several goroutines but never
// concurrently. It must not block for long.
type Listener func(Progress)
