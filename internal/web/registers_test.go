package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/db"
	"waymark/internal/id"
	"waymark/internal/record"
	"waymark/internal/register"
	"waymark/internal/seed"
	"waymark/internal/standing"
)

// TestAnothersRegisterIsNobodys stands two other boroughs in the house and asks
// every address that takes a reference for each kind of theirs, and every changing
// form with one in each field that takes one: the answer is that about nothing, with as
// many statements, and no word of theirs stands in it.
func TestAnothersRegisterIsNobodys(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		every := h.db.EveryRegister()
		keeper := standing.Keeper{Requirement: h.Requirement}
		boroughs, err := seed.Checks(t.Context(), seed.Rooms{DB: every, Registers: &register.Service{DB: every},
			Record: &record.Service{DB: every, Requirement: h.Requirement, Standing: keeper, Sights: &act.Recorder{DB: every}, Rolls: standing.NewRolls(every, keeper)}}, 3)
		if err != nil {
			t.Fatal(err)
		}
		var words []string
		for _, b := range boroughs {
			for _, p := range b.People {
				for _, word := range p.Canaries {
					words = append(words, word)
				}
			}
		}
		refs := h.othersRefs(t, every)
		asked := 0
		for _, r := range h.Routes() {
			if !strings.Contains(r.Pattern, "{ref}") && r.Method == http.MethodGet || r.Permission == access.Public || asksNobody[r.Pattern] != "" {
				continue
			}
			for i, role := range h.two(r.Permission) {
				ask := func(ref id.Ref) (int, string, int64) {
					before := h.db.Asked()
					code, page := h.about(role, r, ref)
					return code, anyRef.ReplaceAllString(page, "REF"), h.db.Asked() - before
				}
				_, _, n0 := ask(id.NewRef()) // what the first of its kind reads and keeps
				for table, ref := range refs {
					if table != "young_person" && (i > 0 || !strings.Contains(r.Pattern, "{ref}")) {
						continue
					}
					asked++
					code, page, n := ask(ref)
					code2, page2, n2 := ask(id.NewRef())
					// What each asking leaves behind may add to the next: then by as much each
					// time. What goes on behind a page asks too, now and then: not three times
					// in a row.
					for try := 0; n != n2 && 2*n != n0+n2 && try < 3; try++ {
						_, _, n0 = ask(id.NewRef())
						_, _, n = ask(ref)
						_, _, n2 = ask(id.NewRef())
					}
					if n != n2 && 2*n != n0+n2 {
						t.Errorf("as %s, %s %s asks %d statements for another register's %s and %d for nothing", role, r.Method, r.Pattern, n, table, n2)
					}
					n0 = n2
					if code != code2 || page != page2 {
						t.Errorf("as %s, %s %s answers %d for another register's %s and %d for nothing\n%s\n\n%s", role, r.Method, r.Pattern, code, table, code2, page, page2)
					}
					for _, word := range words {
						if strings.Contains(page, word) {
							t.Errorf("as %s, %s %s says %q of another register", role, r.Method, r.Pattern, word)
						}
					}
				}
			}
		}
		for _, word := range words {
			w := h.ask(Scenario{As: access.DataOfficer, Method: http.MethodPost, URL: "/find", Form: url.Values{"who": {word}}})
			if to := w.Header().Get("Location"); !strings.Contains(h.ask(Scenario{As: access.DataOfficer, URL: to}).Body.String(), "Nobody found") {
				t.Errorf("looking for %q finds somebody", word)
			}
		}
		if t.Logf("%d questions", asked); asked < 500 {
			t.Errorf("only %d questions were asked", asked)
		}
	})
}

// about asks a route for a reference.
func (h *house) about(role access.Role, r Route, ref id.Ref) (int, string) {
	address := strings.NewReplacer("{ref}", string(ref), "{other}", string(ref), "{period}", "2026-10", "{check}", "31", "{list}", "new", "{kind}", "odd", "{row}", "1").Replace(r.Pattern)
	sc := Scenario{As: role, Method: r.Method, URL: address}
	if r.Method != http.MethodGet {
		sc.Form = refFields(ref)
	}
	w := h.ask(sc)
	h.ask(Scenario{As: role, URL: "/account"}) // what it leaves to be said on the next page
	return w.Code, butItsOwn(w, ref)
}

// two are at most two of the roles that may.
func (h *house) two(action access.Action) []access.Role {
	var out []access.Role
	for _, role := range access.Roles() {
		if len(out) < 2 && access.May(h.actor(role), action) {
			out = append(out, role)
		}
	}
	return out
}

// othersRefs are references of the other registers, one of each kind.
func (h *house) othersRefs(t *testing.T, every *db.DB) map[string]id.Ref {
	t.Helper()
	out := map[string]id.Ref{}
	if err := every.Read(t.Context(), func(tx *db.Tx) error {
		for _, table := range []string{"young_person", "account", "restriction", "agreement", "organisation"} {
			var ref string
			if err := tx.QueryRow("SELECT ref FROM " + table + " WHERE register <> 1 LIMIT 1").Scan(&ref); err != nil {
				return err
			}
			out[table] = id.Ref(ref)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return out
}
