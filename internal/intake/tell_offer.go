package intake

import (
	"slices"
	"strings"

	"waymark/internal/civil"
	"waymark/internal/fact"
	"waymark/internal/guarantee"
	"waymark/internal/layout"
)

// offer holds the place that the row names and what became of it, for those who
// finish Year 11 or 12 before the September (nccis.md 7); a list of UCAS is of those
// who finish Year 13. A row that knows less of a place than is held
// takes nothing back: a survey of June says nothing of an offer of March.
func (t *telling) offer() {
	if urn := t.value(layout.OfferURN); urn != "" && t.value(layout.OfferNumber) == "" && t.value(layout.OfferUKPRN) == "" {
		t.say(Change{Field: layout.OfferURN.Words(), Kept: true, Why: "No establishment has the URN " + urn + " in the list of establishments that is in force under Reference data. The place stands by its name alone."})
	}
	theirs, ok := t.offerSaid()
	if !ok {
		return
	}
	words := layout.OfferInstitution.Words()
	i := slices.IndexFunc(t.l.Offers, func(o fact.Of[guarantee.Offer]) bool {
		return o.Is.Season == theirs.Season && (theirs.UKPRN != "" && o.Is.UKPRN == theirs.UKPRN || theirs.Number != "" && o.Is.Number == theirs.Number || sameFold(o.Is.Place, theirs.Place)) && sameCourse(o.Is.Course, theirs.Course)
	})
	if i < 0 {
		t.say(Change{Field: words, After: offerWords(theirs)})
		t.l.Offers = append(t.l.Offers, fact.Of[guarantee.Offer]{Version: t.version(), Is: theirs})
		return
	}
	f := &t.l.Offers[i]
	next := f.Is
	for _, one := range []struct{ ours, theirs *string }{{&next.Course, &theirs.Course}, {&next.Provision, &theirs.Provision}, {&next.Suitable, &theirs.Suitable}, {&next.Number, &theirs.Number}, {&next.UKPRN, &theirs.UKPRN}} {
		if *one.ours == "" {
			*one.ours = *one.theirs
		}
	}
	if len(theirs.Course) > len(next.Course) && !sameFold(theirs.Course, next.Course) {
		next.Course = theirs.Course // the same with its number
	}
	// Who had declined, or was turned down, may be said to have a place again.
	ended := next.State == guarantee.Declined || next.State == guarantee.Withdrawn
	if further(next.State, theirs.State) || ended && t.value(layout.OfferState) != "" {
		next.State = theirs.State
	}
	if next == f.Is {
		return
	}
	if t.change(words, offerWords(f.Is), offerWords(next), func() (verdict, string) { return t.weigh(t.held(f.Evidence)) }) {
		f.Is, f.Evidence = next, t.evidence
	}
}

// sameCourse says that two courses may be one: one of them is not said, or is the
// other without its number.
func sameCourse(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	return a == "" || sameFold(a, b) || slices.ContainsFunc(strings.Split(b, ", "), func(part string) bool { return sameFold(part, a) })
}

// offerSaid is the offer that the row speaks of, and whether it speaks of one.
func (t *telling) offerSaid() (guarantee.Offer, bool) {
	season, year := t.season()
	ucas := t.kind.ID == "ucas"
	if ucas && !t.asAt.Before(civil.Must(season, 9, 1)) {
		season, year = season+1, year+1 // they apply for the next September, whatever year they are in
	}
	o := guarantee.Offer{Season: season, Place: t.value(layout.OfferInstitution), Number: t.value(layout.OfferNumber), UKPRN: t.value(layout.OfferUKPRN), Course: joined(", ", t.value(layout.Course), t.value(layout.CourseCode)), State: guarantee.Intended}
	if o.Place == "" || year != 11 && year != 12 && !(ucas && year >= 13) {
		return o, false
	}
	state := t.value(layout.OfferState)
	if ucas {
		o.State, o.Provision, o.Level = guarantee.Applied, guarantee.FullTime, "4"
	}
	if t.kind.List(layout.Destination) == layout.IntendedDestinations {
		o.Provision = provisionMeant(t.value(layout.Destination))
	}
	if strings.Contains(strings.ToLower(o.Course), "apprentice") {
		o.Provision = guarantee.Apprenticeship
	}
	switch status := t.value(layout.Offer); status {
	case "110", "115":
		o.State, o.Suitable = guarantee.Offered, "Y" // whoever sends it says that it is an offer of the guarantee
	case "114":
		o.State, o.Provision = guarantee.Offered, guarantee.Continuing
	case "120":
		o.State, o.Provision = guarantee.Offered, guarantee.Job
	case "140":
		o.State = guarantee.Applied
	case "", "151", "159":
	default:
		if state == "" {
			return o, false // no offer for a reason of theirs: the place is not one that they wait for
		}
	}
	if state == "" {
		return o, true
	}
	o.State = state
	if offered := state == guarantee.Conditional || state == guarantee.Offered || state == guarantee.Accepted; offered && !ucas && o.Suitable == "" && o.Provision != guarantee.Job {
		o.Suitable = "Y" // a list of the guarantee names places of the guarantee
	}
	return o, true
}

// provisionMeant is the kind of provision of an intended destination (nccis.md
// 3.6), "" where it says none.
func provisionMeant(destination string) string {
	return map[string]string{"111": guarantee.FullTime, "121": guarantee.FullTime, "211": guarantee.Apprenticeship, "311": guarantee.JobWithStudy, "321": guarantee.Job}[destination]
}

// further says that a state lies behind another on the way to a place.
func further(ours, theirs string) bool {
	at := func(state string) int {
		return slices.IndexFunc(guarantee.States(), func(w guarantee.Word) bool { return w.Code == state })
	}
	return at(theirs) > at(ours)
}

func offerWords(o guarantee.Offer) string {
	return joined(", ", o.Place, o.Course, guarantee.WordsOf(guarantee.Provisions(), o.Provision), guarantee.WordsOf(guarantee.States(), o.State))
}
