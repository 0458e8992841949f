package record

import (
	"context"
	"slices"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/field"
	"waymark/internal/guarantee"
	"waymark/internal/id"
	"waymark/internal/life"
)

// SetOffer adds an offer of a place, replaces the one that the form showed, or
// (with no place) takes it away. The status of the guarantee stays as it is:
// offers propose one. It needs access.RecordGuarantee, and returns field.Errors,
// db.Conflict where somebody else was first, act.ErrRepeated for a second press.
func (s *Service) SetOffer(ctx context.Context, by access.Actor, ref id.Ref, which id.Fact, o guarantee.Offer, seen id.Act, told Told) error {
	trim(&o.Place, &o.Course, &o.Number, &o.UKPRN)
	if wrong := checkOffer(which, &o, s.Today()); wrong != nil {
		return wrong
	}
	return s.change(ctx, by, access.RecordGuarantee, ref, told, nil, func(tx *db.Tx, a *act.Act, l *life.Life) error {
		return setOne(tx, a, guarantee.Offers, l.Person.ID, l.Offers, which, seen, o, o.Place == "")
	})
}

func checkOffer(which id.Fact, o *guarantee.Offer, today civil.Date) error {
	if o.Place == "" && which != 0 {
		return nil // it is taken away
	}
	var wrong field.Errors
	among := func(some []guarantee.Word, code string) bool {
		return slices.ContainsFunc(some, func(w guarantee.Word) bool { return w.Code == code })
	}
	if o.Place == "" {
		wrong.Add("offer-place", "Enter the school, college, provider or employer")
	}
	if !among(guarantee.Provisions(), o.Provision) {
		wrong.Add("offer-provision", "Select what kind of place it is")
	}
	if !among(guarantee.States(), o.State) {
		wrong.Add("offer-state", "Select how far it has come")
	}
	if o.Level != "" && !among(guarantee.Levels(), o.Level) {
		wrong.Add("offer-level", "Choose a level from the list")
	}
	switch {
	case o.Suitable != "" && o.Suitable != "Y" && o.Suitable != "N":
		wrong.Add("offer-suitable", "Select whether the place is suitable")
	case o.Suitable == "Y" && o.Provision == guarantee.Job:
		wrong.Add("offer-suitable", "A job without study is no place of the guarantee: choose the kind with study, if there is any")
	}
	if made, err := civil.Parse(o.MadeOn); o.MadeOn != "" && (err != nil || made.After(today)) {
		wrong.Add("offer-made", "Enter the day on which the place was offered, today or earlier")
	}
	return wrong.Err()
}
