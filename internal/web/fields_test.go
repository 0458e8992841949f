package web

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/contact"
	"waymark/internal/guarantee"
	"waymark/internal/id"
	"waymark/internal/need"
	"waymark/internal/record"
	"waymark/internal/youngperson"
)

// canary is what a young person's record holds in one field, in every form in
// which a page could say it. Asked are what one would type to find them by it.
type canary struct {
	field access.Fields
	said  []string
	asked []string
}

// fieldCanaries are of Zephyrine, who is a student of the college; shown says that
// her own page says the first of them to whoever sees the field.
var fieldCanaries = []canary{
	{access.Birth, []string{"23 May 2009", "2009-05-23", "born in that year", "18 on 23"}, []string{"23 5 2009", "2009"}},
	{access.Gender, []string{"Withheld"}, nil},
	{access.Ethnicity, []string{"Gypsy or Roma", "WROM"}, nil},
	{access.Numbers, []string{"1000000019", "C999400120001"}, []string{"1000000019", "C999400120001"}},
	{access.Address, []string{"Canary Wharfside", "ZZ9 9ZZ", "ZZ99ZZ", "ZZ9"}, []string{"ZZ9 9ZZ", "ZZ9"}},
	{access.Reaches, []string{"07700 900987", "07700900987"}, []string{"07700 900987"}},
	{access.Carers, []string{"Canaria Motherwort"}, []string{"Motherwort"}},
	{access.AdviserOf, []string{"Canadviser Thrush"}, []string{"Thrush"}},
	{access.Cohort, []string{"In the primary cohort"}, nil},
	{access.Need, []string{"Intensive support"}, nil},
	{access.SEND, []string{"Education, health and care plan"}, nil},
	{access.Characteristics, []string{"Refugee or asylum seeker"}, nil},
	{access.Activities, []string{"Canary Sixth Form", "sixth-form college"}, []string{"Canary Sixth Form"}},
	{access.Guarantees, []string{"going into a job without training"}, nil},
	{access.Contacts, []string{"reached, other professional, through another", "hrough another, other professional"}, nil},
	{access.Notes, []string{"canary note of a contact", "canary note of a number", "canary own words", "canary next step"}, nil},
	{access.Sources, []string{"canary informant"}, nil},
}

// zephyrine has a canary in every field; she is enrolled by the UKPRN of the
// college of the tests.
func (h *house) zephyrine(t *testing.T) id.Ref {
	t.Helper()
	ctx, by := t.Context(), h.actor(access.DataOfficer)
	told := record.Told{Kind: act.Telephone, SaidBy: "canary informant"}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	ref, err := h.Record.Add(ctx, by, record.NewPerson{Name: youngperson.Name{Given: "Zephyrine", Family: "Oldershaw"}, Born: civil.MustParse("2009-05-23"), Gender: "W", Ethnicity: "WROM",
		Address:     youngperson.Address{Line1: "1 Canary Wharfside", Postcode: "ZZ9 9ZZ"},
		Identifiers: record.Identifiers{ULN: "1000000019", UPN: "C999400120001"}, LeadLA: "991", EducatedLA: "991", Need: need.Need{Level: "1", SEND: "Y", SENSupport: "N"}}, told)
	must(err)
	must(h.Record.RecordActivity(ctx, by, ref, record.NewSpell{Activity: "220", Started: civil.MustParse("2026-09-07"), PredictedEnd: civil.MustParse("2028-07-07"),
		EstablishmentName: "Canary Sixth Form", UKPRN: "10009991"}, 0, told))
	must(h.Record.SetReach(ctx, by, ref, 0, youngperson.Reach{Kind: youngperson.Telephone, Value: "07700 900987", Note: "canary note of a number"}, 0, told))
	must(h.Record.SetCarer(ctx, by, ref, 0, youngperson.Carer{Name: "Canaria Motherwort", Relationship: "mother"}, 0, told))
	must(h.Record.Allocate(ctx, by, ref, youngperson.Allocation{AdviserName: "Canadviser Thrush"}, 0, told))
	must(h.Record.RecordContact(ctx, by, ref, record.Spoken{Made: contact.Made{On: civil.MustParse("2026-10-01"), Contact: contact.Contact{How: contact.Through, WithWhom: contact.Professional,
		Outcome: contact.Reached, Note: "canary note of a contact", Words: "canary own words", NextStep: "canary next step"}}}, ""))
	s, err := h.Record.Summary(ctx, by, ref)
	must(err)
	n := s.Life.Needs[0]
	must(h.Record.CorrectNeed(ctx, by, ref, n.Is, []string{"130"}, record.NeedSeen(s.Life, s.Today), told))
	must(h.Record.CorrectGuarantee(ctx, by, ref, guarantee.Guarantee{Node: guarantee.Year12, Season: 2026, Status: "120", LACode: "991"}, 0, told))
	return ref
}

