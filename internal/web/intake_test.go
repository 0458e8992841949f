package web

import (
	"bytes"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"waymark/internal/access"
	"waymark/internal/civil"
	"waymark/internal/id"
	"waymark/internal/need"
	"waymark/internal/record"
	"waymark/internal/youngperson"
)

// sendList sends a partner's list as a browser would, the file last.
func (h *house) sendList(as access.Role, name, content string, set url.Values) *httptest.ResponseRecorder {
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	if !set.Has("key") {
		_ = form.WriteField("key", string(id.NewRef()))
	}
	for field, values := range set {
		for _, v := range values {
			_ = form.WriteField(field, v)
		}
	}
	part, _ := form.CreateFormFile("file", name)
	_, _ = part.Write([]byte(content))
	_ = form.Close()
	r := httptest.NewRequest(http.MethodPost, "/imports/new", &body)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.Header.Set("Content-Type", form.FormDataContentType())
	r.AddCookie(h.cookies[as])
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// oddList is what a college sends: titles, semicolons, slips, two people in one
// cell, a day that is none, words of its own, a header that would be script.
const oddList = `Northshore College;;;;;;
New enrolments;;;;;;
Stud No;Surname;Forename;D.O.B.;Start;Status;P/code;<script>alert(1)</script>
N1;Ashdown;Wren;03/03/2010;07/09/2026;Enrolled;ZZ1 1AA;x
N2;Tern;Marigold;14/05/2010;07/09/2026;Enrolled;ZZ4 4AA;x
N3;Finch;Jay;31/02/2010;07/09/2026;Enrolled;ZZ2 2AB;x
N4;Moss & Moss;Tansy & Robin;;;Enrolled;;x
N5;Reed;Ottoline;05/06/2010;07/09/2026;Enrolled;ZZ3 3AB;x
N6;Pike;Marlow;05/07/2010;07/09/2026;Gone <b>fishing</b>;ZZ3 3AC;x
Total;6;;;;;;
`

var newSender = url.Values{"from": {"new"}, "sender-name": {"Northshore College"}, "tolerance": {"14"}, "full": {"no"}, "place": {"yes"}, "agreement": {"Agreement 12"},
	"as-at-day": {"1"}, "as-at-month": {"11"}, "as-at-year": {"2026"}}

func with(v url.Values, pairs ...string) url.Values {
	out := url.Values{}
	for k, values := range v {
		out[k] = values
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		out.Set(pairs[i], pairs[i+1])
	}
	return out
}

// tern is somebody of whom a list says no more than an initial.
func (h *house) tern(t testing.TB) id.Ref {
	t.Helper()
	ref, err := h.Record.Add(t.Context(), h.actor(access.DataOfficer), record.NewPerson{
		Name: youngperson.Name{Given: "Rowan", Family: "Tern"}, Born: civil.MustParse("2010-05-14"), Gender: "M", Ethnicity: "WBRI",
		Address: youngperson.Address{Line1: "1 Harbour Street", Town: "Sandmere", Postcode: "ZZ4 4AA"}, LeadLA: "991", EducatedLA: "991",
		Need: need.Need{Level: "2", SEND: "N", SENSupport: "N"}}, told())
	if err != nil {
		t.Fatal(err)
	}
	return ref
}

// reviewed sends the list, says yes to how it is read, and is its address.
func (h *house) reviewed(t testing.TB, name, content string, set url.Values) string {
	t.Helper()
	w := h.sendList(access.DataOfficer, name, content, set)
	columns := w.Header().Get("Location")
	if w.Code != 303 || !regexp.MustCompile(`^/intakes/[a-z2-7]{26}/columns$`).MatchString(columns) {
		t.Fatalf("sending answered %d to %q\n%s", w.Code, columns, w.Body)
	}
	if page := h.send(t, access.DataOfficer, columns, nil); !strings.Contains(page, "Review a partner’s file") {
		t.Fatal(page)
	}
	return strings.TrimSuffix(columns, "/columns")
}

// post sends a form of the page and holds where it leads.
func (h *house) post(t testing.TB, address string, form url.Values, to string) {
	t.Helper()
	w := h.ask(Scenario{As: access.DataOfficer, Method: "POST", URL: address, Form: form})
	if w.Code != 303 || w.Header().Get("Location") != to {
		t.Fatalf("%s answered %d to %q, want %q\n%s", address, w.Code, w.Header().Get("Location"), to, w.Body)
	}
}

func TestPartnersFileByPage(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		wren, tern := h.wren(t), h.tern(t)
		h.because(t, access.DataOfficer, wren)
		officer := access.DataOfficer
		person := func(ref id.Ref) string { return h.page(t, officer, "/young-people/"+string(ref)) }
		before := person(wren)

		h.run(t, []Scenario{
			{Name: "the page asks who sent it", As: officer, URL: "/imports/new", Want: []string{"Somebody new"}},
			{Name: "no sender yet", As: officer, URL: "/senders", Want: []string{"Nobody has sent a file yet"}},
			{Name: "no word yet", As: officer, URL: "/senders/words", Want: []string{"Nobody has explained a word yet"}},
		})
		for _, wrong := range []struct {
			set  url.Values
			want string
		}{
			{url.Values{}, "Say who sent the file"},
			{with(newSender, "sender-name", ""), "Enter the name of the school"},
			{with(newSender, "as-at-month", "13"), "must be a real date"},
			{with(newSender, "as-at-year", "2027"), "The day of the list must be today or earlier"},
			{with(newSender, "tolerance", "many"), "Enter a number of days"},
			{with(newSender, "kind", "nonsense"), "Select a kind of file"},
			{url.Values{"from": {"known"}, "sender": {"nobody"}}, "Choose who sent the file"},
		} {
			w := h.sendList(officer, "list.csv", oddList, wrong.set)
			if w.Code != 422 || !strings.Contains(w.Body.String(), wrong.want) {
				t.Errorf("%v answered %d without %q\n%s", wrong.set, w.Code, wrong.want, w.Body)
			}
			wellFormed(t, w.Body.String())
		}
		// A new sender was kept by the one complaint that came after it.
		sender := regexp.MustCompile(`/senders/([a-z2-7]{26})"`).FindStringSubmatch(h.page(t, officer, "/senders"))
		if sender == nil {
			t.Fatal("the sender is not listed")
		}
		known := url.Values{"from": {"known"}, "sender": {sender[1]}, "as-at-day": {"1"}, "as-at-month": {"11"}, "as-at-year": {"2026"}}

		if w := h.sendList(officer, "photo.csv", "\x89PNG\r\n\x1a\n........", known); w.Code != 303 {
			t.Errorf("a picture answered %d", w.Code)
		} else if page := h.page(t, officer, w.Header().Get("Location")); !strings.Contains(page, "cannot be read") || !strings.Contains(page, "Nothing was changed.") {
			t.Errorf("a picture: %s", page)
		}

		key := string(id.NewRef())
		w := h.sendList(officer, `C:\\lists\\odd "<i>".csv`, oddList, with(known, "key", key))
		columns := w.Header().Get("Location")
		base := strings.TrimSuffix(columns, "/columns")
		if again := h.sendList(officer, "odd.csv", oddList, with(known, "key", key)); again.Header().Get("Location") != columns {
			t.Errorf("sent twice it leads to %q and %q", columns, again.Header().Get("Location"))
		}
		h.run(t, []Scenario{
			{Name: "understood with reasons", As: officer, URL: columns, Want: []string{"Post-16 enrolment list", "row 3 has the names of columns", "Called “Surname”", "Ashdown", "&lt;script&gt;", "Nothing that is used"}, WantNot: []string{"<script>alert"}},
		})
		h.run(t, []Scenario{
			{Name: "as another kind", As: officer, URL: columns + "?kind=people", Want: []string{"<strong>Just people.</strong>"}},
			{Name: "as a kind that is none", As: officer, URL: columns + "?kind=%3Cb%3E", Want: []string{"Post-16 enrolment list"}},
			{Name: "on a sheet that is none", As: officer, URL: columns + "?sheet=..%2F..%2Fetc", Status: 409, Want: []string{"This cannot be done now"}},
			{Name: "it waits", As: officer, URL: base, Want: []string{"Say how it is read", "Understand"}},
			{Name: "it is listed", As: officer, URL: "/imports", Want: []string{"To be understood", "Northshore College"}},
			{Name: "no date", As: officer, Method: "POST", URL: columns, Form: with(fields(h.page(t, officer, columns)), "as-at-day", "", "as-at-month", "", "as-at-year", ""), Status: 422, Want: []string{"Enter the day on which the list was true"}},
			{Name: "a column that is none", As: officer, Method: "POST", URL: columns, Form: with(fields(h.page(t, officer, columns)), "column-1", "Everything"), Status: 422, Want: []string{"Choose what the column Surname holds", `href="#column-1"`}},
			{Name: "nobody is named", As: officer, Method: "POST", URL: columns, Form: with(fields(h.page(t, officer, columns)), "column-1", ""), Status: 422, Want: []string{`href="#columns"`, "Choose which column holds it"}},
			{Name: "half a value for all rows", As: officer, Method: "POST", URL: columns, Form: with(fields(h.page(t, officer, columns)), "fixed-1", "SchoolName"), Status: 422, Want: []string{`href="#value-1"`}},
			{Name: "no key", As: officer, Method: "POST", URL: columns, Form: url.Values{"key": {"short"}}, Status: 400},
			{Name: "applied too early", As: officer, Method: "POST", URL: base + "/apply", Form: url.Values{}, Status: 409, Want: []string{"The file is received by now"}},
		})
		confirm := fields(h.page(t, officer, columns))
		h.post(t, columns, confirm, base)
		h.post(t, columns, confirm, base) // a second press

		h.run(t, []Scenario{
			{Name: "the review", As: officer, URL: base, Want: []string{"Review a partner’s file", "rows read", "need a decision", "cannot be used", "Once it is applied:", "two people in one cell", "no such day", "Words that nobody has explained yet", "Check and apply"}, WantNot: []string{"<b>fishing"}},
			{Name: "rows by outcome", As: officer, URL: base + "/rows?outcome=new", Want: []string{"Ottoline Reed", "Nobody yet"}},
			{Name: "rows that change", As: officer, URL: base + "/rows?outcome=changed", Want: []string{"Wren Ashdown", "activity", "230"}},
			{Name: "rows of no outcome", As: officer, URL: base + "/rows?outcome=%27", Status: 404},
			{Name: "rows far down", As: officer, URL: base + "/rows?outcome=new&page=99", Want: []string{"No row of the file is of this kind by now"}},
			{Name: "one problem", As: officer, URL: base + "/problems/dob-no-such-day?item=DOB", Want: []string{"31/02/2010", "govuk-table__cell--fault", ">6<", "rows/6?item=DOB"}},
			{Name: "a problem that is none", As: officer, URL: base + "/problems/%3Cscript%3E?item=x", Want: []string{"No row has this problem"}, WantNot: []string{"<script>"}},
			{Name: "a row to mend", As: officer, URL: base + "/rows/6?item=DOB", Want: []string{"Row 6", `value="31/02/2010"`}},
			{Name: "a row that is none", As: officer, URL: base + "/rows/600", Status: 404},
			{Name: "a row that is no number", As: officer, URL: base + "/rows/six", Status: 404},
			{Name: "mending nothing", As: officer, Method: "POST", URL: base + "/rows/6", Form: url.Values{"do": {"fix"}, "item": {"Everything"}, "value": {"x"}}, Status: 422, Want: []string{"Choose what to mend", `href="#item"`}},
			{Name: "too long a value", As: officer, Method: "POST", URL: base + "/rows/6", Form: url.Values{"do": {"fix"}, "item": {"DOB"}, "value": {strings.Repeat("9", 2000)}}, Status: 422},
			{Name: "doing nothing known", As: officer, Method: "POST", URL: base + "/rows/6", Form: url.Values{"do": {"delete"}}, Status: 400},
			{Name: "mending a row that is none", As: officer, Method: "POST", URL: base + "/rows/600", Form: url.Values{"do": {"fix"}, "item": {"DOB"}, "value": {"1/1/2010"}}, Status: 404},
			{Name: "nobody is gone", As: officer, URL: base + "/gone", Want: []string{"Nobody"}},
			{Name: "the check page waits for a decision", As: officer, URL: base + "/apply", Want: []string{"Leave them out, and apply the rest", "Decide whom they are about"}},
			{Name: "applied without a decision", As: officer, Method: "POST", URL: base + "/apply", Form: url.Values{}, Status: 422, Want: []string{"Decide whom the rows are about"}},
		})
		faulty := h.ask(Scenario{As: officer, URL: base + "/faulty.csv"})
		if text := faulty.Body.String(); !strings.Contains(text, "What is wrong") || !strings.Contains(text, "Moss & Moss") || strings.Contains(text, "Ottoline") {
			t.Errorf("the rows to correct: %d %s", faulty.Code, text)
		}

		// A birth date is mended, and the unknown words are explained once.
		h.post(t, base+"/rows/6", url.Values{"do": {"fix"}, "item": {"DOB"}, "value": {"03/02/2010"}}, base+"/rows/6")
		if page := h.page(t, officer, base+"/rows/6"); !strings.Contains(page, "3 February 2010") || strings.Contains(page, "31/02/2010") {
			t.Errorf("the mended row: %s", page)
		}
		words := h.page(t, officer, base+"/words")
		if !strings.Contains(words, "Gone &lt;b&gt;fishing&lt;/b&gt;") {
			t.Fatal(words)
		}
		said := "Gone <b>fishing</b>"
		h.run(t, []Scenario{
			{Name: "a code that is none", As: officer, Method: "POST", URL: base + "/words", Form: url.Values{"said": {said}, "code-0": {"999"}}, Status: 422, Want: []string{"Choose what"}},
			{Name: "words that the file has not", As: officer, Method: "POST", URL: base + "/words", Form: url.Values{"said": {"never said"}, "code-0": {"230"}}, Status: 303, Location: base},
			{Name: "explained", As: officer, Method: "POST", URL: base + "/words", Form: url.Values{"said": {said}, "code-0": {"310"}}, Status: 303, Location: base},
			{Name: "what it came to", As: officer, URL: base, Want: []string{"1 word explained"}, WantNot: []string{"Words that nobody has explained yet"}},
			{Name: "the table of words", As: officer, URL: "/senders/words", Want: []string{"gone &lt;b&gt;fishing&lt;/b&gt;", "310", "Test Data officer"}},
			{Name: "to change it", As: officer, URL: "/senders/word?list=activity&words=" + url.QueryEscape(strings.ToLower(said)), Want: []string{"Forget it"}},
			{Name: "to change none in particular", As: officer, URL: "/senders/word", Status: 303, Location: "/senders/words"},
			{Name: "to change what is not there", As: officer, URL: "/senders/word?list=activity&words=x", Status: 404},
			{Name: "changed to no code", As: officer, Method: "POST", URL: "/senders/word", Form: url.Values{"list": {"activity"}, "said": {strings.ToLower(said)}, "code": {"999"}}, Status: 422},
			{Name: "changed", As: officer, Method: "POST", URL: "/senders/word", Form: url.Values{"list": {"activity"}, "said": {strings.ToLower(said)}, "code": {"330"}}, Status: 303, Location: "/senders/words"},
			{Name: "changed where it is not", As: officer, Method: "POST", URL: "/senders/word", Form: url.Values{"list": {"activity"}, "said": {"x"}, "code": {"330"}}, Status: 404},
			{Name: "forgotten", As: officer, Method: "POST", URL: "/senders/word", Form: url.Values{"list": {"activity"}, "said": {strings.ToLower(said)}, "code": {"forget"}}, Status: 303, Location: "/senders/words"},
		})

		// The initial is decided, side by side.
		next := h.ask(Scenario{As: officer, URL: base + "/matches"}).Header().Get("Location")
		if next != base+"/matches/5" {
			t.Fatalf("the first decision is at %q\n%s", next, h.page(t, officer, base+"/rows/5"))
		}
		h.run(t, []Scenario{
			{Name: "side by side", As: officer, URL: next, Want: []string{"1 row waits for a decision", "Rowan Tern", "Same person", "Together", `name="person" value="` + string(tern) + `"`}},
			{Name: "another candidate than there are", As: officer, URL: next + "?candidate=99999999999", Want: []string{"Somebody new"}},
			{Name: "a row that is none", As: officer, URL: base + "/matches/77", Status: 404},
			{Name: "no answer", As: officer, Method: "POST", URL: next, Form: url.Values{"answer": {"perhaps"}}, Status: 400},
			{Name: "somebody who is nobody", As: officer, Method: "POST", URL: next, Form: url.Values{"answer": {"person"}, "person": {"x' OR 1=1"}}, Status: 404},
			{Name: "after the last", As: officer, URL: base + "/matches?after=5", Status: 303, Location: base},
		})
		h.post(t, next, url.Values{"answer": {"person"}, "person": {string(tern)}}, base)
		if page := h.page(t, officer, next); !strings.Contains(page, "about Rowan Tern") {
			t.Errorf("decided: %s", page)
		}
		h.post(t, base+"/rows/8", url.Values{"do": {"skip"}}, base+"/rows/8")
		h.post(t, base+"/rows/8", url.Values{"do": {"unskip"}}, base+"/rows/8")

		// It is applied once, however often it is pressed, and taken back.
		apply := h.page(t, officer, base+"/apply")
		if !strings.Contains(apply, "Add 3 people and update 2") {
			t.Errorf("the button does not tell its numbers: %s", apply)
		}
		once := fields(apply)
		h.post(t, base+"/apply", once, base)
		h.post(t, base+"/apply", once, base)
		if page := h.page(t, officer, base); !strings.Contains(page, "3 people were added") || !strings.Contains(page, base+"/undo") {
			t.Errorf("applied: %s", page)
		}
		if after := person(wren); after == before || !strings.Contains(after, "Northshore College") {
			t.Error("the record does not show what the file said")
		}
		h.run(t, []Scenario{
			{Name: "no more to decide", As: officer, Method: "POST", URL: next, Form: url.Values{"answer": {"new"}}, Status: 409, Want: []string{"This cannot be done now"}},
			{Name: "no more to mend", As: officer, Method: "POST", URL: base + "/rows/6", Form: url.Values{"do": {"fix"}, "item": {"DOB"}, "value": {"1/1/2010"}}, Status: 409},
			{Name: "not to be put away", As: officer, URL: base + "/cancel", Status: 303, Location: base},
			{Name: "not to be put away by force", As: officer, Method: "POST", URL: base + "/cancel", Form: url.Values{}, Status: 409},
			{Name: "the list", As: officer, URL: "/imports.csv", Want: []string{"Loaded", "Northshore College"}},
			{Name: "taking back without a reason", As: officer, Method: "POST", URL: base + "/undo", Form: url.Values{}, Status: 422, Want: []string{"Say why"}},
		})
		again := h.reviewed(t, "again.csv", oddList, known)
		h.run(t, []Scenario{
			{Name: "the same file says so", As: officer, URL: again, Want: []string{"This very file was applied already"}},
			{Name: "and is put away", As: officer, URL: again + "/cancel", Want: []string{"Put the file away"}},
			{Name: "put away", As: officer, Method: "POST", URL: again + "/cancel", Form: url.Values{}, Status: 303, Location: "/imports"},
			{Name: "put away twice", As: officer, Method: "POST", URL: again + "/cancel", Form: url.Values{}, Status: 409},
			{Name: "nothing to see in it", As: officer, URL: again + "/rows/4", Status: 303, Location: again},
			{Name: "nothing to understand", As: officer, URL: again + "/columns", Status: 303, Location: again},
			{Name: "no rows to correct", As: officer, URL: again + "/faulty.csv", Status: 404},
		})
		h.send(t, officer, base+"/undo", url.Values{"reason": {"It was the wrong list"}})
		if after := person(wren); strings.Contains(after, "Northshore College, 1 November") || strings.Contains(after, "(230)") {
			t.Error("after taking the file back the record still shows what it said")
		}
		h.run(t, []Scenario{
			{Name: "taken back", As: officer, URL: base, Want: []string{"was taken back"}},
			{Name: "taken back twice", As: officer, URL: base + "/undo", Want: []string{"Only a file that is applied can be undone"}},
			{Name: "a file that is none", As: officer, URL: "/intakes/" + string(id.NewRef()), Status: 404},
		})
		h.senderPages(t, sender[1])
	})
}

