package web

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/id"
	"waymark/internal/need"
	"waymark/internal/record"
	"waymark/internal/youngperson"
)

// actor is the one who acts for a role outside the pages.
func (h *house) actor(role access.Role) access.Actor {
	return access.Actor{Register: 1, Ref: "account:test", Name: "Test", Roles: []access.Role{role}}
}

// told is evidence for a fact that a test tells.
func told() record.Told { return record.Told{Kind: act.Telephone, SaidBy: "her aunt"} }

// wren is a young person of academic age 16 with everything the Department
// asks for, but for an activity.
func (h *house) wren(t testing.TB) id.Ref {
	t.Helper()
	ref, err := h.Record.Add(t.Context(), h.actor(access.DataOfficer), record.NewPerson{
		Name: youngperson.Name{Given: "Wren", Family: "Ashdown"}, Born: civil.MustParse("2010-03-03"), Gender: "F", Ethnicity: "WBRI",
		Address: youngperson.Address{Line1: "4 Lantern Row", Town: "Sandmere", Postcode: "ZZ1 1AA"}, LeadLA: "991", EducatedLA: "991",
		Need: need.Need{Level: "2", SEND: "N", SENSupport: "N"}}, told())
	if err != nil {
		t.Fatal(err)
	}
	h.because(t, access.Adviser, ref)
	return ref
}

// because says why somebody who is not the young person's adviser looks at
// their record: the most ordinary of reasons.
func (h *house) because(t testing.TB, as access.Role, ref id.Ref) {
	t.Helper()
	page := "/young-people/" + string(ref)
	w := h.ask(Scenario{As: as, Method: "POST", URL: page + "/why", Form: url.Values{"reason": {record.LookReasons()[0]}}})
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != page {
		t.Fatalf("giving a reason answered %d to %q\n%s", w.Code, w.Header().Get("Location"), w.Body)
	}
}

// atCollege gives the activity that most have.
func (h *house) atCollege(t testing.TB, ref id.Ref) {
	t.Helper()
	err := h.Record.RecordActivity(t.Context(), h.actor(access.Adviser), ref, record.NewSpell{Activity: "220", Started: civil.MustParse("2026-09-07"),
		EstablishmentName: "Larkfield Sixth Form College", PredictedEnd: civil.MustParse("2028-07-07")}, 0, told())
	if err != nil {
		t.Fatal(err)
	}
}

// fields are the values that a page's form holds, as a browser would send them.
func fields(page string) url.Values {
	v := url.Values{}
	_, form, _ := strings.Cut(page, `id="main-content"`)
	for _, in := range regexp.MustCompile(`<input [^>]*>`).FindAllString(form, -1) {
		name, value := attribute(in, "name"), attribute(in, "value")
		if t := attribute(in, "type"); (t == "radio" || t == "checkbox") && !strings.Contains(in, " checked") {
			continue
		}
		v.Add(name, value)
	}
	for _, s := range regexp.MustCompile(`(?s)<select [^>]*name="([^"]+)".*?</select>`).FindAllStringSubmatch(form, -1) {
		chosen := ""
		if m := regexp.MustCompile(`<option value="([^"]*)" selected`).FindStringSubmatch(s[0]); m != nil {
			chosen = m[1]
		}
		v.Set(s[1], chosen)
	}
	for _, s := range regexp.MustCompile(`(?s)<textarea [^>]*name="([^"]+)"[^>]*>(.*?)</textarea>`).FindAllStringSubmatch(form, -1) {
		v.Set(s[1], s[2])
	}
	return v
}

func attribute(tag, name string) string {
	m := regexp.MustCompile(` ` + name + `="([^"]*)"`).FindStringSubmatch(tag)
	if m == nil {
		return ""
	}
	return m[1]
}

