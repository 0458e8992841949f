package browser

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"waymark/internal/db"
	"waymark/internal/demo"
)

// seldom looks, with axe and at 320 px, at pages to which no link leads, in each
// of the states in which somebody may meet them.
type seldom struct {
	t       *testing.T
	house   *House
	at      string // the file that holds the clock
	browser *Browser
}

// TestPagesOnlyMetInNeed looks at the pages that somebody comes to by what they did
// before: a locked record, a form that was kept, what the Department sent back, the
// answer of a campaign's row, the draft of a notice, and links that are no longer.
func TestPagesOnlyMetInNeed(t *testing.T) {
	t.Parallel()
	chromium(t) // skip before the work
	original, err := filled()
	if err != nil {
		t.Fatal(err)
	}
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	s := &seldom{t: t, at: filepath.Join(dir, "clock"), browser: newBrowser(t)}
	s.moment("09:00")
	s.house = &House{t: t, clock: "@" + s.at, data: []string{"--data", copied(t, original)}, seals: []string{"--heads", filepath.Join(dir, "heads"), "--audit-key", filepath.Join(dir, "key")}}
	s.house.start(path)

	officer := s.as("priya@saltmarsh.example.org")
	s.locked(officer)
	s.letter(officer)
	s.feedback(officer)
	s.campaign(s.as("niamh@saltmarsh.example.org"))
	s.link(s.browser.Open(t, s.house.Base))
	s.kept()
}

// moment moves the clock of the house to a time of the day.
func (s *seldom) moment(at string) {
	s.t.Helper()
	if err := os.WriteFile(s.at, []byte(day+"T"+at+":00Z"), 0o600); err != nil {
		s.t.Fatal(err)
	}
}

func (s *seldom) as(signIn string) *Tab {
	tab := s.browser.Open(s.t, s.house.Base)
	tab.SignIn(Staff{SignIn: signIn, Password: demo.Password})
	return tab
}

// looks holds that the page is the one meant, and looks at it.
func (s *seldom) looks(tab *Tab, state, says string) {
	s.t.Helper()
	if said := tab.Text("body"); !strings.Contains(said, says) {
		s.t.Fatalf("%s: %s does not say %q but:\n%s", state, tab.Where(), says, said)
	}
	for _, wrong := range append(append(append(tab.Form(), tab.Axe()...), tab.Sideways()...), tab.Troubles()...) {
		s.t.Errorf("%s (%s): %s", state, tab.Where(), wrong)
	}
	tab.Screenshot("seldom " + state)
}

func (s *seldom) read(query string, into ...any) {
	s.t.Helper()
	d, err := db.OpenEvery(context.Background(), db.Settings{Dir: s.house.data[1]})
	if err == nil {
		defer d.Close()
		err = d.Read(context.Background(), func(tx *db.Tx) error { return tx.QueryRow(query).Scan(into...) })
	}
	if err != nil {
		s.t.Fatalf("%s: %v", query, err)
	}
}

// locked is asked to open, asked without a reason, and opened; then closed to
// everybody, as a relative's.
func (s *seldom) locked(tab *Tab) {
	s.t.Helper()
	var ref, own string
	s.read(`SELECT y.ref FROM restriction r JOIN young_person y ON y.register = r.register AND y.id = r.young_person WHERE r.kind = 'locked' AND r.known_to IS NULL LIMIT 1`, &ref)
	at := "/young-people/" + ref + "/locked"
	tab.Visit(at)
	s.looks(tab, "a locked record", "Open it for 30 minutes")
	tab.Press("Open it for 30 minutes")
	s.looks(tab, "a locked record without a reason", "There is a problem")
	tab.Fill("reason", "The police rang and asked where they are")
	tab.Press("Open it for 30 minutes")
	s.looks(tab, "a locked record that was opened", "open to you until")

	s.read(`SELECT s.ref FROM standing s WHERE NOT EXISTS (SELECT 1 FROM restriction r WHERE r.young_person = s.young_person) ORDER BY s.young_person LIMIT 1`, &own)
	relative := s.as("tomasz@saltmarsh.example.org")
	relative.Visit("/account/relatives")
	relative.Fill("person", own)
	relative.Choose("relation", "relative")
	relative.submit()
	relative.Visit("/young-people/" + own + "/locked")
	s.looks(relative, "a relative’s record", "Nobody opens such a record")
}

