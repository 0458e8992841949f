package web

import (
	"context"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/db"
	"waymark/internal/db/dbtest"
	"waymark/internal/nccis"
)

// page is what somebody sees at an address; it must be there.
func (h *house) page(t testing.TB, as access.Role, address string) string {
	t.Helper()
	w := h.ask(Scenario{As: as, URL: address})
	if w.Code != http.StatusOK {
		t.Fatalf("%s answered %d: %s\n%s", address, w.Code, w.Body, h.log)
	}
	return w.Body.String()
}

// send posts a page's own form, with some fields set, and follows where it
// leads.
func (h *house) send(t testing.TB, as access.Role, address string, set url.Values) string {
	t.Helper()
	form := fields(h.page(t, as, address))
	for name, values := range set {
		form[name] = values
	}
	w := h.ask(Scenario{As: as, Method: "POST", URL: address, Form: form})
	if w.Code != http.StatusSeeOther {
		t.Fatalf("%s answered %d: %s\n%s", address, w.Code, w.Body, h.log)
	}
	return h.page(t, as, w.Header().Get("Location"))
}

// load loads a supplier's file of October in which the first few of these texts
// are empty, and nothing else is wrong.
func (h *house) load(t testing.TB, n int, empty ...string) {
	t.Helper()
	text := supplierFile(t, n, false, "2026-10-31", "991")
	for _, one := range empty {
		if !strings.Contains(text, one) {
			t.Fatalf("the file has no %s", one)
		}
		text = strings.Replace(text, one, "", 3)
	}
	w := h.upload(access.DataOfficer, "/imports/new", "october.xml", text)
	page := h.settle(t, w.Header().Get("Location"))
	if !strings.Contains(page, "The file is loaded") {
		t.Fatal(page)
	}
}

func TestTheReturnFromWorkbenchToSent(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		// Three genders are missing, and three family names.
		h.load(t, 60, "<Gender>U</Gender>", "<FamilyName>Ashabank</FamilyName>")
		bench := h.page(t, access.DataOfficer, "/returns/2026-10")
		for _, want := range []string{"October’s return", "Serious:", "The family name is missing", "The gender is missing", "Mend together", "September Guarantee", "60"} {
			if !strings.Contains(bench, want) {
				t.Errorf("the workbench does not hold %q", want)
			}
		}
		h.run(t, []Scenario{
			{Name: "its file is loaded", As: access.DataOfficer, URL: "/returns/2026-10", WantNot: []string{"has not been loaded yet"}},
			{Name: "its file is awaited", As: access.DataOfficer, URL: "/returns/2026-11", Want: []string{"November’s file has not been loaded yet.", "as of October’s", "Load the file"}},
			{Name: "signing before its file", As: access.DataOfficer, URL: "/returns/2026-11/sign", Want: []string{"November’s file has not been loaded yet."}},
			{Name: "no advisers here", As: access.Adviser, URL: "/returns/2026-10", Status: 403},
			{Name: "list", As: access.DataOfficer, URL: "/returns", Want: []string{"October 2026", "Draft", "The month is not over", "1 day late"}},
			{Name: "list as a file", As: access.DataOfficer, URL: "/returns.csv", Want: []string{"Month,State,People", "October 2026,Draft"}},
			{Name: "not yet begun", As: access.DataOfficer, URL: "/returns/2027-01", Status: 404},
			{Name: "before the register began", As: access.DataOfficer, URL: "/returns/2015-01", Want: []string{"There is no return to send for January 2015.", "The register begins in"}},
			{Name: "no month", As: access.DataOfficer, URL: "/returns/soon", Status: 404},
			{Name: "no such authority", As: access.DataOfficer, URL: "/returns/2026-10?authority=343", Status: 404},
			{Name: "by owner", As: access.DataOfficer, URL: "/returns/2026-10?owner=adviser", Want: []string{"Nothing for advisers to mend", "Remove this filter:"}},
			{Name: "no such check", As: access.DataOfficer, URL: "/returns/2026-10/checks/nought", Status: 404},
			{Name: "a check that passes", As: access.DataOfficer, URL: "/returns/2026-10/checks/43", Want: []string{"Nobody is left"}},
			{Name: "no rule for names", As: access.DataOfficer, URL: "/returns/2026-10/checks/3/mend", Status: 404},
			{Name: "signing is blocked", As: access.DataOfficer, URL: "/returns/2026-10/sign", Want: []string{"Mend", "every total agrees", "See what is wrong"}, WantNot: []string{`name="declaration"`}},
			{Name: "refused all the same", As: access.DataOfficer, Method: "POST", URL: "/returns/2026-10/sign", Form: url.Values{"declaration": {"yes"}, "sha256": {"x"}}, Status: 422, Want: []string{"of priority 1"}},
			{Name: "governance looks, changes nothing", As: access.InformationGovernance, URL: "/returns/2026-10/checks/3", WantNot: []string{">Mend<"}},
			{Name: "everybody who is in", As: access.DataOfficer, URL: "/returns/2026-10/people", Want: []string{"Why they are in", "Showing 1 to 50 of 60 people."}},
			{Name: "NEET only", As: access.DataOfficer, URL: "/returns/2026-10/people?as=NEET", Want: []string{"Remove this filter:"}},
			{Name: "nobody left out", As: access.DataOfficer, URL: "/returns/2026-10/people?out=yes", Want: []string{"Nobody is left out"}},
			{Name: "nothing to compare", As: access.DataOfficer, URL: "/returns/2026-10/movements", Want: []string{"nothing to compare with"}},
			{Name: "findings as a file", As: access.DataOfficer, URL: "/returns/2026-10/findings.csv", Want: []string{"check,priority,who mends it", "Family name"}},
			{Name: "people as a file", As: access.DataOfficer, URL: "/returns/2026-10/people.csv?as=EET", Want: []string{"young person,name,date of birth"}},
			{Name: "the draft is marked", As: access.DataOfficer, URL: "/returns/2026-10/draft.xml", Want: []string{"DRAFT, not signed off"}},
			{Name: "for those who build", As: access.TeamManager, URL: "/returns/2026-10/draft.xml", Status: 403},
		})
		h.mendOneByOne(t)
		h.mendAllTogether(t)
		h.signAndSend(t)
	})
}