// open gets a form and what it would send, with the day and manner it was
// learned filled in.
func (h *house) open(t *testing.T, as access.Role, address string, change map[string]string) url.Values {
	t.Helper()
	w := h.ask(Scenario{As: as, URL: address})
	if w.Code != http.StatusOK {
		t.Fatalf("GET %s answered %d\n%s", address, w.Code, w.Body)
	}
	wellFormed(t, w.Body.String())
	v := fields(w.Body.String())
	v.Set("told-kind", act.Telephone)
	for name, value := range change {
		v.Set(name, value)
	}
	return v
}

func TestFind(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		ref := h.wren(t)
		h.atCollege(t, ref)
		find := func(as access.Role, form url.Values) string {
			w := h.ask(Scenario{As: as, Method: "POST", URL: "/find", Form: form})
			to := w.Header().Get("Location")
			if w.Code != http.StatusSeeOther || !regexp.MustCompile(`^/find/results/[a-z2-7]{26}$`).MatchString(to) {
				t.Fatalf("looking sent to %q with %d", to, w.Code)
			}
			return to
		}
		person := `href="/young-people/` + string(ref) + `"`
		byName := find(access.Adviser, url.Values{"who": {"ash wre"}})
		byBirth := find(access.DataOfficer, url.Values{"who": {"3 March 2010 zz1"}})
		byNumber := find(access.DataOfficer, url.Values{"who": {"991 0000000001"}})
		nobody := find(access.DataOfficer, url.Values{"who": {"Nobody 27/3/2009"}})
		long := find(access.DataOfficer, url.Values{"who": {strings.Repeat("q", 10_000)}})
		h.run(t, []Scenario{
			{Name: "the form", As: access.Adviser, URL: "/find", Want: []string{`href="/find" aria-current`, "Add a young person", `data-find="/find/suggest"`}},
			{Name: "empty", As: access.Adviser, Method: "POST", URL: "/find", Form: url.Values{}, Status: 422, Want: []string{`href="#who"`, "Enter a name"}},
			{Name: "a percent sign", As: access.Adviser, Method: "POST", URL: "/find", Form: url.Values{"who": {"%"}}, Status: 422, Want: []string{`href="#who"`, "Enter letters or digits: there are none in “%”", `value="%"`}},
			{Name: "an emoji", As: access.Adviser, Method: "POST", URL: "/find", Form: url.Values{"who": {"🙂"}}, Status: 422, Want: []string{"Enter letters or digits"}},
			{Name: "a day of no month", As: access.Adviser, Method: "POST", URL: "/find", Form: url.Values{"who": {"ash 31/2/2009"}}, Status: 422, Want: []string{`href="#who"`, "“31/2/2009” is not a day of the calendar.", `value="ash 31/2/2009"`}},
			{Name: "by name", As: access.Adviser, URL: byName, Want: []string{person, "Wren Ashdown", "Family name Ashdown; given name Wren", "16 (17 on 3 March)", "Larkfield", "sixth-form college (220)", "1 person matches", "ZZ1", "until\u00a031\u00a0August\u00a02027"}},
			{Name: "by birth and postcode", As: access.DataOfficer, URL: byBirth, Want: []string{person, "Born 3 March 2010; lives at ZZ1 1AA", "3 March 2010 read as a birth date"}},
			{Name: "by number", As: access.DataOfficer, URL: byNumber, Want: []string{person, "YoungPersonsID 9910000000001"}},
			{Name: "nobody", As: access.DataOfficer, URL: nobody, Want: []string{"Nobody found", "Add a young person"}},
			{Name: "10,000 letters", As: access.DataOfficer, URL: long, Want: []string{"Nobody found", "You typed 10,000 letters. Only the first 200 were looked for."}},
			{Name: "another's results", As: access.TeamManager, URL: byName, Want: []string{"These results are gone"}, WantNot: []string{"Ashdown"}},
			{Name: "what was asked fills the form", As: access.DataOfficer, URL: strings.Replace(nobody, "/find/results/", "/young-people/new?from=", 1), Want: []string{`value="27"`, `value="2009"`}},
			{Name: "not for commissioners", As: access.Commissioner, URL: "/find", Status: 403},
			{Name: "nor the results", As: access.Commissioner, URL: byName, Status: 403, WantNot: []string{"Ashdown"}},
			{Name: "nor as they type", As: access.Commissioner, Method: "POST", URL: "/find/suggest", Form: url.Values{"who": {"ash"}}, Status: 403, WantNot: []string{"Ashdown"}},
			{Name: "as one types", As: access.Adviser, Method: "POST", URL: "/find/suggest", Form: url.Values{"who": {"ash"}},
				Want: []string{`"name":"Wren Ashdown"`, `"why":"Family name Ashdown"`, `"href":"/young-people/` + string(ref) + `"`, "1 person matches", "3 March 2010"}},
			{Name: "nobody as one types", As: access.Adviser, Method: "POST", URL: "/find/suggest", Form: url.Values{"who": {"%"}}, Want: []string{`{"people":[],"words":"Nobody found yet."}`}},
		})
		if strings.Contains(h.log.String(), "ash wre") {
			t.Error("the log holds what was looked for")
		}
	})
}

