package merge

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/activity"
	"waymark/internal/civil"
	"waymark/internal/cohort"
	"waymark/internal/contact"
	"waymark/internal/db"
	"waymark/internal/db/dbtest"
	"waymark/internal/fact"
	"waymark/internal/guarantee"
	"waymark/internal/id"
	"waymark/internal/life"
	"waymark/internal/nccis"
	"waymark/internal/need"
	"waymark/internal/record"
	"waymark/internal/register"
	"waymark/internal/signal"
	"waymark/internal/standing"
	"waymark/internal/youngperson"
	_ "waymark/test/draws"
)

// house is a register of its own with the rooms that a merge needs.
type house struct {
	*Service
	t       *testing.T
	db      *db.DB
	officer access.Actor
}

func onBoth(t *testing.T, test func(t *testing.T, h *house)) {
	t.Helper()
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		req := nccis.MustLoad()
		book, err := (&register.Service{DB: d}).Add(t.Context(), register.Register{Name: "Sandmere", DatabaseID: "991",
			Authorities: []register.Authority{{Code: "991", Name: "Sandmere", Invented: true}}})
		if err != nil {
			t.Fatal(err)
		}
		s, err := New(&record.Service{DB: d, Requirement: req, Standing: standing.Keeper{Requirement: req}, Sights: &act.Recorder{DB: d}})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(s.Close)
		test(t, &house{s, t, d, access.Actor{Register: book.ID, Ref: "account:officer", Name: "Officer", Roles: []access.Role{access.DataOfficer}}})
	})
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// drawn are the random facts of one life. Few values, so that two lives agree
// in many of them.
type drawer struct{ t *rapid.T }

func (d drawer) of(values ...string) string { return rapid.SampledFrom(values).Draw(d.t, "value") }

func (d drawer) version() fact.Version {
	return fact.Version{Started: d.of("", "2025-09-01", "2026-01-10", "2026-06-01"), Ended: d.of("", "", "", "2026-02-01", "2030-01-01")}
}

// some adds up to most random facts.
func some[T any](h *house, d drawer, tx *db.Tx, a *act.Act, yp id.YoungPerson, t fact.Table[T], most int, is func() T) []id.Fact {
	var keys []id.Fact
	for range rapid.IntRange(0, most).Draw(d.t, t.Name) {
		key, err := a.Keys(1)
		h.must(err)
		v := d.version()
		v.YoungPerson, v.ID, v.Evidence = yp, id.Fact(key), a.Evidence
		h.must(t.Add(tx, a, []fact.Of[T]{{Version: v, Is: is()}}))
		keys = append(keys, id.Fact(key))
	}
	return keys
}

// person adds somebody with a random life.
func (h *house) person(d drawer) id.Ref {
	ref := id.NewRef()
	h.must(h.db.InTx(h.t.Context(), func(tx *db.Tx) error {
		a, err := act.Begin(tx, h.officer, access.AddPerson, 0, act.Request{Evidence: &act.Evidence{Kind: act.Telephone, SaidBy: d.of("an aunt", "a tutor")}})
		if err != nil {
			return err
		}
		key, err := a.Keys(1)
		h.must(err)
		yp := id.YoungPerson(key)
		h.must(youngperson.AddMany(tx, a, []youngperson.Person{{ID: yp, Ref: ref, YoungPersonsID: fmt.Sprintf("991%010d", key)}}))
		h.facts(d, tx, a, yp)
		return h.standing.Rewrite(tx, a, yp)
	}))
	return ref
}

