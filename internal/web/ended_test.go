package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"waymark/internal/access"
	"waymark/internal/db"
	"waymark/internal/db/dbtest"
	"waymark/internal/id"
	"waymark/internal/record"
)

// done is how many acts were done about young people by somebody signed in, and how
// many notices there are.
func (h *house) done(t *testing.T) (n int) {
	t.Helper()
	if err := h.db.Read(t.Context(), func(tx *db.Tx) error {
		return tx.QueryRow(`SELECT (SELECT COUNT(*) FROM act WHERE young_person IS NOT NULL AND actor LIKE 'account:%') + (SELECT COUNT(*) FROM notice)`).Scan(&n)
	}); err != nil {
		t.Fatal(err)
	}
	return n
}

// inHand sends every form of a route about one young person, and asks every page, as
// somebody whose right to them has ended: none tells a word, and nothing is done.
func (h *house) inHand(t *testing.T, v *visitor, role access.Role, ref id.Ref, words []string) (asked int) {
	t.Helper()
	for _, r := range h.Routes() {
		if !access.May(h.actor(role), r.Permission) || r.Permission == access.Public || r.Permission == access.SignedIn || strings.HasSuffix(r.Pattern, "/locked") || r.Pattern == "/account/relatives" {
			continue // whoever is locked may be said to be a relative
		}
		at := strings.NewReplacer("{ref}", string(ref), "{other}", string(ref), "{period}", "2026-10", "{check}", "31", "{list}", "new", "{kind}", "odd", "{row}", "1", "{act}", "5", "{code}", "x", "{year}", "2026", "{key}", "x").Replace(r.Pattern)
		var form url.Values
		if r.Method != http.MethodGet {
			form = refFields(ref)
			for name, values := range leaverForm("answer-"+string(ref), "staying", "activity", "220", "given", "Changed") {
				form[name] = values
			}
		}
		was := h.done(t)
		page := v.ask(r.Method, at, form).Body.String()
		if n := h.done(t); n != was {
			t.Errorf("%s %s did %d acts", r.Method, r.Pattern, n-was)
		}
		asked++
		for _, word := range words {
			if strings.Contains(page, word) {
				t.Errorf("%s %s tells %q", r.Method, r.Pattern, word)
			}
		}
	}
	return asked
}

// TestWhatHasEndedOpensNothing: an agreement the day after its last, a locked record
// half an hour after it was opened in need, and a session that was ended, each with
// the page still open and its form in hand.
func TestWhatHasEndedOpensNothing(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h, now := clocked(t, d)
		g := guard(t, h)
		student := h.student(t, "Corvina", "Sedgeholm", "2009-03-03")
		enter := func(name string) *visitor {
			v := h.visitor(t)
			v.signIn(name+"@sandmere.example", testPassword)
			return v
		}

		// The session of whoever is given another role has ended, their form with it.
		adviser, administrator := enter("adviser"), enter("administrator")
		adviser.post("/young-people/"+string(student)+"/why", url.Values{"reason": {record.LookReasons()[0]}}, 303)
		edit := "/young-people/" + string(student) + "/name/edit"
		form := fields(adviser.get(edit, 200, "Sedgeholm"))
		before := h.done(t)
		administrator.post("/accounts/"+string(h.accountOf(t, "adviser@sandmere.example").Ref)+"/roles", url.Values{"roles": {"adviser", "team manager"}}, 303)
		form.Set("given", "Changed")
		form.Set("told-kind", "phone")
		if to := adviser.post(edit, form, 303); !strings.HasPrefix(to, "/sign-in") {
			t.Errorf("a form of a session that was ended leads to %s", to)
		}
		if n := h.done(t); n != before {
			t.Errorf("a form of a session that was ended did %d acts", n-before)
		}

		// A locked record that was opened in need closes by itself.
		officer, locked := enter("data.officer"), "/young-people/"+string(g.locked)
		officer.post(locked+"/locked", url.Values{"reason": {"the police rang about them"}}, 303)
		officer.get(locked, 200, "Marrowbone")
		*now = now.Add(20 * time.Minute)
		officer.get(locked+"/name/edit", 200, "Marrowbone")
		*now = now.Add(11 * time.Minute)
		if asked := h.inHand(t, officer, access.DataOfficer, g.locked, lockedCanaries); asked < 150 {
			t.Errorf("only %d addresses were asked", asked)
		}

		// An agreement ends with its last day.
		partner := agreementForm("names", "birth date", "activity")
		for name, value := range map[string]string{"ends-day": now.Format("2"), "ends-month": now.Format("1"), "ends-year": now.Format("2006")} {
			partner.Set(name, value)
		}
		h.cookies[access.InformationGovernance] = h.signInAs(t, "information.governance@sandmere.example")
		h.agreed(t, access.Partner, partner)
		name := strings.ReplaceAll(string(access.Partner), " ", ".")
		enter(name).get("/partner/people", 200, "Corvina Sedgeholm")
		*now = now.Add(24 * time.Hour)
		college := enter(name)
		college.get("/partner/people", 403, "ended on")
		if asked := h.inHand(t, college, access.Partner, student, []string{"Corvina", "Sedgeholm"}); asked < 15 {
			t.Errorf("only %d addresses were asked", asked)
		}
	})
}
