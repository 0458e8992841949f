package browser

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// enrolled is a list in which a day is none and a name is missing, and in which
// the college has a word of its own.
const enrolled = `Given name,Family name,Date of birth,Sex,Postcode,Course,Start date
Marigold,Threlfall,14/03/2010,F,ZZ1 1AB,Bricklaying with a boat,07/09/2026
Obadiah,Quillfeather,31/02/2010,M,ZZ1 1AC,Bricklaying with a boat,07/09/2026
Sunniva,Okonedo-Pike,02/11/2009,F,ZZ1 1AD,A levels,07/09/2026
,,12/05/2010,M,ZZ1 1AE,A levels,07/09/2026
`

// TestFaultyRowsGoBackAndComeAgain puts a file away after a cell of it was
// mended; sent again, it explains a word once for the whole file, downloads the row
// that cannot be used, and takes the corrected row in as a file of its own.
func TestFaultyRowsGoBackAndComeAgain(t *testing.T) {
	for _, way := range []struct {
		name      string
		scriptOff bool
	}{{name: "script on"}, {name: "script off", scriptOff: true}} {
		t.Run(way.name, func(t *testing.T) {
			t.Parallel()
			h := emptyHouse(t, false)
			j := &journey{t: t, house: h, browser: newBrowser(t), scriptOff: way.scriptOff, looks: !way.scriptOff, looked: map[string]bool{}}
			who := h.As("data officer")
			j.tab, j.hand = j.open(who)
			j.tab.SignIn(who)
			before := len(h.facts())

			j.sendEnrolled("enrolled.csv", enrolled, false)
			j.mendTheDay("12 3 2010")
			j.press("Put this file away")
			j.look("a file to put away")
			j.press("Put the file away")
			if after := len(h.facts()); after != before {
				t.Errorf("the file is put away, and the register has %d facts and not %d", after, before)
			}

			file := j.sendEnrolled("enrolled.csv", enrolled, true)
			j.teachTheWord(file)
			rows := string(j.tab.Download("Download the rows that cannot be used"))
			if !strings.Contains(rows, "12/05/2010") || strings.Contains(rows, "Threlfall") || !strings.Contains(rows, "What is wrong") {
				t.Fatalf("the rows to correct are:\n%s", rows)
			}
			j.press("Check and apply")
			j.choose("skip", "yes")
			j.use(`main form button[type=submit]`)
			j.says("2 people were added")

			corrected := strings.Replace(rows, ",,12/05/2010", "Balthazar,Nwosu-Finch,12/05/2010", 1)
			if corrected == rows {
				t.Fatalf("the row to correct is not as the list has it:\n%s", rows)
			}
			j.sendEnrolled("corrected.csv", corrected, true)
			j.press("Check and apply")
			j.use(`main form button[type=submit]`)
			j.says("1 person was added")
		})
	}
}

// sendEnrolled sends a list of the college as far as its review.
func (j *journey) sendEnrolled(name, text string, known bool) string {
	j.t.Helper()
	path := filepath.Join(j.t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		j.t.Fatal(err)
	}
	j.tab.Visit("/imports/new")
	if known {
		j.choose("from", "known")
		var ref string
		j.tab.Ask(`[...document.querySelectorAll("select[name=sender] option")].find(o => o.text.trim() === "Lagoon College").value`, &ref)
		j.pick("sender", ref)
	} else {
		j.choose("from", "new")
		j.fill("sender-name", "Lagoon College")
		j.pick("place", "yes")
	}
	for field, value := range map[string]string{"as-at-day": "25", "as-at-month": "10", "as-at-year": "2026"} {
		j.fill(field, value)
	}
	j.tab.Attach("file", path)
	j.press("Load the file")
	if at := j.tab.Where(); !strings.HasSuffix(at, "/columns") {
		j.t.Fatalf("%s: sent, it leads to %s: %s", name, at, j.tab.Text("main"))
	}
	file := strings.TrimSuffix(j.tab.Where(), "/columns")
	j.press("Read the file like this")
	j.tab.WaitFor("Check and apply")
	return file
}

// mendTheDay mends the one row whose day of birth is none.
func (j *journey) mendTheDay(born string) {
	j.t.Helper()
	file := j.tab.Where()
	j.press("Date of birth: no such day")
	j.use(`main th a[href*="/rows/"]`)
	j.fill("value", born)
	j.press("Mend and read it again")
	j.tab.Visit(file)
	if strings.Contains(j.tab.Text("main"), "no such day") {
		j.t.Error("the row is mended, and its problem is still there")
	}
}

// teachTheWord says what the college's own word means: full-time further
// education.
func (j *journey) teachTheWord(file string) {
	j.t.Helper()
	j.tab.Visit(file + "/words")
	j.look("words of a file")
	var field string
	j.tab.Ask(`[...document.querySelectorAll("tbody tr")].find(r => r.innerText.includes("Bricklaying with a boat")).querySelector("select").name`, &field)
	j.pick(field, "230")
	j.press("Remember, and read the file again")
	j.tab.WaitFor("Check and apply")
	j.says("explained")
	j.tab.Visit("/senders/words")
	j.says("bricklaying with a boat")
	j.look("words that were explained")
	j.tab.Visit(file)
}