func TestPersonPage(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		ref := h.wren(t)
		page := "/young-people/" + string(ref)
		h.run(t, []Scenario{
			{Name: "without an activity", As: access.DataOfficer, URL: page, Want: []string{"Wren Ashdown", "16 (17 on 3 March 2027)", "Year 12, academic age 16", "9910000000001",
				"Nothing is recorded", "1 thing to mend", page + "/activity/edit"}},
			{Name: "the way to mend it", As: access.DataOfficer, URL: page + "/activity/edit?back=%2Flapsing", Status: 303, Location: page + "/activity/new?back=%2Flapsing"},
		})
		h.atCollege(t, ref)
		h.run(t, []Scenario{
			{Name: "summary", As: access.Adviser, URL: page, Want: []string{"sixth-form college (220)", "Current until", "31 August 2027", "4 Lantern Row", "Sandmere (991)", "Confirm: still doing this"},
				WantNot: []string{"to mend", "her aunt; entered"}},
			{Name: "with its sources", As: access.Adviser, URL: page + "?sources=yes", Want: []string{"Phone, her aunt, 10 November 2026; entered by Test"}},
			{Name: "who may only look", As: access.InformationGovernance, URL: page, Want: []string{"Wren Ashdown"}, WantNot: []string{"/edit", "activity/new", "contact/new"}},
			{Name: "history", As: access.Adviser, URL: page + "/history", Want: []string{"Added", "Activity or contact recorded", "since 7 September 2026", "Learned: phone, her aunt"}},
			{Name: "not for commissioners", As: access.Commissioner, URL: page, Status: 403, WantNot: []string{"Wren"}},
			{Name: "nor the history", As: access.Commissioner, URL: page + "/history", Status: 403, WantNot: []string{"Wren"}},
			{Name: "nobody", As: access.Adviser, URL: "/young-people/" + string(id.NewRef()), Status: 404},
			{Name: "nor a form of nobody", As: access.Adviser, URL: "/young-people/" + string(id.NewRef()) + "/name/edit", Status: 404},
			{Name: "may not change", As: access.InformationGovernance, URL: page + "/name/edit", Status: 403},
			{Name: "may not change by POST either", As: access.Commissioner, Method: "POST", URL: page + "/name/edit", Form: url.Values{}, Status: 403},
		})
	})
}

// Too many to read are counted, with what to add.
func TestFindMany(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		for range findLimit + 3 {
			h.wren(t)
		}
		w := h.ask(Scenario{As: access.Adviser, Method: "POST", URL: "/find", Form: url.Values{"who": {"wren"}}})
		h.run(t, []Scenario{
			{Name: "all of them", As: access.Adviser, URL: w.Header().Get("Location"), Want: []string{"53 people match. These are the 50 that fit best.", "as in “wren 2009”"}},
			{Name: "as one types", As: access.Adviser, Method: "POST", URL: "/find/suggest", Form: url.Values{"who": {"wren"}}, Want: []string{"See the first 50 of 53 who match", "the first 8 are listed"}},
		})
	})
}

