package life

import (
	"time"

	"waymark/internal/activity"
	"waymark/internal/civil"
	"waymark/internal/cohort"
	"waymark/internal/fact"
	"waymark/internal/id"
	"waymark/internal/nccis"
	"waymark/internal/register"
	"waymark/internal/youngperson"
)

// View is one life stated as the Department's record for one month.
type View struct {
	Record nccis.Record
	// In says that the young person belongs in that month's return, or leaves
	// the cohort with it. Whether a leaver was already reported is for the
	// returns to know.
	In bool
	// Why says it in words for a data officer.
	Why string
	// Spell is the current activity's, nil where there is none.
	Spell *fact.Of[activity.Spell]
	// Lapses is the last day it counts; none where it does not lapse.
	Lapses civil.Date
	// Status is where the young person stands at the period end.
	Status nccis.Status
}

// Season is the calendar year of the September that a month's guarantee nodes
// are about: from April on the coming one, until March the one before
// (nccis.md 7).
func Season(periodEnd civil.Date) int {
	y, m, _ := periodEnd.YMD()
	if m < time.April {
		y--
	}
	return y
}

// On states the life as the record of the month that ends on the day.
func (l *Life) On(b register.Book, e *nccis.Edition, periodEnd civil.Date) View {
	v := View{Status: nccis.NotKnown}
	r := &v.Record
	r.Values[nccis.YoungPersonsID] = l.Person.YoungPersonsID
	l.identity(r, periodEnd)
	l.guarantee(r, periodEnd)
	l.needs(r, periodEnd)
	l.cohort(&v, b, periodEnd)
	l.activity(&v, e, periodEnd)
	return v
}

func (l *Life) identity(r *nccis.Record, on civil.Date) {
	if n := l.LegalName(on); n != nil {
		r.Values[nccis.GivenName], r.Values[nccis.MiddleName], r.Values[nccis.FamilyName] = n.Is.Given, n.Is.Middle, n.Is.Family
	}
	if p := InForce(l.Particulars, on); p != nil {
		r.Values[nccis.DOB], r.Values[nccis.Gender], r.Values[nccis.Ethnicity] = p.Is.DOB, p.Is.Gender, p.Is.Ethnicity
	}
	if a := InForce(l.Addresses, on); a != nil {
		r.Values[nccis.AddressLine1], r.Values[nccis.AddressLine2] = a.Is.Line1, a.Is.Line2
		r.Values[nccis.AddressLine3], r.Values[nccis.AddressLine4] = a.Is.Line3, a.Is.Line4
		r.Values[nccis.Town], r.Values[nccis.County], r.Values[nccis.Postcode] = a.Is.Town, a.Is.County, a.Is.Postcode
	}
	r.Values[nccis.UniqueLearnerNo] = l.Identifier(youngperson.ULN, on)
	r.Values[nccis.UniquePupilNumber] = l.Identifier(youngperson.UPN, on)
	r.Values[nccis.PreviousYPIDIdentifier] = l.Identifier(youngperson.Previous, on)
	for _, c := range l.Carried {
		if f, ok := nccis.ParseField(c.Is.Item); ok && f < nccis.FieldCount {
			r.Values[f] = c.Is.Value
		}
	}
}

// LegalName is the name in force on the day, nil where there is none.
func (l *Life) LegalName(on civil.Date) *fact.Of[youngperson.Name] {
	return inForce(l.Names, on, func(n *youngperson.Name) bool { return n.Kind == youngperson.Legal })
}

// Identifier is the number of a scheme in force on the day, "" where none is.
func (l *Life) Identifier(scheme string, on civil.Date) string {
	if f := l.IdentifierFact(scheme, on); f != nil {
		return f.Is.Value
	}
	return ""
}

// IdentifierFact is the fact behind Identifier, nil where there is none.
func (l *Life) IdentifierFact(scheme string, on civil.Date) *fact.Of[youngperson.Identifier] {
	return inForce(l.Identifiers, on, func(i *youngperson.Identifier) bool { return i.Scheme == scheme })
}

func (l *Life) guarantee(r *nccis.Record, periodEnd civil.Date) {
	season := Season(periodEnd)
	for i := range l.Guarantees {
		g := &l.Guarantees[i].Is
		if g.Season != season {
			continue
		}
		if g.Node == "Year11" {
			r.Values[nccis.Year11GuaranteeStatus], r.Values[nccis.Year11LEACode] = g.Status, g.LACode
		} else {
			r.Values[nccis.Year12GuaranteeStatus], r.Values[nccis.Year12LEACode] = g.Status, g.LACode
		}
	}
	if d := InForce(l.Destinations, periodEnd); d != nil {
		r.Values[nccis.IntendedDestinationYr11] = d.Is.Code
	}
}

