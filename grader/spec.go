package grader

// Spec is what a lab grades: probes that look at the cluster, and checks that
// judge what the probes saw. It is plain data; Compile makes a Program of it.
type Spec struct {
	// Images that setup, solutions and the learner's answer use. Where a cluster
	// cannot pull one of them, that is no mistake of the learner's.
	Images []string `yaml:"images,omitempty"`
	// Probes by the name under which expressions use their results.
	Probes map[string]Probe `yaml:"probes"`
	// Vars are named expressions that checks share. A var may use probes,
	// params and the vars above it, and is evaluated when a check needs it.
	Vars []Var `yaml:"vars,omitempty"`
	// Checks in the order in which they are shown.
	Checks []Check `yaml:"checks"`
}

// Var is a named CEL expression.
type Var struct {
	Name string `yaml:"name"`
	Expr string `yaml:"expr"`
}

// Check is one question to the cluster, worth Points.
type Check struct {
	// ID is stable and unique in its lab: lower-case words joined by hyphens.
	ID string `yaml:"id"`
	// Points that the check earns when it passes, at least 1.
	Points int `yaml:"points"`
	// Expr is a CEL expression of type bool: true when the learner is right.
	Expr string `yaml:"expr"`
	// Actual is a CEL expression that yields a message (see the function say)
	// or a list of messages: what is there, for when Expr is false. It is
	// evaluated only then, and may rely on every object it uses being there.
	Actual string `yaml:"actual"`
	// Grace is how long after a container started a false check is pending
	// instead of failed; default 3s.
	Grace Duration `yaml:"grace,omitempty"`
	// Steady is for how long the containers of the Pods that the check
	// involves must have been running without interruption until a true check
	// has passed; pending before. Default 0.
	Steady Duration `yaml:"steady,omitempty"`
	// Given says that the check may pass before the learner has done anything: it
	// guards what is there. An exam counts it only beside work of the candidate.
	Given bool `yaml:"given,omitempty"`
	// NotGraded lists literals of Expr and of the probes it uses that are no
	// names a learner could choose ("Running"), and so need not be stated in
	// the task.
	NotGraded []string `yaml:"notGraded,omitempty"`
}

// Probe is one way of looking at the cluster. Exactly one field is set.
// Object, PodOf, List and Events read the API; the others observe running
// containers and are called runtime probes.
type Probe struct {
	Object *ObjectProbe `yaml:"object,omitempty"`
	PodOf  *Workload    `yaml:"podOf,omitempty"`
	List   *ListProbe   `yaml:"list,omitempty"`
	Events *EventsProbe `yaml:"events,omitempty"`
	Logs   *LogsProbe   `yaml:"logs,omitempty"`
	Exec   *ExecProbe   `yaml:"exec,omitempty"`
	HTTP   *HTTPProbe   `yaml:"http,omitempty"`
	TCP    *TCPProbe    `yaml:"tcp,omitempty"`
}

// ObjectProbe reads one object of the lab's namespace. Its value in
// expressions is the object as JSON would show it, or null where there is none.
type ObjectProbe struct {
	APIVersion string `yaml:"apiVersion"` // "v1", "apps/v1"
	Kind       string `yaml:"kind"`
	Name       string `yaml:"name"`
}

// Workload names the owner of Pods whose own names nobody chooses. Its Pod is
// the newest one that is not being deleted. As a probe, its value in
// expressions is that Pod as JSON would show it, or null where there is none.
type Workload struct {
	Kind string `yaml:"kind"` // Deployment, StatefulSet, DaemonSet, ReplicaSet or Job
	Name string `yaml:"name"`
}

// ListProbe reads the objects of one kind in the lab's namespace that a label
// selector chooses. Its value is a list of objects, ordered by creation time,
// then by name; terminating objects are left out.
type ListProbe struct {
	APIVersion string `yaml:"apiVersion"`
	Kind       string `yaml:"kind"`
	Selector   string `yaml:"selector,omitempty"` // as in kubectl -l; empty chooses all
}

// EventsProbe reads the events about one object, oldest first. Its value is a
// list of {type, reason, message, count, first, last}.
type EventsProbe struct {
	Kind string `yaml:"kind"`
	Name string `yaml:"name"`
}

