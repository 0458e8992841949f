package rollover_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/cohort"
	"waymark/internal/db"
	"waymark/internal/db/dbtest"
	"waymark/internal/field"
	"waymark/internal/guarantee"
	"waymark/internal/id"
	"waymark/internal/nccis"
	"waymark/internal/need"
	"waymark/internal/record"
	"waymark/internal/register"
	"waymark/internal/rollover"
	"waymark/internal/season"
	"waymark/internal/standing"
	"waymark/internal/youngperson"
)

// house is a register of a few people, with what is kept in memory about their
// year, and a clock.
type house struct {
	t      *testing.T
	db     *db.DB
	now    *time.Time
	req    *nccis.Requirement
	record *record.Service
	rolls  *rollover.Service
	season *season.Service
	by     access.Actor
	people []id.Ref
}

func newHouse(t *testing.T, d *db.DB) *house {
	t.Helper()
	h := &house{t: t, req: nccis.MustLoad(), now: new(time.Time)}
	*h.now = time.Date(2026, 6, 10, 9, 0, 0, 0, time.UTC)
	h.db = d.At(func() time.Time { return *h.now })
	book, err := (&register.Service{DB: h.db}).Add(t.Context(), register.Register{Name: "Sandmere", DatabaseID: "991",
		Authorities: []register.Authority{{Code: "991", Name: "Sandmere", Invented: true}}})
	h.must(err)
	keeper := standing.Keeper{Requirement: h.req}
	h.by = access.Actor{Register: book.ID, Ref: "account:manager", Name: "Manager", Roles: []access.Role{access.TeamManager, access.DataOfficer}}
	h.record = &record.Service{DB: h.db, Requirement: h.req, Standing: keeper, Sights: &act.Recorder{DB: h.db}}
	h.rolls, h.season = h.fresh()
	for i, born := range []string{"2010-03-03", "2009-03-03", "2008-02-02", "2010-11-11", "2007-12-24", "2009-10-01"} {
		h.people = append(h.people, h.add(i, born))
	}
	return h
}