// An adviser without a relation on file says why they look, once in eight
// hours; nobody else is asked.
func TestWhyOneLooks(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		ref, err := h.Record.Add(t.Context(), h.actor(access.DataOfficer), record.NewPerson{
			Name: youngperson.Name{Given: "Robin", Family: "Tealby"}, Born: civil.MustParse("2010-03-03"), Gender: "M", Ethnicity: "WBRI",
			Address: youngperson.Address{Line1: "4 Lantern Row", Postcode: "ZZ1 1AA"}, LeadLA: "991", EducatedLA: "991",
			Need: need.Need{Level: "2", SEND: "N", SENSupport: "N"}}, told())
		if err != nil {
			t.Fatal(err)
		}
		page := "/young-people/" + string(ref)
		why := page + "/why"
		h.run(t, []Scenario{
			{Name: "asked", As: access.Adviser, URL: page, Status: 303, Location: why, WantNot: []string{"Tealby"}},
			{Name: "asked from a form", As: access.Adviser, URL: page + "/name/edit", Status: 303, Location: why + "?back=" + url.QueryEscape(page+"/name/edit")},
			{Name: "the question says nothing of them", As: access.Adviser, URL: why, Want: []string{"Why do you need this record?", "I am on duty"}, WantNot: []string{"Robin", "Tealby", "2010"}},
			{Name: "no answer", As: access.Adviser, Method: "POST", URL: why, Form: url.Values{}, Status: 422, Want: []string{`href="#reason"`}},
			{Name: "another, unsaid", As: access.Adviser, Method: "POST", URL: why, Form: url.Values{"reason": {"other"}}, Status: 422, Want: []string{`href="#other"`}},
			{Name: "too long", As: access.Adviser, Method: "POST", URL: why, Form: url.Values{"reason": {"other"}, "other": {strings.Repeat("x", 201)}}, Status: 422, Want: []string{"200 letters or fewer"}},
			{Name: "still asked", As: access.Adviser, URL: page, Status: 303, Location: why},
			{Name: "nobody there", As: access.Adviser, URL: "/young-people/" + string(id.NewRef()) + "/why", Status: 404},
			{Name: "nobody there to say it about", As: access.Adviser, Method: "POST", URL: "/young-people/" + string(id.NewRef()) + "/why", Form: url.Values{"reason": {"x"}}, Status: 404},
			{Name: "a manager is not asked", As: access.TeamManager, URL: page, Want: []string{"Robin Tealby"}},
			{Name: "nor a data officer", As: access.DataOfficer, URL: page, Want: []string{"Robin Tealby"}},
			{Name: "who is not asked goes on", As: access.DataOfficer, URL: why, Status: 303, Location: page},
			{Name: "nor information governance", As: access.InformationGovernance, URL: page, Want: []string{"Robin Tealby"}},
			{Name: "said", As: access.Adviser, Method: "POST", URL: why, Form: url.Values{"reason": {"other"}, "other": {"Parents evening"}, "back": {page + "/history"}}, Status: 303, Location: page + "/history"},
			{Name: "opened", As: access.Adviser, URL: page, Want: []string{"Robin Tealby"}},
		})
		var sights int
		err = h.db.InSideTx(t.Context(), func(tx *db.Tx) error {
			return tx.QueryRow(`SELECT count(*) FROM sight WHERE reason = 'Parents evening' AND young_person IS NOT NULL`).Scan(&sights)
		})
		if err != nil || sights != 2 {
			t.Errorf("%d sights hold the reason, want that of the answer and that of the page: %v", sights, err)
		}
		a, err := h.Account.All(t.Context(), h.actor(access.Administrator))
		if err != nil {
			t.Fatal(err)
		}
		other := h.wren(t)
		for _, one := range a {
			if strings.HasSuffix(one.Name, "Adviser") {
				if err := h.Record.Allocate(t.Context(), h.actor(access.TeamManager), other, youngperson.Allocation{Adviser: string(one.Ref), AdviserName: one.Name}, 0, told()); err != nil {
					t.Fatal(err)
				}
			}
		}
		h.cookies[access.Adviser] = h.signInAs(t, "adviser@sandmere.example")
		h.run(t, []Scenario{
			{Name: "a reason ends with the session", As: access.Adviser, URL: page, Status: 303, Location: why},
			{Name: "one's own young people", As: access.Adviser, URL: "/young-people/" + string(other), Want: []string{"Wren Ashdown"}},
		})
	})
}

