package cli_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"waymark/internal/db"
	"waymark/internal/db/dbtest"
	"waymark/internal/intake/intaketest"
)

// scratch is a folder for what the tests of a run share.
var scratch string

func TestMain(m *testing.M) {
	if os.Getenv(typing) != "" {
		os.Exit(m.Run()) // the process to be killed shares nothing
	}
	var err error
	if scratch, err = os.MkdirTemp("", "waymark-cli-"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	os.RemoveAll(scratch)
	os.Exit(code)
}

// withClock is the program with a clock that can be set, built once.
var withClock = sync.OnceValues(func() (string, error) {
	path := filepath.Join(scratch, "waymark")
	build := exec.Command("go", "build", "-tags", "testclock", "-o", path, "./cmd/waymark")
	build.Dir = filepath.Join("..", "..")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the program: %w\n%s", err, out)
	}
	return path, nil
})

// desk is where commands are typed on one database, on a day.
type desk struct {
	t    *testing.T
	data []string // the flags that name the database
	at   db.Settings
	day  string
}

// onEachEngine gives a test a desk on an empty register of each engine.
func onEachEngine(t *testing.T, test func(*desk)) {
	t.Helper()
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			test(newDesk(t, engine))
		})
	}
}

func newDesk(t *testing.T, engine string) *desk {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "data")
	d := &desk{t: t, day: "2026-11-10", data: []string{"--data", dir}, at: db.Settings{Dir: dir}}
	if engine == "postgres" { // the keys stand in the folder still, each desk's in its own
		address := dbtest.Address(t)
		d.data, d.at = append(d.data, "--db", address), db.Settings{URL: address}
	}
	if _, told, code := d.types("register", "add", "--name", "Invented", "--database-id", "123", "--authority", "341"); code != 0 {
		t.Fatal(told)
	}
	return d
}

// types gives the command as it is typed on the desk's day.
func (d *desk) types(words ...string) (stdout, stderr string, code int) {
	d.t.Helper()
	path, err := withClock()
	if err != nil {
		d.t.Fatal(err)
	}
	var out, told bytes.Buffer
	cmd := exec.CommandContext(d.t.Context(), path, slices.Concat([]string{"--clock=" + d.day + "T12:00:00Z"}, words, d.data)...)
	cmd.Stdout, cmd.Stderr = &out, &told
	if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
		d.t.Fatal(err)
	}
	return out.String(), told.String(), cmd.ProcessState.ExitCode()
}

// facts are all that the register holds.
func (d *desk) facts() []string {
	d.t.Helper()
	held, err := db.OpenEvery(context.Background(), d.at)
	if err != nil {
		d.t.Fatal(err)
	}
	defer held.Close()
	return intaketest.Facts(d.t, held, 1)
}
