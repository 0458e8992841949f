package web

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"waymark/internal/access"
	"waymark/internal/id"
)

// TestPagesHoldWhatTheyAreSaidToHold asks for every address as every role, and
// looks in the answers for canaries of kinds of things that the route table does
// not say are there.
func TestPagesHoldWhatTheyAreSaidToHold(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		ref := h.zephyrine(t)
		names := canary{field: access.Names, said: []string{"Zephyrine", "Oldershaw"}}
		all := append([]canary{names}, fieldCanaries...)
		held := map[access.Fields]bool{} // kinds that some page shows
		for _, route := range h.Routes() {
			if route.Method != http.MethodGet || strings.HasPrefix(route.Pattern, "/static") {
				continue
			}
			at := addressOf(route.Pattern, ref)
			for _, role := range access.Roles() {
				if !access.May(h.actor(role), route.Permission) {
					continue
				}
				answer := h.ask(Scenario{As: role, URL: at})
				if answer.Code != http.StatusOK {
					continue
				}
				said := saidBy(answer)
				for _, c := range all {
					// Forms offer every answer, whoever they are about: only words
					// that are nobody else's count.
					word := c.said[0]
					if slices.Contains([]access.Fields{access.Gender, access.Ethnicity, access.Need, access.SEND, access.Characteristics, access.Guarantees, access.Cohort, access.Contacts}, c.field) || !strings.Contains(said, word) {
						continue
					}
					held[c.field] = true
					if !route.Personal().Has(c.field) {
						t.Errorf("%s, as %s, shows %s and is said to hold %s", route.Pattern, role, c.field, route.Personal())
					}
				}
			}
		}
		for _, field := range []access.Fields{access.Names, access.Birth, access.Numbers, access.Address, access.Activities, access.Notes} {
			if !held[field] {
				t.Errorf("no page shows %s: the test has looked at nothing", field)
			}
		}
	})
}

// addressOf is an address of a route, about a young person where it is about one.
func addressOf(pattern string, ref id.Ref) string {
	at := strings.ReplaceAll(pattern, "{ref}", string(ref))
	at = strings.NewReplacer("{period}", "2026-11", "{check}", "1", "{list}", "joined", "{code}", "x", "{row}", "1", "{kind}", "x", "{act}", "1", "{month}", "2026-11", "{name}", "x",
		"{request}", string(ref), "{other}", string(ref)).Replace(at)
	return at
}