// saidBy is everything that an answer says: its status, headers and body.
func saidBy(w *httptest.ResponseRecorder) string {
	var b strings.Builder
	fmt.Fprintln(&b, w.Code)
	for name, values := range w.Header() {
		fmt.Fprintln(&b, name, values)
	}
	return b.String() + w.Body.String()
}

// pages are the addresses of every GET in the table, those of a young person
// with the reference given.
func (h *house) pages(ref id.Ref) []string {
	var out []string
	for _, route := range h.Routes() {
		if route.Method != http.MethodGet || strings.HasPrefix(route.Pattern, "/static") {
			continue
		}
		at := strings.ReplaceAll(route.Pattern, "{ref}", string(ref))
		at = strings.NewReplacer("{period}", "2026-11", "{check}", "1", "{list}", "joined", "{code}", "x", "{row}", "1", "{kind}", "x", "{act}", "1", "{month}", "2026-11", "{name}", "x").Replace(at)
		if !strings.Contains(at, "{") {
			out = append(out, at, at+"?sources=yes")
		}
	}
	return out
}

// looksFor posts a search and returns what its page and what is suggested say.
func (h *house) looksFor(t *testing.T, as access.Role, who string) string {
	t.Helper()
	w := h.ask(Scenario{As: as, Method: "POST", URL: "/find", Form: url.Values{"who": {who}}})
	if w.Code != http.StatusSeeOther {
		t.Fatalf("%s looks for %q: %d", as, who, w.Code)
	}
	typed := h.ask(Scenario{As: as, Method: "POST", URL: "/find/suggest", Form: url.Values{"who": {who}}})
	return saidBy(h.ask(Scenario{As: as, URL: w.Header().Get("Location")})) + saidBy(typed)
}

// TestAFieldNotTheirsIsNowhere gives partners agreements of one field each, and
// of none, and looks for the fieldCanaries of all others in every answer of every
// route; the contact centre and the roles that see nobody are looked over too.
func TestAFieldNotTheirsIsNowhere(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		ref := h.zephyrine(t)
		stranger := h.wren(t) // no student of the college
		h.notTheirs(t, ref, stranger)
		given := []access.Fields{access.Names}
		for _, c := range fieldCanaries {
			if access.Partner.Fields().Has(c.field) {
				given = append(given, access.Names|c.field)
			}
		}
		for _, fields := range given {
			at := h.agreed(t, access.Partner, agreementForm(fields.Words()...))
			h.seesOnly(t, access.Partner, ref, stranger, fields)
			h.press(t, at+"/end", url.Values{"version": {h.version(t, at)}, "reason": {"the next one"}})
			h.notTheirsOf(t, access.Partner, ref, access.Names)
		}
		// Whoever says that no more than the basics is passed on is seen by those
		// alone, though the agreement gives all.
		every := h.agreed(t, access.Partner, agreementForm(access.Partner.Fields().Words()...))
		h.seesOnly(t, access.Partner, ref, stranger, access.Partner.Fields())
		officer := h.accountOf(t, "data.officer@sandmere.example").Actor("test")
		if err := h.Record.RecordOptOut(t.Context(), officer, ref, civil.MustParse("2026-11-01"), youngperson.OptOut{Scope: youngperson.OptOutBeyond, SaidBy: youngperson.SaidByPerson}, record.Told{Kind: act.Telephone}); err != nil {
			t.Fatal(err)
		}
		h.seesOnly(t, access.Partner, ref, stranger, access.Partner.Fields()&access.Basics)
		h.press(t, every+"/end", url.Values{"version": {h.version(t, every)}, "reason": {"the next one"}})
		at := h.agreed(t, access.CarePartner, func() url.Values {
			form := agreementForm((access.Names | access.Need | access.Characteristics).Words()...)
			form.Set("organisation", "Gullhaven youth justice team")
			form.Set("kind", "youth justice team")
			return form
		}())
		h.seesOnly(t, access.CarePartner, ref, stranger, access.Names) // the opt-out stands
		h.press(t, at+"/end", url.Values{"version": {h.version(t, at)}, "reason": {"closed"}})
		h.seesOnly(t, access.ContactCentre, ref, "", access.ContactCentre.Fields())
	})
}

// notTheirs looks over every role that sees no young person at all.
func (h *house) notTheirs(t *testing.T, ref, stranger id.Ref) {
	t.Helper()
	for _, role := range []access.Role{access.Administrator, access.Commissioner, access.Partner, access.CarePartner} {
		h.notTheirsOf(t, role, ref, access.Names)
		h.notTheirsOf(t, role, stranger, access.Names)
	}
}

// notTheirsOf says that a role finds no name and no canary anywhere.
func (h *house) notTheirsOf(t *testing.T, role access.Role, ref id.Ref, names access.Fields) {
	t.Helper()
	for _, at := range h.pages(ref) {
		if h.told(t, role, at, saidBy(h.ask(Scenario{As: role, URL: at})), 0) {
			return
		}
	}
}

