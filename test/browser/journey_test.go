package browser

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"waymark/internal/nccis"
)

// TestMainJourney is the main job from end to end, as issue "Done when" has it:
// a supplier's file goes in, what is wrong is mended, two people sign, and the
// file that comes out passes every check.
func TestMainJourney(t *testing.T) {
	for _, way := range []struct {
		name       string
		house      func(testing.TB) *House
		scriptOff  bool
		byKeyboard bool
		// second is who signs second.
		second string
		// looks says that every state of a page is looked at with axe and at
		// 320 px: it need not be done twice for the same pages.
		looks bool
	}{
		{name: "script on", house: newHouse, second: "data officer", looks: true},
		{name: "script off", house: newHouse, scriptOff: true, second: "team manager", looks: true},
		{name: "keyboard", house: newHouse, byKeyboard: true, second: "data officer"},
		{name: "PostgreSQL, script off", house: newPostgresHouse, scriptOff: true, second: "data officer"},
	} {
		t.Run(way.name, func(t *testing.T) {
			t.Parallel()
			h := way.house(t)
			j := &journey{t: t, house: h, browser: newBrowser(t), scriptOff: way.scriptOff, byKeyboard: way.byKeyboard, looks: way.looks, looked: map[string]bool{}}
			j.walk(way.second)
		})
	}
}

// journey is one walk through the main job. Tab and hand are those of whoever
// is at work.
type journey struct {
	t          *testing.T
	house      *House
	browser    *Browser
	scriptOff  bool
	byKeyboard bool
	looks      bool
	looked     map[string]bool

	tab *Tab
	hand
}

const month = "2026-10"

func (j *journey) walk(second string) {
	first := j.house.As("data officer")
	j.signIn(first)
	officer, officerHand := j.tab, j.hand

	j.load()
	j.mendOneByOne("3")
	j.mendOneByOne("31")
	j.mendOneByOne("100")
	j.together("303")
	j.takeBack("303")
	j.together("303")
	j.blocked()
	j.mendAll()
	j.movements()

	late := j.declareLater(first)
	j.sign(first)
	j.refused(late)
	j.signIn(j.house.As(second, first.SignIn))
	j.signSecond()

	j.tab, j.hand = officer, officerHand
	file := j.download()
	j.passes(file)
	j.record()
}

// look holds a state of a page against what every page must have.
func (j *journey) look(state string) {
	j.t.Helper()
	for _, wrong := range j.tab.Troubles() {
		j.t.Errorf("%s: the browser complained: %s", state, wrong)
	}
	if !j.looks || j.looked[state] {
		return
	}
	j.looked[state] = true
	for _, wrong := range append(append(j.tab.Form(), j.tab.Axe()...), j.tab.Sideways()...) {
		j.t.Errorf("%s (%s): %s", state, j.tab.Where(), wrong)
	}
	j.tab.Screenshot(strings.NewReplacer(" ", "-", "/", "-", ",", "").Replace("journey " + state))
}

// complains looks at a form that was sent wrongly, and holds that it says so.
func (j *journey) complains(state, words string) {
	j.t.Helper()
	if said := j.tab.Text(".govuk-error-summary"); !strings.Contains(said, words) {
		j.t.Errorf("%s: the summary of errors says %q and not %q", state, said, words)
	}
	j.look(state)
}

func (j *journey) says(words string) {
	j.t.Helper()
	if said := j.tab.Text("main"); !strings.Contains(said, words) {
		j.t.Fatalf("%s does not say %q but:\n%s", j.tab.Where(), words, said)
	}
}

func (j *journey) press(text string) { j.t.Helper(); j.use(j.tab.named(text)) }

func (j *journey) open(who Staff) (*Tab, hand) {
	tab := j.browser.Open(j.t, j.house.Base)
	if j.scriptOff {
		tab.ScriptOff()
	}
	if j.byKeyboard {
		return tab, keys{tab}
	}
	return tab, mouse{tab}
}

