package web

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"waymark/internal/access"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/id"
	"waymark/internal/need"
	"waymark/internal/record"
	"waymark/internal/restrict"
	"waymark/internal/youngperson"
)

// guarded is a house with a hidden, a locked and a protected young person, whose
// every field is a word that stands nowhere else.
type guarded struct {
	*house
	hidden, locked, protected id.Ref
	hiddenPair                string // the duplicates page of the hidden one
}

// canaries are what of the hidden young person may stand in no answer.
var canaries = []string{"Quillon", "Zephyrwold", "Zeffirwold", "Vellichor", "ZZ9 7QQ", "ZZ9", "1000000019", "Nightjar House"}

// lockedCanaries are what of the locked one may stand in no answer but that there
// is one; protectedCanaries the address of the third, now and before.
var (
	lockedCanaries    = []string{"Isolde", "Marrowbone", "Thistledown", "ZZ8 6PP"}
	protectedCanaries = []string{"Sanctuary Row", "ZZ7 5NN", "Former Lane", "ZZ6 4MM"}
)

func (h *house) addPerson(t testing.TB, given, family, born, line, postcode, uln string) id.Ref {
	t.Helper()
	ref, err := h.Record.Add(t.Context(), h.actor(access.DataOfficer), record.NewPerson{
		Name: youngperson.Name{Given: given, Family: family}, Born: civil.MustParse(born), Gender: "F", Ethnicity: "WBRI",
		Address: youngperson.Address{Line1: line, Town: "Sandmere", Postcode: postcode}, Identifiers: record.Identifiers{ULN: uln}, LeadLA: "991", EducatedLA: "991",
		Need: need.Need{Level: "2", SEND: "N", SENSupport: "N"}}, told())
	if err != nil {
		t.Fatal(err)
	}
	return ref
}

// account is the actor of a role's account.
func (h *house) account(t testing.TB, role access.Role) access.Actor {
	t.Helper()
	var found access.Actor
	all, err := h.Account.All(t.Context(), access.Actor{Register: 1, Ref: "operator:test", Roles: []access.Role{access.Operator}})
	for _, a := range all {
		if slices.Contains(a.Roles, role) {
			found = a.Actor("test")
		}
	}
	if err != nil || found.Ref == "" {
		t.Fatalf("nobody is %s: %v", role, err)
	}
	found.Now, found.Today = h.db.Now(), civil.On(h.db.Now(), civil.London())
	return found
}

func accountRef(a access.Actor) id.Ref {
	_, ref, _ := strings.Cut(a.Ref, ":")
	return id.Ref(ref)
}

// restrict restricts a record; the team manager owns it and nobody else is named.
func (h *house) restrict(t testing.TB, person id.Ref, kind access.Kind) id.Ref {
	t.Helper()
	ref, err := h.Restricted.Restrict(t.Context(), h.account(t, access.InformationGovernance), restrict.New{Person: string(person), Kind: kind, Ground: restrict.Grounds(kind)[0],
		Owner: accountRef(h.account(t, access.TeamManager)), Key: string(id.NewRef())})
	if err != nil {
		t.Fatal(err)
	}
	return ref
}

