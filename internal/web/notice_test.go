package web

import (
	"bytes"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/id"
	"waymark/internal/need"
	"waymark/internal/record"
	"waymark/internal/youngperson"
)

// student adds somebody who is at the college of agreementForm, confirmed on the
// first day of term.
func (h *house) student(t *testing.T, given, family, born string) id.Ref {
	t.Helper()
	by := access.Actor{Register: 1, Ref: "account:x", Name: "Officer", Roles: []access.Role{access.DataOfficer}}
	ref, err := h.Record.Add(t.Context(), by, record.NewPerson{Name: youngperson.Name{Given: given, Family: family}, Born: civil.MustParse(born), Gender: "F", Ethnicity: "WBRI",
		Address: youngperson.Address{Line1: "4 Lantern Row", Postcode: "ZZ1 1AA"}, LeadLA: "991", EducatedLA: "991", Need: need.Need{Level: "2", SEND: "N", SENSupport: "N"}}, record.Told{Kind: act.Telephone})
	if err == nil {
		err = h.Record.RecordActivity(t.Context(), by, ref, record.NewSpell{Activity: "210", Started: civil.MustParse("2026-09-01"), PredictedEnd: civil.MustParse("2026-11-20"), EstablishmentName: "Gullhaven College", UKPRN: "10009991"}, 0, record.Told{Kind: act.EnrolmentList})
	}
	if err != nil {
		t.Fatal(err)
	}
	return ref
}

var (
	oneTokenHas = regexp.MustCompile(`waymark_[a-z2-7]+`)
)

func leaverForm(change ...string) url.Values {
	f := url.Values{"given-name": {"Wren"}, "family-name": {"Ashdown"}, "date-of-birth-day": {"3"}, "date-of-birth-month": {"3"}, "date-of-birth-year": {"2009"},
		"left-on-day": {"30"}, "left-on-month": {"10"}, "left-on-year": {"2026"}, "reason": {"withdrawn"}}
	for i := 0; i < len(change); i += 2 {
		f.Set(change[i], change[i+1])
	}
	return f
}

