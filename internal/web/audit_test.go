package web

import (
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"waymark/internal/access"
	"waymark/internal/audit"
	"waymark/internal/db"
	"waymark/internal/db/dbtest"
)

// kept gives the house somebody who seals its log.
func (h *house) kept(t testing.TB) *audit.Keeper {
	t.Helper()
	dir := t.TempDir()
	key, _, err := audit.OpenKey(filepath.Join(dir, "key"))
	if err != nil {
		t.Fatal(err)
	}
	h.Audit.Keeper = &audit.Keeper{DB: h.db, Register: 1, Key: key, Heads: filepath.Join(dir, "heads"), Log: slog.New(slog.NewTextHandler(io.Discard, nil))}
	return h.Audit.Keeper
}

func (h *house) change(t testing.TB, beside bool, statement string) {
	t.Helper()
	in := h.db.InTx
	if beside {
		in = h.db.InSideTx
	}
	if err := in(t.Context(), func(tx *db.Tx) error {
		dbtest.AsOwner(t, tx)
		_, err := tx.Exec(statement)
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

func (h *house) number(t testing.TB, beside bool, query string) int {
	t.Helper()
	in, n := h.db.Read, 0
	if beside {
		in = h.db.ReadSide
	}
	if err := in(t.Context(), func(tx *db.Tx) error { return tx.QueryRow(query).Scan(&n) }); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestAuditPages(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		ig := access.InformationGovernance
		ref := h.wren(t)
		page := "/young-people/" + string(ref)
		h.ask(Scenario{As: access.Adviser, URL: page})
		about := "/audit/people/" + string(ref)
		h.run(t, []Scenario{
			{Name: "not sealed yet", As: ig, URL: "/audit", Want: []string{"The log is not sealed yet.", "Test Adviser", "Looking at this log is itself logged"}},
		})
		k := h.kept(t)
		k.SignNow(t.Context())
		h.run(t, []Scenario{
			{Name: "sealed and not checked", As: ig, URL: "/audit", Want: []string{"Log sealed to 12:00 on 10 November 2026.", "not been checked against seal 1 yet"}},
			{Name: "checked", As: ig, URL: "/audit/proof", Want: []string{"Log complete to 12:00 on 10 November 2026.", "Checked against seal 1.", "Seals compared", "Root"}},
			{Name: "everybody", As: ig, URL: "/audit", Want: []string{"Log complete to 12:00", "Checked against seal 1", "Test Adviser", "Saw: summary, the record 9910000000001", "Did: Added", "Download as CSV", `href="` + about + `"`}, WantNot: []string{"Wren", "Ashdown"}},
			{Name: "about one young person", As: ig, URL: about, Want: []string{"Who has looked at this young person", "YoungPersonsID 9910000000001", "they rang or came in", "Saw: summary"}, WantNot: []string{"Wren", "Ashdown", "Sign in"}},
			{Name: "what they only did", As: ig, URL: about + "?what=done", Want: []string{"Nothing is in the log for this"}, WantNot: []string{"Saw: summary"}},
			{Name: "on other days", As: ig, URL: "/audit?from=2026-11-11", Want: []string{"Nothing is in the log for this", "From 11 November 2026"}},
			{Name: "to yesterday", As: ig, URL: "/audit?to=2026-11-09", Want: []string{"Nothing is in the log for this"}},
			{Name: "commands", As: ig, URL: "/audit?who=operators", Want: []string{"operator", "By Commands on the host"}, WantNot: []string{"Saw: summary"}},
			{Name: "nonsense asks for nothing", As: ig, URL: "/audit?from=soon&what=else&page=-4", Want: []string{"Test Adviser"}},
			{Name: "a page beyond the last", As: ig, URL: "/audit?page=900", Want: []string{"Nothing is in the log"}},
			{Name: "nobody there", As: ig, URL: "/audit/people/abcdefghijklmnopqrstuvwxyz", Status: 404},
			{Name: "nothing odd at noon on a Tuesday", As: ig, URL: "/audit/odd", Want: []string{"Nothing odd was found"}},
			{Name: "the way there from the record", As: ig, URL: page, Want: []string{`href="` + about + `"`, "Who has looked"}},
			{Name: "which others have not", As: access.DataOfficer, URL: page, WantNot: []string{"Who has looked", "/audit"}},
			{Name: "governance has it in the menu", As: ig, URL: "/", Want: []string{`href="/audit"`}},
			{Name: "the form of a file", As: ig, URL: "/audit/download?who=operators&about=" + string(ref), Want: []string{`name="who" value="operators"`, `name="about" value="` + string(ref) + `"`}},
			{Name: "no file without a reason", As: ig, Method: "POST", URL: "/audit/download", Form: url.Values{"reason": {" "}}, Status: 422, Want: []string{"Enter why you need this file"}, WantNot: []string{"9910000000001"}},
		})
		form := url.Values{"reason": {"complaint 12"}, "about": {string(ref)}, "key": {"aaaaaaaaaaaaaaaaaaaaaaaaaa"}}
		h.run(t, []Scenario{
			{Name: "the file", As: ig, Method: "POST", URL: "/audit/download", Form: form, Want: []string{"Test Adviser", "9910000000001", "seen", "they rang or came in"}, WantNot: []string{"Wren"}},
			{Name: "sent twice, taken once", As: ig, Method: "POST", URL: "/audit/download", Form: form, Status: 409, WantNot: []string{"9910000000001"}},
		})
		var reason string
		err := h.db.Read(t.Context(), func(tx *db.Tx) error {
			return tx.QueryRow(`SELECT reason FROM act WHERE kind = 'see the audit log'`).Scan(&reason)
		})
		if err != nil || !strings.HasSuffix(reason, " lines of the log downloaded: complaint 12") || h.number(t, false, `SELECT count(*) FROM act WHERE kind = 'see the audit log'`) != 1 {
			t.Errorf("taking the file is logged as %q, %v", reason, err)
		}
		if n := h.number(t, true, `SELECT count(*) FROM sight WHERE kind = 'see the audit log' AND young_person IS NOT NULL`); n < 3 {
			t.Error("looking at the log left", n, "sights of the young person")
		}
		h.change(t, false, `UPDATE act SET actor_name = 'Somebody Else' WHERE register = 1 AND number = 2`)
		h.run(t, []Scenario{
			{Name: "tampering is said", As: ig, URL: "/audit/proof", Want: []string{"The log is not whole.", "was edited: act 2"}},
			{Name: "on every page", As: ig, URL: "/audit", Want: []string{"The log is not whole."}},
		})
	})
}

func TestAuditIsForGovernanceAlone(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		ref := h.wren(t)
		for _, role := range access.Roles() {
			for _, r := range h.auditRoutes() {
				address := strings.ReplaceAll(r.Pattern, "{ref}", string(ref))
				w := h.ask(Scenario{As: role, Method: r.Method, URL: address, Form: map[bool]url.Values{true: {"reason": {"x"}}}[r.Method == "POST"]})
				if want := map[bool]int{true: 200, false: 403}[role == access.InformationGovernance]; w.Code != want {
					t.Errorf("%s %s as %s answered %d, want %d", r.Method, address, role, w.Code, want)
				}
				if role != access.InformationGovernance && strings.Contains(w.Body.String(), "9910000000001") {
					t.Errorf("%s %s as %s tells something", r.Method, address, role)
				}
			}
		}
		for _, r := range h.auditRoutes() {
			if w := h.ask(Scenario{Method: r.Method, URL: strings.ReplaceAll(r.Pattern, "{ref}", string(ref)), Form: map[bool]url.Values{true: {}}[r.Method == "POST"]}); w.Code != http.StatusSeeOther {
				t.Errorf("%s %s answered %d to nobody", r.Method, r.Pattern, w.Code)
			}
		}
	})
}