func guard(t *testing.T, h *house) *guarded {
	g := &guarded{house: h}
	wren := h.wren(t)
	h.atCollege(t, wren)
	h.passed(t, 0, "2026-11-08T09:00:00.000000Z") // so that the others are new since yesterday
	for i := range 4 {
		h.addPerson(t, "Tansy", fmt.Sprintf("Hollybush%c", 'a'+i), "2010-04-0"+fmt.Sprint(i+1), "1 Harbour Street", "ZZ4 4AA", "")
	}
	g.hidden = h.addPerson(t, "Quillon", "Zephyrwold", "2010-03-03", "1 Vellichor Mews", "ZZ9 7QQ", "1000000019")
	twin := h.addPerson(t, "Quillon", "Zeffirwold", "2010-03-03", "2 Vellichor Mews", "ZZ9 7QQ", "")
	g.locked = h.addPerson(t, "Isolde", "Marrowbone", "2009-11-11", "1 Thistledown Way", "ZZ8 6PP", "")
	g.protected = h.addPerson(t, "Perpetua", "Openname", "2010-01-20", "5 Former Lane", "ZZ6 4MM", "")
	if err := h.Record.RecordActivity(t.Context(), h.actor(access.Adviser), g.hidden, record.NewSpell{Activity: "220", Started: civil.MustParse("2026-09-07"),
		EstablishmentName: "Nightjar House", PredictedEnd: civil.MustParse("2028-07-07")}, 0, told()); err != nil {
		t.Fatal(err)
	}
	c, err := h.Record.Summary(t.Context(), h.actor(access.DataOfficer), g.protected)
	if err == nil {
		err = h.Record.Move(t.Context(), h.actor(access.DataOfficer), g.protected, youngperson.Address{Line1: "5 Sanctuary Row", Town: "Sandmere", Postcode: "ZZ7 5NN"}, civil.MustParse("2026-09-20"), record.Seen(&c.Life.Addresses[0]), told())
	}
	if err != nil {
		t.Fatal(err)
	}
	g.hiddenPair = h.offered(t)
	// Somebody had put the twin together with the hidden one, too.
	h.restrict(t, g.hidden, access.Hidden)
	h.restrict(t, twin, access.Hidden)
	h.restrict(t, g.locked, access.Locked)
	h.restrict(t, g.protected, access.ProtectedAddress)
	return g
}

// strangers are the roles that no restriction here lets through.
var strangers = []access.Role{access.Adviser, access.DataOfficer, access.Administrator, access.Commissioner, access.ContactCentre, access.Partner, access.CarePartner, access.InformationGovernance}

// addresses are those of a route with what a stranger might know put into it.
func (g *guarded) addresses(r Route) []string {
	var out []string
	for _, ref := range []id.Ref{g.hidden, id.NewRef()} {
		at := r.Pattern
		for name, value := range map[string]string{"ref": string(ref), "period": "2026-10", "check": "43", "hash": "x", "name": "x", "row": "5", "file": "x", "act": "3"} {
			at = regexp.MustCompile(`\{`+name+`\.*\}`).ReplaceAllString(at, value)
		}
		out = append(out, at)
	}
	if out[0] == regexp.MustCompile(string(g.hidden)).ReplaceAllString(out[1], string(g.hidden)) && r.Pattern == out[0] {
		return out[:1]
	}
	return out
}

// lists are addresses that say what they ask for, and more that are reached by a
// link.
func (g *guarded) lists() []string {
	return []string{g.hiddenPair, "/lists?status=eet", "/lists?area=ZZ9", "/lists.csv?status=eet", "/lists.csv?gender=F", "/due?window=90", "/due?window=overdue", "/figures/people?measure=eet", "/figures/days-neet/people?part=people&leavers=2026", "/returns/2026-10/people.csv", "/returns/2026-10/findings.csv", "/returns/2026-10/changes?since=2026-11-09", "/returns/2026-10/changes.csv?since=2026-11-09"}
}

// forms are what is sent with a POST: what finds the hidden one, if anything does.
func (g *guarded) forms() []url.Values {
	return []url.Values{
		{"who": {"quillon zephyrwold"}, "person": {string(g.hidden)}, "q": {"zephyrwold"}, "first": {string(g.hidden)}, "second": {string(g.hidden)}, "reason": {"they rang or came in"}, "relation": {"relative"}, "keep": {string(g.hidden)}, "other": {string(g.hidden)}},
		{"who": {"1000000019"}, "person": {"9910000000006"}},
		{"who": {"ZZ9 7QQ"}}, {"who": {"3 3 2010"}}, {"who": {string(g.hidden)}}, {"who": {"Nightjar House"}}, {"who": {"Quillon"}}, {"who": {"9910000000006"}},
	}
}

// theirs are the addresses that are for information governance, about acts and
// restrictions by reference alone, and the Department's own file.
func theirs(pattern string) bool {
	return strings.HasPrefix(pattern, "/audit") || strings.HasPrefix(pattern, "/restricted") || strings.HasSuffix(pattern, ".xml") || pattern == "/returns/{period}/files/{ref}"
}

