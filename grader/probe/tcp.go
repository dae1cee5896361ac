package probe

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"time"
)

const (
	// maxTCPOutput is the most that is read of what a TCP server says.
	maxTCPOutput = 64 << 10
	// quietAfterOutput ends reading once the server has said something and
	// then nothing for this long: few servers close after an answer.
	quietAfterOutput = 300 * time.Millisecond
	// greetingWait is how long a TLS server that was sent nothing may take to
	// speak first; the handshake has already shown that it is there.
	greetingWait = 250 * time.Millisecond
)

// TCP connects through a port-forward, sends Send and reads until the server
// closes, has been silent for 0.3 s after it spoke, or Timeout has passed.
//
// A port-forward does not confirm a connection; it only reports that one was
// refused. A server that stays silent therefore counts as connected. With
// nothing to send the probe says so at once (it closes its side), which makes
// the kubelet end the connection after a second of silence; over TLS the
// handshake confirms the connection, and a greeting is awaited for 0.25 s.
func (c *Client) TCP(ctx context.Context, r TCPRequest) TCPResult {
	target := fmt.Sprintf("Pod %s/%s port %s", r.Namespace, r.Pod, r.Port)
	port, err := forwardPort(r.Port)
	if err != nil {
		return TCPResult{Fault: fmt.Errorf("connect to %s: %w", target, err)}
	}
	timeout := orDefault(r.Timeout)
	ctx, cancel := withTimeout(ctx, timeout)
	defer cancel()

	t, err := c.openTunnel(ctx, r.Namespace, r.Pod)
	if err != nil {
		text, fault := judgeTunnel(err)
		if fault != nil {
			fault = fmt.Errorf("open a port-forward to %s: %w", target, fault)
		}
		return TCPResult{Error: text, Fault: fault}
	}
	defer t.close()
	conn, err := t.dial(port)
	if err != nil {
		return TCPResult{Fault: fmt.Errorf("connect to %s: %w", target, err)}
	}
	// The connection knows no deadlines; closing it ends reads and writes.
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	defer func() { _ = conn.Close() }()

	result := talk(ctx, conn, r, timeout)
	if ctx.Err() != nil && !timedOut(ctx) {
		result.Fault = fmt.Errorf("talk to %s: %w", target, context.Cause(ctx))
	}
	return result
}

// talk does what r asks for on a connection that ends with ctx.
func talk(ctx context.Context, conn net.Conn, r TCPRequest, timeout time.Duration) TCPResult {
	var result TCPResult
	silence := timeout // how long the server may keep silent before it spoke
	raw := conn
	if r.TLS {
		secured := tls.Client(conn, &tls.Config{
			InsecureSkipVerify: true, //nolint:gosec // it is looked at, not trusted
			ServerName:         "localhost",
		})
		if err := secured.HandshakeContext(ctx); err != nil {
			result.Refused, result.Error = ended(ctx, err, timeout)
			result.TLS.Error = result.Error
			return result
		}
		result.TLS = describe(secured.ConnectionState())
		conn = secured
		if r.Send == "" {
			silence = greetingWait
		}
	}
	if r.Send != "" {
		if _, err := io.WriteString(conn, r.Send); err != nil {
			result.Refused, result.Error = ended(ctx, err, timeout)
			result.OK = r.TLS
			return result
		}
	} else if half, ok := raw.(interface{ CloseWrite() error }); ok && !r.TLS {
		_ = half.CloseWrite()
	}

	output, err := readUntilQuiet(conn, silence)
	result.Output = strings.ToValidUTF8(string(output), "\uFFFD")
	var failed *forwardError
	if errors.As(err, &failed) && len(output) == 0 {
		result.Refused, result.Error = refused(failed.message), failed.message
		return result
	}
	result.OK = true
	return result
}

// ended explains an error of a connection.
func ended(ctx context.Context, err error, timeout time.Duration) (isRefused bool, text string) {
	var failed *forwardError
	switch {
	case errors.As(err, &failed):
		return refused(failed.message), failed.message
	case timedOut(ctx):
		return false, noAnswer("no answer", timeout)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return false, "the server closed the connection"
	}
	return false, err.Error()
}

// readUntilQuiet reads until conn ends, the output is full, or the server has
// kept silent for silence at first or quietAfterOutput once it spoke; it then
// closes conn. The error is that of the last read, nil for an end by silence.
func readUntilQuiet(conn net.Conn, silence time.Duration) ([]byte, error) {
	var mu sync.Mutex
	quiet := false
	timer := time.AfterFunc(silence, func() {
		mu.Lock()
		quiet = true
		mu.Unlock()
		_ = conn.Close()
	})
	defer timer.Stop()

	var output []byte
	buf := make([]byte, 4096)
	for {
		n, err := conn.Read(buf)
		output = append(output, buf[:n]...)
		if len(output) >= maxTCPOutput {
			return output[:maxTCPOutput], nil
		}
		if err != nil {
			mu.Lock()
			defer mu.Unlock()
			if quiet || errors.Is(err, io.EOF) {
				return output, nil
			}
			return output, err
		}
		if n > 0 {
			timer.Reset(min(quietAfterOutput, silence))
		}
	}
}

// describe puts the server's leaf certificate into words.
func describe(state tls.ConnectionState) TLSResult {
	result := TLSResult{OK: true, Version: tls.VersionName(state.Version)}
	if len(state.PeerCertificates) == 0 {
		return result
	}
	leaf := state.PeerCertificates[0]
	result.Subject = leaf.Subject.String()
	result.Issuer = leaf.Issuer.String()
	result.DNSNames = subjectNames(leaf)
	result.NotAfter = leaf.NotAfter
	fingerprint := sha256.Sum256(leaf.Raw)
	result.SHA256 = hex.EncodeToString(fingerprint[:])
	return result
}

// subjectNames lists the DNS names of a certificate.
func subjectNames(leaf *x509.Certificate) []string { return slices.Clone(leaf.DNSNames) }