// mendOneByOne follows the link of each missing name to its field, mends it
// and comes back.
func (h *house) mendOneByOne(t *testing.T) {
	t.Helper()
	const list = "/returns/2026-10/checks/3"
	for n := 0; ; n++ {
		page := h.page(t, access.DataOfficer, list)
		if strings.Contains(page, "Nobody is left") {
			if n == 0 {
				t.Error("there was nothing to mend")
			}
			return
		}
		link := html.UnescapeString(regexp.MustCompile(`/young-people/[a-z2-7]{26}/name/edit[^"]*`).FindString(page))
		if n > 20 || link == "" {
			t.Fatalf("mending does not end, or has no link:\n%s", page)
		}
		address, at, _ := strings.Cut(link, "#")
		if !strings.Contains(h.page(t, access.DataOfficer, address), `id="`+at+`"`) {
			t.Fatalf("%s has no field %s", address, at)
		}
		form := fields(h.page(t, access.DataOfficer, address))
		form.Set("family-name", "Quarrie")
		form.Set("told-kind", act.Telephone)
		w := h.ask(Scenario{As: access.DataOfficer, Method: "POST", URL: address, Form: form})
		if back := w.Header().Get("Location"); w.Code != http.StatusSeeOther || !strings.HasPrefix(back, list) {
			t.Fatalf("mending answered %d and went to %q\n%s", w.Code, back, w.Body)
		}
	}
}