// TestNothingTellsOfAHiddenChild asks every address of the route table, as every
// role that the restriction does not let through, with all that a stranger might
// know, and looks for a word of the hidden child.
func TestNothingTellsOfAHiddenChild(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		g := guard(t, h)
		list := h.reviewed(t, "roll.csv", "Learner ID,Surname,Forename,DOB,Start,Postcode,Email\n1,Zephyrwold,Quillon,03/03/2010,27/08/2026,ZZ9 7QQ,\n2,Reed,Ottoline,25/06/2010,07/09/2026,ZZ3 3AB,\n",
			with(newSender, "kind", "full-roll", "full", "yes", "as-at-day", "1", "as-at-month", "10"))
		asked := 0
		for _, role := range strangers {
			for _, r := range h.Routes() {
				if theirs(r.Pattern) || r.Pattern == "/sign-out" || strings.HasPrefix(r.Pattern, "/static") {
					continue
				}
				for _, at := range g.addresses(r) {
					sends := []url.Values{nil}
					if r.Method != http.MethodGet {
						sends = g.forms()
						if r.Pattern != "/find" && r.Pattern != "/find/suggest" {
							sends = sends[:1]
						}
					}
					for _, form := range sends {
						w := h.ask(Scenario{As: role, Method: r.Method, URL: at, Form: with(form)})
						if form == nil {
							w = h.ask(Scenario{As: role, Method: r.Method, URL: at})
						}
						if to := w.Header().Get("Location"); strings.HasPrefix(to, "/find/results") {
							w = h.ask(Scenario{As: role, URL: to})
						}
						asked++
						g.quiet(t, role, r.Method+" "+at, w.Body.String()+w.Header().Get("Location"), form)
					}
				}
			}
			for _, at := range g.lists() {
				g.quiet(t, role, "GET "+at, h.ask(Scenario{As: role, URL: at}).Body.String(), nil)
			}
		}
		// The owner is told at many of the very same addresses: else this proves nothing.
		told := map[string]bool{}
		for _, r := range h.Routes() {
			if r.Method == http.MethodGet && !theirs(r.Pattern) {
				if w := h.ask(Scenario{As: access.TeamManager, URL: g.addresses(r)[0]}); strings.Contains(w.Body.String(), "Zephyrwold") {
					told[r.Pattern] = true
				}
			}
		}
		for _, at := range g.lists() {
			if strings.Contains(h.ask(Scenario{As: access.TeamManager, URL: at}).Body.String(), "Zephyrwold") {
				told[at] = true
			}
		}
		t.Logf("%d requests as strangers; the owner is told at %d addresses: %v", asked, len(told), told)
		if len(told) < 20 {
			t.Errorf("the owner is told at only %d addresses", len(told))
		}
		// The data officer sees the row that they were sent as one about nobody, before
		// and after it is applied; it waits for the owner alone.
		if rows := h.page(t, access.DataOfficer, list+"/rows?outcome=new"); !strings.Contains(rows, "Zephyrwold") || strings.Contains(rows, string(g.hidden)) || !strings.Contains(rows, "Ottoline") {
			t.Errorf("the rows of the file: %s", rows)
		}
		if strings.Contains(h.page(t, access.TeamManager, "/restricted/waiting"), "roll.csv") {
			t.Error("a row of a file that is not applied waits already")
		}
		h.send(t, access.DataOfficer, list+"/apply", nil)
		rows := h.page(t, access.DataOfficer, list+"/rows?outcome=new")
		if !strings.Contains(rows, "Zephyrwold") || strings.Contains(rows, string(g.hidden)) {
			t.Errorf("the rows of the applied file: %s", rows)
		}
		if found := h.ask(Scenario{As: access.DataOfficer, Method: "POST", URL: "/find/suggest", Form: url.Values{"who": {"zephyrwold"}}}).Body.String(); strings.Contains(found, "Quillon") {
			t.Errorf("applying the file made an open record: %s", found)
		}
		if found := h.ask(Scenario{As: access.DataOfficer, Method: "POST", URL: "/find/suggest", Form: url.Values{"who": {"ottoline"}}}).Body.String(); !strings.Contains(found, "Reed") {
			t.Errorf("the other row was not applied: %s", found)
		}
		if waits := h.page(t, access.TeamManager, "/restricted/waiting"); !strings.Contains(waits, "roll.csv") || !strings.Contains(waits, "Zephyrwold") {
			t.Errorf("the row does not wait for the owner: %s", waits)
		}
	})
}

