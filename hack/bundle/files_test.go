package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The scripts of the images start what the public images start, as whoever
// writes a Pod's args expects it.
func TestEntrypoints(t *testing.T) {
	programs := t.TempDir()
	for _, name := range []string{"redis-server", "redis-cli", "haproxy", "curl", "nginx", "httpd"} {
		if err := os.WriteFile(filepath.Join(programs, name), []byte("#!/bin/sh\necho "+name+" \"$@\"\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	// A user other than root, who has nothing to give up.
	if err := os.WriteFile(filepath.Join(programs, "id"), []byte("#!/bin/sh\necho 1000\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ script, args, want string }{
		{"redis/docker-entrypoint.sh", "redis-server", "redis-server"},
		{"redis/docker-entrypoint.sh", "--port 6380", "redis-server --port 6380"},
		{"redis/docker-entrypoint.sh", "/etc/redis.conf", "redis-server /etc/redis.conf"},
		{"redis/docker-entrypoint.sh", "redis-cli ping", "redis-cli ping"},
		{"redis/redis-server", "", "redis-server --protected-mode no"},
		{"redis/redis-server", "--port 6380", "redis-server --protected-mode no --port 6380"},
		{"redis/redis-server", "/etc/redis.conf --port 6380", "redis-server /etc/redis.conf --protected-mode no --port 6380"},
		{"redis/redis-server", "--version", "redis-server --version"},
		{"haproxy/docker-entrypoint.sh", "haproxy -f /x.cfg", "haproxy -W -db -f /x.cfg"},
		{"haproxy/docker-entrypoint.sh", "-f /x.cfg", "haproxy -W -db -f /x.cfg"},
		{"haproxy/docker-entrypoint.sh", "echo hello", "hello"},
		{"curl/entrypoint.sh", "-s http://web/", "curl -s http://web/"},
		{"curl/entrypoint.sh", "http://web/", "curl http://web/"},
		{"curl/entrypoint.sh", "curl -s http://web/", "curl -s http://web/"},
		{"curl/entrypoint.sh", "echo hello", "hello"},
		{"nginx/docker-entrypoint.sh", "nginx -g daemon_off", "nginx -g daemon_off"},
		{"httpd/httpd-foreground", "-c LogLevel_debug", "httpd -DFOREGROUND -c LogLevel_debug"},
	} {
		t.Run(c.script+" "+c.args, func(t *testing.T) {
			cmd := exec.Command("sh", append([]string{filepath.Join("files", c.script)}, strings.Fields(c.args)...)...)
			cmd.Env = []string{"PATH=" + programs + ":/usr/bin:/bin"}
			out, err := cmd.CombinedOutput()
			if got := strings.TrimSpace(string(out)); err != nil || got != c.want {
				t.Errorf("started %q, want %q: %v", got, c.want, err)
			}
		})
	}
}