// mendAllTogether mends the missing genders, takes that back, and mends again.
func (h *house) mendAllTogether(t *testing.T) {
	t.Helper()
	const mend = "/returns/2026-10/checks/4/mend"
	h.run(t, []Scenario{
		{Name: "preview", As: access.DataOfficer, URL: mend, Want: []string{"Set the gender to U, not known.", "As it would be", `name="chosen"`, "checked"}},
		{Name: "nobody chosen", As: access.DataOfficer, Method: "POST", URL: mend, Form: url.Values{}, Status: 422, Want: []string{`href="#chosen"`, "Tick at least one"}},
		{Name: "not for managers", As: access.TeamManager, URL: mend, Status: 403},
	})
	if page := h.send(t, access.DataOfficer, mend, nil); !strings.Contains(page, "mended.") || !strings.Contains(page, "/returns/2026-10/mends") || strings.Contains(page, "The gender is missing") {
		t.Errorf("mending together did not do it:\n%s", page)
	}
	page := h.page(t, access.DataOfficer, "/returns/2026-10/mends")
	undo := regexp.MustCompile(`/returns/2026-10/mends/\d+/undo`).FindString(page)
	h.run(t, []Scenario{
		{Name: "taken back", As: access.DataOfficer, Method: "POST", URL: undo, Form: url.Values{}, Status: 303, Location: "/returns/2026-10/mends"},
		{Name: "said", As: access.DataOfficer, URL: "/returns/2026-10/mends", Want: []string{"It is taken back for", "Taken back"}},
		{Name: "once only", As: access.DataOfficer, Method: "POST", URL: undo, Form: url.Values{}, Status: 303, Location: "/returns/2026-10/mends"},
		{Name: "and says so", As: access.DataOfficer, URL: "/returns/2026-10/mends", Want: []string{"already taken back"}},
		{Name: "found again", As: access.DataOfficer, URL: "/returns/2026-10", Want: []string{"The gender is missing"}},
	})
	h.send(t, access.DataOfficer, mend, nil)
}

func (h *house) signAndSend(t *testing.T) {
	t.Helper()
	const sign = "/returns/2026-10/sign"
	h.run(t, []Scenario{
		{Name: "a manager signs second", As: access.TeamManager, URL: sign, Want: []string{"A data officer signs first. You can sign after that."}},
		{Name: "needs the declaration", As: access.DataOfficer, Method: "POST", URL: sign, Form: url.Values{}, Status: 422, Want: []string{`href="#declaration"`, "Tick the declaration"}},
	})
	declared := url.Values{"declaration": {"yes"}}
	if page := h.send(t, access.DataOfficer, sign, declared); !strings.Contains(page, "Your signature stands") || !strings.Contains(page, "You signed first") {
		t.Errorf("the first signature:\n%s", page)
	}
	page := h.send(t, access.TeamManager, sign, declared)
	if !strings.Contains(page, "The file is frozen") || strings.Contains(page, "/files/") {
		t.Errorf("the second signature:\n%s", page)
	}
	page = h.page(t, access.DataOfficer, sign)
	file := regexp.MustCompile(`/returns/2026-10/files/[a-z2-7]{26}`).FindString(page)
	first, second := h.ask(Scenario{As: access.DataOfficer, URL: file}), h.ask(Scenario{As: access.DataOfficer, URL: file})
	if first.Body.String() != second.Body.String() || first.Header().Get("Content-Disposition") != `attachment; filename="nccis-991-2026-10.xml"` {
		t.Errorf("the downloads differ, or are called %s", first.Header().Get("Content-Disposition"))
	}
	invented := nccis.MustLoad().WithInvented(map[string]string{"991": "Sandmere"})
	sum, err := nccis.CheckFile(context.Background(), first.Body, invented, nccis.CheckOptions{}, func(f nccis.Finding) error {
		t.Errorf("the file that was sent has %+v", f)
		return nil
	})
	if err != nil || sum.Records != 60 {
		t.Errorf("%d records, %v", sum.Records, err)
	}
	state := file + "/state"
	h.run(t, []Scenario{
		{Name: "only who may send", As: access.TeamManager, Method: "POST", URL: state, Form: url.Values{"state": {"sent"}}, Status: 403},
		{Name: "nothing chosen", As: access.DataOfficer, Method: "POST", URL: state, Form: url.Values{}, Status: 422, Want: []string{`href="#state"`}},
		{Name: "not accepted before it is sent", As: access.DataOfficer, Method: "POST", URL: state, Form: url.Values{"state": {"accepted"}}, Status: 422},
		{Name: "sent", As: access.DataOfficer, Method: "POST", URL: state, Form: url.Values{"state": {"sent"}}, Status: 303, Location: sign},
		{Name: "rejected needs words", As: access.DataOfficer, Method: "POST", URL: state, Form: url.Values{"state": {"rejected"}}, Status: 422, Want: []string{`href="#because"`}},
		{Name: "accepted", As: access.DataOfficer, Method: "POST", URL: state, Form: url.Values{"state": {"accepted"}}, Status: 303, Location: sign},
		{Name: "history", As: access.DataOfficer, URL: sign, Want: []string{"Accepted", "Signed by the second, and frozen", "SHA-256", "/returns/compare?from=", "Why it reads otherwise now, person by person"}},
		{Name: "from the figures to why they read otherwise", As: access.DataOfficer, URL: "/figures?period=2026-10", Want: []string{"What the return for October 2026 said", "The return sent", "Counted now", "/returns/compare?from=", "person by person"}},
		{Name: "the commissioner sees that they differ, and nobody", As: access.Commissioner, URL: "/figures?period=2026-10", Want: []string{"What the return for October 2026 said", "The return sent"}, WantNot: []string{"/returns/compare", "/figures/people"}},
		{Name: "from what was sent to why", As: access.DataOfficer, URL: "/figures/sent", Want: []string{`href="/figures?period=2026-10#sent"`, "/returns/compare?from="}},
		{Name: "home goes on to the next", As: access.DataOfficer, URL: "/", Want: []string{"November’s return: the month ends on 30 November 2026"}},
		{Name: "what moved", As: access.DataOfficer, URL: "/returns/2026-11/movements", Want: []string{"Against October 2026", "New in the return (0)", "What moved in November’s return</h1>"}},
		{Name: "one list of it", As: access.DataOfficer, URL: "/returns/2026-11/movements?list=neet"},
		{Name: "as a file", As: access.DataOfficer, URL: "/returns/2026-11/movements/missing/people.csv", Want: []string{"young person,name"}},
		{Name: "no such list", As: access.DataOfficer, URL: "/returns/2026-11/movements/odd/people.csv", Status: 404},
		{Name: "figures for the commissioner", As: access.Commissioner, URL: "/figures/sent", Want: []string{"October 2026", "60"}, WantNot: []string{"/returns/compare"}},
		{Name: "and on the first page", As: access.Commissioner, URL: "/", Want: []string{"The last returns", "October 2026"}},
		{Name: "but no return", As: access.Commissioner, URL: "/returns/2026-10", Status: 403},
	})
}

