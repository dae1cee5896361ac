//go:build unix

package background

import (
	"os"
	"time"

	"golang.org/x/sys/unix"
	"golang.org/x/term"
)

// ask puts the question and returns what came back in time; empty where there
// is no terminal.
func ask(in, out *os.File, wait time.Duration) string {
	fd := int(in.Fd())
	if !term.IsTerminal(fd) || !term.IsTerminal(int(out.Fd())) {
		return ""
	}
	state, err := term.MakeRaw(fd)
	if err != nil {
		return ""
	}
	defer func() { _ = term.Restore(fd, state) }()
	if _, err := out.WriteString(question); err != nil {
		return ""
	}
	var answer []byte
	buf := make([]byte, 256)
	for deadline := time.Now().Add(wait); !complete(string(answer)); {
		left := time.Until(deadline)
		if left <= 0 || len(answer) > 4096 {
			break
		}
		var fds unix.FdSet
		fds.Set(fd)
		timeout := unix.NsecToTimeval(left.Nanoseconds())
		n, err := unix.Select(fd+1, &fds, nil, nil, &timeout)
		if err == unix.EINTR {
			continue
		}
		if err != nil || n == 0 {
			break
		}
		got, err := in.Read(buf)
		if err != nil {
			break
		}
		answer = append(answer, buf[:got]...)
	}
	return string(answer)
}