func (h *house) senderPages(t *testing.T, ref string) {
	page := "/senders/" + ref
	h.run(t, []Scenario{
		{Name: "a sender", As: access.DataOfficer, URL: page, Want: []string{"Northshore College", "How its files are read: Post-16 enrolment list", "Family name"}},
		{Name: "changed wrongly", As: access.DataOfficer, Method: "POST", URL: page, Form: url.Values{"sender-name": {" "}, "tolerance": {"-4"}}, Status: 422, Want: []string{`href="#sender-name"`, `href="#tolerance"`}},
		{Name: "changed", As: access.DataOfficer, Method: "POST", URL: page, Form: url.Values{"sender-name": {"Northshore <College>"}, "tolerance": {"7"}, "agreement-ends-day": {"1"}, "agreement-ends-month": {"1"}, "agreement-ends-year": {"2026"}}, Status: 303, Location: "/senders"},
		{Name: "listed", As: access.DataOfficer, URL: "/senders", Want: []string{"Northshore &lt;College&gt;", "Ended"}},
		{Name: "forgotten", As: access.DataOfficer, Method: "POST", URL: page + "/forget", Form: url.Values{"kind": {"enrolment"}}, Status: 303, Location: page},
		{Name: "no longer there", As: access.DataOfficer, URL: page, WantNot: []string{"How its files are read"}},
		{Name: "a new one", As: access.DataOfficer, URL: "/senders/new", Want: []string{"College full roll", "whoever is missing has probably left"}},
		{Name: "of a name that is taken", As: access.DataOfficer, Method: "POST", URL: "/senders/new", Form: url.Values{"sender-name": {"Northshore <College>"}, "tolerance": {"7"}}, Status: 422, Want: []string{"There is a sender of that name"}},
		{Name: "added", As: access.DataOfficer, Method: "POST", URL: "/senders/new", Form: url.Values{"sender-name": {"Harbour School"}, "kind": {"pupil-list"}, "full": {"yes"}, "place": {"yes"}}, Status: 303, Location: "/senders"},
		{Name: "a sender that is none", As: access.DataOfficer, URL: "/senders/" + string(id.NewRef()), Status: 404},
	})
}

