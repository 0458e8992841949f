package browser

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"waymark/internal/db/dbtest"
	"waymark/internal/demo"
)

// The day on which every browser test takes place: a Tuesday in the middle of
// the October return.
const (
	day   = "2026-11-10"
	clock = day + "T09:00:00Z"
)

// Staff is one invented member of staff.
type Staff struct {
	SignIn, Name, Password string
	Roles                  []string
}

// House is the product, served from a copy of the demo that is the test's own.
type House struct {
	t     testing.TB
	Base  string
	Staff []Staff
	// data are the flags that name the database to a command, and seals those
	// that name where a server seals its audit log.
	data   []string
	seals  []string
	server *exec.Cmd
	// clock is when the server starts next; it goes on from there.
	clock string
}

var (
	scratchOnce sync.Once
	scratchDir  string
)

// scratch is a folder for what all tests of the run share.
func scratch() string {
	scratchOnce.Do(func() { scratchDir, _ = os.MkdirTemp("", "waymark-browser-") }) // an empty name fails where it is used
	return scratchDir
}

func TestMain(m *testing.M) {
	code := m.Run()
	if scratchDir != "" {
		os.RemoveAll(scratchDir)
	}
	os.Exit(code)
}

// binary is the program built with a clock that can be set.
var binary = sync.OnceValues(func() (string, error) {
	path := filepath.Join(scratch(), "waymark")
	build := exec.Command("go", "build", "-tags", "testclock", "-o", path, "./cmd/waymark")
	build.Dir = filepath.Join("..", "..")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the program: %w\n%s", err, out)
	}
	return path, nil
})

// filled is a folder with a demo that nobody has touched.
var filled = sync.OnceValues(func() (string, error) {
	dir := filepath.Join(scratch(), "demo")
	_, err := run("", "demo", "--no-serve", "--on", day, "--data", dir)
	return dir, err
})

// run runs one command and returns what it printed.
func run(in string, args ...string) (string, error) {
	path, err := binary()
	if err != nil {
		return "", err
	}
	var out, problems bytes.Buffer
	command := exec.Command(path, append([]string{"--clock=" + clock}, args...)...)
	command.Stdin, command.Stdout, command.Stderr = strings.NewReader(in), &out, &problems
	if err := command.Run(); err != nil {
		return out.String(), fmt.Errorf("waymark %s: %w\n%s", strings.Join(args, " "), err, problems.String())
	}
	return out.String(), nil
}

// Command runs one command on the house's own data.
func (h *House) Command(args ...string) (string, error) {
	return run("", append(args, h.data...)...)
}

// Waiting is the supplier's file that waits to be imported.
func (h *House) Waiting(t testing.TB) string {
	t.Helper()
	dir, err := filled()
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "files-to-import", "*.xml"))
	if err != nil || len(files) != 1 {
		t.Fatalf("the demo should leave one file waiting, and left %v", files)
	}
	return files[0]
}

// newHouse serves a demo of the test's own on SQLite.
func newHouse(t testing.TB) *House {
	t.Helper()
	chromium(t) // skip before the work
	original, err := filled()
	if err != nil {
		t.Fatal(err)
	}
	return serve(t, "--data", copied(t, original))
}

// copied is a copy of a folder of data that is the test's own.
func copied(t testing.TB, original string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "data")
	if err := os.CopyFS(dir, os.DirFS(original)); err != nil {
		t.Fatal(err)
	}
	// The copy is readable by others, and a key must not be.
	if err := os.Chmod(filepath.Join(dir, "master-key"), 0o600); err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	return dir
}

// newPostgresHouse is newHouse on PostgreSQL, in a schema of its own.
func newPostgresHouse(t testing.TB) *House { return postgresHouse(t, "1") }

// smallPostgresHouse has a quarter of the people, for what does not ask how many
// they are.
func smallPostgresHouse(t testing.TB) *House { return postgresHouse(t, "0.25") }

func postgresHouse(t testing.TB, size string) *House {
	t.Helper()
	chromium(t)
	at, dir := dbtest.Address(t), filepath.Join(t.TempDir(), "data") // the key of notes stands in the folder
	if _, err := run("", "demo", "--no-serve", "--size", size, "--on", day, "--db", at, "--data", dir); err != nil {
		t.Fatal(err)
	}
	return serve(t, "--db", at, "--data", dir)
}