// quiet holds that an answer says nothing of the hidden, of the locked no more
// than that there is one, and nothing of the protected address.
func (g *guarded) quiet(t *testing.T, role access.Role, asked, answer string, form url.Values) {
	t.Helper()
	for _, word := range slices.Concat(canaries, lockedCanaries, protectedCanaries) {
		// What was asked for may stand in the answer to it.
		echoed := strings.Contains(strings.ToLower(form.Encode()), strings.ToLower(strings.ReplaceAll(word, " ", "+"))) || strings.Contains(asked, url.QueryEscape(word)) || strings.Contains(asked, "area="+word)
		if strings.Contains(answer, word) && !echoed {
			t.Errorf("as %s, %s with %v tells %q", role, asked, form, word)
		}
	}
	if strings.Contains(answer, "/young-people/"+string(g.hidden)+`"`) && !strings.Contains(asked, string(g.hidden)) {
		t.Errorf("as %s, %s leads to the hidden record", role, asked)
	}
}

// TestAHiddenRecordIsAnsweredAsOneThatIsNot holds every address about a young
// person: the same status, the same headers, the same page but for the request's
// own reference, the same number of statements.
func TestAHiddenRecordIsAnsweredAsOneThatIsNot(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		g := guard(t, h)
		asked := 0
		for _, role := range strangers {
			for _, r := range h.Routes() {
				if !strings.HasPrefix(r.Pattern, "/young-people/{ref}") && r.Pattern != "/merge/{ref}" {
					continue
				}
				absent := id.NewRef()
				ask := func(ref id.Ref) (int, string) {
					sc := Scenario{As: role, Method: r.Method, URL: strings.ReplaceAll(r.Pattern, "{ref}", string(ref))}
					if r.Method != http.MethodGet {
						sc.Form = url.Values{"reason": {"they rang or came in"}, "told-kind": {"phone"}}
					}
					w := h.ask(sc)
					return w.Code, butItsOwn(w, ref)
				}
				before := h.db.Asked()
				code, page := ask(g.hidden)
				middle := h.db.Asked()
				code2, page2 := ask(absent)
				after := h.db.Asked()
				asked++
				if code != code2 || page != page2 {
					t.Errorf("as %s, %s %s answers %d for a hidden record and %d for none\n%s\n\n%s", role, r.Method, r.Pattern, code, code2, page, page2)
				}
				if middle-before != after-middle {
					t.Errorf("as %s, %s %s asks %d statements for a hidden record and %d for none", role, r.Method, r.Pattern, middle-before, after-middle)
				}
			}
		}
		t.Logf("%d addresses", asked)
	})
}

// butItsOwn is an answer without what each answer has of its own, and without
// the reference that was asked for: two that are told apart by nothing else are
// the same.
func butItsOwn(w *httptest.ResponseRecorder, ref id.Ref) string {
	out := strings.NewReplacer(w.Header().Get("Request-Id"), "REQUEST", string(ref), "REF").Replace(w.Body.String())
	for _, name := range []string{"Cache-Control", "Content-Type", "Content-Disposition", "Location", "Content-Security-Policy"} {
		out += "\n" + name + ": " + strings.ReplaceAll(w.Header().Get(name), string(ref), "REF")
	}
	return regexp.MustCompile(`name="key" value="[a-z2-7]+"|/kept/[a-z2-7]+`).ReplaceAllString(out, "KEY")
}

