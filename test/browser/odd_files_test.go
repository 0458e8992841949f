package browser

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"waymark/internal/db"
	"waymark/internal/db/dbtest"
	"waymark/internal/demo"
	"waymark/internal/intake/intaketest"
)

// emptyHouse serves a register with nobody in it and one data officer.
func emptyHouse(t testing.TB, postgres bool) *House {
	t.Helper()
	chromium(t)
	data := []string{"--data", filepath.Join(t.TempDir(), "data")}
	if postgres {
		data = append([]string{"--db", dbtest.Address(t)}, data...) // the key of notes stands in the folder
	}
	if _, err := run("", append([]string{"register", "add", "--name", "Invented", "--database-id", "123", "--authority", "341"}, data...)...); err != nil {
		t.Fatal(err)
	}
	if _, err := run("", append([]string{"register", "sign-in", "--second-factor", "password-alone"}, data...)...); err != nil {
		t.Fatal(err)
	}
	if _, err := run(demo.Password+"\n", append([]string{"user", "add", "--name", "Odessa Filer", "--sign-in", "odessa@example.org", "--role", "data officer"}, data...)...); err != nil {
		t.Fatal(err)
	}
	return serve(t, data...)
}

// facts are all that the house's register holds.
func (h *House) facts() []string {
	h.t.Helper()
	at := db.Settings{Dir: h.data[1]}
	if h.data[0] == "--db" {
		at = db.Settings{URL: h.data[1]}
	}
	d, err := db.OpenEvery(context.Background(), at)
	if err != nil {
		h.t.Fatal(err)
	}
	defer d.Close()
	return intaketest.Facts(h.t, d, 1)
}

// TestOddFilesByPage sends the odd files by page, in a browser: each goes in the
// first time and comes to what it comes to by the service and by the command. A
// month later the last is taken back, and the register is what it was before, to
// the last fact.
func TestOddFilesByPage(t *testing.T) {
	for _, way := range []struct {
		name                  string
		postgres, off, byKeys bool
		files                 []intaketest.File
	}{
		{name: "script on", files: intaketest.All()},
		{name: "PostgreSQL, script off", postgres: true, off: true, files: intaketest.Odd()},
		{name: "keyboard", byKeys: true, files: intaketest.Odd()[:7]},
	} {
		t.Run(way.name, func(t *testing.T) {
			t.Parallel()
			h := emptyHouse(t, way.postgres)
			j := &journey{t: t, house: h, browser: newBrowser(t), scriptOff: way.off, byKeyboard: way.byKeys, looks: !way.off && !way.byKeys, looked: map[string]bool{}}
			who := h.As("data officer")
			j.tab, j.hand = j.open(who)
			j.tab.SignIn(who)
			last, before := "", []string(nil)
			known := map[string]bool{}
			for _, f := range way.files {
				before = h.facts()
				last = j.oddFile(&f, known[f.From])
				known[f.From] = true
				if t.Failed() {
					return
				}
			}
			h.clock = "2026-12-12T09:00:00Z"
			h.Kill()
			j.tab.Base = h.Base
			j.tab.SignIn(who)
			j.tab.Visit(last)
			j.press("Take this file back")
			j.fill("reason", "It was another school's list")
			j.press("Take the file back")
			j.says("The partner’s file was taken back")
			if d := cmp.Diff(before, h.facts()); d != "" {
				t.Errorf("taken back a month later, the register is not what it was (-was +is):\n%s", d)
			}
		})
	}
}

// oddFile takes one file from the form into the register, and returns its address.
func (j *journey) oddFile(f *intaketest.File, known bool) string {
	j.t.Helper()
	j.upload(f, known)
	if f.Kind != "" && j.hidden("kind") != f.Kind {
		j.tab.Visit(j.tab.Where() + "?kind=" + f.Kind)
	}
	j.look("columns of " + f.Name)
	for question, answer := range f.Answers {
		j.choose("question-"+question, answer)
	}
	if f.Whole {
		j.choose("whole", "yes")
	}
	file := strings.TrimSuffix(strings.Split(j.tab.Where(), "?")[0], "/columns")
	j.press("Read the file like this")
	j.tab.WaitFor("Check and apply")
	j.look("review of " + f.Name)
	if got := j.counted(); got != f.Comes {
		j.t.Fatalf("%s: comes to %v, not %v: %s", f.Name, got, f.Comes, j.tab.Text("main"))
	}
	if f.Name == "Apprenticeship starts.psv" {
		j.says("Columns not kept")
	}
	for _, list := range []string{"new", "changed", "skipped"} {
		if link := `main a[href="` + file + `/rows?outcome=` + list + `"]`; j.looks && j.there(link) {
			j.use(link)
			j.look("rows of " + f.Name + " " + list)
			j.tab.Visit(file)
		}
	}
	j.press("Check and apply")
	if j.there(`input[name=skip]`) {
		j.choose("skip", "yes")
	}
	j.look("apply " + f.Name)
	j.use(`main form button[type=submit]`)
	j.says("Take this file back")
	return file
}

// upload fills in the form of a file and sends it.
func (j *journey) upload(f *intaketest.File, known bool) {
	j.t.Helper()
	path := filepath.Join(j.t.TempDir(), f.Name)
	if err := os.WriteFile(path, f.Body(j.t), 0o600); err != nil {
		j.t.Fatal(err)
	}
	j.tab.Visit("/imports/new")
	if known {
		j.choose("from", "known")
		var ref string
		j.tab.Ask(`[...document.querySelectorAll("select[name=sender] option")].find(o => o.text.trim() === `+quote(f.From)+`).value`, &ref)
		j.pick("sender", ref)
	} else {
		j.choose("from", "new")
		j.fill("sender-name", f.From)
		place := "no"
		if f.Place {
			place = "yes"
		}
		j.pick("place", place)
	}
	for i, part := range []string{"year", "month", "day"} {
		n, err := strconv.Atoi(strings.Split(f.AsAt, "-")[i])
		if err != nil {
			j.t.Fatal(err)
		}
		j.fill("as-at-"+part, strconv.Itoa(n))
	}
	j.tab.TabTo(`input[type=file]`)
	j.tab.Attach("file", path)
	j.press("Load the file")
	if at := j.tab.Where(); !strings.HasSuffix(at, "/columns") {
		j.t.Fatalf("%s: sent, it leads to %s: %s", f.Name, at, j.tab.Text("main"))
	}
}

func (j *journey) hidden(name string) string {
	j.t.Helper()
	var value string
	j.tab.Ask(`(document.querySelector("main form[method=post] input[type=hidden][name=`+name+`]") || {value: ""}).value`, &value)
	return value
}

// counted are the numbers of a review, in the order of intaketest.File's Comes.
func (j *journey) counted() (out [7]int) {
	j.t.Helper()
	said := j.tab.Text(".wm-stats")
	for i, words := range []string{"rows? read", "new", "changed", "unchanged", "needs? a decision", "cannot be used", "left out"} {
		if found := regexp.MustCompile(fmt.Sprintf(`([\d,]+)\s+%s\b`, words)).FindStringSubmatch(said); found != nil {
			n, err := strconv.Atoi(strings.ReplaceAll(found[1], ",", ""))
			if err != nil {
				j.t.Fatal(err)
			}
			out[i] = n
		}
	}
	return out
}
