package web

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"waymark/internal/access"
	"waymark/internal/id"
)

// anyRef is a reference: of what was asked for, which is new each time.
var anyRef = regexp.MustCompile(`\b[a-z2-7]{26}\b`)

// refFields are the fields of forms in which a young person stands by reference.
func refFields(ref id.Ref) url.Values {
	form := url.Values{"reason": {"they rang or came in"}, "told-kind": {"phone"}, "relation": {"relative"}, "do": {"meet"}, "answer": {"person"}, "basis": {"x"}}
	for _, name := range []string{"person", "people", "first", "second", "keep", "other", "which", "row", "into", "with", "who", "young-person", "ref", "q"} {
		form.Set(name, string(ref))
	}
	return form
}

// asksNobody are forms that are about nobody, and why they are not compared.
var asksNobody = map[string]string{
	"/sign-out":               "it ends the session",
	"/account/recovery-codes": "its page is made by chance",
	"/duplicates/search":      "its search goes on in the background, and asks as it goes",
}

// TestAHiddenChildInAFormIsNobody sends every changing form of the route table, on an
// open record where it is about one, with the reference of a hidden child in each
// field that takes one: status, page and number of statements are those for a
// reference of nobody.
func TestAHiddenChildInAFormIsNobody(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		g := guard(t, h)
		open := h.addPerson(t, "Linnet", "Fairweather", "2010-05-05", "1 Quay Street", "ZZ4 4AA", "")
		asked := 0
		for _, role := range []access.Role{access.Adviser, access.DataOfficer} {
			for _, r := range h.Routes() {
				if r.Method == http.MethodGet || r.Permission == access.Public || !access.May(h.actor(role), r.Permission) || asksNobody[r.Pattern] != "" {
					continue
				}
				at := strings.NewReplacer("{ref}", string(open), "{other}", string(open), "{period}", "2026-10", "{check}", "31", "{list}", "new", "{kind}", "odd", "{row}", "1", "{act}", "5", "{code}", "x", "{year}", "2026", "{key}", "x").Replace(r.Pattern)
				ask := func(ref id.Ref) (int, string, int64) {
					before := h.db.Asked()
					w := h.ask(Scenario{As: role, Method: r.Method, URL: at, Form: refFields(ref)})
					n := h.db.Asked() - before
					h.ask(Scenario{As: role, URL: "/account"}) // what it leaves to be said on the next page
					return w.Code, anyRef.ReplaceAllString(butItsOwn(w, ref), "REF"), int64(n)
				}
				ask(id.NewRef()) // what the first of its kind reads and keeps
				code, page, n := ask(g.hidden)
				code2, page2, n2 := ask(id.NewRef())
				if asked++; code != code2 || page != page2 {
					t.Errorf("as %s, %s answers %d for a hidden child and %d for nobody\n%s\n\n%s", role, at, code, code2, page, page2)
				}
				// What goes on behind a page asks too, now and then: not three times in a row.
				for try := 0; n != n2 && try < 3; try++ {
					_, _, n = ask(g.hidden)
					_, _, n2 = ask(id.NewRef())
				}
				if n != n2 {
					t.Errorf("as %s, %s asks %d statements for a hidden child and %d for nobody", role, at, n, n2)
				}
			}
		}
		if t.Logf("%d forms", asked); asked < 100 {
			t.Errorf("only %d forms were sent", asked)
		}
	})
}