// TestALockedRecordIsOpenedInNeed follows the glass: who is told, what is open,
// for how long, and what never is.
func TestALockedRecordIsOpenedInNeed(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		g := guard(t, h)
		page, locked := "/young-people/"+string(g.locked), "/young-people/"+string(g.locked)+"/locked"
		h.run(t, []Scenario{
			{Name: "a locked record leads to whom to ask", As: access.DataOfficer, URL: page, Status: 303, Location: locked},
			{Name: "its history too", As: access.DataOfficer, URL: page + "/history", Status: 303, Location: locked},
			{Name: "its forms too", As: access.DataOfficer, URL: page + "/name/edit", Status: 303, Location: locked},
			{Name: "and it names nobody but the owner", As: access.DataOfficer, URL: locked, Want: []string{"Test Team manager", "Open it for 30 minutes"}, WantNot: lockedCanaries},
			{Name: "a hidden one has no such page", As: access.DataOfficer, URL: "/young-people/" + string(g.hidden) + "/locked", Status: 404},
			{Name: "nor has an open one", As: access.DataOfficer, URL: "/young-people/" + string(g.protected) + "/locked", Status: 404},
			{Name: "the owner opens it", As: access.TeamManager, URL: page, Want: []string{"Marrowbone"}},
			{Name: "a word is no reason", As: access.DataOfficer, Method: "POST", URL: locked, Form: url.Values{"reason": {"work"}}, Status: 422, Want: []string{"Say in a sentence"}},
			{Name: "a hidden one is not opened", As: access.DataOfficer, Method: "POST", URL: "/young-people/" + string(g.hidden) + "/locked", Form: url.Values{"reason": {"the police rang about them"}}, Status: 404},
			{Name: "with a reason it is", As: access.DataOfficer, Method: "POST", URL: locked, Form: url.Values{"reason": {"the police rang about them"}}, Status: 303, Location: page},
			{Name: "and open", As: access.DataOfficer, URL: page, Want: []string{"Marrowbone", "open to you until"}},
			{Name: "to nobody else", As: access.InformationGovernance, URL: page, Status: 303, Location: locked},
			{Name: "the owner is told", As: access.TeamManager, URL: "/", Want: []string{"Test Data officer opened a locked record", "the police rang about them"}},
			{Name: "information governance is told", As: access.InformationGovernance, URL: "/", Want: []string{"Test Data officer opened a locked record"}},
			{Name: "and finds it among what is odd", As: access.InformationGovernance, URL: "/audit/odd", Want: []string{"Opened a locked record"}},
			{Name: "and the adviser is not", As: access.Adviser, URL: "/", WantNot: []string{"opened a locked record"}},
		})
		alerts, err := h.Restricted.Alerts(t.Context(), h.account(t, access.InformationGovernance))
		if err != nil || len(alerts) != 1 {
			t.Fatalf("%d alerts: %v", len(alerts), err)
		}
		at := "/restricted/opened/" + string(alerts[0].Ref)
		later := h.db.At(func() time.Time { return h.db.Now().Add(31 * time.Minute) })
		by := h.account(t, access.DataOfficer)
		by.Now = later.Now()
		if _, err := (&record.Service{DB: later, Requirement: h.Requirement, Standing: h.Record.Standing, Sights: h.Sights}).Summary(t.Context(), by, g.locked); err != access.ErrLocked {
			t.Errorf("after 31 minutes: %v", err)
		}
		h.run(t, []Scenario{
			{Name: "information governance says what they found", As: access.InformationGovernance, Method: "POST", URL: at, Form: url.Values{"finding": {"rightly opened"}}, Status: 303, Location: "/restricted"},
			{Name: "then nobody is told any more", As: access.TeamManager, URL: "/", WantNot: []string{"opened a locked record"}},
		})
	})
}