func (j *journey) signIn(who Staff) {
	j.t.Helper()
	j.tab, j.hand = j.open(who)
	j.tab.Visit("/")
	j.look("sign in")
	j.press("Sign in")
	j.complains("sign in, empty", "Enter")
	j.fill("sign-in", who.SignIn)
	j.fill("password", who.Password)
	j.press("Sign in")
	if at := j.tab.Where(); at != "/" {
		j.t.Fatalf("after signing in the page is %s: %s", at, j.tab.Text("main"))
	}
	j.look("home")
}

// load loads the waiting file on the page, and waits for it.
func (j *journey) load() {
	j.t.Helper()
	j.press("Files in")
	j.look("files in")
	j.press("Load a file")
	j.look("load a file")
	j.press("Load the file")
	j.complains("load a file, none chosen", "Choose the file to load")
	j.tab.TabTo(`input[type=file]`)
	j.tab.Attach("file", j.house.Waiting(j.t))
	j.press("Load the file")
	j.tab.WaitFor("The file is loaded")
	j.says("9,447")
	j.look("the file is loaded")
	j.press("See what is wrong")
	j.says("Serious: 11 findings")
	j.says("Errors: 34 findings")
	j.look("what is wrong")
}

// check opens the list of one check, by its address: the workbench links to it
// by its title.
func (j *journey) check(check string) bool {
	j.t.Helper()
	j.tab.Visit("/returns/" + month)
	link := `main a[href="/returns/` + month + `/checks/` + check + `"]`
	if !j.there(link) {
		return false
	}
	j.use(link)
	return true
}

func (j *journey) there(selector string) bool {
	j.t.Helper()
	var there bool
	j.tab.Ask(`document.querySelector(`+quote(selector)+`) !== null`, &there)
	return there
}

// mendLink is the way to the very field, in the list of a check.
const mendLink = `main td a[href*="/edit?back="]`

// mendOneByOne mends the first in the list of a check, through the link to the
// very field, and comes back to the same place.
func (j *journey) mendOneByOne(check string) {
	j.t.Helper()
	mend, ok := byHand()[check]
	if !ok {
		j.t.Fatalf("nobody has said how to mend check %s by hand", check)
	}
	if !j.check(check) {
		j.t.Fatalf("the workbench does not link to check %s", check)
	}
	j.look("list of a check")
	from := j.tab.Where()
	var href string
	j.tab.Ask(`document.querySelector(`+quote(mendLink)+`).getAttribute("href")`, &href)
	j.use(mendLink)
	path, field, _ := strings.Cut(href, "#")
	path, _, _ = strings.Cut(path, "?")
	form := strings.Join(strings.Split(path, "/")[3:], "/") // without whose it is
	var wrong string
	j.tab.Ask(`(() => { const e = document.getElementById(`+quote(field)+`); if (!e) return "there is no such field"; const r = e.getBoundingClientRect();
		if (!(r.height > 0 && r.top >= 0 && r.bottom <= innerHeight)) return "it is out of sight, from " + r.top + " to " + r.bottom + " of " + innerHeight;
		return e === document.activeElement ? "" : "the focus is on " + document.activeElement.outerHTML.slice(0, 80) })()`, &wrong)
	if wrong != "" {
		j.t.Errorf("check %s: the link to %s does not lead to the field: %s", check, href, wrong)
	}
	j.look("form " + form)
	if check == "3" {
		j.press("Save")
		j.complains("form sent empty", "Select how you learned this")
	}
	mend(j)
	j.pick("told-kind", "phone")
	j.press("Save")
	if at, _, _ := strings.Cut(j.tab.Where(), "#"); at != from {
		j.t.Fatalf("check %s: after the mend the page is %s, not %s: %s", check, at, from, j.tab.Text("main"))
	}
	j.says("Saved:")
	j.look("list of a check, after a mend")
}