func TestEveryFormSaves(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		ref := h.wren(t)
		page := "/young-people/" + string(ref)
		for _, c := range []struct {
			tail   string
			change map[string]string
			want   []string // on the page it leads to
		}{
			{"name/edit", map[string]string{"middle-name": "Zoë"}, []string{"Saved: the name.", "Wren Zoë Ashdown"}},
			{"birth/edit", map[string]string{"date-of-birth-day": "4"}, []string{"17 on 4 March 2027"}},
			{"address/edit", map[string]string{"address-line-1": "9 Kite Street"}, []string{"9 Kite Street"}},
			{"address/edit", map[string]string{"address-line-1": "1 Mill Lane", "moved": "yes", "moved-on-day": "1", "moved-on-month": "11", "moved-on-year": "2026"}, []string{"1 Mill Lane"}},
			{"identifiers/edit", map[string]string{"uln": "1000000019", "new-id": "yes"}, []string{"1000000019", "9910000000002"}},
			{"status/edit", map[string]string{"status": "P", "guarantee-indicator": "N"}, []string{"In the primary cohort (P)"}},
			{"status/edit", map[string]string{"la-at-year-11": "991"}, []string{"Authority at Year 11"}},
			{"need/edit", map[string]string{"level": "1", "characteristics": "140"}, []string{"Intensive support (1)", "Carer, not of own child (140)"}},
			{"guarantee/edit?node=Year11", map[string]string{"guarantee-status": "110", "guarantee-la": "991"}, []string{"Offer made (110)"}},
			{"destination/edit", map[string]string{"destination": "211"}, []string{"Apprenticeship or traineeship (211)"}},
			{"activity/new", map[string]string{"activity": "619", "started-day": "1", "started-month": "10", "started-year": "2026"}, []string{"They move from not known to not in education", "(619)"}},
			{"activity/new", map[string]string{"activity": "220", "started-day": "2", "started-month": "11", "started-year": "2026", "establishment-name": "Larkfield",
				"predicted-end-day": "7", "predicted-end-month": "7", "predicted-end-year": "2028"}, []string{"It counts until 31 August 2027", "1 October 2026 to 1 November 2026"}},
			{"activity/edit", map[string]string{"establishment-name": "Larkfield Sixth Form College"}, []string{"Larkfield Sixth Form College"}},
			{"activity/confirm", nil, []string{"still doing this", "10 November 2026"}},
			{"reach/edit", map[string]string{"reach-value": "01632 960118"}, []string{`href="tel:01632960118"`}},
			{"reach/edit", map[string]string{"reach-kind": "email", "reach-value": "wren@example.org"}, []string{`href="mailto:wren@example.org"`}},
			{"carer/edit", map[string]string{"carer-name": "Rowan Ashdown", "carer-relationship": "aunt"}, []string{"Rowan Ashdown", "Aunt"}},
			{"contact/new", map[string]string{"contact-how": "phone", "contact-outcome": "no answer"}, []string{"no answer, the young person, phone"}},
		} {
			address := page + "/" + c.tail
			form := h.open(t, access.DataOfficer, address, c.change)
			press := func() {
				w := h.ask(Scenario{As: access.DataOfficer, Method: "POST", URL: address, Form: form})
				if w.Code != http.StatusSeeOther || w.Header().Get("Location") != page {
					t.Fatalf("a press on %s answered %d to %q\n%s", c.tail, w.Code, w.Header().Get("Location"), w.Body)
				}
			}
			press()
			h.run(t, []Scenario{{Name: c.tail, As: access.DataOfficer, URL: page, Want: c.want}})
			press() // does nothing, and ends in the same place
		}
		h.run(t, []Scenario{{Name: "and all of it is history", As: access.DataOfficer, URL: page + "/history",
			Want: []string{"before: Wren Ashdown", "Rowan Ashdown", "By Test Data officer", "Former YoungPersonsID 9910000000001"}}})
	})
}

