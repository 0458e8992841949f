package browser

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
)

// Partner is one of the lists that the demo leaves for whoever tries it.
func (h *House) Partner(t testing.TB, name string) string {
	t.Helper()
	return filepath.Join(filepath.Dir(h.Waiting(t)), name)
}

// takeIn takes a partner's list in by the command and gives its address.
func (h *House) takeIn(t testing.TB, name, sender, day string, more ...string) string {
	t.Helper()
	// The command ends with code 1 where somebody has something to decide.
	out, err := h.Command(append([]string{"import", h.Partner(t, name), "--sender", sender, "--as-at", day, "--format", "json"}, more...)...)
	var told struct{ Ref string }
	if json.Unmarshal([]byte(out), &told) != nil || told.Ref == "" {
		t.Fatalf("taking %s in: %v\n%s", name, err, out)
	}
	return "/intakes/" + told.Ref
}

// takenIn are pages of partners' files in each of their states.
func (h *House) takenIn(t testing.TB) []string {
	t.Helper()
	college := []string{"--kind", "full-roll", "--full"}
	enrolments := h.takeIn(t, "estuary-enrolments.xlsx", "Estuary and Coast College", "2026-10-25")
	first := h.takeIn(t, "gullhaven-college-roll-1.csv", "Gullhaven College", "2026-09-26", append(college, "--apply", "--skip-undecided")...)
	second := h.takeIn(t, "gullhaven-college-roll-2.csv", "Gullhaven College", "2026-10-26", college...)
	intended := h.takeIn(t, "gullhaven-high-intended.csv", "Gullhaven High School", "2026-10-28")
	return []string{enrolments, enrolments + "/matches", first + "/undo", second + "/gone", intended + "/words"}
}

// TestPartnersFileJourney takes a college's odd workbook from the upload into
// the register and out of it again.
func TestPartnersFileJourney(t *testing.T) {
	for _, way := range []struct {
		name      string
		scriptOff bool
	}{{name: "script on"}, {name: "script off", scriptOff: true}} {
		t.Run(way.name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			j := &journey{t: t, house: h, browser: newBrowser(t), scriptOff: way.scriptOff, looks: !way.scriptOff, looked: map[string]bool{}}
			who := h.As("data officer")
			j.tab, j.hand = j.open(who)
			j.tab.SignIn(who)
			file := j.sendList()
			j.mendRow(file)
			j.decideRows(file)
			person := j.applyList(file)
			j.takeListBack(file, person)
		})
	}
}

// sendList sends the workbook and says yes to how it is understood.
func (j *journey) sendList() string {
	j.t.Helper()
	j.press("Files in")
	j.press("Load a file")
	j.tab.Attach("file", j.house.Partner(j.t, "estuary-enrolments.xlsx"))
	j.press("Load the file")
	j.complains("a list, nobody sent it", "Say who sent the file")
	j.choose("from", "new")
	j.fill("sender-name", "Estuary and Coast College")
	j.fill("as-at-day", "25")
	j.fill("as-at-month", "10")
	j.fill("as-at-year", "2026")
	j.look("a list, who sent it")
	j.tab.Attach("file", j.house.Partner(j.t, "estuary-enrolments.xlsx"))
	j.press("Load the file")
	j.says("Post-16 enrolment list")
	j.says("row 4 has the names of columns")
	j.look("a list understood")
	file := strings.TrimSuffix(j.tab.Where(), "/columns")
	j.pick("column-0", "TheirRef")
	j.press("Read the file like this")
	j.tab.WaitFor("Check and apply")
	j.says("Not known falls from")
	j.look("a list in review")
	return file
}

func (j *journey) mendRow(file string) {
	j.t.Helper()
	j.press("Date of birth: no such day")
	j.says("31/02/2009")
	j.look("rows with a problem")
	j.use(`main th a[href*="/rows/"]`)
	j.look("a row to mend")
	row := j.tab.Where()
	j.use(`main a[href^="/young-people/"]`)
	var born string // as the register has it: the college is rung, and says the same
	j.tab.Ask(`document.querySelector("main").innerText.match(/\d{1,2} [A-Z][a-z]+ 20\d\d/)[0]`, &born)
	j.tab.Visit(row)
	j.fill("value", born)
	j.press("Mend and read it again")
	j.says(born)
	j.tab.Visit(file)
	if strings.Contains(j.tab.Text("main"), "no such day") {
		j.t.Error("the row is mended, and its problem is still there")
	}
}

// decideRows answers who an initial is, and leaves out who may be a twin.
func (j *journey) decideRows(file string) {
	j.t.Helper()
	j.press("Whom a row is about")
	j.says("an initial or the start of it")
	j.look("a row and a record side by side")
	j.press("Same person")
	j.says("The first names are those of two people, as of twins or sisters.")
	j.look("a row of a twin")
	j.press("Leave the row out")
	if at := j.tab.Where(); at != file {
		j.t.Errorf("after the last decision the page is %s", at)
	}
	j.says("The row is left out.")
}

// applyList applies the list and gives the page of somebody who changed.
func (j *journey) applyList(file string) string {
	j.t.Helper()
	j.press("Check and apply")
	j.look("check a list, then apply")
	button := j.tab.Text(`main form button[type=submit]`)
	if !strings.HasPrefix(button, "Add 3 people and update ") {
		j.t.Errorf("the button says %q", button)
	}
	j.use(`main form button[type=submit]`)
	j.says("3 people were added")
	j.look("a list applied")
	j.tab.Visit(file + "/rows?outcome=changed")
	j.look("rows that changed something")
	var person string
	j.tab.Ask(`document.querySelector('main td a[href^="/young-people/"]').getAttribute("href")`, &person)
	j.tab.Visit(person)
	j.says("Estuary and Coast College")
	return person
}

func (j *journey) takeListBack(file, person string) {
	j.t.Helper()
	j.tab.Visit(file)
	j.press("Take this file back")
	j.press("Take the file back")
	j.complains("a list taken back, no reason", "Say why the file is taken back")
	j.fill("reason", "The college had sent last year’s list")
	j.press("Take the file back")
	j.says("The partner’s file was taken back")
	j.look("a list taken back")
	j.tab.Visit(person)
	if strings.Contains(j.tab.Text("main"), "Estuary and Coast College") {
		j.t.Error("the file is taken back, and the record still says what it said")
	}
	for _, page := range []string{"/senders", "/imports"} {
		j.tab.Visit(page)
		j.look("lists: " + page)
	}
}