// together mends all whom one rule mends, having seen what would change.
func (j *journey) together(check string) {
	j.t.Helper()
	j.check(check)
	j.press("Mend all together")
	j.says("As it would be")
	j.look("mend together")
	if check == "906" { // one box is quickly cleared
		j.choose("chosen", j.boxes()[0])
		j.press("Mend")
		j.complains("mend together, none chosen", "Tick at least one record")
		j.choose("chosen", j.boxes()[0])
	}
	submit := `main form button[type=submit]`
	j.use(submit)
	j.says("mended")
	j.look("what is wrong, after mending together")
}

func (j *journey) boxes() []string {
	j.t.Helper()
	var boxes []string
	j.tab.Ask(`[...document.querySelectorAll("input[name=chosen]")].map(e => e.value)`, &boxes)
	if len(boxes) == 0 {
		j.t.Fatalf("%s offers nobody to mend", j.tab.Where())
	}
	return boxes
}

// takeBack takes the last mend together back.
func (j *journey) takeBack(check string) {
	j.t.Helper()
	j.press("Take it back")
	j.look("what was mended together")
	j.press("Take it back")
	j.says("It is taken back for 15 records.")
	if !j.check(check) {
		j.t.Fatalf("check %s has nothing more to say after its mend was taken back", check)
	}
}

// blocked holds that nobody can sign while something serious stands.
func (j *journey) blocked() {
	j.t.Helper()
	j.tab.Visit("/returns/" + month + "/sign")
	if j.there(`input[name=declaration]`) {
		j.t.Error("the return can be signed while serious findings stand")
	}
	j.look("sign off, blocked")
}

// mendAll mends all that is left, of every check.
func (j *journey) mendAll() {
	j.t.Helper()
	for range 60 {
		j.tab.Visit("/returns/" + month)
		check := ""
		j.tab.Ask(`(() => { const a = document.querySelector('main th a[href*="/checks/"]'); return a ? a.getAttribute("href").split("/checks/")[1] : "" })()`, &check)
		if check == "" {
			j.says("Nothing is wrong")
			j.look("nothing is wrong")
			return
		}
		if !betterByHand(check) && j.offers(check) {
			j.together(check)
		} else {
			j.mendOneByOne(check)
		}
	}
	j.t.Fatalf("there is no end to mending: %s", j.tab.Text("main"))
}

// offers says whether one rule mends anybody of a check, as its page says.
func (j *journey) offers(check string) bool {
	j.t.Helper()
	link := `main a[href="/returns/` + month + `/checks/` + check + `/mend"]`
	if !j.there(link) {
		return false
	}
	j.use(link)
	return j.there(`input[name=chosen]`)
}

// betterByHand says where one rule could do it, and a person knows better: a
// nought for an O, a gender that somebody can be asked for.
func betterByHand(check string) bool { return check == "45" || check == "4" }

// byHand is what somebody writes into the form to which a finding leads.
func byHand() map[string]func(*journey) {
	fill := func(pairs ...string) func(*journey) {
		return func(j *journey) {
			for i := 0; i+1 < len(pairs); i += 2 {
				j.fill(pairs[i], pairs[i+1])
			}
		}
	}
	choose := func(name, value string) func(*journey) {
		return func(j *journey) { j.choose(name, value) }
	}
	return map[string]func(*journey){
		"3":   fill("family-name", "Ashcombe"),
		"4":   choose("gender", "F"),
		"6":   func(j *journey) { j.pick("ethnicity", "WBRI") },
		"26":  func(j *journey) { j.pick("lead-la", "995") },
		"30":  fill("uln", validULN()),
		"31":  fill("address-line-1", "12 Teasel Lane", "town", "Gullhaven"),
		"38":  fill("upn", ""),
		"43":  func(j *journey) { held := j.held("postcode"); j.fill("postcode", held[:len(held)-1]+"D") },
		"45":  func(j *journey) { j.fill("family-name", strings.Replace(j.held("family-name"), "0", "O", 1)) },
		"100": choose("level", "2"),
		"228": fill("establishment-number", "9958001"),
		"233": choose("characteristics", "140"),
		"254": choose("send", "Y"),
		"262": fill("review-day", "30", "review-month", "11", "review-year", "2026"),
		"305": fill("verified-day", "30", "verified-month", "10", "verified-year", "2026"),
		"907": fill("uln", ""),
	}
}