// TestRollsAndClashesByPage sends a full roll twice: some are gone from the
// second, and one value is to be chosen.
func TestRollsAndClashesByPage(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		h.wren(t)
		h.tern(t)
		officer := access.DataOfficer
		roll := "Learner ID,Surname,Forename,DOB,Start,Postcode,Email\n"
		line := func(ref, family, given, born, postcode, email string) string {
			return fmt.Sprintf("%s,%s,%s,%s,07/09/2026,%s,%s\n", ref, family, given, born, postcode, email)
		}
		set := with(newSender, "kind", "full-roll", "full", "yes", "as-at-day", "1", "as-at-month", "10")
		first := h.reviewed(t, "roll-1.csv", roll+line("1", "Ashdown", "Wren", "03/03/2010", "ZZ1 1AA", "")+line("2", "Tern", "Rowan", "14/05/2010", "ZZ4 4AA", ""), set)
		h.send(t, officer, first+"/apply", nil)
		sender := regexp.MustCompile(`/senders/([a-z2-7]{26})"`).FindStringSubmatch(h.page(t, officer, "/senders"))[1]
		known := url.Values{"from": {"known"}, "sender": {sender}, "as-at-day": {"1"}, "as-at-month": {"11"}, "as-at-year": {"2026"}}
		second := h.reviewed(t, "roll-2.csv", roll+line("1", "Ashdown", "Wren", "03/03/2010", "ZZ1 1AA", ""), known)
		if page := h.page(t, officer, second); !strings.Contains(page, "No longer on the roll") {
			t.Fatal(page)
		}
		gone := h.page(t, officer, second+"/gone")
		name := regexp.MustCompile(`name="(gone-[a-z2-7]{26})"`).FindStringSubmatch(gone)
		if name == nil || !strings.Contains(gone, "Rowan Tern") {
			t.Fatal(gone)
		}
		h.run(t, []Scenario{
			{Name: "a decision that is none", As: officer, Method: "POST", URL: second + "/gone", Form: url.Values{"person": {name[1][5:]}, name[1]: {"eaten"}}, Status: 400},
			{Name: "somebody who is nobody", As: officer, Method: "POST", URL: second + "/gone", Form: url.Values{"person": {"x"}, "gone-x": {"left"}}, Status: 404},
			{Name: "still there", As: officer, Method: "POST", URL: second + "/gone", Form: url.Values{"person": {name[1][5:]}, name[1]: {"there"}}, Status: 303, Location: second},
			{Name: "has left", As: officer, Method: "POST", URL: second + "/gone", Form: url.Values{"person": {name[1][5:]}, name[1]: {"left"}}, Status: 303, Location: second},
			{Name: "the button counts them", As: officer, URL: second + "/apply", Want: []string{"No longer on the roll, and decided", "Update 2 people"}},
		})
		h.send(t, officer, second+"/apply", nil)
		h.run(t, []Scenario{
			{Name: "decided too late", As: officer, Method: "POST", URL: second + "/gone", Form: url.Values{"person": {name[1][5:]}, name[1]: {"there"}}, Status: 409},
		})

		// The college's word is better than what was said by telephone, but older:
		// which name is to stand is to be chosen.
		base := h.reviewed(t, "people.csv", "Learner ID,Surname,Forename,DOB,Start,Status,Postcode\n2,Terne,Rowan,14/05/2010,07/09/2026,Enrolled,ZZ4 4AA\n", known)
		h.run(t, []Scenario{
			{Name: "a clash", As: officer, URL: base, Want: []string{"Two values, of which one must be chosen"}},
			{Name: "listed", As: officer, URL: base + "/rows?outcome=clashes", Want: []string{"Choose", "rows/2?next=clashes"}},
			{Name: "asked", As: officer, URL: base + "/rows/2?next=clashes", Want: []string{"Which is to stand?", "as the file says"}},
		})
		form := url.Values{"do": {"choose"}, "next": {"clashes"}}
		for _, m := range regexp.MustCompile(`name="(clash-\d+)"`).FindAllStringSubmatch(h.page(t, officer, base+"/rows/2"), -1) {
			form.Set(m[1], "theirs")
		}
		h.post(t, base+"/rows/2", form, base)
		if page := h.page(t, officer, base); strings.Contains(page, "Two values, of which one must be chosen") {
			t.Error("the clash is chosen and still asked")
		}
	})
}

