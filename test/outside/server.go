// Package outside drives the built program as browsers and operators do, from
// outside of it: what the measurements and the campaigns have in common.
package outside

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

// Build is the program as `make build` makes it, or the one named.
func Build(ctx context.Context, dir, named string) (string, error) {
	if named != "" {
		return named, nil
	}
	out := filepath.Join(dir, "waymark")
	if told, err := exec.CommandContext(ctx, "go", "build", "-ldflags", "-s -w", "-o", out, "./cmd/waymark").CombinedOutput(); err != nil {
		return "", fmt.Errorf("build waymark: %w\n%s", err, told)
	}
	return out, nil
}

// Server is `waymark serve` in a process of its own.
type Server struct {
	Address string
	cmd     *exec.Cmd
	Began   time.Time
	log     *os.File
}

// Serve starts it on a free port. Its log goes to a file in dir.
func Serve(ctx context.Context, binary, dir string, args ...string) (*Server, error) {
	return ServeWith(ctx, nil, binary, dir, args...)
}

// ServeWith is Serve with more in the environment.
func ServeWith(ctx context.Context, env []string, binary, dir string, args ...string) (*Server, error) {
	s := &Server{cmd: exec.CommandContext(ctx, binary, append([]string{"serve", "--addr", "127.0.0.1:0"}, args...)...)}
	s.cmd.Env = append(os.Environ(), env...)
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
	s.Began = time.Now()
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	line, err := bufio.NewReader(out).ReadBytes('\n')
	var told struct{ Address string }
	if err == nil {
		err = json.Unmarshal(line, &told)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("the server does not say where it listens: %w", err), s.Stop(), s.Complain())
	}
	s.Address = told.Address
	go io.Copy(io.Discard, out)
	return s, nil
}

// PeakMB is the most memory that the server has held so far.
func (s *Server) PeakMB() float64 { return ProcessPeakMB(s.cmd.Process.Pid) }

// CPU is what the server has used so far.
func (s *Server) CPU() time.Duration {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", s.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
	user, _ := strconv.Atoi(fields[11])
	system, _ := strconv.Atoi(fields[12])
	return time.Duration(user+system) * 10 * time.Millisecond // in hundredths of a second
}

// Stop asks it to end, and waits until it has. It is an error where it did not
// end by itself, as after Kill.
func (s *Server) Stop() error {
	defer s.log.Close()
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	return s.cmd.Wait()
}

// Kill ends it as kill -9 does. Stop it all the same.
func (s *Server) Kill() { s.cmd.Process.Kill() }

// Complain is what the server wrote of errors, for whoever must find out why.
func (s *Server) Complain() error {
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

// ProcessPeakMB is the peak of a process since it began its program. What
// wait(2) tells of a child counts what its parent held when it was made.
func ProcessPeakMB(pid int) float64 {
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

// FirstPage asks for the sign-in page until it is answered, and tells how long
// that took since the server was started.
func (s *Server) FirstPage() (time.Duration, error) {
	r, err := http.Get(s.Address + "/sign-in")
	if err != nil {
		return 0, err
	}
	defer r.Body.Close()
	if _, err := io.Copy(io.Discard, r.Body); err != nil || r.StatusCode != http.StatusOK {
		return 0, fmt.Errorf("the sign-in page answers %s: %w", r.Status, err)
	}
	return time.Since(s.Began), nil
}