// fresh are the services with nothing in memory.
func (h *house) fresh() (*rollover.Service, *season.Service) {
	return &rollover.Service{DB: h.db, Requirement: h.req, Standing: standing.Keeper{Requirement: h.req}}, &season.Service{DB: h.db, Requirement: h.req}
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func told() record.Told { return record.Told{Kind: act.Telephone, SaidBy: "an aunt"} }

func (h *house) add(i int, born string) id.Ref {
	h.t.Helper()
	ref, err := h.record.Add(h.t.Context(), h.by, record.NewPerson{Name: youngperson.Name{Given: []string{"Wren", "Robin", "Kestrel", "Tern", "Linnet", "Merle", "Heron"}[i], Family: "Ashdown"}, Born: civil.MustParse(born), Gender: "F", Ethnicity: "WBRI",
		Address: youngperson.Address{Line1: "4 Lantern Row", Postcode: "ZZ1 1AA"}, LeadLA: "991", EducatedLA: "991", Need: need.Need{Level: "3", SEND: "N", SENSupport: "N"}}, told())
	h.must(err)
	held := h.see(ref).Life.Statuses[0]
	h.must(h.record.CorrectCohort(h.t.Context(), h.by, ref, cohort.Status{Status: "P", LeadLA: "991", EducatedLA: "991"}, held.KnownFrom, told()))
	return ref
}

func (h *house) see(ref id.Ref) *record.Summary {
	h.t.Helper()
	s, err := h.record.Summary(h.t.Context(), h.by, ref)
	h.must(err)
	return s
}

// holds holds what is kept in memory against what is worked out anew.
func (h *house) holds(after string) {
	h.t.Helper()
	ctx := h.t.Context()
	rolls, seasons := h.fresh()
	kept, err := h.rolls.Rehearse(ctx, h.by, 2026)
	h.must(err)
	anew, err := rolls.Rehearse(ctx, h.by, 2026)
	h.must(err)
	if diff := cmp.Diff(anew.People, kept.People); diff != "" || kept.At != anew.At {
		h.t.Errorf("%s: the rehearsal is another (-anew +kept):\n%s", after, diff)
	}
	state, err := h.season.On(ctx, h.by, 2026, civil.Date{})
	h.must(err)
	stated, err := seasons.On(ctx, h.by, 2026, civil.Date{})
	h.must(err)
	if diff := cmp.Diff(stated.People, state.People); diff != "" || len(state.People) == 0 {
		h.t.Errorf("%s: the season is another (-anew +kept):\n%s", after, diff)
	}
}

// What is kept in memory of 1 September and of the season follows each act.
func TestFollows(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		ctx := t.Context()
		h.holds("the first question")
		h.must(h.record.CorrectGuarantee(ctx, h.by, h.people[0], guarantee.Guarantee{Node: guarantee.Year11, Season: 2026, Status: "151", LACode: "991"}, 0, told()))
		h.holds("a status")
		h.must(h.record.SetOffer(ctx, h.by, h.people[0], 0, guarantee.Offer{Season: 2026, Place: "Northshore College", Provision: guarantee.FullTime, State: guarantee.Offered}, 0, told()))
		h.holds("an offer")
		st, err := h.season.On(ctx, h.by, 2026, civil.Date{})
		h.must(err)
		if c := st.Count(guarantee.Year11); c.Differs != 1 || c.Status["151"] != 1 {
			t.Errorf("the offer proposes nothing, or has set the status: %+v", c)
		}
		_, err = h.season.Draw(ctx, h.by, 2026, string(id.NewRef()))
		h.must(err)
		h.holds("the baselines")
		s := h.see(h.people[1])
		h.must(h.record.CorrectBirth(ctx, h.by, h.people[1], civil.MustParse("2012-03-03"), "F", "WBRI", s.Life.Particulars[0].KnownFrom, told()))
		h.holds("a birth date that is of no season")
		h.people = append(h.people, h.add(6, "2010-01-01"))
		h.holds("somebody new")
		s = h.see(h.people[2])
		h.must(h.record.CorrectNeed(ctx, h.by, h.people[2], need.Need{Level: "1", SEND: "Y", SENSupport: "N"}, nil, s.Life.Needs[0].KnownFrom, told()))
		h.holds("a plan for somebody who would leave")
		*h.now = time.Date(2026, 8, 20, 9, 0, 0, 0, time.UTC)
		_, err = h.rolls.Apply(ctx, h.by, 2026, string(id.NewRef()))
		h.must(err)
		h.holds("the rollover")
		_, err = h.rolls.Undo(ctx, h.by, 2026, string(id.NewRef()))
		h.must(err)
		h.holds("the rollover taken back")
	})
}

// Days are those of London: half past midnight in summer time is the day that has
// begun, and the hour that the clocks give twice in October is of one day.
func TestDaysOfLondon(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		at := func(text string) {
			t.Helper()
			when, err := time.Parse(time.RFC3339, text)
			h.must(err)
			*h.now = when
		}
		at("2026-08-17T22:59:00Z") // 17 August, a minute before midnight in London
		_, err := h.rolls.Apply(t.Context(), h.by, 2026, string(id.NewRef()))
		if !errors.As(err, new(field.Errors)) {
			t.Errorf("on 17 August it was rolled over: %v", err)
		}
		at("2026-08-17T23:30:00Z") // 18 August, half past midnight
		_, err = h.rolls.Apply(t.Context(), h.by, 2026, string(id.NewRef()))
		h.must(err)
		for text, want := range map[string]string{"2026-08-31T22:30:00Z": "2026-08-31", "2026-08-31T23:30:00Z": "2026-09-01",
			"2026-10-24T23:30:00Z": "2026-10-25", "2026-10-25T00:30:00Z": "2026-10-25", "2026-10-25T01:30:00Z": "2026-10-25", "2026-10-25T23:30:00Z": "2026-10-25",
			"2026-10-31T23:30:00Z": "2026-10-31", "2026-11-01T00:30:00Z": "2026-10-31"} {
			at(text)
			st, err := h.season.On(t.Context(), h.by, 2026, civil.Date{})
			h.must(err)
			if st.On.String() != want {
				t.Errorf("at %s the season stands as of %s, not %s", text, st.On, want)
			}
		}
	})
}