// letter is the draft to another authority.
func (s *seldom) letter(tab *Tab) {
	s.t.Helper()
	var ref string
	s.read(`SELECT ref FROM notice WHERE home_la = '987' LIMIT 1`, &ref)
	tab.Visit("/notices/" + ref + "/letter")
	s.looks(tab, "a draft to another authority", "To: authority 987")
}

// feedback takes in a file of the Department's duplicates, and answers a row.
func (s *seldom) feedback(tab *Tab) {
	s.t.Helper()
	var number, given, family, born string
	s.read(`SELECT y.young_persons_id, s.given, s.family, s.dob FROM standing s JOIN young_person y ON y.register = s.register AND y.id = s.young_person
		WHERE s.cohort_status = 'P' AND y.young_persons_id <> '' AND NOT EXISTS (SELECT 1 FROM restriction r WHERE r.young_person = s.young_person) LIMIT 1`, &number, &given, &family, &born)
	file := filepath.Join(s.t.TempDir(), "duplicates.csv")
	if err := os.WriteFile(file, []byte("YoungPersonsID,Forename,Surname,Date of birth,Lead LA\r\n"+strings.Join([]string{number, given, family, born, "988"}, ",")+"\r\n"), 0o600); err != nil {
		s.t.Fatal(err)
	}
	if out, err := s.house.Command("import", file, "--sender", "Department for Education", "--kind", "dfe-duplicates", "--as-at", "2026-11-02", "--apply"); err != nil {
		s.t.Fatalf("%v\n%s", err, out)
	}
	tab.Visit("/feedback")
	s.looks(tab, "the Department’s duplicates", "To do (1)")
	tab.Follow("Answer")
	s.looks(tab, "a duplicate", "What was done?")
	tab.Press("Save")
	s.looks(tab, "a duplicate without an answer", "There is a problem")
	tab.Choose("state", "done")
	tab.Press("Save")
	s.looks(tab, "a duplicate that was answered", "The answer is kept")
}

// kept is what was sent before somebody had proved anew who they are, and what
// they had typed when their session ended.
func (s *seldom) kept() {
	s.t.Helper()
	var ref string
	s.read(`SELECT y.ref FROM restriction r JOIN young_person y ON y.register = r.register AND y.id = r.young_person WHERE r.kind = 'locked' AND r.known_to IS NULL LIMIT 1`, &ref)
	s.moment("09:41")
	late := s.as("tomasz@saltmarsh.example.org")
	late.Visit("/young-people/" + ref + "/locked")
	s.moment("09:52")
	late.Fill("reason", "The police rang and asked where they are")
	late.Press("Open it for 30 minutes")
	s.looks(late, "to be proved anew", "Prove again that it is you")
	late.Fill("password", demo.Password)
	late.submit()
	s.looks(late, "what was sent before", "Carry on with what you began")
	late.Press("Carry on")
	s.looks(late, "and carried on", "open to you until")

	late.Visit("/young-people/new")
	s.moment("10:23")
	late.Fill("given-name", "Marigold")
	late.submit()
	s.looks(late, "to be signed in anew", "What you typed is kept for a day")
	late.Fill("sign-in", "tomasz@saltmarsh.example.org")
	late.Fill("password", demo.Password)
	late.Press("Sign in")
	s.looks(late, "what was typed before", "This was not saved yet")
}

// submit presses the button of the page's form.
func (b *Tab) submit() { b.t.Helper(); b.click(`main form button:not([type=button])`) }

// campaign answers a few questions of a row, one of them missing.
func (s *seldom) campaign(tab *Tab) {
	s.t.Helper()
	tab.Visit("/campaigns")
	tab.Follow("Year 12 not known")
	tab.Follow("Work the list")
	tab.click("form[action$='/take'] button")
	tab.Press("Spoke")
	s.looks(tab, "what changed", "What do they do now?")
	tab.Press("Save")
	s.looks(tab, "what changed, with nothing said", "There is a problem")
}

// link is a young person's own that is none: that is told with the birth date alone.
func (s *seldom) link(tab *Tab) {
	s.t.Helper()
	tab.Visit("/a/1/aaaaaaaaaaaaaaaaaaaaaaaaaa")
	s.looks(tab, "a link that is none", "when were you born?")
	for name, value := range map[string]string{"born-day": "3", "born-month": "4", "born-year": "2009"} {
		tab.Fill(name, value)
	}
	tab.submit()
	s.looks(tab, "a link that is none, refused", "do not work together")
}
