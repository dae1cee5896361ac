package probe

import (
	"time"
)

// MaxOutput is the most bytes that a result holds of a log, an output or a
// body; what exceeds it is cut at the end and Truncated set.
const MaxOutput = 256 << 10

// LogsRequest asks for a container's log.
type LogsRequest struct {
	Namespace, Pod, Container string
	Previous                  bool
	// Until ends following when it returns true for the log so far, with
	// control sequences stripped; nil reads the log once and does not follow.
	Until   func(output string) bool
	Timeout time.Duration
}

// LogsResult is the log, stripped of control sequences except newlines and tabs.
type LogsResult struct {
	OK        bool // the log could be read
	Met       bool // Until was true, or nil
	Output    string
	Truncated bool
	Error     string // why it could not be read
	Fault     error
}

// ExecRequest runs a command in a running container.
type ExecRequest struct {
	Namespace, Pod, Container string
	Command                   []string
	Timeout                   time.Duration
}

// ExecResult is what the command did.
type ExecResult struct {
	OK             bool // it ran to its end, whatever the exit code
	Output, Stderr string
	ExitCode       int
	Truncated      bool
	Error          string
	Fault          error
}

// HTTPRequest is sent Samples times, spread evenly over Window.
type HTTPRequest struct {
	Namespace    string
	Pod, Service string // one of them
	Port         string
	Forward      bool   // port-forward to 127.0.0.1 instead of the proxy
	Scheme       string // http or https
	Method, Path string
	Headers      map[string]string
	Samples      int
	Window       time.Duration
	Timeout      time.Duration // of each request
}

// HTTPResult is the answer to the last request.
type HTTPResult struct {
	HTTPSample
	// Nonce is the random word that replaced {nonce} in path and headers; the
	// same in all samples of one call.
	Nonce   string
	Samples []HTTPSample
	Fault   error
}

// HTTPSample is the answer to one request.
type HTTPSample struct {
	OK        bool // the server answered
	Status    int
	Body      string
	Headers   map[string]string // by canonical name; several values joined by ", "
	Refused   bool              // nobody listens there
	Unreached bool              // lost on the way through the API server's proxy, or never answered
	Error     string            // why there was no answer
	Truncated bool
}

// TCPRequest connects to a port on a Pod's 127.0.0.1.
type TCPRequest struct {
	Namespace, Pod, Port string
	TLS                  bool
	Send                 string
	Timeout              time.Duration
}

// TCPResult is what came back.
type TCPResult struct {
	OK      bool // connected, and with TLS the handshake succeeded
	Refused bool
	Error   string
	Output  string
	TLS     TLSResult
	Fault   error
}

// TLSResult describes the server's leaf certificate; nothing is verified.
type TLSResult struct {
	OK              bool
	Error           string
	Subject, Issuer string
	DNSNames        []string
	NotAfter        time.Time
	Version         string // "TLS 1.3"
	SHA256          string // of the leaf certificate's DER form, hexadecimal
}