func TestAuditPagesOfFifty(t *testing.T) {
	h := newHouse(t, dbtest.SQLite(t))
	ref := h.wren(t)
	for range 60 {
		h.ask(Scenario{As: access.DataOfficer, URL: "/young-people/" + string(ref)})
	}
	about := "/audit/people/" + string(ref) + "?what=seen"
	first := h.ask(Scenario{As: access.InformationGovernance, URL: about}).Body.String()
	if n := strings.Count(first, "wm-timeline__item"); n != 50 || !strings.Contains(first, "Showing 1 to 50 of ") || !strings.Contains(first, "page=2") {
		t.Errorf("%d events on the first page", n)
	}
	second := h.ask(Scenario{As: access.InformationGovernance, URL: about + "&page=2"}).Body.String()
	if n := strings.Count(second, "wm-timeline__item"); n < 11 || n >= 50 {
		t.Errorf("%d events on the second page", n)
	}
}

// TestNothingIsShownThatCannotBeRecorded makes every sight fail, and asks for
// every page and file there is: none tells of the young person. Before, many
// do.
func TestNothingIsShownThatCannotBeRecorded(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		ref := h.wren(t)
		h.atCollege(t, ref)
		results := h.ask(Scenario{As: access.DataOfficer, Method: "POST", URL: "/find", Form: url.Values{"who": {"Ashdown"}}}).Header().Get("Location")
		tells := func(role access.Role) (told map[string]int) {
			told = map[string]int{}
			asked := []string{results, "/lists?status=eet", "/lists.csv?status=eet", "/due?window=90"}
			for _, r := range h.Routes() {
				if r.Method == "GET" && !strings.HasPrefix(r.Pattern, "/static") && !strings.HasPrefix(r.Pattern, "/find/results") {
					asked = append(asked, strings.NewReplacer("{ref}", string(ref), "{period}", "2026-11", "{list}", "x", "{check}", "x", "{kind}", "x", "{act}", "1").Replace(r.Pattern))
				}
			}
			for _, address := range asked {
				w := h.ask(Scenario{As: role, URL: address})
				body := w.Body.String()
				for _, secret := range []string{"Wren", "Ashdown", "Lantern Row", "9910000000001"} {
					if strings.Contains(body, secret) {
						told[address] = w.Code
					}
				}
			}
			return told
		}
		for role, least := range map[access.Role]int{access.DataOfficer: 12, access.InformationGovernance: 7} {
			if told := tells(role); len(told) < least {
				t.Errorf("as %s only %d addresses tell of anybody: the test proves nothing: %v", role, len(told), told)
			}
		}
		h.change(t, true, `ALTER TABLE unsealed_sight RENAME TO out_of_reach`)
		for _, role := range access.Roles() {
			if told := tells(role); len(told) > 0 {
				t.Errorf("as %s these tell of somebody unrecorded: %v", role, told)
			}
		}
		h.run(t, []Scenario{
			{Name: "the record", As: access.DataOfficer, URL: "/young-people/" + string(ref), Status: 503, Want: []string{"could not record who asked", "Reference:"}},
			{Name: "the log", As: access.InformationGovernance, URL: "/audit", Status: 503},
			{Name: "the log of one", As: access.InformationGovernance, URL: "/audit/people/" + string(ref), Status: 503},
			{Name: "what is odd", As: access.InformationGovernance, URL: "/audit/odd", Status: 503},
			{Name: "the file of the log", As: access.InformationGovernance, Method: "POST", URL: "/audit/download", Form: url.Values{"reason": {"x"}}, Status: 503, WantNot: []string{"Test Adviser"}},
			{Name: "a list", As: access.DataOfficer, URL: "/lists.csv?status=eet", Status: 503},
		})
		h.change(t, true, `ALTER TABLE out_of_reach RENAME TO unsealed_sight`)
		h.run(t, []Scenario{{Name: "and again", As: access.DataOfficer, URL: "/young-people/" + string(ref), Want: []string{"Wren"}}})
	})
}