func (l *Life) needs(r *nccis.Record, on civil.Date) {
	if n := InForce(l.Needs, on); n != nil {
		r.Values[nccis.LevelOfNeedCode], r.Values[nccis.SENDFlag], r.Values[nccis.SENSupportFlag] = n.Is.Level, n.Is.SEND, n.Is.SENSupport
	}
	for i := range l.Characteristics {
		if c := &l.Characteristics[i]; holds(c.Version, on) {
			r.Characteristics = append(r.Characteristics, c.Is.Code)
		}
	}
}

func (l *Life) cohort(v *View, b register.Book, periodEnd civil.Date) {
	f := nccis.CohortFacts{
		DOB:  readDate(v.Record.Values[nccis.DOB]),
		SEND: v.Record.Values[nccis.SENDFlag] == "Y",
	}
	blank := false
	if s := InForce(l.Statuses, periodEnd); s != nil {
		r := &v.Record.Values
		r[nccis.LeadLEA], r[nccis.EducatedLEA] = s.Is.LeadLA, s.Is.EducatedLA
		r[nccis.LEACodeAtYear11], r[nccis.TransferredToLACode] = s.Is.LAAtYear11, s.Is.TransferredTo
		r[nccis.GuaranteeStatusIndicator] = s.Is.GuaranteeIndicator
		f.Stated, f.StatedOn = s.Is.Status, readDate(s.Is.StatedOn)
		f.LeadHere, f.EducatedHere = b.Authorities[s.Is.LeadLA], b.Authorities[s.Is.EducatedLA]
		if f.StatedOn.Before(periodEnd) {
			// What was stated for this very month stands, however odd.
			f.TransferredTo = s.Is.TransferredTo
		}
		if lead := s.Is.LeadLA; !f.LeadHere && len(lead) == 3 && lead > "100" { // 000 to 004 are no authorities (nccis.md 12.1)
			f.Leads = lead
		}
		blank = f.Stated == "" && !f.StatedOn.IsZero() && f.StatedOn.AcademicYear() == periodEnd.AcademicYear()
	}
	if blank {
		v.In, v.Why = true, "It was in a file without a cohort status. Choose the right one."
		return
	}
	v.Record.Values[nccis.CohortStatus], v.In, v.Why = nccis.CohortOn(f, periodEnd)
	if r := &v.Record.Values; r[nccis.CohortStatus] == "T" && f.Stated != "T" {
		passesOn(r, b, f.Leads)
	}
}

// passesOn states a T that follows from who leads now: whoever leads took the
// young person over, and the record is led, this last time, by the authority
// that hands them over. A file may neither name another's lead nor transfer to
// the lead itself (nccis.md 5.3, errors 26 and 42).
func passesOn(r *[nccis.FieldCount]string, b register.Book, leads string) {
	from := HandsOver(b, &cohort.Status{EducatedLA: r[nccis.EducatedLEA], LAAtYear11: r[nccis.LEACodeAtYear11]})
	if from == "" || leads == "" {
		return // a finding of the return, for a person to mend
	}
	if r[nccis.LeadLEA] = from; r[nccis.TransferredToLACode] == "" {
		r[nccis.TransferredToLACode] = leads
	}
}

// HandsOver is the authority of the book that gives up somebody whom another
// leads: the one that educates them, else that of their Year 11, else the only
// one there is. It is "" where nothing says which.
func HandsOver(b register.Book, s *cohort.Status) string {
	switch {
	case b.Authorities[s.EducatedLA]:
		return s.EducatedLA
	case b.Authorities[s.LAAtYear11]:
		return s.LAAtYear11
	case len(b.Authorities) == 1:
		for code := range b.Authorities {
			return code
		}
	}
	return ""
}