func TestNoticesOfStaff(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		h.student(t, "Wren", "Ashdown", "2009-03-03")
		h.student(t, "Robin", "Fellgate", "2009-04-04")
		staff := leaverForm("institution", "Gullhaven College", "channel", "telephone", "kind", "left")
		other := leaverForm("institution", "Gullhaven College", "channel", "telephone", "kind", "left", "given-name", "Robyn")
		h.run(t, []Scenario{
			{Name: "none yet", As: access.Adviser, URL: "/notices", Want: []string{"There is none"}},
			{Name: "not for a partner", As: access.Partner, URL: "/notices", Status: 403},
			{Name: "not for governance", As: access.InformationGovernance, URL: "/notices", Status: 403},
			{Name: "form", As: access.Adviser, URL: "/notices/new", Want: []string{"Stopped attending", "Poor or falling attendance"}},
			{Name: "what is missing", As: access.Adviser, Method: "POST", URL: "/notices/new", Form: url.Values{"kind": {"left"}, "channel": {"telephone"}}, Status: 422, Want: []string{`href="#institution"`}},
			{Name: "a day that is none", As: access.Adviser, Method: "POST", URL: "/notices/new", Form: leaverForm("left-on-day", "31", "left-on-month", "2", "channel", "telephone", "kind", "left"), Status: 422, Want: []string{`href="#left-on-day"`}},
			{Name: "hostile", As: access.Adviser, Method: "POST", URL: "/notices/new", Form: leaverForm("institution", "<script>alert(1)</script>", "given-name", "\x00", "channel", "telephone", "kind", "left"), Status: 422, WantNot: []string{"<script>alert"}},
			{Name: "no such list", As: access.Adviser, URL: "/notices?show=zzz", Status: 404},
			{Name: "no such notice", As: access.Adviser, URL: "/notices/" + strings.Repeat("a", 26), Status: 404},
		})
		w := h.ask(Scenario{As: access.Adviser, Method: "POST", URL: "/notices/new", Form: staff})
		at := w.Header().Get("Location")
		if w.Code != 303 || !strings.HasPrefix(at, "/notices/") {
			t.Fatalf("saving answers %d\n%s", w.Code, w.Body)
		}
		w = h.ask(Scenario{As: access.Adviser, Method: "POST", URL: "/notices/new", Form: other})
		lost := w.Header().Get("Location")
		page := h.ask(Scenario{As: access.DataOfficer, URL: at}).Body.String()
		version := versionShown.FindStringSubmatch(page)
		if version == nil {
			t.Fatalf("no version\n%s", page)
		}
		h.run(t, []Scenario{
			{Name: "listed", As: access.Adviser, URL: "/notices", Want: []string{"Wren Ashdown", "Robyn Ashdown", "To find", "To settle"}},
			{Name: "the same again", As: access.Adviser, Method: "POST", URL: "/notices/new", Form: leaverForm("institution", "gullhaven college", "channel", "e-mail", "kind", "left"), Status: 303, Location: at},
			{Name: "what follows", As: access.DataOfficer, URL: at, Want: []string{"ends on 30", "810", "Record that they have left"}},
			{Name: "who it may be about", As: access.DataOfficer, URL: lost, Want: []string{"Who is it about?", "This is who it is about", "Wren Ashdown"}},
			{Name: "looked for", As: access.DataOfficer, Method: "POST", URL: lost, Form: url.Values{"act": {"look"}, "who": {"robin fellgate"}}, Want: []string{"Robin Fellgate"}},
			{Name: "a stale page", As: access.DataOfficer, Method: "POST", URL: at, Form: url.Values{"act": {"settle"}, "version": {"1"}}, Status: 409},
			{Name: "settled", As: access.DataOfficer, Method: "POST", URL: at, Form: url.Values{"act": {"settle"}, "version": {version[1]}}, Status: 303, Location: at},
			{Name: "over", As: access.Adviser, URL: at, Want: []string{"Settled", "What they did there is closed"}, WantNot: []string{"Record that they have left"}},
			{Name: "limits are the manager's", As: access.Adviser, URL: "/notices/limits", Status: 403},
			{Name: "limits", As: access.TeamManager, Method: "POST", URL: "/notices/limits", Form: url.Values{"find": {"x"}, "settle": {"5"}, "send-on": {"2"}, "chase": {"7"}, "act-days": {"9"}}, Status: 422, Want: []string{`href="#find"`}},
			{Name: "list of leavers", As: access.DataOfficer, URL: "/notices/file", Want: []string{"Each row becomes a notice"}},
		})
		version = versionShown.FindStringSubmatch(h.ask(Scenario{As: access.TeamManager, URL: lost}).Body.String())
		h.run(t, []Scenario{{Name: "elsewhere", As: access.TeamManager, Method: "POST", URL: lost, Form: url.Values{"act": {"elsewhere"}, "authority": {"993"}, "version": {version[1]}}, Status: 303, Location: lost}})
		version = versionShown.FindStringSubmatch(h.ask(Scenario{As: access.TeamManager, URL: lost}).Body.String())
		h.run(t, []Scenario{
			{Name: "the draft", As: access.TeamManager, URL: lost + "/letter", Want: []string{"To: authority 993", "Robyn Ashdown", "section 13"}},
			{Name: "how it was sent is asked", As: access.TeamManager, Method: "POST", URL: lost, Form: url.Values{"act": {"sent"}, "version": {version[1]}}, Status: 422, Want: []string{`href="#how"`}},
			{Name: "sent", As: access.TeamManager, Method: "POST", URL: lost, Form: url.Values{"act": {"sent"}, "how": {"letter"}, "version": {version[1]}}, Status: 303, Location: lost},
			{Name: "reminders are the manager's", As: access.Adviser, URL: "/notices/reminders", Status: 403},
			{Name: "whom to remind", As: access.TeamManager, URL: "/notices/reminders", Want: []string{"E-mail of Authority 993", "1 notice waits for them, 0 past the day"}},
			{Name: "no address", As: access.TeamManager, Method: "POST", URL: "/notices/reminders", Form: url.Values{"email-authority-993": {"the council"}}, Status: 422, Want: []string{`href="#email-authority-993"`, "the council"}},
			{Name: "an address", As: access.TeamManager, Method: "POST", URL: "/notices/reminders", Form: url.Values{"email-authority-993": {"leavers@marram.example.org"}}, Status: 303, Location: "/notices/reminders"},
			{Name: "it is held", As: access.TeamManager, URL: "/notices/reminders", Want: []string{"leavers@marram.example.org"}},
			{Name: "sent on", As: access.Adviser, URL: "/notices?show=sent+on", Want: []string{"Robyn Ashdown"}},
		})
	})
}