func TestFormsRefuse(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		ref := h.wren(t)
		page := "/young-people/" + string(ref)
		refused := func(name, tail string, change map[string]string, want ...string) {
			t.Helper()
			form := h.open(t, access.Adviser, page+"/"+tail, change)
			h.run(t, []Scenario{{Name: name, As: access.Adviser, Method: "POST", URL: page + "/" + tail, Form: form, Status: 422, Want: want}})
		}
		refused("not told how", "name/edit", map[string]string{"told-kind": "", "given-name": "Robin"}, `href="#told-kind"`, `value="Robin"`)
		refused("no name", "name/edit", map[string]string{"given-name": ""}, `href="#given-name"`, "check 2")
		// In the order of the fields, so that the last question comes last.
		form := h.open(t, access.Adviser, "/young-people/new", map[string]string{"told-kind": ""})
		summary := h.ask(Scenario{As: access.Adviser, Method: "POST", URL: "/young-people/new", Form: form}).Body.String()
		if a, b := strings.Index(summary, `href="#given-name"`), strings.Index(summary, `href="#told-kind"`); a < 0 || b < a {
			t.Errorf("the summary names the last question at %d, the first at %d", b, a)
		}
		refused("no such day", "birth/edit", map[string]string{"date-of-birth-day": "31", "date-of-birth-month": "2"}, `href="#date-of-birth-day"`)
		refused("born in the future", "birth/edit", map[string]string{"date-of-birth-year": "2030"}, `href="#date-of-birth-day"`)
		refused("no postcode", "address/edit", map[string]string{"postcode": ""}, `href="#postcode"`, "check 32")
		refused("wrong ULN", "identifiers/edit", map[string]string{"uln": "1000000018"}, `href="#uln"`)
		refused("no activity chosen", "activity/new", nil, `href="#activity"`, `href="#started-day"`)
		refused("an activity without its end", "activity/new", map[string]string{"activity": "220", "started-day": "7", "started-month": "9", "started-year": "2026"}, `href="#predicted-end-day"`, "check 259")
		refused("a number of letters", "reach/edit", map[string]string{"reach-value": "call me"}, `href="#reach-value"`)
		refused("no outcome", "contact/new", map[string]string{"contact-how": "visit"}, `href="#contact-outcome"`)
	})
}