// TestSightsOfTheReturn holds that whoever is shown on a page of the return is
// logged, and that nobody is where the page shows numbers.
func TestSightsOfTheReturn(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		h.load(t, 30)
		before := h.sights(t)
		h.page(t, access.DataOfficer, "/")
		h.page(t, access.DataOfficer, "/returns/2026-10")
		if n := h.sights(t) - before; n != 0 {
			t.Errorf("pages of numbers logged %d people", n)
		}
		h.page(t, access.DataOfficer, "/returns/2026-10/people")
		if n := h.sights(t) - before; n != 30 {
			t.Errorf("a page with 30 people logged %d", n)
		}
	})
}

func (h *house) sights(t testing.TB) int {
	t.Helper()
	var n int
	err := h.db.InSideTx(t.Context(), func(tx *db.Tx) error {
		return tx.QueryRow(`SELECT count(*) FROM sight WHERE register = 1 AND young_person IS NOT NULL`).Scan(&n)
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestAJointServiceChoosesAuthorities makes one file for one of two.
func TestAJointServiceChoosesAuthorities(t *testing.T) {
	h := newHouse(t, dbtest.SQLite(t))
	err := h.db.InTx(t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(`INSERT INTO register_authority (register, la_code, la_name, invented) VALUES (1, '992', 'Heronwick', TRUE)`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	h.load(t, 20)
	h.run(t, []Scenario{
		{Name: "both", As: access.DataOfficer, URL: "/returns/2026-10", Want: []string{"One file for all 2 authorities", "Sandmere (991)", "Heronwick (992)"}},
		{Name: "one", As: access.DataOfficer, URL: "/returns/2026-10?authority=992", Want: []string{"/returns/2026-10/people?authority=992"}},
		{Name: "its people", As: access.DataOfficer, URL: "/returns/2026-10/people?authority=992&out=yes", Want: []string{"20 people are left out.", "Led by 991"}},
	})
}
