package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"mime/multipart"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"waymark/internal/access"
	"waymark/internal/account"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/nccis/nccistest"
	"waymark/internal/register"
	"waymark/test/outside"
)

// benchPage measures what people wait for a page while a file of 25,000 records
// is loaded: the file is sent through the page of the real server, on SQLite,
// and three people go on asking for pages, each 50 ms after the last. The
// baseline is the same before and after the load.
func benchPage(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("page", flag.ContinueOnError)
	records := flags.Int("records", 25_000, "records of the file")
	binary := flags.String("binary", "", "a waymark that is built already")
	if err := flags.Parse(args); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "waymark-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	program, err := outside.Build(ctx, dir, *binary)
	if err != nil {
		return err
	}
	b := &pageBench{data: filepath.Join(dir, "data")}
	if err := b.open(ctx); err != nil {
		return err
	}
	// Those who are there before: of another school year, so that they are
	// others than those of the big file.
	before, file := filepath.Join(dir, "before.xml"), filepath.Join(dir, "file.xml")
	month := lastMonth()
	if err := errors.Join(writeReturn(before, 1000, month.Add(-1).End(), 9), writeReturn(file, *records, month.End(), 1)); err != nil {
		return err
	}
	if out, err := exec.CommandContext(ctx, program, "import", "--data", b.data, before).CombinedOutput(); err != nil {
		return fmt.Errorf("import: %w\n%s", err, out)
	}
	s, err := outside.Serve(ctx, program, dir, "--data", b.data)
	if err != nil {
		return err
	}
	err = b.run(ctx, s, file)
	return errors.Join(err, s.Stop(), s.Complain())
}

func writeReturn(name string, records int, on civil.Date, seed uint64) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	return errors.Join(nccistest.WriteFile(f, records, seed, false, on, "341"), f.Close())
}

type pageBench struct {
	data string
	refs []string
}

// readers ask for pages while the file is loaded.
const readers = 3

func (b *pageBench) open(ctx context.Context) error {
	d, err := db.OpenEvery(ctx, db.Settings{Dir: b.data})
	if err != nil {
		return err
	}
	defer d.Close()
	reg, err := (&register.Service{DB: d}).Add(ctx, register.Register{PasswordAlone: true, Name: "Bench", DatabaseID: nccistest.DatabaseID,
		Authorities: []register.Authority{{Code: "341", Name: "Liverpool"}}})
	if err != nil {
		return err
	}
	by := access.Actor{Register: reg.ID, Ref: "operator:bench", Name: "bench", Roles: []access.Role{access.Operator}}
	accounts := account.New(d, reg.ID)
	for i := range readers + 1 {
		if _, err := accounts.Create(ctx, by, account.NewAccount{SignIn: workSignIn(i), Name: fmt.Sprintf("Worker %d", i+1), Password: workPassword, Roles: []access.Role{access.DataOfficer}}); err != nil {
			return err
		}
	}
	return nil
}

func (b *pageBench) run(ctx context.Context, s *outside.Server, file string) error {
	people := make([]*outside.Visitor, readers+1)
	for i := range people {
		v, err := outside.NewVisitor(s.Address)
		if err != nil {
			return err
		}
		if err := v.SignIn(workSignIn(i), workPassword); err != nil {
			return err
		}
		people[i] = v
	}
	p, err := people[0].Get("/due?window=90")
	if err != nil {
		return err
	}
	b.refs = regexp.MustCompile(`/young-people/[a-z2-7]{26}`).FindAllString(p.Body, -1)
	if len(b.refs) == 0 {
		return errors.New("nobody is listed whose record could be opened")
	}
	sender, others := people[readers], people[:readers]
	idle := func() ([]time.Duration, error) {
		still, stop := context.WithTimeout(ctx, 5*time.Second)
		defer stop()
		return b.browse(still, others)
	}
	before, err := idle()
	if err != nil {
		return err
	}
	loading, stop := context.WithCancel(ctx)
	var during []time.Duration
	done := make(chan error, 1)
	go func() {
		var err error
		during, err = b.browse(loading, others)
		done <- err
	}()
	began := time.Now()
	err = b.send(sender, file)
	wall := time.Since(began)
	stop()
	if err = errors.Join(err, <-done); err != nil {
		return err
	}
	after, err := idle()
	if err != nil {
		return err
	}
	fmt.Printf("the file was sent and loaded in %.1f s; server %.0f MB at its peak; load of the machine %s\n", wall.Seconds(), s.PeakMB(), machineLoad())
	for _, row := range []struct {
		when string
		took []time.Duration
	}{{"baseline: before", before}, {"while it is loaded", during}, {"baseline: after", after}} {
		fmt.Printf("  %-20s %6d pages   p50 %6.1f ms   p95 %6.1f ms   p99 %6.1f ms   most %6.1f ms\n", row.when, len(row.took), ms(percentile(row.took, 50)),
			ms(percentile(row.took, 95)), ms(percentile(row.took, 99)), ms(percentile(row.took, 100)))
	}
	if p := percentile(during, 95); p > importPage {
		return fmt.Errorf("pages take %v at the 95th percentile while a file is loaded, at most %v", p, importPage)
	}
	return nil
}

// browse asks for pages, each reader by themselves, until the context ends.
func (b *pageBench) browse(ctx context.Context, by []*outside.Visitor) ([]time.Duration, error) {
	type one struct {
		took []time.Duration
		err  error
	}
	all := make(chan one)
	for i, v := range by {
		go func() {
			r, took := rand.New(rand.NewPCG(uint64(i), 3)), []time.Duration{}
			for n := 0; ; n++ {
				select {
				case <-ctx.Done():
					all <- one{took, nil}
					return
				case <-time.After(50 * time.Millisecond):
				}
				path := b.refs[r.IntN(len(b.refs))]
				if n%4 == 3 {
					path = []string{"/", "/find", "/due?window=30", "/imports"}[r.IntN(4)]
				}
				p, err := v.Get(path)
				if err != nil {
					all <- one{took, err}
					return
				}
				took = append(took, p.Took)
			}
		}()
	}
	var took []time.Duration
	var errs []error
	for range by {
		o := <-all
		took, errs = append(took, o.took...), append(errs, o.err)
	}
	return took, errors.Join(errs...)
}

// send sends the file through its page, and waits until it is loaded.
func (b *pageBench) send(v *outside.Visitor, file string) error {
	p, err := v.Get("/imports/new")
	if err != nil {
		return err
	}
	form := v.Read.Form(p.Body, "file")
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	if err := w.WriteField("key", form.Get("key")); err != nil {
		return err
	}
	to, err := w.CreateFormFile("file", filepath.Base(file))
	if err != nil {
		return err
	}
	in, err := os.Open(file)
	if err != nil {
		return err
	}
	defer in.Close()
	if _, err := io.Copy(to, in); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	if p, err = v.AskWith(http.MethodPost, "/imports/new", &body, w.FormDataContentType()); err != nil {
		return err
	}
	for strings.Contains(p.Body, "This page looks again") {
		time.Sleep(500 * time.Millisecond)
		if p, err = v.Get(p.At); err != nil {
			return err
		}
	}
	if title := v.Read.TitleOf(p.Body); !strings.HasPrefix(title, "The file is loaded") {
		return fmt.Errorf("the file was not loaded: %s", title)
	}
	return nil
}
