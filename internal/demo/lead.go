package demo

import (
	"time"

	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/cohort"
	"waymark/internal/guarantee"
	"waymark/internal/need"
	"waymark/internal/youngperson"
)

// month is one of an academic year by its place in the calendar.
func (t *teller) month(year civil.AcademicYear, m time.Month) civil.Month {
	y := int(year)
	if m < time.September {
		y++
	}
	return civil.Month{Year: y, Month: m}
}

// over says that the month lies after the waiting file's, or after the young
// person has left.
func (t *teller) over(m civil.Month) bool {
	return t.w.Period.Before(m) || (!t.p.Left.IsZero() && !m.Before(t.p.Left))
}

// lead tells a life from the first that is known of it to the waiting file.
func (t *teller) lead() {
	p := t.p
	t.fate()
	begin := t.month(p.final, time.September)
	switch {
	case p.final > t.w.year:
		begin = t.w.Period.Add(-1 - t.r.IntN(14))
		t.by(begin, firstList, fromSchools)
		t.join()
		t.start(begin.First().AcademicYear().Start(), t.atSchool())
		return
	case !p.arrived.IsZero():
		t.arrive()
	default:
		if p.late {
			begin = t.w.Period
		}
		t.by(begin, firstList, fromSchools)
		t.join()
		t.start(p.final.Start(), t.atSchool())
		t.year11()
	}
	t.after()
	t.leave()
}

// fate draws whether and when somebody moves in, moves away or leaves the
// cohort in another way. Those who left long ago stay in the register.
func (t *teller) fate() {
	p, r := t.p, t.r
	if p.final > t.w.year || p.named || p.late {
		return
	}
	months := 12*int(t.w.year-p.final) + 12
	if months = min(months, 35); chance(r, 0.001*float64(months)) && p.final < t.w.year {
		p.arrived = t.month(p.final+1, time.October).First().AddMonths(r.IntN(min(months-11, 20))).AddDays(r.IntN(20))
		return
	}
	if p.plan || !chance(r, 0.0011*float64(months)) {
		return
	}
	p.Left = t.month(p.final, time.November).Add(r.IntN(months - 2))
	if left := t.month(p.final+3, time.September); !p.Left.Before(left) {
		p.Left = civil.Month{}
	}
}

func (t *teller) arrive() {
	m := t.p.arrived.InMonth()
	if t.w.Period.Before(m) {
		m = t.w.Period
		t.p.arrived = m.First()
	}
	t.by(m, lastList, fromOtherAuthority)
	t.join()
}

// leave states how they left, once; and once that is long reported, that
// nothing more is to be sent.
func (t *teller) leave() {
	p, m := t.p, t.p.Left
	if m.IsZero() || t.w.Period.Before(m) {
		p.Left = civil.Month{}
		return
	}
	if p.ceased {
		return
	}
	t.by(m, lastList, fromOtherAuthority)
	status, to := "T", pick(t.r, []string{"888", "341", "876", "344", "342", "343", "895", "306", "370"})
	switch x := t.r.IntN(600); {
	case p.named: // moved to a neighbour
	case x < 70:
		status, to = "E", ""
	case x < 72:
		status, to = "D", ""
		t.evidence = -1 - fromSocialCare
	}
	t.restate(status, to)
	if m.Before(t.w.firstSent()) {
		t.by(m.Add(1), lastList, fromSupplier)
		t.restate("X", "")
	}
}

// restate ends the cohort status that was and tells the next.
func (t *teller) restate(status, to string) {
	i := newest(t.p.Statuses, nil)
	next := t.p.Statuses[i].Is
	if t.known == 1 {
		// All of it is known at once, so the last is what is told.
		revise(t, &t.p.Statuses, i, func(f *factOfStatus) { f.Is.Status, f.Is.StatedOn, f.Is.TransferredTo = status, t.day.String(), to })
		return
	}
	end(t, &t.p.Statuses, nil, t.day.AddDays(-1))
	next.Status, next.StatedOn, next.TransferredTo = status, t.day.String(), to
	tell(t, &t.p.Statuses, t.day, next)
}

// year11 is the intended destination and the first guarantee.
func (t *teller) year11() {
	p, r := t.p, t.r
	m := t.month(p.final, time.February)
	if t.over(m) {
		return
	}
	if t.by(m, lastList, fromSchools); t.known < p.KnownFrom() {
		return // not here yet
	}
	code := "121"
	switch x := r.IntN(100); {
	case x < 33:
		code = "111"
	case x < 39:
		code = "211"
	case x < 40:
		code = "311"
	case x < 41:
		code = "411"
	case x < 44:
		code = "511"
	case x < 48:
		code = "611"
	}
	f := tell(t, &p.Destinations, civil.Date{}, guarantee.Destination{Code: code})
	f.Ended = p.final.End().String()
	t.guarantee(guarantee.Year11, p.final)
}

