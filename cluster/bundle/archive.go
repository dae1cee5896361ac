package bundle

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
	"runtime/debug"
	"sync"

	"github.com/klauspost/compress/zstd"

	"podlab/cluster"
)

// maxWindow is the largest window that a zstd archive of a bundle may have.
// The decoder keeps as much of the output as the window spans, so a node
// archive with this window costs as much memory as it has bytes unpacked.
const maxWindow = 1 << 31

// Stream is an archive being unpacked: reading it gives the plain tar.
type Stream struct {
	archive *Archive
	source  io.Closer
	zstd    *zstd.Decoder

	mu  sync.Mutex
	err error
}

// Open opens the archive for reading as it is, compressed. progress, if not
// nil, is told of bytes read of all. Reading fails when ctx ends.
func (a *Archive) Open(ctx context.Context, progress func(done, total int64)) (io.ReadCloser, error) {
	f, err := os.Open(a.path)
	if err != nil {
		return nil, cluster.Fail("bundle-unreadable", err, "", "file", a.path, "reason", err.Error())
	}
	var done int64
	return &struct {
		io.Reader
		io.Closer
	}{
		&counter{ctx: ctx, r: f, read: func(n int) {
			done += int64(n)
			if progress != nil {
				progress(done, a.size)
			}
		}}, f,
	}, nil
}

// Stream opens the archive for reading as a plain tar. progress, if not nil,
// is told of compressed bytes read of all. Reading fails when ctx ends.
func (a *Archive) Stream(ctx context.Context, progress func(done, total int64)) (*Stream, error) {
	source, err := a.Open(ctx, progress)
	if err != nil {
		return nil, err
	}
	dec, err := newDecoder(source)
	if err != nil {
		_ = source.Close()
		return nil, cluster.Fail("bundle-damaged", err, "", "file", a.path, "reason", err.Error())
	}
	return &Stream{archive: a, source: source, zstd: dec}, nil
}

// newDecoder unpacks zstd. One goroutine and low memory: the consumer (an
// engine that unpacks) is slower than the decoder, and a second window would
// double the memory.
func newDecoder(r io.Reader) (*zstd.Decoder, error) {
	return zstd.NewReader(bufio.NewReaderSize(r, 256<<10),
		zstd.WithDecoderMaxWindow(maxWindow), zstd.WithDecoderLowmem(true), zstd.WithDecoderConcurrency(1))
}

// Read implements io.Reader.
func (s *Stream) Read(p []byte) (int, error) {
	n, err := s.zstd.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		s.mu.Lock()
		s.err = err
		s.mu.Unlock()
	}
	return n, err
}

// Err returns what ended reading early: a *cluster.Error for an archive that
// cannot be unpacked. A consumer that was cut off by it reports something
// less clear, so that this error goes first.
func (s *Stream) Err() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err == nil || errors.Is(s.err, context.Canceled) || errors.Is(s.err, context.DeadlineExceeded) {
		return s.err
	}
	return cluster.Fail("bundle-damaged", s.err, "", "file", s.archive.path, "reason", s.err.Error())
}

// Close ends reading and gives the decoder's window back to the system: a
// program that goes on for hours should not keep hundreds of megabytes.
func (s *Stream) Close() error {
	s.zstd.Close()
	s.zstd = nil
	err := s.source.Close()
	debug.FreeOSMemory()
	return err
}
