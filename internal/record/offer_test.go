package record

import (
	"errors"
	"testing"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/db"
	"waymark/internal/guarantee"
	"waymark/internal/id"
)

// An offer is held with where it came from, changed over the version that was
// shown alone, and taken away; the status of the guarantee stays as it was.
func TestSetOffer(t *testing.T) {
	onBoth(t, func(t *testing.T, r room) {
		ctx, ref := t.Context(), r.add()
		r.must(r.CorrectGuarantee(ctx, r.officer, ref, guarantee.Guarantee{Node: guarantee.Year11, Season: 2026, Status: "159", LACode: "991"}, 0, told()))
		o := guarantee.Offer{Season: 2026, Place: " Northshore  College ", Provision: guarantee.FullTime, Course: "A levels", Level: "3", MadeOn: "2026-03-02", State: guarantee.Offered}
		by := told()
		by.Key = string(id.NewRef())
		r.must(r.SetOffer(ctx, r.officer, ref, 0, o, 0, by))
		if err := r.SetOffer(ctx, r.officer, ref, 0, o, 0, by); !errors.Is(err, act.ErrRepeated) {
			t.Errorf("the second press was answered %v", err)
		}
		s := r.see(ref)
		if len(s.Life.Offers) != 1 || s.Life.Offers[0].Is.Place != "Northshore College" || s.Sources[s.Life.Offers[0].Evidence].Words() != "phone, her aunt, 10 November 2026" {
			t.Fatalf("it holds %+v", s.Life.Offers)
		}
		if got := s.Life.Guarantees[0].Is.Status; got != "159" {
			t.Errorf("the status became %s by itself", got)
		}
		f := s.Life.Offers[0]
		taken := f.Is
		taken.State = guarantee.Accepted
		r.must(r.SetOffer(ctx, r.officer, ref, f.ID, taken, f.KnownFrom, told()))
		if err := r.SetOffer(ctx, r.officer, ref, f.ID, o, f.KnownFrom, told()); !errors.As(err, &db.Conflict{}) {
			t.Errorf("the second of two was answered %v", err)
		}
		r.must(r.SetOffer(ctx, r.officer, ref, f.ID, guarantee.Offer{}, r.see(ref).Life.Offers[0].KnownFrom, told()))
		if left := r.see(ref).Life.Offers; len(left) != 0 {
			t.Errorf("taken away, it holds %+v", left)
		}
		for name, wrong := range map[string]func(*guarantee.Offer){
			"offer-place":     func(o *guarantee.Offer) { o.Place = "" },
			"offer-provision": func(o *guarantee.Offer) { o.Provision = "a chair" },
			"offer-state":     func(o *guarantee.Offer) { o.State = "" },
			"offer-level":     func(o *guarantee.Offer) { o.Level = "9" },
			"offer-made":      func(o *guarantee.Offer) { o.MadeOn = "2027-03-02" },
			"offer-suitable":  func(o *guarantee.Offer) { o.Provision, o.Suitable = guarantee.Job, "Y" },
		} {
			bad := o
			wrong(&bad)
			refused(t, r.SetOffer(ctx, r.officer, ref, 0, bad, 0, told()), name)
		}
		if err := r.SetOffer(ctx, access.Actor{Register: r.officer.Register, Ref: "account:x", Roles: []access.Role{access.Commissioner}}, ref, 0, o, 0, told()); !errors.As(err, &access.Denied{}) {
			t.Errorf("a commissioner was answered %v", err)
		}
	})
}