func (h *house) facts(d drawer, tx *db.Tx, a *act.Act, yp id.YoungPerson) {
	some(h, d, tx, a, yp, youngperson.Names, 3, func() youngperson.Name {
		return youngperson.Name{Kind: d.of(youngperson.Legal, youngperson.Legal, youngperson.KnownAs, youngperson.Former), Given: d.of("Wren", "Ren"), Family: d.of("Ashdown", "Ashdon")}
	})
	some(h, d, tx, a, yp, youngperson.ParticularsTable, 2, func() youngperson.Particulars {
		return youngperson.Particulars{DOB: d.of("", "2010-03-03", "2010-03-04"), Gender: d.of("F", "M", ""), Ethnicity: d.of("WBRI", "")}
	})
	some(h, d, tx, a, yp, youngperson.Identifiers, 3, func() youngperson.Identifier {
		return youngperson.Identifier{Scheme: d.of(youngperson.ULN, youngperson.UPN, youngperson.Previous, youngperson.FormerID, youngperson.FormerUPN), Value: d.of("1", "2")}
	})
	some(h, d, tx, a, yp, youngperson.Addresses, 2, func() youngperson.Address {
		return youngperson.Address{Line1: d.of("4 Lantern Row", ""), Postcode: d.of("ZZ1 1AA", "ZZ1 1AB", "")}
	})
	some(h, d, tx, a, yp, youngperson.Reaches, 2, func() youngperson.Reach {
		return youngperson.Reach{Kind: youngperson.Telephone, Value: d.of("07700 900123", "07700900123", "07700 900124")}
	})
	some(h, d, tx, a, yp, youngperson.Carers, 1, func() youngperson.Carer { return youngperson.Carer{Name: d.of("Sorrel Ashdown", "Moss Ashdown")} })
	some(h, d, tx, a, yp, youngperson.Allocations, 1, func() youngperson.Allocation { return youngperson.Allocation{AdviserName: d.of("Niamh", "Tariq")} })
	some(h, d, tx, a, yp, youngperson.CarriedItems, 1, func() youngperson.Carried {
		return youngperson.Carried{Item: "YouthContractStartDate", Value: d.of("2013-01-01", "2013-01-02")}
	})
	some(h, d, tx, a, yp, youngperson.OptOuts, 1, func() youngperson.OptOut { return youngperson.OptOut{Scope: youngperson.OptOutAll} })
	some(h, d, tx, a, yp, cohort.Statuses, 2, func() cohort.Status {
		return cohort.Status{Status: d.of("P", "G"), StatedOn: d.of("2026-09-30", "2026-10-31"), LeadLA: d.of("991", "992")}
	})
	some(h, d, tx, a, yp, need.Needs, 1, func() need.Need { return need.Need{Level: d.of("1", "2"), SEND: d.of("Y", "N")} })
	some(h, d, tx, a, yp, need.Characteristics, 2, func() need.Characteristic { return need.Characteristic{Code: d.of("110", "120")} })
	spells := some(h, d, tx, a, yp, activity.Spells, 3, func() activity.Spell { return activity.Spell{Activity: d.of("310", "540", "610")} })
	some(h, d, tx, a, yp, activity.Verifications, 2, func() activity.Verification {
		v := activity.Verification{Verified: d.of("2026-09-10", "2026-10-10")}
		if len(spells) > 0 {
			v.Spell = rapid.SampledFrom(spells).Draw(d.t, "spell")
		}
		return v
	})
	some(h, d, tx, a, yp, guarantee.Guarantees, 2, func() guarantee.Guarantee {
		return guarantee.Guarantee{Node: d.of(guarantee.Year11, guarantee.Year12), Season: 2026, Status: d.of("1", "2")}
	})
	some(h, d, tx, a, yp, guarantee.Offers, 2, func() guarantee.Offer {
		return guarantee.Offer{Season: 2026, Place: d.of("Estuary College", "Quay Motors"), Provision: guarantee.FullTime, State: d.of(guarantee.Applied, guarantee.Offered)}
	})
	some(h, d, tx, a, yp, guarantee.Destinations, 1, func() guarantee.Destination { return guarantee.Destination{Code: d.of("111", "121")} })
	some(h, d, tx, a, yp, contact.Contacts, 1, func() contact.Contact { return contact.Contact{How: "phone", Note: d.of("no answer", "spoke")} })
	some(h, d, tx, a, yp, signal.Signals, 1, func() signal.Signal { return signal.Signal{Kind: signal.Attendance, Value: d.of("81", "92")} })
}

// choose draws which values are taken from the other record.
func (d drawer) choose() Chosen {
	c := Chosen{}
	for _, f := range []string{FieldName, FieldBirth, FieldGender, FieldEthnicity, FieldULN, FieldUPN, FieldPrevious, FieldAddress, FieldActivity, FieldCohort,
		FieldNeed, FieldDestination, FieldAdviser, "guarantee-Year11-2026", "guarantee-Year12-2026"} {
		c[f] = rapid.Bool().Draw(d.t, f)
	}
	return c
}

