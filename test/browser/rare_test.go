package browser

import (
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"waymark/internal/db/dbtest"
	"waymark/internal/demo"
	"waymark/internal/transfer"
)

// neighbours is a folder with two authorities beside one another that nobody has
// touched.
var neighbours = sync.OnceValues(func() (string, error) {
	dir := filepath.Join(scratch(), "neighbours")
	_, err := run("", "demo", "--boroughs", "2", "--no-serve", "--on", day, "--data", dir)
	return dir, err
})

// newNeighbours serves two authorities in one house. Its staff are the first's.
func newNeighbours(t *testing.T) *House {
	t.Helper()
	original, err := neighbours()
	if err != nil {
		t.Fatal(err)
	}
	return serveFirst(t, "--data", copied(t, original))
}

// postgresNeighbours is newNeighbours on PostgreSQL with fewer people, in a schema of its own whose
// address it gives.
func postgresNeighbours(t *testing.T) (*House, string) {
	t.Helper()
	at, dir := dbtest.Address(t), filepath.Join(t.TempDir(), "data") // the key of notes stands in the folder
	if _, err := run("", "demo", "--boroughs", "2", "--size", "0.25", "--no-serve", "--on", day, "--db", at, "--data", dir); err != nil {
		t.Fatal(err)
	}
	return serveFirst(t, "--db", at, "--data", dir), at
}

// serveFirst serves several authorities; its staff are the first's.
func serveFirst(t *testing.T, data ...string) *House {
	t.Helper()
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	h := &House{t: t, clock: clock, data: data, seals: []string{"--heads", filepath.Join(dir, "heads"), "--audit-key", filepath.Join(dir, "key")}}
	h.start(path)
	for _, one := range demo.StaffOf(0, 1) {
		h.Staff = append(h.Staff, Staff{SignIn: one.SignIn, Name: one.Name, Password: demo.Password, Roles: []string{string(one.Role)}})
	}
	return h
}

// TestPagesThatAreRare looks at the pages to which nothing leads in a house of
// one authority in which nobody has opted out and no processing is restricted.
func TestPagesThatAreRare(t *testing.T) {
	t.Parallel()
	chromium(t) // skip before the work
	h := newNeighbours(t)
	browser := newBrowser(t)
	as := func(signIn string) *Tab {
		tab := browser.Open(t, h.Base)
		tab.SignIn(Staff{SignIn: signIn, Password: demo.Password})
		return tab
	}
	looks := func(tab *Tab, title string) {
		t.Helper()
		if got := tab.Text("h1"); got != title {
			t.Fatalf("%s is headed %q, not %q: %s", tab.Where(), got, title, tab.Text("main"))
		}
		for _, width := range []int64{1280, 320} {
			tab.Size(width, 900)
			for _, wrong := range append(append(tab.Form(), tab.Axe()...), tab.Sideways()...) {
				t.Errorf("%s at %d px: %s", title, width, wrong)
			}
			tab.Screenshot(title + map[int64]string{1280: " wide", 320: " narrow"}[width])
		}
		for _, wrong := range tab.Troubles() {
			t.Errorf("%s: the browser complained: %s", title, wrong)
		}
	}

	officer := as("priya@saltmarsh.example.org")
	// Records are compared while the server runs, from its start on.
	for deadline := time.Now().Add(patience); ; time.Sleep(300 * time.Millisecond) {
		officer.Visit("/across-the-border")
		if officer.found(`[...document.querySelectorAll("main td a")].some(a => a.textContent.startsWith("Answer"))`) {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("nobody is found across the border: %s", officer.Text("main"))
		}
	}
	officer.Follow("Answer")
	looks(officer, "The same young person?")
	officer.Choose("same", "yes")
	officer.Press("Save my answer")

	officer.Visit("/transfers")
	looks(officer, "Transfers")
	var offered, mover string
	officer.Ask(`document.querySelector('main input[name="person"]').value`, &mover)
	officer.Ask(`document.querySelector('main table a[href^="/transfers/"]').getAttribute("href")`, &offered)
	officer.Visit(offered)
	looks(officer, officer.Text("h1")) // whoever is offered
	officer.Choose("as", "new")
	officer.Press("Take them over")
	if got := officer.Text("main"); !strings.Contains(got, "Taken over") {
		t.Errorf("after taking over: %s", got)
	}
	officer.Visit(offered)
	looks(officer, officer.Text("h1")) // and can be given back
	officer.Choose("given-back", transfer.BackReasons()[0])
	officer.Press("Give them back")
	if got := officer.Text("main"); !strings.Contains(got, "Given back") {
		t.Errorf("after giving back: %s", got)
	}
	officer.Visit("/transfers/new?to=996&person=" + mover)
	looks(officer, "Hand over to another authority")
	officer.Press("Offer them")
	if got := officer.Text("main"); strings.Contains(got, "Offer those ticked") {
		t.Errorf("after offering: %s", got)
	}
	officer.Visit("/across-the-border")

	governance := as("harold@saltmarsh.example.org")
	var person string
	officer.Ask(`document.querySelector('main table a[href^="/young-people/"]').getAttribute("href")`, &person)
	governance.Visit(person)
	governance.Follow("Record an opt-out")
	governance.Choose("opt-out-by", "young person")
	governance.Select("told-kind", "phone")
	governance.Press("Save")
	governance.Follow("End")
	looks(governance, "End an opt-out")
	governance.Select("told-kind", "phone")
	governance.Press("Save")
	governance.Follow("Restrict processing")
	governance.Choose("restricted-ground", "they object, while we look into it")
	governance.Select("told-kind", "phone")
	governance.Press("Save")
	governance.Follow("End")
	looks(governance, "End the restriction of processing")
	governance.Select("told-kind", "phone")
	governance.Press("Save")
	if governance.found(`[...document.querySelectorAll("main a")].some(a => a.textContent.trim() === "End")`) {
		t.Errorf("an opt-out or a restriction is in force still: %s", governance.Text("main"))
	}
}