// TestOwnAndRelativesRecords holds that nothing opens the record of a relative.
func TestOwnAndRelativesRecords(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		wren := h.wren(t)
		page := "/young-people/" + string(wren)
		h.run(t, []Scenario{
			{Name: "open before", As: access.DataOfficer, URL: page, Want: []string{"Ashdown"}},
			{Name: "declared", As: access.DataOfficer, Method: "POST", URL: "/account/relatives", Form: url.Values{"person": {string(wren)}, "relation": {"relative"}}, Status: 303, Location: "/account"},
			{Name: "closed", As: access.DataOfficer, URL: page, Status: 303, Location: page + "/locked"},
			{Name: "and not opened in need", As: access.DataOfficer, URL: page + "/locked", Want: []string{"a relative’s"}, WantNot: []string{"Ashdown", "Open it"}},
			{Name: "nor by sending the form", As: access.DataOfficer, Method: "POST", URL: page + "/locked", Form: url.Values{"reason": {"the police rang about them"}}, Status: 422},
			{Name: "in search as a locked one", As: access.DataOfficer, Method: "POST", URL: "/find/suggest", Form: url.Values{"who": {"wren ashdown"}}, Want: []string{"Restricted record"}, WantNot: []string{"Ashdown"}},
			{Name: "open to others", As: access.TeamManager, URL: page, Want: []string{"Ashdown"}},
			{Name: "information governance sees who said so", As: access.InformationGovernance, URL: "/restricted/own", Want: []string{"Test Data officer", "Relative"}, WantNot: []string{"Ashdown"}},
		})
	})
}

// TestRestrictionsAreKept restricts, names, renews and lifts by page.
func TestRestrictionsAreKept(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		wren := h.wren(t)
		page := "/young-people/" + string(wren)
		owner := string(accountRef(h.account(t, access.TeamManager)))
		ig := access.InformationGovernance
		h.run(t, []Scenario{
			{Name: "for information governance alone", As: access.DataOfficer, URL: "/restricted", Status: 403},
			{Name: "nothing yet", As: ig, URL: "/restricted", Want: []string{"No record is restricted"}},
			{Name: "who, how, why and whose", As: ig, Method: "POST", URL: "/restricted/new", Form: url.Values{}, Status: 422, Want: []string{"Enter the reference"}},
			{Name: "a ground of the list", As: ig, Method: "POST", URL: "/restricted/new", Form: url.Values{"person": {string(wren)}, "kind": {"hidden"}, "ground-hidden": {"gossip"}, "owner": {owner}}, Status: 422, Want: []string{"Select the ground"}},
			{Name: "restricted", As: ig, Method: "POST", URL: "/restricted/new", Form: url.Values{"person": {string(wren)}, "kind": {"hidden"}, "ground-hidden": {"court order"}, "owner": {owner}}, Status: 303, Location: "/restricted"},
			{Name: "gone for the data officer", As: access.DataOfficer, URL: page, Status: 404},
			{Name: "gone for information governance", As: ig, URL: page, Status: 404},
			{Name: "not for its owner", As: access.TeamManager, URL: page, Want: []string{"Ashdown"}},
			{Name: "listed without a name", As: ig, URL: "/restricted", Want: []string{"Court order", "Test Team manager"}, WantNot: []string{"Ashdown"}},
			{Name: "the owner has it on their list", As: access.TeamManager, URL: "/restricted/yours", Want: []string{"Court order"}},
		})
		all, err := h.Restricted.All(t.Context(), h.account(t, ig))
		if err != nil || len(all) != 1 {
			t.Fatalf("%d restrictions: %v", len(all), err)
		}
		at := restrictionHref(all[0].Ref, "")
		adviser := string(accountRef(h.account(t, access.Adviser)))
		h.run(t, []Scenario{
			{Name: "nobody else may keep it", As: access.Adviser, URL: at, Status: 404},
			{Name: "of a hidden one the owner names nobody", As: access.TeamManager, Method: "POST", URL: at + "/name", Form: url.Values{"named": {adviser}}, Status: 422, Want: []string{"information governance"}},
			{Name: "information governance does", As: ig, Method: "POST", URL: at + "/name", Form: url.Values{"named": {adviser}}, Status: 303, Location: at},
			{Name: "then it is there", As: access.Adviser, URL: page, Want: []string{"Ashdown"}},
			{Name: "the owner renews it", As: access.TeamManager, Method: "POST", URL: at + "/renew", Form: url.Values{}, Status: 303, Location: at},
		})
		// Who is named is let through no more once a review is missed; the owner is.
		for _, one := range []struct {
			as   access.Role
			days int
			want error
		}{{access.Adviser, 90, nil}, {access.Adviser, 91, db.NotFound}, {access.TeamManager, 91, nil}} {
			later := h.db.At(func() time.Time { return h.db.Now().AddDate(0, 0, one.days) })
			by := h.account(t, one.as)
			by.Now, by.Today, by.Reason = later.Now(), civil.On(later.Now(), civil.London()), "test"
			s := &record.Service{DB: later, Requirement: h.Requirement, Standing: h.Record.Standing, Sights: h.Sights}
			if _, err := s.Summary(context.Background(), by, wren); err != one.want {
				t.Errorf("%s after %d days: %v, want %v", one.as, one.days, err, one.want)
			}
		}
		h.run(t, []Scenario{
			{Name: "a name is taken away", As: access.TeamManager, Method: "POST", URL: at + "/unname", Form: url.Values{"account": {adviser}}, Status: 303, Location: at},
			{Name: "then it is gone", As: access.Adviser, URL: page, Status: 404},
			{Name: "one asks to lift it", As: ig, Method: "POST", URL: at + "/lift", Form: url.Values{}, Status: 303, Location: at},
			{Name: "and cannot agree with themself", As: ig, Method: "POST", URL: at + "/lift", Form: url.Values{}, Status: 422, Want: []string{"somebody else must agree"}},
			{Name: "another agrees", As: access.TeamManager, Method: "POST", URL: at + "/lift", Form: url.Values{}, Status: 303, Location: "/restricted/yours"},
			{Name: "and it is open", As: access.DataOfficer, URL: page, Want: []string{"Ashdown"}},
		})
	})
}