func (l *Life) activity(v *View, e *nccis.Edition, periodEnd civil.Date) {
	v.Record.NoActivities = true
	i := l.CurrentSpell(periodEnd)
	if i < 0 {
		return
	}
	s := &l.Spells[i]
	v.Spell = s
	verified := l.verified(s.ID, periodEnd)
	v.Lapses, _ = e.Lapse(nccis.ActivityFacts{
		Code: s.Is.Activity, Verified: readDate(verified), Ascertained: readDate(s.Is.Ascertained), Started: readDate(s.Started),
		Review: readDate(s.Is.Review), PredictedEnd: readDate(s.Is.PredictedEnd),
	})
	v.Status = e.StatusOn(s.Is.Activity, v.Lapses, periodEnd)
	v.Record.NoActivities = false
	r := &v.Record.Values
	r[nccis.ActivityCode], r[nccis.StartDate], r[nccis.DateAscertained] = s.Is.Activity, s.Started, s.Is.Ascertained
	r[nccis.DateVerified], r[nccis.ReviewDate], r[nccis.PredictedEndDate] = verified, s.Is.Review, s.Is.PredictedEnd
	r[nccis.EstablishmentNumber], r[nccis.EstablishmentName] = s.Is.EstablishmentNumber, s.Is.EstablishmentName
	r[nccis.UKProviderReferenceNumber] = s.Is.UKPRN
	r[nccis.DueToLapseDate] = v.Lapses.String()
	r[nccis.CurrencyLapsed] = "N"
	if nccis.Lapsed(v.Lapses, periodEnd) {
		r[nccis.CurrencyLapsed] = "Y"
	}
	if r[nccis.NEETStartDate] = s.Is.NEETStart; s.Is.NEETStart == "" {
		r[nccis.NEETStartDate] = e.NEETStart(l.spells(), periodEnd).String()
	}
}

// CurrentSpell is the index of the spell in force on the day. Where none is,
// it is an open one whose start is an error to mend and no reason to leave the
// activity out: the last told that nobody can read, else the first that starts
// later. It is -1 where there is none. A spell that another has followed never
// comes back.
func (l *Life) CurrentSpell(on civil.Date) int {
	spells := l.spells()
	if i, ok := nccis.CurrentActivity(spells, on); ok {
		return i
	}
	unreadable, later := -1, -1
	for i := range spells {
		switch s := &spells[i]; {
		case !s.Ended.IsZero():
		case s.Started.IsZero():
			unreadable = i
		case s.Started.After(on) && (later < 0 || s.Started.Before(spells[later].Started)):
			later = i
		}
	}
	if unreadable >= 0 {
		return unreadable
	}
	return later
}

func (l *Life) spells() []nccis.Spell {
	out := make([]nccis.Spell, len(l.Spells))
	for i := range l.Spells {
		s := &l.Spells[i]
		out[i] = nccis.Spell{Code: s.Is.Activity, Started: readDate(s.Started), Ended: readDate(s.Ended), NEETStart: readDate(s.Is.NEETStart)}
	}
	return out
}

// verified is the latest confirmation of a spell up to the day; where none is,
// the one told last, for it is then an error to mend (305).
func (l *Life) verified(spell id.Fact, on civil.Date) string {
	best, last := civil.Date{}, ""
	text := ""
	for i := range l.Verifications {
		v := &l.Verifications[i].Is
		if v.Spell != spell {
			continue
		}
		last = v.Verified
		if d := readDate(v.Verified); !d.IsZero() && !d.After(on) && !d.Before(best) {
			best, text = d, v.Verified
		}
	}
	if best.IsZero() {
		return last
	}
	return text
}

// InForce is the fact that was so on the day: of several the one told last.
// Where none was so, it is the last that has not ended, and nil where there is
// none.
func InForce[T any](facts []fact.Of[T], on civil.Date) *fact.Of[T] {
	return inForce(facts, on, func(*T) bool { return true })
}

// InForceOf is InForce among the facts that keep lets through.
func InForceOf[T any](facts []fact.Of[T], on civil.Date, keep func(*T) bool) *fact.Of[T] {
	return inForce(facts, on, keep)
}

func inForce[T any](facts []fact.Of[T], on civil.Date, keep func(*T) bool) *fact.Of[T] {
	var open *fact.Of[T]
	for i := len(facts) - 1; i >= 0; i-- {
		f := &facts[i]
		if !keep(&f.Is) {
			continue
		}
		if holds(f.Version, on) {
			return f
		}
		if open == nil && f.Ended == "" {
			open = f
		}
	}
	return open
}

// holds says that a fact was so on the day. A day nobody can read bounds
// nothing.
func holds(v fact.Version, on civil.Date) bool {
	started, ended := readDate(v.Started), readDate(v.Ended)
	return !started.After(on) && (ended.IsZero() || !ended.Before(on))
}

// readDate is the date a text states, none where it cannot be read.
func readDate(s string) civil.Date {
	d, err := civil.Parse(s)
	if err != nil {
		return civil.Date{}
	}
	return d
}