// serve starts the program on a free port and waits for its address.
func serve(t testing.TB, data ...string) *House {
	t.Helper()
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	seals := t.TempDir()
	h := &House{t: t, clock: clock, data: data, seals: []string{"--heads", filepath.Join(seals, "heads"), "--audit-key", filepath.Join(seals, "key")}}
	h.start(path)
	h.readStaff()
	return h
}

// start starts the server; it is stopped when the test ends.
func (h *House) start(path string) {
	t := h.t
	t.Helper()
	var problems bytes.Buffer
	command := exec.Command(path, slices.Concat([]string{"--clock=" + h.clock, "serve", "--addr", "127.0.0.1:0"}, h.seals, h.data)...)
	command.Stderr = &problems
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	out, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	h.server = command
	t.Cleanup(func() {
		if command.ProcessState != nil {
			return // killed
		}
		command.Process.Signal(syscall.SIGTERM)
		stopped := make(chan error, 1)
		go func() { stopped <- command.Wait() }()
		select {
		case err := <-stopped:
			var exit *exec.ExitError
			if errors.As(err, &exit) {
				t.Errorf("the server did not stop cleanly: %v\n%s", err, problems.String())
			}
		case <-time.After(25 * time.Second):
			command.Process.Signal(syscall.SIGQUIT) // it says what it is doing, and ends
			<-stopped
			t.Errorf("the server did not stop within 25 s of SIGTERM; it was at\n%s", tail(problems.String(), 400))
			return
		}
		if t.Failed() {
			t.Logf("the server said:\n%s", tail(problems.String(), 20))
		}
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	var ready struct{ Address string }
	if err == nil {
		err = json.Unmarshal([]byte(line), &ready)
	}
	if err != nil {
		t.Fatalf("the server said %q instead of its address: %v\n%s", line, err, problems.String())
	}
	h.Base = ready.Address
}

// Kill ends the server as a power cut does, and starts it again on the same
// data.
func (h *House) Kill() {
	h.t.Helper()
	if err := h.server.Process.Kill(); err != nil {
		h.t.Fatal(err)
	}
	h.server.Wait() // it says that it was killed
	h.start(h.server.Path)
}

func tail(text string, lines int) string {
	all := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}

func (h *House) readStaff() {
	h.t.Helper()
	list, err := h.Command("user", "list")
	if err != nil {
		h.t.Fatal(err)
	}
	for line := range strings.Lines(list) {
		if cells := strings.Split(strings.TrimSpace(line), "\t"); len(cells) >= 3 {
			h.Staff = append(h.Staff, Staff{SignIn: cells[0], Name: cells[1], Roles: rolesIn(cells[2]), Password: demo.Password})
		}
	}
}

// rolesIn are the roles of a list of them, as the name of one may have a comma of
// its own.
func rolesIn(list string) (held []string) {
	for _, role := range roles {
		if strings.Contains(", "+list+", ", ", "+role+", ") {
			held = append(held, role)
		}
	}
	return held
}

// As is the first of the staff with the role; not leaves out one already met,
// for what needs two people.
func (h *House) As(role string, not ...string) Staff {
	h.t.Helper()
	for _, s := range h.Staff {
		if slices.Contains(s.Roles, role) && !slices.Contains(not, s.SignIn) {
			return s
		}
	}
	h.t.Fatalf("the demo has no other %s among %v", role, h.Staff)
	return Staff{}
}

// route is one line of `waymark routes --json`.
type route struct {
	Method, Pattern, Permission string
	Changes                     bool
}

func routes(t testing.TB) []route {
	t.Helper()
	var out []route
	ask(t, &out, "routes", "--json")
	return out
}

// policy is, by permission, the roles that hold it.
func policy(t testing.TB) map[string][]string {
	t.Helper()
	var lines []struct {
		Action string
		Roles  []string
	}
	ask(t, &lines, "policy", "--json")
	out := map[string][]string{}
	for _, l := range lines {
		out[l.Action] = l.Roles
	}
	return out
}

func ask(t testing.TB, into any, args ...string) {
	t.Helper()
	out, err := run("", args...)
	if err == nil {
		err = json.Unmarshal([]byte(out), into)
	}
	if err != nil {
		t.Fatal(err)
	}
}