func (j *journey) held(name string) string {
	j.t.Helper()
	var held string
	j.tab.Ask(`document.querySelector(`+quote(`[name="`+name+`"]`)+`).value`, &held)
	return held
}

// validULN is a learner number that the check digit fits.
func validULN() string {
	for n := 8123456700; ; n++ {
		if s := fmt.Sprint(n); nccis.ValidULN(s) {
			return s
		}
	}
}

func (j *journey) movements() {
	j.t.Helper()
	j.press("What moved")
	j.says("Who moved")
	j.look("what moved")
	j.press("Who is in")
	j.look("who is in")
}

// declareLater has a second window of the same person at the page to sign, as
// somebody has who opened it before they signed in the first.
func (j *journey) declareLater(who Staff) *Tab {
	j.t.Helper()
	tab, _ := j.open(who)
	tab.SignIn(who)
	tab.Visit("/returns/" + month + "/sign")
	return tab
}

func (j *journey) sign(who Staff) {
	j.t.Helper()
	j.press("Sign off and send")
	j.look("sign off")
	j.says("The file says what the register says.")
	j.press("Sign as the first of two")
	j.complains("sign off, not declared", "")
	j.choose("declaration", "yes")
	j.press("Sign as the first of two")
	j.says("Your signature stands.")
	j.says("You signed first.")
	if j.there(`input[name=declaration]`) {
		j.t.Errorf("%s is asked for the second signature too", who.Name)
	}
	j.look("signed once")
}

// refused holds that the same name cannot sign twice from a page opened before.
func (j *journey) refused(late *Tab) {
	j.t.Helper()
	officer, by := j.tab, j.hand
	j.tab, j.hand = late, mouse{late}
	j.choose("declaration", "yes")
	j.press("Sign as the first of two")
	j.complains("signed twice by one person", "second")
	j.says("You signed first.")
	j.tab, j.hand = officer, by
}

func (j *journey) signSecond() {
	j.t.Helper()
	j.press("Returns")
	j.look("returns")
	j.tab.Visit("/returns/" + month + "/sign")
	j.choose("declaration", "yes")
	j.press("Sign as the second and freeze the file")
	j.says("The file is frozen.")
	j.look("signed and frozen")
}

// download fetches the frozen file twice.
func (j *journey) download() []byte {
	j.t.Helper()
	j.tab.Visit("/returns/" + month + "/sign")
	j.look("the frozen return")
	one, two := j.tab.Download("Download the file"), j.tab.Download("Download the file")
	if !bytes.Equal(one, two) {
		j.t.Error("two downloads of the frozen file differ")
	}
	sum := sha256.Sum256(one)
	j.says(hex.EncodeToString(sum[:]))
	return one
}

// passes holds that the file passes `waymark check`.
func (j *journey) passes(file []byte) {
	j.t.Helper()
	path := filepath.Join(j.t.TempDir(), "return.xml")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		j.t.Fatal(err)
	}
	findings, err := run("", "check", path, "--format", "json")
	if err != nil {
		j.t.Errorf("the file that was sent does not pass: %v", err)
	}
	if strings.TrimSpace(findings) != "" {
		j.t.Errorf("the file that was sent has findings:\n%s", tail(findings, 10))
	}
	if n := bytes.Count(file, []byte("<YoungPersonsRecord>")); n < 9000 {
		j.t.Errorf("the file holds only %d records", n)
	}
}

// record notes that the file was sent and accepted.
func (j *journey) record() {
	j.t.Helper()
	j.press("Note it")
	j.complains("what became of it, not said", "Choose what became of the file")
	j.choose("state", "sent")
	j.press("Note it")
	j.says("It is noted: sent.")
	j.look("sent")
	j.choose("state", "accepted")
	j.press("Note it")
	j.says("It is noted: accepted.")
	j.look("accepted")
	j.press("Returns")
	j.says("Accepted")
	j.tab.Visit("/")
	j.look("home, after the return")
}
