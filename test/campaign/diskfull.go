package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"waymark/internal/db"
	"waymark/test/outside"
)

// campaignDiskfull fills the disk under the data, under the log and under the
// temporary files while people work: they are told so in words, what needs no
// room goes on, and once there is room again everything goes on by itself and
// nothing is lost.
func campaignDiskfull(ctx context.Context, args []string) (err error) {
	flags := flagsOf("diskfull", 20, "times that each disk is filled")
	if err := flags.Parse(args); err != nil {
		return err
	}
	t := flags.begin(ctx)
	g, err := stand(ctx)
	if err != nil {
		return t.end(err)
	}
	defer func() { err = errors.Join(err, g.clear()) }()
	for _, e := range engines() {
		f := &filled{t: t, g: g, engine: e, told: &acknowledged{flats: map[string]string{}}}
		err := f.begin(ctx)
		for i := 0; i < *flags.n && err == nil && ctx.Err() == nil; i++ {
			err = f.fill(ctx, i)
		}
		if err = errors.Join(err, f.end(ctx)); err != nil || ctx.Err() != nil {
			return t.end(fmt.Errorf("on %s: %w", e, errors.Join(err, ctx.Err())))
		}
	}
	return t.end(nil)
}

// filled is a server whose data, log and temporary files stand on small disks.
type filled struct {
	t                *tally
	g                *ground
	engine           db.Engine
	data, logs, temp *disk
	pg               *cluster
	at               place
	server           *outside.Server
	w                *writer
	refs             []string
	told             *acknowledged
	n                int
	supplier         string
}

func (f *filled) begin(ctx context.Context) (err error) {
	mb := int64(60)
	if f.engine == db.Postgres {
		mb = 400 // its own log of changes takes 16 MB at a time
	}
	for _, one := range []struct {
		to   **disk
		name string
		mb   int64
	}{{&f.data, "data", mb}, {&f.logs, "logs", 20}, {&f.temp, "temp", 20}} {
		if *one.to, err = newDisk(filepath.Join(f.g.dir, string(f.engine)+"-"+one.name), one.mb); err != nil {
			return err
		}
	}
	f.at = place{g: f.g, engine: f.engine, dir: filepath.Join(f.data.mount, "data")}
	if f.engine == db.Postgres {
		if f.pg, err = newCluster(ctx, filepath.Join(f.data.mount, "postgres"), false); err != nil {
			return err
		}
		f.at.base, f.at.g = "postgres", &ground{dir: f.g.dir, program: f.g.program, server: f.pg.address()}
	}
	if _, f.supplier, _, err = f.at.invented(ctx, 200, filepath.Join(f.g.dir, "files")); err != nil {
		return err
	}
	if f.refs, err = f.at.somePeople(ctx, 2); err != nil {
		return err
	}
	if f.server, err = outside.ServeWith(ctx, []string{"TMPDIR=" + f.temp.mount}, f.g.program, f.logs.mount, append(f.at.flags(), "--heads", filepath.Join(f.logs.mount, "heads"))...); err != nil {
		return err
	}
	f.w, err = signedIn(f.server.Address, "priya")
	return err
}

func (f *filled) end(ctx context.Context) error {
	var err error
	if f.server != nil {
		err = f.server.Stop()
	}
	if err == nil && f.server != nil {
		if err := f.at.sound(ctx); err != nil {
			f.t.fault("%s, at the end: %v", f.engine, err)
		}
		if err := f.at.run(ctx, "audit", "verify", "--heads", filepath.Join(f.logs.mount, "heads")); err != nil {
			f.t.fault("%s, at the end: %v", f.engine, err)
		}
	}
	if f.pg != nil {
		f.pg.kill()
	}
	for _, d := range []*disk{f.data, f.logs, f.temp} {
		if d != nil {
			err = errors.Join(err, d.remove())
		}
	}
	return err
}

// write changes an address, and tells what came of it: saved, or what the page
// says.
func (f *filled) write() error {
	f.n++
	path, form, err := f.w.addressOf(f.refs[f.n%len(f.refs)], fmt.Sprintf("Flat %d", f.n))
	if err == nil {
		_, err = f.w.Ask("POST", path, form)
	}
	if err == nil {
		f.told.add(form)
	}
	return f.inWords(err)
}

// errNoRoom is a page that says that the disk is full.
var errNoRoom = errors.New("the page says that there is no room")

// inWords is errNoRoom where a page tells it, and else what went wrong.
func (f *filled) inWords(err error) error {
	var no outside.Refused
	switch {
	case !errors.As(err, &no):
		return err
	case strings.Contains(no.Body, "no room left"):
		return errNoRoom
	}
	return fmt.Errorf("%w: %s", err, f.w.Read.ComplaintOf(no.Body))
}