// What came and cannot be right is shown where it is mended.
func TestWhatCameIsShown(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		ref := h.wren(t)
		h.atCollege(t, ref)
		page := "/young-people/" + string(ref)
		err := h.db.InTx(t.Context(), func(tx *db.Tx) error {
			if _, err := tx.Exec(`UPDATE particulars SET dob = '2010-02-30', ethnicity = 'ZZZZ', gender = 'Q'`); err != nil {
				return err
			}
			_, err := tx.Exec(`UPDATE spell SET predicted_end = 'soon'`)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		h.run(t, []Scenario{
			{Name: "on the record", As: access.DataOfficer, URL: page, Want: []string{"4 things to mend", "2010-02-30, which is not a date", page + "/birth/edit#date-of-birth-day",
				page + "/birth/edit#ethnicity", page + "/activity/edit#predicted-end-day", "soon (not a date)"}},
			{Name: "in the form", As: access.DataOfficer, URL: page + "/birth/edit", Want: []string{"As it came: 2010-02-30", `value="ZZZZ" selected`, "ZZZZ (not a valid code)", `value="Q" checked`}},
			{Name: "in the activity's form", As: access.DataOfficer, URL: page + "/activity/edit", Want: []string{"As it came: soon"}},
		})
		form := h.open(t, access.DataOfficer, page+"/birth/edit", map[string]string{"date-of-birth-day": "3", "date-of-birth-month": "3", "date-of-birth-year": "2010", "gender": "F"})
		h.run(t, []Scenario{{Name: "half mended", As: access.DataOfficer, Method: "POST", URL: page + "/birth/edit", Form: form, Status: 422,
			Want: []string{`href="#ethnicity"`, "check 7", "As it came: 2010-02-30"}}})
		form.Set("ethnicity", "WBRI")
		h.run(t, []Scenario{
			{Name: "mended", As: access.DataOfficer, Method: "POST", URL: page + "/birth/edit", Form: form, Status: 303, Location: page},
			{Name: "one is left", As: access.DataOfficer, URL: page, Want: []string{"1 thing to mend"}},
		})
	})
}

func TestChooseAnAdviser(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		page := "/young-people/" + string(h.wren(t))
		w := h.ask(Scenario{As: access.TeamManager, URL: page + "/adviser/edit"}).Body.String()
		m := regexp.MustCompile(`<option value="([a-z2-7]{26})">Test Adviser</option>`).FindStringSubmatch(w)
		if m == nil || strings.Contains(w, "Test Commissioner") {
			t.Fatalf("the advisers to choose from are not these\n%s", w)
		}
		chosen := h.open(t, access.TeamManager, page+"/adviser/edit", map[string]string{"adviser": m[1], "team": "North"})
		stranger := h.open(t, access.TeamManager, page+"/adviser/edit", map[string]string{"adviser": string(id.NewRef())})
		h.run(t, []Scenario{
			{Name: "nobody we know", As: access.TeamManager, Method: "POST", URL: page + "/adviser/edit", Form: stranger, Status: 422, Want: []string{`href="#adviser"`}},
			{Name: "chosen", As: access.TeamManager, Method: "POST", URL: page + "/adviser/edit", Form: chosen, Status: 303, Location: page},
			{Name: "shown", As: access.Adviser, URL: page, Want: []string{"Test Adviser, North"}},
		})
	})
}

func TestAConflictShowsBothVersions(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		page := "/young-people/" + string(h.wren(t))
		mine := h.open(t, access.Adviser, page+"/address/edit", map[string]string{"address-line-1": "9 Kite Street"})
		theirs := h.open(t, access.DataOfficer, page+"/address/edit", map[string]string{"address-line-1": "2 Heron Close"})
		h.run(t, []Scenario{
			{Name: "first", As: access.DataOfficer, Method: "POST", URL: page + "/address/edit", Form: theirs, Status: 303, Location: page},
			{Name: "second", As: access.Adviser, Method: "POST", URL: page + "/address/edit", Form: mine, Status: 409, Want: []string{"2 Heron Close", "9 Kite Street", "Somebody else"}},
			{Name: "the first stands", As: access.Adviser, URL: page, Want: []string{"2 Heron Close"}, WantNot: []string{"9 Kite Street"}},
		})
	})
}

func TestComingBack(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		page := "/young-people/" + string(h.wren(t))
		for back, want := range map[string]string{"/due?window=7#row-3": "/due?window=7#row-3", "https://elsewhere.example/": "/", "//elsewhere.example/": "/"} {
			address := page + "/name/edit?back=" + url.QueryEscape(back)
			form := h.open(t, access.Adviser, address, map[string]string{"middle-name": "A"})
			w := h.ask(Scenario{As: access.Adviser, Method: "POST", URL: address, Form: form})
			if got := w.Header().Get("Location"); got != want {
				t.Errorf("back to %q led to %q, want %q", back, got, want)
			}
		}
	})
}

