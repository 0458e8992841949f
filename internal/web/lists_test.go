package web

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"waymark/internal/access"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/id"
	"waymark/internal/need"
	"waymark/internal/record"
	"waymark/internal/youngperson"
)

// neet is a young person who is not in education, employment or training, with
// a telephone number and an education, health and care plan.
func (h *house) neet(t testing.TB) id.Ref {
	t.Helper()
	ref, err := h.Record.Add(t.Context(), h.actor(access.DataOfficer), record.NewPerson{
		Name: youngperson.Name{Given: "Robin", Family: "Tealby"}, Born: civil.MustParse("2009-01-30"), Gender: "M", Ethnicity: "APKN",
		Address: youngperson.Address{Line1: "2 Heron Close", Postcode: "ZZ12 1AA"}, LeadLA: "991", EducatedLA: "991",
		Need: need.Need{Level: "1", SEND: "Y", SENSupport: "N"}}, told())
	if err == nil {
		err = h.Record.RecordActivity(t.Context(), h.actor(access.Adviser), ref, record.NewSpell{Activity: "619", EstablishmentName: "-Quay drop-in", Started: civil.MustParse("2026-10-05"), Ascertained: civil.MustParse("2026-10-05")}, 0, told())
	}
	if err == nil {
		err = h.Record.SetReach(t.Context(), h.actor(access.Adviser), ref, 0, youngperson.Reach{Kind: youngperson.Telephone, Value: "01632 960118"}, 0, told())
	}
	if err != nil {
		t.Fatal(err)
	}
	return ref
}

func TestListsByEverything(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		wren := h.wren(t)
		h.atCollege(t, wren)
		h.neet(t)
		const both = "2 young people."
		ask := func(query string, want ...string) Scenario {
			sc := Scenario{Name: query, As: access.DataOfficer, URL: "/lists?" + query, Want: want}
			has := func(name string) {
				for _, w := range want {
					if strings.Contains(w, name) || w == both {
						return
					}
				}
				sc.WantNot = append(sc.WantNot, name)
			}
			has("Wren Ashdown")
			has("Robin Tealby")
			return sc
		}
		const wrens, robins, nobody = "Wren Ashdown", "Robin Tealby", "Nobody fits"
		college := url.QueryEscape("Larkfield Sixth Form College")
		h.run(t, []Scenario{
			ask("status=neet", robins, "Remove this filter:", "Situation: NEET", "NEET"), ask("status=eet", wrens), ask("status=nk", nobody, "Start again"), ask("status=lapsed", nobody),
			ask("status=neet&status=eet", both), ask("activity=619", robins), ask("activity=ED", wrens, "What they do: in education"), ask("activity=NE&activity=220", both),
			ask("school="+college, wrens), ask("school=3449999", nobody, "3449999 (nobody is there now)", "It may have closed"),
			ask("age=16", wrens, "Academic age: 16 (Year 12)"), ask("age=17", robins), ask("age=15", nobody), ask("cohort=none", both), ask("cohort=P", nobody), ask("lead=991", both, "Sandmere (991)"), ask("lead=992", nobody),
			ask("send=ehcp", robins), ask("send=none", wrens), ask("send=support", nobody), ask("vulnerable=no", both), ask("vulnerable=yes", nobody), ask("characteristic=140", nobody),
			ask("level=1", robins), ask("level=2", wrens), ask("adviser=none", both), ask("adviser=me", nobody), ask("area=ZZ1", wrens), ask("area=ZZ12", robins), ask("area=ZZ", nobody),
			ask("lapses-by=2027-08-31&lapses-from=2027-08-31", wrens), ask("lapses-by=2026-11-10", nobody), ask("neet-before=2026-10-05", robins), ask("neet-after=2026-10-06", nobody),
			ask("contact-before=2026-01-01", both, "Never"), ask("contact-after=2020-01-01", nobody), ask("telephone=none", wrens), ask("telephone=yes", robins),
			ask("gender=F", wrens), ask("ethnicity=APKN", robins), ask("ethnicity-group=White", wrens), ask("gender=F&send=ehcp", nobody),
			ask("only=age:16&only=sex:F", wrens, "Gender: Female"), ask("only=send:ehcp", robins), ask("only=vulnerable", nobody), ask("only=ward:ZZ1", wrens),
			ask("lapses-by=soon&gender=F", wrens, "is no day"), ask("only=colour:red&gender=F", wrens, "There are no lists by"),
			ask("gender=F&col=ethnicity&col=lead", wrens, "White British (WBRI)", "Lead authority"),
			ask("lead=991&sort=-born&page=9", both, `aria-sort="descending"`),
			{Name: "a column sorts", As: access.DataOfficer, URL: "/lists?lead=991", Want: []string{`href="/lists?lead=991&amp;sort=born"`, `href="/lists?lead=991&amp;sort=-name"`}},
			{Name: "no filter yet", As: access.Adviser, URL: "/lists", Want: []string{"No list is kept yet", "Choose what to list by", "All: in education", `href="/lists" aria-current`}},
			{Name: "a file", As: access.DataOfficer, URL: "/lists.csv?status=neet", Want: []string{"9910000000002,Robin,Tealby,2009-01-30,ZZ12 1AA,619,", ",'-Quay drop-in,"}, WantNot: []string{"Wren"}},
			{Name: "no file for advisers", As: access.Adviser, URL: "/lists.csv?status=neet", Status: 403},
			{Name: "no link to one either", As: access.Adviser, URL: "/lists?status=neet", Want: []string{robins}, WantNot: []string{"lists.csv"}},
			{Name: "no file of everybody by a slip", As: access.DataOfficer, URL: "/lists.csv", Status: 303, Location: "/lists"},
			{Name: "not for commissioners", As: access.Commissioner, URL: "/lists?status=neet", Status: 403, WantNot: []string{"Tealby"}},
		})
		first := h.ask(Scenario{As: access.DataOfficer, URL: "/lists?lead=991"}).Body.String()
		last := h.ask(Scenario{As: access.DataOfficer, URL: "/lists?lead=991&sort=-name"}).Body.String()
		if strings.Index(first, wrens) > strings.Index(first, robins) || strings.Index(last, wrens) < strings.Index(last, robins) {
			t.Error("the lists are not in their order")
		}
		var seen int
		if err := h.db.InSideTx(t.Context(), func(tx *db.Tx) error {
			return tx.QueryRow(`SELECT count(*) FROM sight WHERE page = 'list file' AND young_person IS NOT NULL`).Scan(&seen)
		}); err != nil || seen != 1 {
			t.Errorf("%d people of the file are recorded as seen: %v", seen, err)
		}
	})
}

