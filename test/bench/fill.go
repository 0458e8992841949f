package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"

	"waymark/internal/access"
	"waymark/internal/account"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/demo"
	"waymark/internal/nccis"
	"waymark/internal/seal"
)

// A whole invented authority, as internal/demo makes it: how many young people
// its register holds, and how many of them its return is about.
const (
	demoPeople   = 18_600
	demoInReturn = 9_200
)

// atWork is how many people use the register at once, and advisersAtWork how
// many of them are advisers; the others are data officers.
const (
	atWork         = 50
	advisersAtWork = 40
)

const workPassword = "eleven quiet lanterns"

func workSignIn(i int) string { return fmt.Sprintf("worker%d@saltmarsh.example.org", i+1) }

// benchFill makes the register that work, past and start measure, in a folder
// that can be given to them: three years of an invented authority's history,
// act by act, of the size asked for.
func benchFill(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("fill", flag.ContinueOnError)
	people := flags.Int("people", 100_000, "young people in the register")
	dir := flags.String("data", "", "the folder to fill")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *dir == "" {
		return errors.New("name the folder to fill with -data")
	}
	req, err := nccis.Load()
	if err != nil {
		return err
	}
	began := time.Now()
	world, err := demo.Invent(demo.Settings{Seed: 1, On: civil.On(began, civil.London()), Size: float64(*people) / demoPeople})
	if err != nil {
		return err
	}
	if err := os.MkdirAll(*dir, 0o700); err != nil {
		return err
	}
	// The server that is measured finds the key where it looks for it.
	ring, err := seal.OpenRing(filepath.Join(*dir, masterKey), "")
	if err != nil {
		return err
	}
	d, err := db.OpenEvery(ctx, db.Settings{Dir: *dir, Ring: ring})
	if err != nil {
		return err
	}
	defer d.Close()
	reg, err := demo.Fill(ctx, demo.House{DB: d, Requirement: req}, world)
	if err != nil {
		return err
	}
	accounts := account.New(d, reg.ID)
	by := access.Actor{Register: reg.ID, Ref: "operator:bench", Name: "bench", Roles: []access.Role{access.Operator}}
	for i := range atWork {
		role := access.Adviser
		if i >= advisersAtWork {
			role = access.DataOfficer
		}
		if _, err := accounts.Create(ctx, by, account.NewAccount{SignIn: workSignIn(i), Name: fmt.Sprintf("Worker %d", i+1), Password: workPassword, Roles: []access.Role{role}}); err != nil {
			return err
		}
	}
	fmt.Printf("%d young people and three years of history in %.0f s\n", len(world.People), time.Since(began).Seconds())
	return os.WriteFile(filepath.Join(*dir, wholeMark), nil, 0o600)
}

// wholeMark is the file that says that a folder was filled to its end.
const wholeMark = "filled"

// filled is a folder with a register of that size: the one kept from an earlier
// run where it is whole, and else filled now, in a process of its own because a
// child's peak counts from its parent's.
func filled(ctx context.Context, kept, scratch string, people int) (string, error) {
	dir := kept
	if dir == "" {
		dir = filepath.Join(scratch, "filled")
	}
	if _, err := os.Stat(filepath.Join(dir, wholeMark)); err == nil {
		return dir, nil
	}
	if names, _ := os.ReadDir(dir); len(names) > 0 {
		return "", fmt.Errorf("%s holds something, but not a register filled to its end: delete it, or name another folder", dir)
	}
	self, err := os.Executable()
	if err != nil {
		return "", err
	}
	cmd := exec.CommandContext(ctx, self, "fill", "-data", dir, "-people", strconv.Itoa(people))
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	return dir, cmd.Run()
}

// copied is a copy of the databases in a folder, so that what a run writes does
// not count in the next.
func copied(from, to string) error {
	if err := os.MkdirAll(to, 0o700); err != nil {
		return err
	}
	files, err := filepath.Glob(filepath.Join(from, "*.db*"))
	for _, name := range append(files, filepath.Join(from, masterKey)) {
		err = errors.Join(err, copyFile(name, filepath.Join(to, filepath.Base(name))))
	}
	return err
}

// masterKey is the file of the key under which notes are sealed.
const masterKey = "master-key"

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}
