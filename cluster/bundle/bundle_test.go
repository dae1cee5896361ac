package bundle_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"podlab/cluster"
	"podlab/cluster/bundle"
	"podlab/cluster/bundle/bundletest"
)

func key(err error) string {
	var failed *cluster.Error
	if errors.As(err, &failed) {
		return failed.Problem.Key
	}
	return fmt.Sprint(err)
}

func rewrite(t *testing.T, dir, file string, change func(string) string) {
	t.Helper()
	name := filepath.Join(dir, file)
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(change(string(data))), 0o600); err != nil {
		t.Fatal(err)
	}
}

func replace(old, new string) func(string) string {
	return func(s string) string { return strings.Replace(s, old, new, 1) }
}

func TestOpenRefusesWhatIsWrong(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(t *testing.T, dir string)
		key    string
		says   []string
	}{
		{"no description", func(t *testing.T, dir string) { _ = os.Remove(filepath.Join(dir, "bundle.yaml")) }, "bundle-missing", []string{"bundle.yaml"}},
		{"no archive", func(t *testing.T, dir string) { _ = os.Remove(filepath.Join(dir, "labs.tar.zst")) }, "bundle-missing", []string{"labs.tar.zst"}},
		{"later version with fields of its own", func(t *testing.T, dir string) {
			rewrite(t, dir, "bundle.yaml", replace("version: 1", "version: 3\nsignature: x"))
		}, "bundle-version", []string{`version "3"`, "reads version 1, 2"}},
		{"no version", func(t *testing.T, dir string) {
			rewrite(t, dir, "bundle.yaml", replace("version: 1\n", ""))
		}, "bundle-version", nil},
		{"unknown field", func(t *testing.T, dir string) {
			rewrite(t, dir, "bundle.yaml", replace("arch: amd64", "arch: amd64\nos: linux"))
		}, "bundle-invalid", []string{"bundle.yaml:3", "os"}},
		{"not YAML", func(t *testing.T, dir string) {
			rewrite(t, dir, "bundle.yaml", func(string) string { return "version: [" })
		}, "bundle-invalid", nil},
		{"path out of the bundle", func(t *testing.T, dir string) {
			rewrite(t, dir, "bundle.yaml", replace("file: node.tar.zst", "file: ../node.tar.zst"))
		}, "bundle-invalid", []string{"node.file"}},
		{"short sum", func(t *testing.T, dir string) {
			rewrite(t, dir, "bundle.yaml", func(s string) string {
				return s[:strings.Index(s, "sha256: ")+8] + "abc" + s[strings.Index(s, "sha256: ")+72:]
			})
		}, "bundle-invalid", []string{"node.sha256", "abc"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := bundletest.Make(t, "node", "labs")
			c.change(t, dir)
			_, err := bundle.Open(dir)
			if key(err) != c.key {
				t.Fatalf("error %v, want key %s", err, c.key)
			}
			for _, want := range c.says {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("the error does not say %q: %v", want, err)
				}
			}
		})
	}
}

func TestVerify(t *testing.T) {
	dir := bundletest.Make(t, strings.Repeat("node ", 1000), "labs")
	b, err := bundle.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var most, total int64
	err = b.Verify(t.Context(), func(done, all int64) {
		mu.Lock()
		defer mu.Unlock()
		most, total = max(most, done), all
	})
	if err != nil {
		t.Fatal(err)
	}
	if want := b.Platforms[0].Node.Size() + b.Platforms[0].Labs.Size(); most != want || total != want {
		t.Errorf("progress went to %d of %d, want %d", most, total, want)
	}

	name := filepath.Join(dir, "node.tar.zst")
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	data[len(data)/2] ^= 1
	if err := os.WriteFile(name, data, 0o600); err != nil {
		t.Fatal(err)
	}
	err = b.Verify(t.Context(), nil)
	got := sha256.Sum256(data)
	if key(err) != "bundle-sha256" {
		t.Fatalf("one changed bit is reported as %v", err)
	}
	for _, want := range []string{name, b.Platforms[0].Node.SHA256, hex.EncodeToString(got[:])} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the error does not name %s: %v", want, err)
		}
	}

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := b.Verify(ctx, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled check is reported as %v", err)
	}
}

func TestStream(t *testing.T) {
	content := strings.Repeat("a tar, as far as this test is concerned. ", 10_000)
	b, err := bundle.Open(bundletest.Make(t, content, "labs"))
	if err != nil {
		t.Fatal(err)
	}
	var last int64
	s, err := b.Platforms[0].Node.Stream(t.Context(), func(done, total int64) { last = done })
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(s)
	if err != nil || string(got) != content {
		t.Errorf("read %d bytes of %d: %v", len(got), len(content), err)
	}
	if s.Err() != nil {
		t.Errorf("Err() = %v after a whole read", s.Err())
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if last != b.Platforms[0].Node.Size() {
		t.Errorf("progress ended at %d of %d", last, b.Platforms[0].Node.Size())
	}
}

func TestStreamOfATruncatedArchive(t *testing.T) {
	dir := bundletest.Make(t, strings.Repeat("0123456789abcdef", 100_000), "labs")
	name := filepath.Join(dir, "node.tar.zst")
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	// Cut, and described as cut: the sum is right, the archive is not.
	data = data[:len(data)-7]
	if err := os.WriteFile(name, data, 0o600); err != nil {
		t.Fatal(err)
	}
	bundletest.Describe(t, dir)
	b, err := bundle.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Verify(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	s, err := b.Platforms[0].Node.Stream(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close() //nolint:errcheck // read only
	if _, err := io.Copy(&bytes.Buffer{}, s); err == nil {
		t.Fatal("a truncated archive was read to its end")
	}
	if key(s.Err()) != "bundle-damaged" || !strings.Contains(s.Err().Error(), name) {
		t.Errorf("Err() = %v", s.Err())
	}
}