// TestNothingIsDoneThatCannotBeRecorded makes every act fail: the next number
// is taken already.
func TestNothingIsDoneThatCannotBeRecorded(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		ref := h.wren(t)
		v := h.open(t, access.DataOfficer, "/young-people/"+string(ref)+"/name/edit", map[string]string{"given-name": "Sparrow"})
		h.change(t, false, `UPDATE register SET last_act = 0 WHERE id = 1`)
		before := h.number(t, false, `SELECT count(*) FROM name`)
		h.run(t, []Scenario{
			{Name: "a name", As: access.DataOfficer, Method: "POST", URL: "/young-people/" + string(ref) + "/name/edit", Form: v, Status: 503, Want: []string{"nothing was changed"}},
			{Name: "the file of the log", As: access.InformationGovernance, Method: "POST", URL: "/audit/download", Form: url.Values{"reason": {"x"}}, Status: 503, WantNot: []string{"9910000000001"}},
			{Name: "signing in", Method: "POST", URL: "/sign-in", Form: url.Values{"sign-in": {"adviser@sandmere.example"}, "password": {testPassword}}, Status: 503},
			{Name: "is as it was", As: access.DataOfficer, URL: "/young-people/" + string(ref), Want: []string{"Wren"}, WantNot: []string{"Sparrow"}},
		})
		if n := h.number(t, false, `SELECT count(*) FROM name`); n != before {
			t.Errorf("%d names, and there were %d", n, before)
		}
	})
}
