package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// built is the program as `make build` makes it, or the one named.
func built(ctx context.Context, dir, named string) (string, error) {
	if named != "" {
		return named, nil
	}
	out := filepath.Join(dir, "waymark")
	if told, err := exec.CommandContext(ctx, "go", "build", "-ldflags", "-s -w", "-o", out, "./cmd/waymark").CombinedOutput(); err != nil {
		return "", fmt.Errorf("build waymark: %w\n%s", err, told)
	}
	return out, nil
}

// server is `waymark serve` in a process of its own.
type server struct {
	address string
	cmd     *exec.Cmd
	began   time.Time
	log     *os.File
}

// serve starts it on a free port. Its log goes to a file in dir.
func serve(ctx context.Context, binary, dir string, args ...string) (*server, error) {
	s := &server{cmd: exec.CommandContext(ctx, binary, append([]string{"serve", "--addr", "127.0.0.1:0"}, args...)...)}
	var err error
	if s.log, err = os.Create(filepath.Join(dir, "server.log")); err != nil {
		return nil, err
	}
	s.cmd.Stderr = s.log
	s.cmd.Cancel = func() error { return s.cmd.Process.Signal(syscall.SIGTERM) }
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	s.began = time.Now()
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	line, err := bufio.NewReader(out).ReadBytes('\n')
	var told struct{ Address string }
	if err == nil {
		err = json.Unmarshal(line, &told)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("the server does not say where it listens: %w", err), s.stop(), s.complain())
	}
	s.address = told.Address
	go io.Copy(io.Discard, out)
	return s, nil
}

// peakMB is the most memory that the server has held so far.
func (s *server) peakMB() float64 { return processPeakMB(s.cmd.Process.Pid) }

// cpu is what the server has used so far.
func (s *server) cpu() time.Duration {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", s.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
	user, _ := strconv.Atoi(fields[11])
	system, _ := strconv.Atoi(fields[12])
	return time.Duration(user+system) * 10 * time.Millisecond // in hundredths of a second
}

func (s *server) stop() error {
	defer s.log.Close()
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	return s.cmd.Wait()
}

// complain is what the server wrote of errors, for whoever must find out why.
func (s *server) complain() error {
	text, err := os.ReadFile(s.log.Name())
	var worse []string
	for line := range strings.Lines(string(text)) {
		if !strings.Contains(line, "level=INFO") {
			worse = append(worse, line)
		}
	}
	if len(worse) == 0 {
		return err
	}
	return errors.New("the server's log: " + strings.Join(worse[:min(5, len(worse))], ""))
}

// processPeakMB is the peak of a process since it began its program. What
// wait(2) tells of a child counts what its parent held when it was made.
func processPeakMB(pid int) float64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kb, _ := strconv.Atoi(strings.Fields(rest)[0])
			return float64(kb) / 1024
		}
	}
	return 0
}

// firstPage asks for the sign-in page until it is answered, and tells how long
// that took since the server was started.
func (s *server) firstPage() (time.Duration, error) {
	r, err := http.Get(s.address + "/sign-in")
	if err != nil {
		return 0, err
	}
	defer r.Body.Close()
	if _, err := io.Copy(io.Discard, r.Body); err != nil || r.StatusCode != http.StatusOK {
		return 0, fmt.Errorf("the sign-in page answers %s: %w", r.Status, err)
	}
	return time.Since(s.began), nil
}
