package browser

import (
	"context"
	"net/url"
	"strings"
	"testing"

	"waymark/internal/db"
	"waymark/internal/demo"
)

// TestOnAPhone works at 320 px without scripts, as an old telephone on a bad
// signal does: a visit is told at the doorstep, and two young people say what they
// do, one of them in Welsh, which an adviser then uses.
func TestOnAPhone(t *testing.T) {
	t.Parallel()
	p := &phone{t: t, house: newHouse(t), browser: newBrowser(t)}
	p.adviser = p.inHand()
	p.adviser.SignIn(Staff{SignIn: "niamh@saltmarsh.example.org", Password: demo.Password})
	p.doorstep()
	for i, words := range []youngWords{
		{language: "English", born: "First: when were you born?", next: "Continue", doing: "What are you doing now?", where: "Where is that?", help: "Do you want any help?", send: "Send", thanks: "Thank you"},
		{language: "Welsh", begin: "Cymraeg", born: "Yn gyntaf: pryd cest ti dy eni?", next: "Parhau", doing: "Beth wyt ti'n ei wneud nawr?", where: "Ble mae hynny?", help: "Wyt ti eisiau help?", send: "Anfon", thanks: "Diolch"},
	} {
		p.selfReport(i, words)
	}
}

type phone struct {
	t       *testing.T
	house   *House
	browser *Browser
	adviser *Tab
}

// youngWords are what the pages for young people say in a language.
type youngWords struct{ language, begin, born, next, doing, where, help, send, thanks string }

// inHand is a phone's browser.
func (p *phone) inHand() *Tab {
	p.t.Helper()
	tab := p.browser.Open(p.t, p.house.Base)
	tab.Size(320, 640)
	tab.ScriptOff()
	return tab
}

func (p *phone) looks(tab *Tab, state string) {
	p.t.Helper()
	for _, wrong := range append(append(append(tab.Form(), tab.Axe()...), tab.Sideways()...), tab.Troubles()...) {
		p.t.Errorf("%s (%s): %s", state, tab.Where(), wrong)
	}
	tab.Screenshot("phone " + state)
}

func (p *phone) says(tab *Tab, words string) {
	p.t.Helper()
	if said := tab.Text("main"); !strings.Contains(said, words) {
		p.t.Fatalf("%s does not say %q but:\n%s", tab.Where(), words, said)
	}
}

// read is one row of the house's register.
func (p *phone) read(query string, into ...any) {
	p.t.Helper()
	d, err := db.OpenEvery(context.Background(), db.Settings{Dir: p.house.data[1]})
	if err == nil {
		defer d.Close()
		err = d.Read(context.Background(), func(tx *db.Tx) error { return tx.QueryRow(query).Scan(into...) })
	}
	if err != nil {
		p.t.Fatal(err)
	}
}

func (p *phone) count(query string) (n int) {
	p.t.Helper()
	p.read(query, &n)
	return n
}

// doorstep tells a visit in four presses from the round. The first answer is lost
// on the way, so it is sent twice, and is one contact.
func (p *phone) doorstep() {
	p.t.Helper()
	const visits = `SELECT count(*) FROM contact WHERE how = 'visit' AND known_to IS NULL`
	tab, before := p.adviser, p.count(visits)
	tab.Visit("/visits")
	p.looks(tab, "rounds")
	tab.Follow("10 November 2026")
	p.looks(tab, "a round")
	round := tab.Where()
	// Of those who are told already the link leads to what was told.
	tab.Ask(`(() => { const open = [...document.querySelectorAll('main a[href^="/doorstep/"]')].find(a => !a.closest("tr").querySelector(".govuk-tag"));
		open.dataset.press = "1"; return "" })()`, nil)
	tab.click(`[data-press]`)
	p.looks(tab, "at the door")
	tab.Choose("outcome", "no answer")
	tab.Choose("next", "7")
	lost := 0
	tab.Ask(`(async () => { const f = document.querySelector("main form"); return (await fetch(location.href, {method: "POST", body: new URLSearchParams(new FormData(f)), redirect: "manual"})).type === "opaqueredirect" ? 1 : 0 })()`, &lost)
	if n := p.count(visits); lost != 1 || n != before+1 {
		p.t.Fatalf("what was sent first came to %d, and there are %d visits more", lost, n-before)
	}
	tab.Press("Save this visit")
	if tab.Where() != round {
		p.t.Errorf("saved, the page is %s", tab.Where())
	}
	p.says(tab, "No answer")
	p.looks(tab, "saved")
	if n := p.count(visits); n != before+1 {
		p.t.Errorf("sent twice there are %d visits more", n-before)
	}
}

// selfReport follows a link from a young person's record to the thank-you, and the
// answer to the record.
func (p *phone) selfReport(skip int, w youngWords) {
	p.t.Helper()
	var ref, born, given string
	p.read(`SELECT s.ref, s.dob, s.given FROM standing s WHERE s.adviser_name = 'Niamh Castellan' AND s.dob IS NOT NULL AND s.cohort_status = 'P'
		AND NOT EXISTS (SELECT 1 FROM restriction r WHERE r.young_person = s.young_person) ORDER BY s.young_person DESC LIMIT 1 OFFSET `+string(rune('0'+skip)), &ref, &born, &given)
	staff := p.adviser
	staff.Visit("/young-people/" + ref + "/messages")
	staff.Press("Make a link")
	p.looks(staff, "a link for "+w.language)
	link, err := url.Parse(staff.Text("#self-report-link"))
	if err != nil || !strings.HasPrefix(link.Path, "/a/") {
		p.t.Fatalf("the link is %v, %v", link, err)
	}

	tab := p.inHand()
	tab.Visit(link.Path)
	if w.begin != "" {
		tab.Follow(w.begin)
	}
	p.says(tab, w.born)
	tab.Press(w.next)
	p.looks(tab, w.language+", no birth date")
	born3 := strings.Split(born, "-")
	for i, name := range []string{"born-year", "born-month", "born-day"} {
		tab.Fill(name, strings.TrimLeft(born3[i], "0"))
	}
	tab.Press(w.next)
	p.says(tab, w.doing)
	p.looks(tab, w.language+", doing")
	tab.Choose("doing", "work")
	tab.Press(w.next)
	p.says(tab, w.where)
	tab.Fill("where", "Gullhaven Bakery")
	p.looks(tab, w.language+", where")
	tab.Press(w.next)
	p.says(tab, w.help)
	tab.Choose("help", "no")
	p.looks(tab, w.language+", help")
	tab.Press(w.send)
	p.says(tab, w.thanks)
	p.looks(tab, w.language+", thanks")
	for _, no := range []string{given, "NEET", "330"} {
		if strings.Contains(tab.Text("body"), no) {
			p.t.Errorf("the page of thanks says %q", no)
		}
	}

	staff.Visit("/messages/answers")
	p.says(staff, "Working, at Gullhaven Bakery")
	p.looks(staff, "an answer in "+w.language)
	staff.Follow("Use it for " + given)
	p.looks(staff, "using an answer in "+w.language)
	staff.Choose("contact-outcome", "reached")
	staff.Press("Use the answer")
	staff.Visit("/messages/answers")
	if strings.Contains(staff.Text("main"), "Gullhaven Bakery") {
		p.t.Error("an answer that was used still waits")
	}
}