func TestAClosedSchoolIsNamed(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		ref := h.wren(t)
		for _, spell := range []record.NewSpell{
			{Activity: "210", Started: civil.MustParse("2026-09-01"), EstablishmentNumber: "9914001", EstablishmentName: "Old Quay School", PredictedEnd: civil.MustParse("2028-07-07")},
			{Activity: "220", Started: civil.MustParse("2026-10-07"), EstablishmentName: "Larkfield Sixth Form College", PredictedEnd: civil.MustParse("2028-07-07")},
		} {
			sum, err := h.Record.Summary(t.Context(), h.actor(access.DataOfficer), ref)
			if err != nil {
				t.Fatal(err)
			}
			if err := h.Record.RecordActivity(t.Context(), h.actor(access.Adviser), ref, spell, record.Seen(sum.View.Spell), told()); err != nil {
				t.Fatal(err)
			}
		}
		h.run(t, []Scenario{{Name: "closed", As: access.Adviser, URL: "/lists?school=9914001", Want: []string{"Nobody is at Old Quay School now.", "Old Quay School (nobody is there now)", "Nobody fits"}}})
	})
}

func TestAListIsKeptAndShared(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		h.neet(t)
		keep := func(as access.Role, name, shared string) string {
			t.Helper()
			page := h.ask(Scenario{As: as, URL: "/lists/save?status=neet&sort=-born"}).Body.String()
			form := fields(page)
			form.Set("asks", html.UnescapeString(form.Get("asks")))
			form.Set("name", name)
			form.Set("shared", shared)
			w := h.ask(Scenario{As: as, Method: "POST", URL: "/lists/save", Form: form})
			to := w.Header().Get("Location")
			if w.Code != http.StatusSeeOther || !regexp.MustCompile(`^/lists/[a-z2-7]{26}$`).MatchString(to) {
				t.Fatalf("keeping a list answered %d to %q\n%s", w.Code, to, w.Body)
			}
			if again := h.ask(Scenario{As: as, Method: "POST", URL: "/lists/save", Form: form}); again.Code != http.StatusSeeOther {
				t.Errorf("a second press answered %d", again.Code)
			}
			return to
		}
		mine := keep(access.Adviser, "To ring in November", "")
		teams := keep(access.TeamManager, "NEET for advisers", string(access.Adviser))
		every := keep(access.DataOfficer, "NEET for all", "everybody")
		asked := "/lists?list=" + strings.TrimPrefix(mine, "/lists/") + "&sort=-born&status=neet"
		h.run(t, []Scenario{
			{Name: "opened", As: access.Adviser, URL: mine, Status: 303, Location: asked},
			{Name: "shown", As: access.Adviser, URL: asked, Want: []string{"To ring in November", "Robin Tealby", "Remove this list", "Only you see this list."}},
			{Name: "all of an adviser", As: access.Adviser, URL: "/lists", Want: []string{"To ring in November", "NEET for advisers", "NEET for all", "Test Team manager"}},
			{Name: "all of information governance", As: access.InformationGovernance, URL: "/lists", Want: []string{"NEET for all"}, WantNot: []string{"To ring in November", "NEET for advisers"}},
			{Name: "another's own", As: access.DataOfficer, URL: mine, Status: 404},
			{Name: "by its reference", As: access.DataOfficer, URL: asked, Status: 404, WantNot: []string{"To ring"}},
			{Name: "a team's", As: access.DataOfficer, URL: teams, Status: 404},
			{Name: "no name", As: access.Adviser, Method: "POST", URL: "/lists/save", Form: url.Values{"asks": {"status=neet"}}, Status: 422, Want: []string{`href="#name"`, "Situation: NEET"}},
			{Name: "the same name", As: access.Adviser, Method: "POST", URL: "/lists/save", Form: url.Values{"asks": {"status=neet"}, "name": {"To ring in November"}, "shared": {""}}, Status: 422, Want: []string{"you keep a list of this name already"}},
			{Name: "everybody needs no name", As: access.Adviser, Method: "POST", URL: "/lists/save", Form: url.Values{"asks": {""}, "name": {"All"}, "shared": {""}}, Status: 422, Want: []string{"Choose at least one filter"}},
			{Name: "shared with nobody there is", As: access.Adviser, Method: "POST", URL: "/lists/save", Form: url.Values{"asks": {"status=neet"}, "name": {"X"}, "shared": {"mayor"}}, Status: 422, Want: []string{`href="#shared"`}},
			{Name: "changing it", As: access.Adviser, URL: mine + "/change", Want: []string{"Change a kept list", `value="To ring in November"`, "not by office or area", "Situation: NEET"}},
			{Name: "not another's to change", As: access.Adviser, URL: every + "/change", Status: 404},
			{Name: "nor by its form", As: access.Adviser, Method: "POST", URL: every + "/change", Form: url.Values{"name": {"Mine now"}, "shared": {""}}, Status: 404},
			{Name: "changed to no name", As: access.Adviser, Method: "POST", URL: mine + "/change", Form: url.Values{"name": {" "}, "shared": {""}}, Status: 422, Want: []string{`href="#name"`, "Change a kept list"}},
			{Name: "shared with the mayor", As: access.Adviser, Method: "POST", URL: mine + "/change", Form: url.Values{"name": {"To ring"}, "shared": {"mayor"}}, Status: 422, Want: []string{`href="#shared"`}},
			{Name: "changed", As: access.Adviser, Method: "POST", URL: mine + "/change", Form: url.Values{"name": {"To ring in December"}, "shared": {string(access.DataOfficer)}}, Status: 303, Location: mine},
			{Name: "under its new name", As: access.DataOfficer, URL: "/lists", Want: []string{"To ring in December"}, WantNot: []string{"To ring in November"}},
			{Name: "and still asking the same", As: access.DataOfficer, URL: asked, Want: []string{"To ring in December", "Robin Tealby"}, WantNot: []string{"Remove this list", "Change its name"}},
			{Name: "changed back", As: access.Adviser, Method: "POST", URL: mine + "/change", Form: url.Values{"name": {"To ring in November"}, "shared": {""}}, Status: 303, Location: mine},
			{Name: "not another's to remove", As: access.Adviser, Method: "POST", URL: every + "/remove", Form: url.Values{}, Status: 404},
			{Name: "removed", As: access.Adviser, Method: "POST", URL: mine + "/remove", Form: url.Values{}, Status: 303, Location: "/lists"},
			{Name: "gone", As: access.Adviser, URL: mine, Status: 404},
			{Name: "and not listed", As: access.Adviser, URL: "/lists", Want: []string{"NEET for all"}, WantNot: []string{"To ring in November"}},
		})
	})
}