func TestAddAPerson(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		change := map[string]string{"given-name": "Kofi", "family-name": "Larkrise", "date-of-birth-day": "1", "date-of-birth-month": "May", "date-of-birth-year": "2010",
			"gender": "M", "ethnicity": "WBRI", "address-line-1": "1 Mill Lane", "town": "Sandmere", "postcode": "zz11ab", "level": "3", "send": "N", "sen-support": "N"}
		form := h.open(t, access.Adviser, "/young-people/new", change)
		first := h.ask(Scenario{As: access.Adviser, Method: "POST", URL: "/young-people/new", Form: form}).Header().Get("Location")
		if !regexp.MustCompile(`^/young-people/[a-z2-7]{26}$`).MatchString(first) {
			t.Fatalf("adding led to %q", first)
		}
		if again := h.ask(Scenario{As: access.Adviser, Method: "POST", URL: "/young-people/new", Form: form}).Header().Get("Location"); again != first {
			t.Errorf("the second press led to %q, not %q", again, first)
		}
		twice := h.open(t, access.Adviser, "/young-people/new", change)
		sure := h.open(t, access.Adviser, "/young-people/new", change)
		sure.Set("different", "yes")
		h.run(t, []Scenario{
			{Name: "the record", As: access.Adviser, URL: first, Want: []string{"Kofi Larkrise", "ZZ1 1AB", "9910000000001"}},
			{Name: "the same again", As: access.Adviser, Method: "POST", URL: "/young-people/new", Form: twice, Status: 422, Want: []string{`href="#different"`, first, "this is somebody else"}},
			{Name: "empty", As: access.Adviser, Method: "POST", URL: "/young-people/new", Form: url.Values{}, Status: 422, Want: []string{`href="#given-name"`, `href="#told-kind"`}},
			{Name: "not for all", As: access.InformationGovernance, URL: "/young-people/new", Status: 403},
		})
		if w := h.ask(Scenario{As: access.Adviser, Method: "POST", URL: "/young-people/new", Form: sure}); w.Code != http.StatusSeeOther || w.Header().Get("Location") == first {
			t.Errorf("somebody else of the same name: %d to %q", w.Code, w.Header().Get("Location"))
		}
	})
}

func TestAge(t *testing.T) {
	for _, c := range []struct{ born, today, want string }{
		{"2009-03-03", "2026-11-10", "17 (18 on 3 March 2027)"},
		{"2008-02-29", "2025-02-28", "16 (17 on 1 March 2025)"},
		{"2008-02-29", "2026-03-01", "18 (19 on 1 March 2027)"},
		{"2027-01-01", "2026-11-10", ""},
	} {
		if got := ageWords(civil.MustParse(c.born), civil.MustParse(c.today)); got != c.want {
			t.Errorf("born %s, on %s: %q, want %q", c.born, c.today, got, c.want)
		}
	}
}

// Every check's finding leads to a form that there is and, where it names a
// field, to a field of that form.
func TestEveryFindingLeadsToItsField(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		ref := h.wren(t)
		h.atCollege(t, ref)
		pages := map[string]string{}
		for _, check := range h.edition().Checks() {
			address, field, _ := strings.Cut(mendHref(string(ref), check.Fix, check.Field.String(), "/due"), "#")
			if pages[address] == "" {
				w := h.ask(Scenario{As: access.DataOfficer, URL: address})
				if w.Code != http.StatusOK {
					t.Fatalf("check %s leads to %s, which answers %d", check.ID, address, w.Code)
				}
				pages[address] = w.Body.String()
			}
			if field == "" || !strings.Contains(pages[address], ` id="`+field+`"`) {
				t.Errorf("check %s leads to the field %q of %s, which is not there", check.ID, field, address)
			}
		}
	})
}
