package browser

import (
	"bufio"
	"bytes"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"

	"waymark/internal/demo"
	"waymark/internal/id"
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
	// data are the flags that name the database to a command.
	data   []string
	server *exec.Cmd
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
	dir := filepath.Join(t.TempDir(), "data")
	if err := os.CopyFS(dir, os.DirFS(original)); err != nil {
		t.Fatal(err)
	}
	return serve(t, "--data", dir)
}

// newPostgresHouse is newHouse on PostgreSQL, in a schema of its own.
func newPostgresHouse(t testing.TB) *House {
	t.Helper()
	chromium(t)
	address := os.Getenv("WAYMARK_TEST_POSTGRES")
	if address == "" {
		t.Skip("NOT TESTED ON POSTGRESQL: WAYMARK_TEST_POSTGRES names no server; `make check` starts one")
	}
	schema := "b" + string(id.NewRef())
	server, err := sql.Open("pgx", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	if _, err := server.Exec("CREATE SCHEMA " + schema); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Exec("DROP SCHEMA " + schema + " CASCADE") })
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	q.Set("search_path", schema)
	u.RawQuery = q.Encode()
	if _, err := run("", "demo", "--no-serve", "--on", day, "--db", u.String()); err != nil {
		t.Fatal(err)
	}
	return serve(t, "--db", u.String())
}

// serve starts the program on a free port and waits for its address.
func serve(t testing.TB, data ...string) *House {
	t.Helper()
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	h := &House{t: t, data: data}
	h.start(path)
	h.readStaff()
	return h
}

// start starts the server; it is stopped when the test ends.
func (h *House) start(path string) {
	t := h.t
	t.Helper()
	var problems bytes.Buffer
	command := exec.Command(path, append([]string{"--clock=" + clock, "serve", "--addr", "127.0.0.1:0"}, h.data...)...)
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
			command.Process.Kill()
			t.Error("the server did not stop within 25 s of SIGTERM")
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
			h.Staff = append(h.Staff, Staff{SignIn: cells[0], Name: cells[1], Roles: strings.Split(cells[2], ", "), Password: demo.Password})
		}
	}
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