// state is everything held of somebody, but for by which act it is known.
func (h *house) state(refs ...id.Ref) []string {
	h.t.Helper()
	var out []string
	h.must(h.db.Read(h.t.Context(), func(tx *db.Tx) error {
		for _, ref := range refs {
			p, until, err := youngperson.AnyRef(tx, h.officer.Register, ref)
			if err != nil {
				return err
			}
			out = append(out, fmt.Sprint(p.ID, " ", p.YoungPersonsID, " ", until == 0))
			for _, k := range kinds() {
				told, err := k.told(tx, h.officer.Register, p.ID)
				if err != nil {
					return err
				}
				for _, t := range told {
					if t.KnownTo == 0 {
						out = append(out, fmt.Sprintf("%d %s %d %s/%s %q %d", p.ID, t.Table, t.ID, t.Started, t.Ended, t.Values, t.Evidence))
					}
				}
			}
			var standings string
			err = tx.QueryRow("SELECT COALESCE(MAX(given || '|' || family || '|' || activity || '|' || young_persons_id), 'none') FROM standing WHERE register = $1 AND young_person = $2",
				int64(h.officer.Register), int64(p.ID)).Scan(&standings)
			if err != nil {
				return err
			}
			out = append(out, "standing "+standings)
		}
		return nil
	}))
	return out
}

func (h *house) life(ref id.Ref, at id.Act) *life.Life {
	h.t.Helper()
	var l *life.Life
	h.must(h.db.Read(h.t.Context(), func(tx *db.Tx) error {
		p, _, err := youngperson.AnyRef(tx, h.officer.Register, ref)
		if err != nil {
			return err
		}
		l, err = life.One(tx, h.officer.Register, p.ID, at)
		return err
	}))
	return l
}

func (h *house) join(keep, other id.Ref, c Chosen) id.Ref {
	h.t.Helper()
	ref, err := h.Join(h.t.Context(), h.officer, Joining{Keep: keep, Other: other, Chosen: c, Reason: "the same voice", Key: string(id.NewRef()), Seen: Seen(h.life(keep, 0), h.life(other, 0))})
	h.must(err)
	return ref
}

// apart takes a merge apart, with one fate for all that came since.
func (h *house) apart(merge id.Ref, fate Fate) {
	h.t.Helper()
	u, err := h.Undoing(h.t.Context(), h.officer, merge)
	h.must(err)
	fates := map[string]Fate{}
	for _, one := range u.Since {
		fates[one.Name] = fate
	}
	h.must(h.TakeApart(h.t.Context(), h.officer, TakingApart{Merge: merge, Fates: fates, Reason: "two people", Key: string(id.NewRef()), Seen: u.Seen}))
}

// later does one act on somebody as others would: changes, ends or adds facts.
func (h *house) later(d drawer, ref id.Ref) {
	h.must(h.db.InTx(h.t.Context(), func(tx *db.Tx) error {
		yp, err := person(tx, h.officer, ref)
		h.must(err)
		a, err := act.Begin(tx, h.officer, access.CorrectPerson, yp, act.Request{Evidence: &act.Evidence{Kind: act.Visit}})
		h.must(err)
		l, err := life.One(tx, h.officer.Register, yp, 0)
		h.must(err)
		for _, n := range l.Names {
			if rapid.Bool().Draw(d.t, "rename") {
				next := n
				next.Is.Given = d.of("Wrenna", n.Is.Given)
				h.must(youngperson.Names.Replace(tx, a, n.Version, next))
			}
		}
		for _, s := range l.Spells {
			switch rapid.IntRange(0, 2).Draw(d.t, "spell") {
			case 0:
				next := s
				next.Ended = "2026-10-31"
				h.must(activity.Spells.Replace(tx, a, s.Version, next))
			case 1:
				h.must(activity.Spells.Close(tx, a, s.Version))
			}
		}
		if rapid.Bool().Draw(d.t, "spoke") {
			_, err = contact.Contacts.New(tx, a, yp, "2026-11-01", contact.Contact{How: "text"})
			h.must(err)
		}
		return h.standing.Rewrite(tx, a, yp)
	}))
}