// told reports whether an answer says a canary of a field that is not among
// those given; without Names it may not say whose record it is either.
func (h *house) told(t *testing.T, role access.Role, at, said string, fields access.Fields) bool {
	t.Helper()
	var all []canary
	if !fields.Has(access.Names) {
		all = append(all, canary{field: access.Names, said: []string{"Zephyrine", "Oldershaw", "Wren", "Ashdown"}})
	}
	for _, c := range append(all, fieldCanaries...) {
		if fields.Has(c.field) {
			continue
		}
		for _, word := range c.said {
			if strings.Contains(said, word) && !strings.Contains(fixed(at), word) {
				t.Errorf("%s, who sees %s, reads %q at %s", role, fields, word, at)
				return true
			}
		}
	}
	return false
}

// fixed is what a page says whoever it is about: forms offer every answer.
func fixed(at string) string {
	switch {
	case strings.Contains(at, "/activity/"), strings.HasPrefix(at, "/partner/") && (strings.Contains(at, "/left") || strings.Contains(at, "/leavers/new")):
		return "Full-time education, sixth-form college"
	case strings.HasPrefix(at, "/figures"):
		return "Refugee or asylum seeker Gypsy or Roma Education, health and care plan Withheld In the primary cohort Intensive support sixth-form college"
	}
	return ""
}

// seesOnly says that a role finds the young person, sees the canary of each
// field given on her page, and no other anywhere; and nothing of the stranger.
func (h *house) seesOnly(t *testing.T, role access.Role, ref, stranger id.Ref, fields access.Fields) {
	t.Helper()
	page := saidBy(h.ask(Scenario{As: role, URL: personHref(ref, "")}))
	if !strings.Contains(page, "Zephyrine") {
		t.Fatalf("%s, who sees %s, does not see her at all:\n%s", role, fields, page)
	}
	for _, c := range fieldCanaries {
		if fields.Has(c.field) && !strings.Contains(page, c.said[0]) {
			t.Errorf("%s, who sees %s, does not read %q", role, fields, c.said[0])
		}
		for _, who := range c.asked {
			found := h.looksFor(t, role, who)
			_, answer, _ := strings.Cut(found, "wm-count") // what was asked stands above, and in the box
			hit := strings.Contains(found, "Zephyrine")
			if byIt := c.field != access.Reaches && c.field != access.Carers && c.field != access.AdviserOf; hit != (byIt && fields.Has(c.field)) {
				t.Errorf("%s, who sees %s, looks for %q and finds her: %v", role, fields, who, hit)
			}
			if !hit && strings.Contains(answer, string(ref)) {
				t.Errorf("%s, who sees %s, looks for %q and is told her reference", role, fields, who)
			}
		}
	}
	byName := h.looksFor(t, role, "Zephyrine")
	if !strings.Contains(byName, "Oldershaw") {
		t.Errorf("%s does not find her by her name", role)
	}
	h.told(t, role, "what is found by a name", byName, fields)
	for _, at := range h.pages(ref) {
		h.told(t, role, at, saidBy(h.ask(Scenario{As: role, URL: at})), fields)
	}
	past := saidBy(h.ask(Scenario{As: role, URL: personHref(ref, "") + "?known-on=2026-11-09"}))
	h.told(t, role, "her page as it was", past, fields)
	if stranger == "" {
		return
	}
	if found := h.looksFor(t, role, "Wren"); strings.Contains(found, "Ashdown") {
		t.Errorf("%s finds somebody who is not theirs", role)
	}
	if w := h.ask(Scenario{As: role, URL: personHref(stranger, "")}); w.Code != http.StatusNotFound {
		t.Errorf("%s opens a record that is not theirs: %d", role, w.Code)
	}
	absent := h.ask(Scenario{As: role, URL: personHref(id.NewRef(), "")}).Body.String()
	if there := h.ask(Scenario{As: role, URL: personHref(stranger, "")}).Body.String(); len(there) != len(absent) {
		t.Errorf("%s can tell a record that is not theirs from one that is not there", role)
	}
}

// TestListsAreForThoseWhoSeeAll holds the rule that lists, histories, figures of
// people and files need no fields taken out: whoever may have them sees all.
func TestListsAreForThoseWhoSeeAll(t *testing.T) {
	whole := []access.Action{access.ListPeople, access.SeeHistory, access.DownloadPeople, access.KeepList, access.MergePeople, access.SeeReturn, access.BuildReturn,
		access.ImportFile, access.SeeAudit, access.CorrectPerson, access.AddPerson}
	for _, role := range access.Roles() {
		by := access.Actor{Register: 1, Ref: "account:x", Roles: []access.Role{role}}
		for _, action := range whole {
			if access.May(by, action) && !by.SeesWhole() {
				t.Errorf("%s may %s, which leaves no field out, and does not see %s", role, action, access.AllFields&^role.Fields())
			}
		}
	}
	if !slices.ContainsFunc(access.Roles(), func(r access.Role) bool { return r.Fields() != 0 && r.Fields() != access.AllFields }) {
		t.Error("every role sees all or nothing: this shows nothing")
	}
}