// guarantee is the September Guarantee of the young people who end a year of
// school: the list of the end of May, and what came of those without an offer.
func (t *teller) guarantee(node string, year civil.AcademicYear) {
	p, r := t.p, t.r
	may := t.month(year, time.May)
	if t.over(may) {
		return
	}
	if t.by(may, lastList, fromSchools); t.known < p.KnownFrom() {
		return // not here yet
	}
	// 96 in a hundred have an offer in the end: about 88 by May.
	made, other := "110", []string{"120", "122", "123", "124", "140", "140", "150", "151", "151", "151", "153", "154", "159", "159", "159", "159"}
	if node == guarantee.Year12 {
		made = pick(r, []string{"114", "114", "114", "114", "114", "114", "114", "114", "115", "110"})
	}
	status, later := made, ""
	switch x := r.IntN(1000); {
	case x < 38:
		status, later = "159", pick(r, other)
	case x < 120:
		status, later = pick(r, []string{"140", "159", "159"}), made
	}
	authority := Code
	if node == guarantee.Year11 {
		authority = p.Statuses[0].Is.LAAtYear11
	}
	tell(t, &p.Guarantees, civil.Date{}, guarantee.Guarantee{Node: node, Season: int(year) + 1, Status: status, LACode: authority})
	if node == guarantee.Year11 {
		t.offers(int(year)+1, status, later)
	}
	if later == "" || later == status {
		return
	}
	m := may.Add(1 + r.IntN(4))
	if t.over(m) {
		return
	}
	if chance(r, 0.5) {
		t.by(m, firstList, fromColleges)
	} else {
		t.heard(m, act.Evidence{Kind: act.Telephone, SaidBy: "the young person"})
	}
	season := int(year) + 1
	i := newest(p.Guarantees, func(g *guarantee.Guarantee) bool { return g.Season == season && g.Node == node })
	revise(t, &p.Guarantees, i, func(f *factOfGuarantee) { f.Is.Status = later })
	if i := newest(p.Offers, nil); i >= 0 && later == "110" {
		made := t.day.String()
		revise(t, &p.Offers, i, func(f *factOfOffer) { f.Is.State, f.Is.MadeOn = guarantee.Offered, made })
	}
}

// changes are the small ones that befall anybody: an address, a name, a plan.
func (t *teller) changes(m civil.Month) {
	p, r := t.p, t.r
	switch x := r.IntN(10000); {
	case x < 17:
		t.heard(m, act.Evidence{Kind: act.Parent, SaidBy: "a parent or carer"})
		moved := t.day.AddDays(-r.IntN(12))
		end(t, &p.Addresses, nil, moved.AddDays(-1))
		tell(t, &p.Addresses, moved, newPlaces().address(r))
	case x < 18:
		t.by(m, lastList, fromColleges)
		name := p.Legal()
		end(t, &p.Names, nil, t.day.AddDays(-1))
		tell(t, &p.Names, civil.Date{}, youngperson.Name{Kind: youngperson.Former, Given: name.Given, Middle: name.Middle, Family: name.Family})
		name.Family += "-" + pick(r, p.origin.kins)
		tell(t, &p.Names, t.day, name)
	case x < 20 && p.help:
		t.by(m, lastList, fromSEND)
		revise(t, &p.Needs, newest(p.Needs, nil), func(f *factOfNeed) { f.Is = need.Need{Level: "1", SEND: "Y", SENSupport: "N"} })
		p.plan, p.help = true, false
	}
}

// ceases ends the plan of somebody of 18 or above.
func (t *teller) ceases(m civil.Month) {
	t.by(m, lastList, fromSEND)
	revise(t, &t.p.Needs, newest(t.p.Needs, nil), func(f *factOfNeed) { f.Is = need.Need{Level: "3", SEND: "N", SENSupport: "N"} })
	t.restate("L", "")
	if m.Before(t.w.firstSent()) {
		t.by(m.Add(1), lastList, fromSupplier)
		t.restate("X", "")
	}
	t.p.Left, t.p.ceased = m, true
}

type (
	factOfStatus    = factOf[cohort.Status]
	factOfGuarantee = factOf[guarantee.Guarantee]
	factOfOffer     = factOf[guarantee.Offer]
	factOfNeed      = factOf[need.Need]
)
