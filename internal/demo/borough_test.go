package demo

import (
	"context"
	"slices"
	"testing"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/border"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/db/dbtest"
	"waymark/internal/nccis"
	"waymark/internal/register"
	"waymark/internal/youngperson"
)

// TestBoroughsHoldWhoCrossesTheirBorders fills boroughs beside one another and
// asks each, as its data officer does, whom another holds too.
func TestBoroughsHoldWhoCrossesTheirBorders(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		worlds, err := InventBoroughs(Settings{Seed: 1, On: civil.Must(2026, 11, 22), Size: 0.01}, 3)
		if err != nil {
			t.Fatal(err)
		}
		d = d.EveryRegister()
		h := House{DB: d, Requirement: nccis.MustLoad()}
		var registers []register.Register
		for _, w := range worlds {
			r, err := Fill(ctx, h, w)
			if err != nil {
				t.Fatal(w.Borough.Name, err)
			}
			registers = append(registers, r)
		}
		if err := ShareAcross(ctx, h, worlds, registers); err != nil {
			t.Fatal(err)
		}
		var services []*border.Service
		for _, r := range registers {
			s := &border.Service{DB: d.For(r.ID), Register: r.ID, Key: make([]byte, 32), Sights: &act.Recorder{DB: d.For(r.ID)}}
			services = append(services, s)
			if n, err := s.Give(ctx); err != nil || n == 0 {
				t.Fatal("nothing is given across the border:", n, err)
			}
		}
		for i, s := range services {
			officer := worlds[i].Cast[dataOfficer]
			by := access.Actor{Register: registers[i].ID, Ref: "account:" + string(officer.Ref), Roles: []access.Role{officer.Role}}
			people, counts, err := s.Across(ctx, by, "", 0, 100)
			if err != nil {
				t.Fatal(err)
			}
			if i == 0 && (counts[border.MoverIn] == 0 || counts[border.MoverOut] == 0 || counts[border.Taught] == 0 || counts[border.Both] == 0) {
				t.Errorf("%s: %v", worlds[i].Borough.Name, counts)
			}
			weak := slices.ContainsFunc(people, func(p border.Person) bool { return !p.Certain })
			if len(people) == 0 || i == 0 && !weak {
				t.Errorf("%s: %d people, weak %v", worlds[i].Borough.Name, len(people), weak)
			}
			list, _, err := s.Neighbours(ctx, by)
			if err != nil || len(list) != 2 {
				t.Fatal(list, err)
			}
			for _, n := range list {
				if !n.Told() {
					t.Errorf("%s does not say whom to ask", n.Name)
				}
			}
		}
	})
}

// TestNeighboursShareNoNumbers: two boroughs hold one number only where they
// hold one young person.
func TestNeighboursShareNoNumbers(t *testing.T) {
	worlds, err := InventBoroughs(Settings{Seed: 7, On: civil.Must(2026, 11, 22)}, MostBoroughs())
	if err != nil {
		t.Fatal(err)
	}
	type holder struct{ name, born string }
	of := map[string]holder{}
	shared, signIns := 0, map[string]bool{}
	for _, w := range worlds {
		if len(w.People) < 250 || len(w.People) > 500 {
			t.Errorf("%s has %d people", w.Borough.Name, len(w.People))
		}
		for _, s := range w.Cast {
			if signIns[s.SignIn] {
				t.Errorf("%s twice", s.SignIn)
			}
			signIns[s.SignIn] = true
		}
		for _, p := range w.People {
			for _, f := range p.Identifiers {
				if f.Is.Scheme != youngperson.ULN && f.Is.Scheme != youngperson.UPN {
					continue
				}
				me := holder{p.Legal().Given + p.Legal().Family, p.born.String()}
				if other, ok := of[f.Is.Scheme+f.Is.Value]; ok && other != me {
					t.Errorf("%s %s is of two people", f.Is.Scheme, f.Is.Value)
				} else if ok {
					shared++
				}
				of[f.Is.Scheme+f.Is.Value] = me
			}
		}
	}
	if shared == 0 {
		t.Error("nobody crosses a border")
	}
}

// TestBoroughsReturnsAreClean: what stands in the way of signing a month of any
// borough is nothing, whoever crosses its borders.
func TestBoroughsReturnsAreClean(t *testing.T) {
	req := nccis.MustLoad().WithInvented(nccis.InventedAuthorities())
	for i, on := range days() {
		worlds, err := InventBoroughs(Settings{Seed: uint64(i) + 1, On: civil.MustParse(on), Size: 0.01}, 3)
		if err != nil {
			t.Fatal(err)
		}
		for _, w := range worlds {
			for k := range Months {
				m, e, views := monthly(w, req, k)
				c := req.NewChecker(e, nccis.Header{DatabaseIDs: []string{w.Borough.Code}, LEACodes: []string{w.Borough.Code}, PeriodEnd: m.End().String()})
				say := func(f nccis.Finding) {
					if f.Priority == 1 {
						t.Errorf("%s on %s: %s: %+v", w.Borough.Name, on, m, f)
					}
				}
				for i := range views {
					c.Record(&views[i].Record, say)
				}
				c.Finish(say)
			}
		}
	}
}