// inRapid gives a house whose failures are the draw's, so that it is shrunk.
func inRapid(h *house, rt *rapid.T) drawer { return drawer{rt} }

func TestMergeThenUnmergeIsIdentity(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		rapid.Check(t, func(rt *rapid.T) {
			d := inRapid(h, rt)
			a, b := h.person(d), h.person(d)
			before := h.state(a, b)
			for range rapid.IntRange(1, 2).Draw(rt, "times") {
				m := h.join(a, b, d.choose())
				for range rapid.IntRange(0, 2).Draw(rt, "acts since") {
					h.later(d, a)
				}
				h.apart(m, TakenBack)
				if diff := cmp.Diff(before, h.state(a, b)); diff != "" {
					rt.Fatalf("not what it was before (-before +after):\n%s", diff)
				}
			}
		})
	})
}

func TestThreeIntoOneComeApartLastFirst(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		rapid.Check(t, func(rt *rapid.T) {
			d := inRapid(h, rt)
			a, b, c := h.person(d), h.person(d), h.person(d)
			whole := h.state(a, b, c)
			first := h.join(a, b, d.choose())
			two := h.state(a, b, c)
			var second id.Ref
			if chain := rapid.Bool().Draw(rt, "chain"); chain {
				second = h.join(c, a, d.choose()) // a itself leads on to c
			} else {
				second = h.join(a, c, d.choose())
			}
			if u, err := h.Undoing(t.Context(), h.officer, first); err != nil || u.Blocked == "" {
				rt.Fatalf("the first merge may be undone below the second: %v", err)
			}
			err := h.TakeApart(t.Context(), h.officer, TakingApart{Merge: first, Reason: "x", Key: string(id.NewRef())})
			var refused Refusal
			if !errors.As(err, &refused) || !strings.Contains(refused.Message, "Undo that merge first") {
				rt.Fatalf("undoing the first below the second gave %v", err)
			}
			h.apart(second, TakenBack)
			if diff := cmp.Diff(two, h.state(a, b, c)); diff != "" {
				rt.Fatalf("the second merge left something behind:\n%s", diff)
			}
			h.apart(first, TakenBack)
			if diff := cmp.Diff(whole, h.state(a, b, c)); diff != "" {
				rt.Fatalf("the first merge left something behind:\n%s", diff)
			}
		})
	})
}

// One thing is in force after a merge, whatever came in.
func TestFoldLeavesOneInForce(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		today := h.records.Today()
		rapid.Check(t, func(rt *rapid.T) {
			d := inRapid(h, rt)
			a, b := h.person(d), h.person(d)
			keep, other := h.life(a, 0), h.life(b, 0)
			c := d.choose()
			before := []*life.Life{keep, other}
			h.join(a, b, c)
			after := h.life(a, 0)
			legal := func(n *youngperson.Name) bool { return n.Kind == youngperson.Legal }
			k, o, is := life.InForceOf(keep.Names, today, legal), life.InForceOf(other.Names, today, legal), life.InForceOf(after.Names, today, legal)
			want := k
			if k == nil || o != nil && c[FieldName] {
				want = o
			}
			if (want == nil) != (is == nil) || want != nil && want.Is != is.Is {
				rt.Fatalf("the name in force is %v, want %v (chosen %v)", is, want, c[FieldName])
			}
			ka, oa, isa := life.InForce(keep.Addresses, today), life.InForce(other.Addresses, today), life.InForce(after.Addresses, today)
			wanta := ka
			if oa != nil && oa.Is != (youngperson.Address{}) && (ka == nil || ka.Is == (youngperson.Address{}) || c[FieldAddress]) {
				wanta = oa
			}
			if wanta != nil && wanta.Is != isa.Is {
				rt.Fatalf("the address in force is %v, want %v", isa, wanta)
			}
			i, j, n := keep.CurrentSpell(today), other.CurrentSpell(today), after.CurrentSpell(today)
			if i >= 0 && j >= 0 {
				chosen := keep.Spells[i]
				if c[FieldActivity] {
					chosen = other.Spells[j]
				}
				if n < 0 || !sameSpell(&after.Spells[n], &chosen) {
					rt.Fatalf("the current activity is %v of %v, want %v", n, after.Spells, chosen)
				}
			}
			for _, l := range before {
				if !slices.ContainsFunc(after.Identifiers, func(f fact.Of[youngperson.Identifier]) bool { return f.Is.Value == l.Person.YoungPersonsID }) && l != keep {
					rt.Fatalf("nobody answers to %s any more", l.Person.YoungPersonsID)
				}
			}
		})
	})
}

