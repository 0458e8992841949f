package demo

import (
	"context"
	"fmt"
	"strings"

	"waymark/internal/access"
	"waymark/internal/account"
	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/id"
	"waymark/internal/record"
	"waymark/internal/register"
	"waymark/internal/safety"
	"waymark/internal/standing"
	"waymark/internal/visit"
)

// roundSize is how many young people the demo's round of the day visits.
const roundSize = 9

// GoOut has one adviser out on a round of visits today: some doors told, two
// with safety notes, and checked in until long after anybody looks.
func GoOut(ctx context.Context, h House, w *World, r register.Register) error {
	sights := &act.Recorder{DB: h.DB}
	records := &record.Service{DB: h.DB, Requirement: h.Requirement, Standing: standing.Keeper{Requirement: h.Requirement}, Sights: sights}
	s := &visit.Service{DB: h.DB, Record: records, Accounts: account.New(h.DB, r.ID), Sights: sights}
	who := w.Cast[firstAdviser]
	by := access.Actor{Register: r.ID, Ref: "account:" + string(who.Ref), Name: who.Name, Roles: []access.Role{who.Role}, Request: "demo"}
	plan := visit.Plan{Day: civil.On(h.DB.Now(), civil.London()), Worker: who.Ref, Most: roundSize, Key: string(id.NewRef())}
	for _, p := range w.visited() {
		plan.People = append(plan.People, p.Person.Ref)
		// Not with somebody who has moved out of the borough, and of its directory.
		if at := p.Addresses[newest(p.Addresses, nil)].Is.Postcode; plan.Start == "" && strings.HasPrefix(at, w.Borough.area) {
			plan.Start = at
		}
	}
	for i, note := range []safety.Note{{Kind: safety.NotAlone, Words: "A neighbour has threatened staff. Two go together."}, {Kind: safety.Dog, Words: "Large, and loose in the front garden."}, {Kind: safety.DoNotVisit, Words: "The young person asked that nobody come. Text only."}} {
		if i < len(plan.People) {
			if err := records.SetSafety(ctx, by, plan.People[len(plan.People)-1-i], 0, note, 0, record.Told{Kind: act.Telephone, Key: string(id.NewRef())}); err != nil {
				return fmt.Errorf("note what is at a door: %w", err)
			}
		}
	}
	refs, err := s.Plan(ctx, by, plan)
	if err != nil {
		return fmt.Errorf("plan the demo's visits: %w", err)
	}
	if err := s.CheckIn(ctx, by, refs[0], visit.MostMinutes, "01632 960117", string(id.NewRef())); err != nil {
		return err
	}
	sheet, err := s.Sheet(ctx, by, refs[0], "round of visits")
	if err != nil {
		return err
	}
	for i, told := range []visit.Told{{Outcome: visit.NoAnswer, Note: "Card left.", Next: plan.Day.AddDays(7)}, {Outcome: visit.Confirmed, Note: "At home between shifts; still in the same job."}, {Outcome: visit.SomeoneElse, Note: "An aunt: will ask them to ring.", Next: plan.Day.AddDays(1)}} {
		if i >= len(sheet.Doors) {
			break
		}
		st := sheet.Doors[i].Stops[0]
		if told.Outcome == visit.Confirmed && !strings.HasPrefix(st.Activity, "3") {
			told = visit.Told{Outcome: visit.MovedAway, Note: "The new tenant did not know where to."}
		}
		told.Seen, told.Key = st.Seen, string(id.NewRef())
		if err := s.Tell(ctx, by, st.Ref, told); err != nil {
			return fmt.Errorf("tell of a visit: %w", err)
		}
	}
	return nil
}

// visited are whom the demo's round visits: young people of the first adviser
// whom no story is about, in work or not known.
func (w *World) visited() (out []*Person) {
	for i := len(w.People) - 1; i >= 0 && len(out) < roundSize; i-- {
		p := w.People[i]
		if p.adviser != 0 || p.named || !p.Left.IsZero() || !w.held(p.KnownFrom()) {
			continue
		}
		spell := newest(p.Spells, nil)
		if spell < 0 || newest(p.Addresses, nil) < 0 {
			continue
		}
		if code := p.Spells[spell].Is.Activity; strings.HasPrefix(code, "3") || strings.HasPrefix(code, "8") || strings.HasPrefix(code, "6") {
			out = append(out, p)
		}
	}
	return out
}
