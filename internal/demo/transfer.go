package demo

import (
	"context"
	"errors"
	"fmt"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/border"
	"waymark/internal/field"
	"waymark/internal/id"
	"waymark/internal/register"
	"waymark/internal/standing"
	"waymark/internal/transfer"
)

// handing is one borough that hands young people over, and takes them.
type handing struct {
	w  *World
	by access.Actor
	s  *transfer.Service
}

func handerOf(h House, w *World, r register.Register) handing {
	officer := w.Cast[dataOfficer]
	return handing{w: w, by: access.Actor{Register: r.ID, Ref: "account:" + string(officer.Ref), Name: officer.Name, Roles: []access.Role{officer.Role}, Request: "demo", Today: w.On},
		s: &transfer.Service{DB: h.DB, Standing: standing.Keeper{Requirement: h.Requirement}, Sights: &act.Recorder{DB: h.DB}, Border: &border.Service{DB: h.DB, Register: r.ID, Sights: &act.Recorder{DB: h.DB}}}}
}

// HandAcross has the first two neighbours hand young people over to one another:
// some wait to be taken, one was taken, one refused.
func HandAcross(ctx context.Context, h House, worlds []*World, registers []register.Register) error {
	if len(worlds) < 2 {
		return nil
	}
	a, b := handerOf(h, worlds[0], registers[0]), handerOf(h, worlds[1], registers[1])
	for _, side := range [][2]handing{{a, b}, {b, a}} {
		if err := side[0].handTo(ctx, side[1]); err != nil {
			return fmt.Errorf("hand over from %s to %s: %w", side[0].w.Borough.Name, side[1].w.Borough.Name, err)
		}
	}
	return nil
}

// handTo offers four: the one before last is taken, the last refused.
func (f handing) handTo(ctx context.Context, to handing) error {
	offered := 0
	for _, p := range f.w.People {
		if p.final != f.w.year-2 || p.named || p.late || !p.arrived.IsZero() || p.Left.Year != 0 {
			continue
		}
		err := f.offer(ctx, p, to)
		if errors.As(err, new(field.Errors)) {
			continue // restricted: offered to nobody
		}
		if err != nil {
			return err
		}
		if offered++; offered == 4 {
			break
		}
	}
	lists, err := to.s.Lists(ctx, to.by)
	if err != nil || len(lists.Came) < 4 {
		return err
	}
	if _, err := to.s.Take(ctx, to.by, lists.Came[1].Ref, "", string(id.NewRef())); err != nil {
		return err
	}
	return to.s.Refuse(ctx, to.by, lists.Came[0].Ref, transfer.Reasons()[0], string(id.NewRef()))
}

// offer offers one, who has moved to a street of the other borough.
func (f handing) offer(ctx context.Context, p *Person, to handing) error {
	o := transfer.Offer{Person: p.Person.Ref, MovedOn: f.w.On.AddDays(-9)}
	if there := to.w.People[len(to.w.People)/2].Addresses; len(there) > 0 {
		is := there[len(there)-1].Is
		o.Line1, o.Town, o.Postcode = is.Line1, is.Town, is.Postcode
	}
	return f.s.Propose(ctx, f.by, []transfer.Offer{o}, transfer.Terms{To: to.w.Borough.Code, Basis: transfer.Bases()[0], Goes: access.Handed, Key: string(id.NewRef())})
}