// LogsProbe reads the log of a container, running or ended. Its value is
// {ok, output, error, truncated}.
type LogsProbe struct {
	// Pod is the name of the Pod, or PodOf its owner; exactly one is set.
	Pod       string    `yaml:"pod,omitempty"`
	PodOf     *Workload `yaml:"podOf,omitempty"`
	Container string    `yaml:"container"`
	// Previous reads the log of the container's previous run.
	Previous bool `yaml:"previous,omitempty"`
	// Until is a CEL expression over output (string) and the results of the
	// probes named in After. The log is followed until it is true or Timeout
	// has passed; without it the log is read once.
	Until string `yaml:"until,omitempty"`
	// After names probes that must have run before, in the same round.
	After   []string `yaml:"after,omitempty"`
	Timeout Duration `yaml:"timeout,omitempty"` // default 2s
}

// ExecProbe runs a fixed argument vector in a running container; there is no
// shell unless the vector names one. Its value is
// {ok, output, stderr, exitCode, error, truncated}; ok means that the command
// ran, whatever its exit code.
type ExecProbe struct {
	// Pod is the name of the Pod, or PodOf its owner; exactly one is set.
	Pod       string    `yaml:"pod,omitempty"`
	PodOf     *Workload `yaml:"podOf,omitempty"`
	Container string    `yaml:"container"`
	Command   []string  `yaml:"command"`
	After     []string  `yaml:"after,omitempty"`
	Timeout   Duration  `yaml:"timeout,omitempty"` // default 8s
}

// HTTPProbe sends a request to a Pod or a Service. Its value is {ok, status,
// body, headers, error, refused, nonce, samples}; ok means that the server
// answered, whatever the status; refused that nobody listens there. With
// Samples above 1, samples lists {ok, status, body} of each request in order
// and the other fields are those of the last one.
type HTTPProbe struct {
	// Pod or Service is the name of the target, or PodOf the Pod's owner;
	// exactly one is set.
	Pod     string    `yaml:"pod,omitempty"`
	PodOf   *Workload `yaml:"podOf,omitempty"`
	Service string    `yaml:"service,omitempty"`
	// Port is a number, or the name of a Service port.
	Port string `yaml:"port"`
	// Via is "proxy" (default), through the API server to the Pod's IP or the
	// Service's endpoints; or "forward", a port-forward to the Pod's 127.0.0.1.
	Via string `yaml:"via,omitempty"`
	// Scheme is "http" (default) or "https" (certificates are not verified
	// here; use a tcp probe with tls to look at them).
	Scheme string `yaml:"scheme,omitempty"`
	Method string `yaml:"method,omitempty"` // default GET
	// Path and the values of Headers may hold {nonce}, which is replaced by a
	// random word made for the request: proof that the answer is not canned.
	Path    string            `yaml:"path,omitempty"` // default /
	Headers map[string]string `yaml:"headers,omitempty"`
	// Samples is the number of requests, spread evenly over Window.
	Samples int      `yaml:"samples,omitempty"` // default 1
	Window  Duration `yaml:"window,omitempty"`
	After   []string `yaml:"after,omitempty"`
	Timeout Duration `yaml:"timeout,omitempty"` // of one request; default 2s
}

// TCPProbe connects to a port on a Pod's 127.0.0.1 through a port-forward.
// Its value is {ok, refused, error, output, tls}: output is what the server
// says within Timeout after Send was sent, at most 64 KiB; tls, where TLS is
// asked for, is {ok, error, subject, issuer, dnsNames, notAfter, version,
// sha256}; sha256 is the fingerprint of the server's certificate in lower-case
// hexadecimal digits.
type TCPProbe struct {
	// Pod is the name of the Pod, or PodOf its owner; exactly one is set.
	Pod     string    `yaml:"pod,omitempty"`
	PodOf   *Workload `yaml:"podOf,omitempty"`
	Port    string    `yaml:"port"`
	TLS     bool      `yaml:"tls,omitempty"`
	Send    string    `yaml:"send,omitempty"`
	After   []string  `yaml:"after,omitempty"`
	Timeout Duration  `yaml:"timeout,omitempty"` // default 2s
}