func TestPagesOfAPartner(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		wren, other := h.student(t, "Wren", "Ashdown", "2009-03-03"), id.Ref("")
		by := access.Actor{Register: 1, Ref: "account:x", Name: "Officer", Roles: []access.Role{access.DataOfficer}}
		other, err := h.Record.Add(t.Context(), by, record.NewPerson{Name: youngperson.Name{Given: "Linnet", Family: "Elsewhere"}, Born: civil.MustParse("2009-05-05"), Gender: "F", Ethnicity: "WBRI",
			Address: youngperson.Address{Line1: "5 Lantern Row", Postcode: "ZZ1 1AA"}, LeadLA: "991", EducatedLA: "991", Need: need.Need{Level: "2", SEND: "N", SENSupport: "N"}}, record.Told{Kind: act.Telephone})
		if err != nil {
			t.Fatal(err)
		}
		p := access.Partner
		h.run(t, []Scenario{
			{Name: "no agreement", As: p, URL: "/partner/people", Status: 403, Want: []string{"no agreement in force"}},
			{Name: "home without one", As: p, URL: "/", Want: []string{"You can see nobody"}},
			{Name: "not for an adviser", As: access.Adviser, URL: "/partner/people", Status: 403},
		})
		at := h.agreed(t, p, agreementForm("names", "activity"))
		h.run(t, []Scenario{
			{Name: "our people", As: p, URL: "/partner/people", Want: []string{"Wren Ashdown", "Your agreement ends on 31", "Has left"}, WantNot: []string{"Linnet", "3\u00a0March\u00a02009", "ZZ1"}},
			{Name: "who needs an answer", As: p, URL: "/partner/leavers", Want: []string{"1 needs an update", "Still with us", "Wren Ashdown"}},
			{Name: "nobody answered", As: p, Method: "POST", URL: "/partner/leavers", Form: url.Values{}, Status: 422, Want: []string{"Answer about one of them"}},
			{Name: "no day", As: p, Method: "POST", URL: "/partner/leavers", Form: url.Values{"answer-" + string(wren): {"left"}}, Status: 422, Want: []string{`href="#left-on-` + string(wren) + `-day"`}},
			{Name: "somebody who is not theirs", As: p, URL: "/partner/people/" + string(other) + "/left", Status: 404},
			{Name: "told of somebody who is not theirs", As: p, Method: "POST", URL: "/partner/people/" + string(other) + "/left", Form: leaverForm(), Status: 404},
			{Name: "risk form", As: p, URL: "/partner/people/" + string(wren) + "/risk", Want: []string{"Who will act first", "Wren Ashdown"}},
			{Name: "risk without reasons", As: p, Method: "POST", URL: "/partner/people/" + string(wren) + "/risk", Form: url.Values{}, Status: 422, Want: []string{`href="#worries"`, `href="#who-acts"`, `href="#act-by-day"`}},
			{Name: "risk", As: p, Method: "POST", URL: "/partner/people/" + string(wren) + "/risk", Form: url.Values{"worries": {"money"}, "who-acts": {"Tutor"}, "act-by-day": {"20"}, "act-by-month": {"11"}, "act-by-year": {"2026"}}, Status: 303, Location: "/partner/risk"},
			{Name: "risks told", As: p, URL: "/partner/risk", Want: []string{"Money or travel", "Received"}},
			{Name: "still there", As: p, Method: "POST", URL: "/partner/leavers", Form: url.Values{"answer-" + string(wren): {"staying"}}, Status: 303, Location: "/partner/leavers"},
			{Name: "answered", As: p, URL: "/partner/leavers", Want: []string{"nobody needs an update"}},
			{Name: "known or not, told of by hand", As: p, Method: "POST", URL: "/partner/leavers/new", Form: leaverForm("given-name", "Nobody"), Status: 303, Location: "/partner/leavers"},
			{Name: "offers are not given", As: p, URL: "/partner/destinations", Want: []string{"does not give destinations"}},
			{Name: "staff see it", As: access.Adviser, URL: "/notices", Want: []string{"Wren Ashdown", "Nobody Ashdown"}},
			{Name: "files", As: p, URL: "/partner/files", Want: []string{"You have sent no file yet"}},
		})
		if w := h.sendFile(t, p, "/partner/files", url.Values{"kind": {"starters-leavers"}}, "Name,Left\nA B,1\n"); w.Code != 422 || !strings.Contains(w.Body.String(), "No files are taken") {
			t.Errorf("without a sender: %d", w.Code)
		}
		h.must303(t, access.DataOfficer, "/senders/new", url.Values{"sender-name": {"Gullhaven College"}, "tolerance": {"14"}, "full": {"partial"}, "place": {"yes"}})
		list := h.ask(Scenario{As: access.InformationGovernance, URL: at}).Body.String()
		sender := regexp.MustCompile(`<option value="([a-z2-7]{26})"`).FindStringSubmatch(list)
		if sender == nil {
			t.Fatalf("no sender to bind\n%s", list)
		}
		h.press(t, at, url.Values{"act": {"hold"}, "sender": {sender[1]}})
		text := "Given name,Family name,Date of birth,Leaving date\nWren,Ashdown,03/03/2009,30/10/2026\n"
		w := h.sendFile(t, p, "/partner/files", url.Values{"kind": {"starters-leavers"}}, text)
		file := w.Header().Get("Location")
		if w.Code != 303 || !strings.HasPrefix(file, "/partner/files/") {
			t.Fatalf("sending answers %d\n%s", w.Code, w.Body)
		}
		h.run(t, []Scenario{
			{Name: "their file", As: p, URL: file, Want: []string{"leavers.csv", "Waits for a data officer"}},
			{Name: "the officer sees it", As: access.DataOfficer, URL: "/imports", Want: []string{"leavers.csv"}},
			{Name: "nobody else's", As: p, URL: "/partner/files/" + strings.Repeat("b", 26), Status: 404},
			{Name: "an empty file", As: p, Method: "POST", URL: "/partner/files", Form: url.Values{}, Status: 400},
		})
	})
}

func TestTokensAreShownOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		at := strings.Replace(h.agreed(t, access.Partner, agreementForm("names")), "/sharing/", "/partner-systems/", 1)
		ig := access.InformationGovernance
		form := url.Values{"name": {"Records"}, "ends-day": {"1"}, "ends-month": {"8"}, "ends-year": {"2027"}, "key": {string(id.NewRef())}}
		w := h.ask(Scenario{As: ig, Method: "POST", URL: at, Form: form})
		token := oneTokenHas.FindString(w.Body.String())
		if w.Code != 200 || token == "" {
			t.Fatalf("%d\n%s", w.Code, w.Body)
		}
		if again := h.ask(Scenario{As: ig, Method: "POST", URL: at, Form: form}); again.Code != 409 || strings.Contains(again.Body.String(), token) {
			t.Errorf("pressed twice: %d", again.Code)
		}
		h.run(t, []Scenario{
			{Name: "listed, not shown", As: ig, URL: at, Want: []string{"Records", "Never"}, WantNot: []string{token}},
			{Name: "agreements", As: access.Administrator, URL: "/partner-systems", Want: []string{"Gullhaven College"}},
			{Name: "not for a data officer", As: access.DataOfficer, URL: "/partner-systems", Status: 403},
			{Name: "too long", As: ig, Method: "POST", URL: at, Form: url.Values{"name": {"x"}, "ends-day": {"1"}, "ends-month": {"1"}, "ends-year": {"2031"}}, Status: 422, Want: []string{`href="#ends-day"`}},
		})
		which := regexp.MustCompile(`name="which" value="([a-z2-7]{26})"`).FindStringSubmatch(h.ask(Scenario{As: ig, URL: at}).Body.String())
		h.run(t, []Scenario{
			{Name: "ended", As: ig, Method: "POST", URL: at, Form: url.Values{"act": {"end"}, "which": {which[1]}}, Status: 303, Location: at},
			{Name: "over", As: ig, URL: at, Want: []string{"Over"}, WantNot: []string{"End it at once"}},
		})
	})
}

func (h *house) must303(t *testing.T, as access.Role, at string, form url.Values) {
	t.Helper()
	if w := h.ask(Scenario{As: as, Method: "POST", URL: at, Form: form}); w.Code != 303 {
		t.Fatalf("%s answers %d\n%s", at, w.Code, w.Body)
	}
}

// sendFile sends a form whose last field is a file.
func (h *house) sendFile(t *testing.T, as access.Role, at string, form url.Values, text string) *httptest.ResponseRecorder {
	t.Helper()
	var body bytes.Buffer
	m := multipart.NewWriter(&body)
	form.Set("key", string(id.NewRef()))
	for name, values := range form {
		if err := m.WriteField(name, values[0]); err != nil {
			t.Fatal(err)
		}
	}
	part, err := m.CreateFormFile("file", "leavers.csv")
	if err == nil {
		_, err = io.WriteString(part, text)
	}
	if err = firstOf(err, m.Close()); err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, at, &body)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.Header.Set("Content-Type", m.FormDataContentType())
	r.AddCookie(h.cookies[as])
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func firstOf(a, b error) error {
	if a != nil {
		return a
	}
	return b
}