// TestPartnersFilesAreTheDataOfficers walks every address of the road as every
// other role, and as nobody.
func TestPartnersFilesAreTheDataOfficers(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		h.wren(t)
		base := h.reviewed(t, "odd.csv", oddList, newSender)
		ref := strings.TrimPrefix(base, "/intakes/")
		fill := strings.NewReplacer("{ref}", ref, "{code}", "two-people", "{row}", "4")
		var scenarios []Scenario
		for _, route := range h.intakeRoutes() {
			for _, role := range append(access.Roles(), "") {
				if role == access.DataOfficer || role == access.Operator {
					continue
				}
				sc := Scenario{Name: string(role) + " " + route.Method + " " + route.Pattern, As: role, Method: route.Method, URL: fill.Replace(route.Pattern), Status: 403}
				if route.Method == http.MethodPost {
					sc.Form = url.Values{}
				}
				if role == "" {
					sc.Status, sc.Location = 303, "/sign-in?next="+url.QueryEscape(sc.URL)
					if route.Method == http.MethodPost {
						sc.Location = "/sign-in?next=%2F"
					}
				}
				scenarios = append(scenarios, sc)
			}
		}
		h.run(t, scenarios)
		if page := h.page(t, access.DataOfficer, base); !strings.Contains(page, "Review a partner’s file") {
			t.Error("somebody without the right moved the file on")
		}
	})
}