// A record that was reported as a double does not make its person one.
func TestADoublesStatusIsNotTakenOver(t *testing.T) {
	today := civil.MustParse("2026-11-10")
	status := func(s string) *life.Life {
		return &life.Life{Statuses: []fact.Of[cohort.Status]{{Version: fact.Version{ID: 1}, Is: cohort.Status{Status: s, StatedOn: "2026-10-31", LeadLA: "991"}}}}
	}
	for _, c := range []struct{ keep, other, want string }{{"P", "M", "P"}, {"M", "P", "P"}, {"G", "P", "P"}} {
		got := life.InForce(fold(status(c.keep), status(c.other), Chosen{FieldCohort: true}, today).after.Statuses, today).Is.Status
		if got != c.want {
			t.Errorf("%s with %s put in is %s, want %s", c.keep, c.other, got, c.want)
		}
	}
}

func TestEveryKindOfFactIsJoined(t *testing.T) {
	facts := 0
	of := reflect.TypeFor[life.Life]()
	for i := range of.NumField() {
		if of.Field(i).Type.Kind() == reflect.Slice {
			facts++
		}
	}
	if len(kinds()) != facts || len(life.Tables()) != facts {
		t.Errorf("a life holds %d kinds of facts, a merge joins %d and undoing knows %d", facts, len(kinds()), len(life.Tables()))
	}
}

// What was recorded since stays, goes to the other, or is taken back.
func TestWhatWasRecordedSince(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		for _, fate := range []Fate{Stays, Goes, TakenBack} {
			a, b := h.wren("Wren", "2010-03-03"), h.wren("Ren", "2010-03-03")
			before := h.state(b)
			m := h.join(a, b, Chosen{FieldName: true})
			_, err := h.records.Summary(t.Context(), h.officer, a)
			h.must(err)
			h.must(h.records.RecordContact(t.Context(), h.officer, a, record.Spoken{Made: contact.Made{On: h.records.Today(), Contact: contact.Contact{How: contact.Phone, WithWhom: contact.Person, Outcome: contact.Reached}}}, ""))
			u, err := h.Undoing(t.Context(), h.officer, m)
			h.must(err)
			if len(u.Since) != 1 || len(u.Since[0].Changes) != 1 || u.Since[0].Acts[0].By != "Officer" {
				t.Fatalf("since the merge: %+v", u.Since)
			}
			h.apart(m, fate)
			want := map[Fate][2]int{Stays: {1, 0}, Goes: {0, 1}, TakenBack: {0, 0}}[fate]
			if got := [2]int{len(h.life(a, 0).Contacts), len(h.life(b, 0).Contacts)}; got != want {
				t.Errorf("%s: contacts of the two are %v, want %v", fate, got, want)
			}
			if fate != Goes {
				if diff := cmp.Diff(before, h.state(b)); diff != "" {
					t.Errorf("%s: the other record is not what it was:\n%s", fate, diff)
				}
			}
		}
	})
}

// wren adds a young person by telephone.
func (h *house) wren(given, born string) id.Ref {
	h.t.Helper()
	ref, err := h.records.Add(h.t.Context(), h.officer, record.NewPerson{Name: youngperson.Name{Given: given, Family: "Ashdown"}, Born: civil.MustParse(born), Gender: "F", Ethnicity: "WBRI",
		Address: youngperson.Address{Line1: "4 Lantern Row", Postcode: "ZZ1 1AA"}, LeadLA: "991", EducatedLA: "991", Need: need.Need{Level: "2", SEND: "N", SENSupport: "N"}},
		record.Told{Kind: act.Telephone, SaidBy: "her aunt"})
	h.must(err)
	return ref
}
