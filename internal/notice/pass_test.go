package notice

import (
	"errors"
	"strings"
	"testing"
	"time"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/border"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/db/dbtest"
	"waymark/internal/id"
	"waymark/internal/register"
	"waymark/internal/sharing"
)

func TestSentOnAndChased(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		s := robert()
		s.Given, s.HomeLA = "Emeka", "992"
		n := h.receive(h.tutor, s)
		if n.State != ToSendOn || n.HomeLA != "992" {
			t.Fatalf("%+v", n)
		}
		if err := h.SendOn(t.Context(), h.manager, n.Ref, "", h.pressed(n.Ref)); complaint(err) != "how" {
			t.Errorf("handed to nobody: %v", err)
		}
		if err := h.SendOn(t.Context(), h.manager, n.Ref, "pigeon", h.pressed(n.Ref)); complaint(err) != "how" {
			t.Errorf("by pigeon: %v", err)
		}
		h.must(h.SendOn(t.Context(), h.manager, n.Ref, "letter", h.pressed(n.Ref)))
		if n = h.get(n.Ref); n.State != SentOn || n.Due.String() != "2026-11-17" || n.Overdue(civil.MustParse("2026-11-17")) || !n.Overdue(civil.MustParse("2026-11-18")) {
			t.Errorf("%+v", n)
		}
		later := h.later(8)
		if list, _, err := later.List(t.Context(), h.manager, Filter{Late: true}, 0, 10); err != nil || len(list) != 1 {
			t.Errorf("%d are late, %v", len(list), err)
		}
		h.must(later.Chase(t.Context(), h.manager, n.Ref, h.pressed(n.Ref)))
		if n = h.get(n.Ref); n.Chased != 1 || n.Due.String() != "2026-11-25" {
			t.Errorf("%+v", n)
		}
		h.must(h.Answered(t.Context(), h.manager, n.Ref, h.pressed(n.Ref)))
		if n = h.get(n.Ref); n.State != Passed {
			t.Errorf("%+v", n)
		}
	})
}

func (h *house) later(days int) *Service {
	s := *h.Service
	s.DB = h.DB.At(func() time.Time { return dbtest.Noon.AddDate(0, 0, days) })
	return &s
}

func TestHandedOverInThisHouse(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		other, err := (&register.Service{DB: d.EveryRegister()}).Add(t.Context(), register.Register{Name: "Marram", DatabaseID: "992", Authorities: []register.Authority{{Code: "992", Name: "Marram", Invented: true}}})
		h.must(err)
		s := robert()
		s.HomeLA, s.Given = "992", "Emeka"
		n := h.receive(h.tutor, s)
		for _, one := range []struct {
			r    id.Register
			code string
		}{{h.registered.ID, "992"}, {other.ID, "991"}} {
			clerk := access.Actor{Register: one.r, Ref: "account:clerk", Name: "Clerk", Roles: []access.Role{access.InformationGovernance}}
			keep := &sharing.Service{DB: d.For(one.r), Records: h.Record}
			ref, err := keep.Add(t.Context(), clerk, sharing.Terms{Organisation: sharing.Organisation{Name: "Authority " + one.code, Kind: "other authority", LACode: one.code}, Purpose: "Movers", Document: "1", Owner: "Head",
				People: sharing.Named, Fields: access.Names, Started: civil.MustParse("2026-09-01"), Ends: civil.MustParse("2027-08-31")}, "")
			h.must(err)
			whole, err := keep.One(t.Context(), clerk, ref)
			h.must(err)
			if one.r == other.ID {
				if err := h.SendOn(t.Context(), h.manager, n.Ref, "", h.pressed(n.Ref)); complaint(err) != "how" {
					t.Errorf("handed over before both have agreed: %v", err)
				}
			}
			h.must(keep.Approve(t.Context(), clerk, ref, whole.Version, ""))
		}
		p := h.pressed(n.Ref)
		h.must(h.SendOn(t.Context(), h.manager, n.Ref, "", p))
		if err := h.SendOn(t.Context(), h.manager, n.Ref, "", p); !errors.Is(err, act.ErrRepeated) {
			t.Errorf("handed over twice: %v", err)
		}
		there := *h.Service
		there.DB = d.For(other.ID)
		there.Sights = &act.Recorder{DB: there.DB}
		theirs, total, err := there.List(t.Context(), access.Actor{Register: other.ID, Ref: "account:x", Roles: []access.Role{access.DataOfficer}}, Filter{}, 0, 10)
		if err != nil || total != 1 || theirs[0].Institution != "Gullhaven College" || theirs[0].SenderName != "Sandmere" || theirs[0].State != ToFind {
			t.Fatalf("%d there, %v", total, err)
		}
		if n = h.get(n.Ref); n.State != Passed || !strings.Contains(n.Outcome, theirs[0].Stamp) || strings.Contains(n.Outcome, "dealt") {
			t.Errorf("%+v", n)
		}
		// They deal with it: it comes back that they have, once, and not what followed.
		there.Border = &border.Service{DB: d.For(other.ID), Register: other.ID, Key: make([]byte, 32), Sights: there.Sights}
		them := access.Actor{Register: other.ID, Ref: "account:x", Name: "Mallory", Roles: []access.Role{access.DataOfficer}}
		p = Pressed{theirs[0].Version, string(id.NewRef())}
		if err := there.Close(t.Context(), them, theirs[0].Ref, "no such end", p); complaint(err) == "" {
			t.Errorf("closed by no reason: %v", err)
		}
		if n = h.get(n.Ref); strings.Contains(n.Outcome, "dealt") {
			t.Errorf("told of what did not happen: %s", n.Outcome)
		}
		outcome := Outcomes(Left)[1]
		h.must(there.Close(t.Context(), them, theirs[0].Ref, outcome, p))
		if err := there.Close(t.Context(), them, theirs[0].Ref, outcome, p); !errors.Is(err, act.ErrRepeated) {
			t.Errorf("closed twice: %v", err)
		}
		n, steps, err := h.Service.Get(t.Context(), h.manager, n.Ref, access.SeeNotices)
		h.must(err)
		last := steps[len(steps)-1]
		if n.State != Passed || !strings.HasSuffix(n.Outcome, ", and dealt with on 10 November 2026") || strings.Contains(n.Outcome, outcome) || last.By != "Marram" || last.What != "Authority 992 has dealt with it" || len(steps) != 3 {
			t.Errorf("what came back is %q, %+v", n.Outcome, steps)
		}
	})
}