// TestAProtectedAddressIsNowhere holds that the young person is shown and the
// address is not, and that neither the present nor a former postcode finds them.
func TestAProtectedAddressIsNowhere(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		g := guard(t, h)
		page := "/young-people/" + string(g.protected)
		h.run(t, []Scenario{
			{Name: "the record", As: access.DataOfficer, URL: page, Want: []string{"Openname", "rotected"}, WantNot: protectedCanaries},
			{Name: "its history", As: access.DataOfficer, URL: page + "/history", WantNot: protectedCanaries},
			{Name: "its versions", As: access.DataOfficer, URL: page + "/versions", WantNot: protectedCanaries},
			{Name: "the form for the address", As: access.DataOfficer, URL: page + "/address/edit", WantNot: protectedCanaries},
			{Name: "found by name", As: access.DataOfficer, Method: "POST", URL: "/find/suggest", Form: url.Values{"who": {"perpetua"}}, Want: []string{"Openname"}, WantNot: protectedCanaries},
			{Name: "not by the postcode", As: access.DataOfficer, Method: "POST", URL: "/find/suggest", Form: url.Values{"who": {"ZZ7 5NN"}}, WantNot: []string{"Openname"}},
			{Name: "nor by a former one", As: access.DataOfficer, Method: "POST", URL: "/find/suggest", Form: url.Values{"who": {"ZZ6 4MM"}}, WantNot: []string{"Openname"}},
			{Name: "nor with the name", As: access.DataOfficer, Method: "POST", URL: "/find/suggest", Form: url.Values{"who": {"perpetua ZZ6"}}, WantNot: []string{"Openname"}},
			{Name: "the owner finds them so", As: access.TeamManager, Method: "POST", URL: "/find/suggest", Form: url.Values{"who": {"ZZ6 4MM"}}, Want: []string{"Openname"}},
			{Name: "and sees the address", As: access.TeamManager, URL: page, Want: []string{"Sanctuary Row"}},
			{Name: "it is in no area", As: access.DataOfficer, URL: "/lists?area=ZZ7", WantNot: []string{"Openname"}},
		})
	})
}