// fill fills each disk once while somebody works, and makes room again.
func (f *filled) fill(ctx context.Context, i int) error {
	if err := f.write(); err != nil {
		return fmt.Errorf("with room, before: %w", err)
	}
	for _, one := range []struct {
		name string
		disk *disk
		goes func() error
	}{{"the data", f.data, f.worksWithoutRoom}, {"the log", f.logs, f.write}, {"temporary files", f.temp, f.upload}} {
		full, err := ballast(one.disk.mount)
		if err != nil {
			return err
		}
		what := fmt.Sprintf("%s, %d: the disk of %s is full", f.engine, i, one.name)
		switch err := one.goes(); {
		case errors.Is(err, errNoRoom):
			f.t.count("told in words, "+one.name, 1)
		case err != nil:
			f.t.fault("%s: %v; %v", what, err, f.server.Complain())
		default:
			f.t.count("went on, "+one.name, 1)
		}
		if err := os.Remove(full); err != nil {
			return err
		}
		if err := f.recovers(ctx, what); err != nil {
			return err
		}
	}
	f.t.count("times all three were filled on "+string(f.engine), 1)
	return f.counted(ctx, i)
}

// worksWithoutRoom writes and reads until there is no room, and then looks at
// what goes on.
func (f *filled) worksWithoutRoom() error {
	var told error
	for range 30 {
		if told = f.write(); told != nil {
			break
		}
	}
	if told != nil && !errors.Is(told, errNoRoom) && f.pg == nil {
		return fmt.Errorf("writing: %w", told)
	}
	for _, path := range []string{"/", "/figures", "/help"} {
		if p, err := f.w.Counted(path); err != nil && f.pg == nil {
			return fmt.Errorf("%s: %w", f.w.Read.TitleOf(p.Body), err)
		}
	}
	_, err := f.w.Get("/young-people/" + f.refs[0])
	if err = f.inWords(err); err != nil && !errors.Is(err, errNoRoom) && f.pg == nil {
		return fmt.Errorf("reading: %w", err)
	}
	if err == nil {
		err = told
	}
	// Where PostgreSQL stops itself for want of room nothing can be asked of
	// it; that it comes back is looked at next.
	if f.pg != nil && err != nil {
		return errNoRoom
	}
	return err
}

// upload sends the supplier's file.
func (f *filled) upload() error {
	p, err := f.w.Get("/imports/new")
	if err != nil {
		return err
	}
	form := f.w.Read.Form(p.Body, "file")
	if form == nil {
		return errors.New("there is nowhere to send a file")
	}
	content, err := os.ReadFile(f.supplier)
	if err != nil {
		return err
	}
	var body bytes.Buffer
	m := multipart.NewWriter(&body)
	for name := range form {
		if name != "file" {
			m.WriteField(name, form.Get(name))
		}
	}
	part, err := m.CreateFormFile("file", "month.xml")
	if err == nil {
		_, err = part.Write(content)
	}
	if err = errors.Join(err, m.Close()); err != nil {
		return err
	}
	_, err = f.w.AskWith(http.MethodPost, "/imports/new", &body, m.FormDataContentType())
	return f.inWords(err)
}

// recovers waits until writing goes on, without anybody starting Waymark again.
func (f *filled) recovers(ctx context.Context, what string) error {
	if f.pg != nil && !f.pg.answers(ctx) {
		f.t.count("PostgreSQL had stopped itself and was started again", 1)
		f.pg.kill()
		if err := f.pg.start(ctx); err != nil {
			return fmt.Errorf("%s: PostgreSQL does not start with room: %w", what, err)
		}
	}
	var err error
	for range 100 {
		if err = f.write(); err == nil {
			return nil
		}
		time.Sleep(200 * time.Millisecond)
	}
	f.t.fault("%s: with room again it does not go on: %v", what, err)
	return nil
}

// counted sees that nothing acknowledged is lost.
func (f *filled) counted(ctx context.Context, i int) error {
	kept, err := f.at.kept(ctx)
	if err != nil {
		return err
	}
	f.t.count("acknowledged acts lost", 0)
	f.t.count("acts acknowledged on "+string(f.engine), 0)
	for key, flat := range f.told.flats {
		f.t.count("acts acknowledged on "+string(f.engine), 1)
		if held := kept[key]; len(held) != 1 || held[0] != flat {
			f.t.count("acknowledged acts lost", 1)
			f.t.fault("%s, %d: %s was acknowledged and is held as %q", f.engine, i, flat, held)
		}
	}
	clear(f.told.flats)
	return nil
}

// ballast fills a disk to its last byte with a file, and names it.
func ballast(dir string) (string, error) {
	name := filepath.Join(dir, "ballast")
	file, err := os.Create(name)
	if err != nil {
		return name, err
	}
	defer file.Close()
	for size := 1 << 20; size > 0; {
		if _, err := file.Write(make([]byte, size)); err != nil {
			size /= 2
		}
	}
	file.Sync()
	return name, nil
}
