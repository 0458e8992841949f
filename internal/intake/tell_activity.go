package intake

import (
	"slices"

	"waymark/internal/activity"
	"waymark/internal/civil"
	"waymark/internal/fact"
	"waymark/internal/id"
	"waymark/internal/layout"
	"waymark/internal/life"
	"waymark/internal/nccis"
)

const fieldActivity = "activity"

// activity holds what the row says of the activity against the spells here: a
// leaver closes one, a start opens one, and the same again confirms one.
func (t *telling) activity() {
	end, start, reason := readDate(t.value(layout.End)), readDate(t.value(layout.Start)), t.value(layout.LeavingReason)
	if t.teamsList() {
		end, start = civil.Date{}, civil.Date{}
	}
	if t.value(layout.Activity) != "" && !t.kind.Enrols() && !end.After(t.asAt) {
		end, reason = civil.Date{}, "" // they left somewhere, and the row says what they do now
	}
	if reason != "" && end.IsZero() {
		end = t.asAt
	}
	if !end.IsZero() && !end.After(t.asAt) {
		t.left(start, end, t.whereTo())
		return
	}
	code := t.doing()
	if code == "" {
		return
	}
	if start.After(t.asAt) {
		t.say(Change{Field: fieldActivity, After: t.words(code, start.String(), ""), Kept: true,
			Why: "It begins after the day of the list. It is not held before it has begun: the next list will say."})
		return
	}
	predicted := t.value(layout.PredictedEnd)
	if predicted == "" && !end.IsZero() {
		predicted = end.String()
	}
	is := activity.Spell{Activity: code, PredictedEnd: predicted, EstablishmentNumber: t.value(layout.SchoolNumber),
		EstablishmentName: t.value(layout.SchoolName), UKPRN: t.value(layout.UKPRN)}
	if t.value(layout.OutType) != "" {
		is.UKPRN = "" // in a learner's outcome it is the provider that they have left
	} else {
		is.EstablishmentName = t.placeName(is)
	}
	if t.worksAt(is) {
		is.EstablishmentName = t.value(layout.Employer)
	}
	if i := t.sameSpell(is, start); i >= 0 {
		t.stillSo(i, is)
		return
	}
	if start.IsZero() && t.knowsNoMore(code) {
		return
	}
	t.begin(is, start)
}

// knowsNoMore says that a row which does not know what somebody does leaves what
// is held as it is: it is not known here either, or the register knows. It says of
// no day that something ended.
func (t *telling) knowsNoMore(code string) bool {
	i := t.l.CurrentSpell(t.asAt)
	if i < 0 || !unknown(code) {
		return false
	}
	held := t.l.Spells[i].Is.Activity
	if unknown(held) {
		return held == code
	}
	if t.known(i).grade == rank("") {
		return false // lapsed
	}
	t.say(Change{Field: fieldActivity, Before: t.spellWords(&t.l.Spells[i]), After: t.words(code, "", ""), Kept: true,
		Why: "The list does not know what they do, and the register does."})
	return true
}

// placeName is the name of the place of which the row speaks: its own, else, where
// it names none by number either, that of a sender whose lists are of those who are
// with it.
func (t *telling) placeName(is activity.Spell) string {
	if is.EstablishmentName == "" && is.EstablishmentNumber == "" && is.UKPRN == "" && t.sender.Place && t.kind.Enrols() && t.kind.DefaultActivity != "270" {
		return t.sender.Name
	}
	return is.EstablishmentName
}

// worksAt says that nothing but the employer names the place of somebody at work.
func (t *telling) worksAt(is activity.Spell) bool {
	employer := t.value(layout.Employer)
	return atWork(is.Activity) && employer != "" && (is.EstablishmentName == "" || is.EstablishmentName == employer) && is.EstablishmentNumber == "" && is.UKPRN == ""
}

// goesTo is the spell of a leaver who went to do what the code says: with the
// employer, or the place, that the row names for it.
func (t *telling) goesTo(code string) activity.Spell {
	is := activity.Spell{Activity: code}
	switch {
	case unknown(code):
	case atWork(code) && t.value(layout.Employer) != "":
		is.EstablishmentName = t.value(layout.Employer)
	case t.kind.GoesSomewhere():
		is.EstablishmentName = t.value(layout.OfferInstitution)
	}
	return is
}

// doing is the code of what the row says the young person does. Of a list of
// everybody on roll it is 110, and from Year 12 on a sixth form (nccis.md 4).
// Where a row names no activity but where they went, that is what they do.
func (t *telling) doing() string {
	code := t.value(layout.Activity)
	if code == "110" && t.kind.DefaultActivity == "110" && t.yearGroup(t.asAt) >= 12 {
		return "210"
	}
	if code == "270" && t.kind.DefaultActivity == "270" && t.yearGroup(t.asAt) <= 11 {
		return "120" // educated at home, of compulsory age (nccis.md 4.3)
	}
	if code == "" {
		return t.whereTo()
	}
	return code
}

func (t *telling) yearGroup(on civil.Date) int {
	if p := life.InForce(t.l.Particulars, t.asAt); p != nil {
		if born := readDate(p.Is.DOB); !born.IsZero() {
			return nccis.YearGroup(born, on)
		}
	}
	return 12
}

// notKnown is the code of an unknown situation: of compulsory age it is another
// (nccis.md 4).
func (t *telling) notKnown(on civil.Date) string {
	if t.yearGroup(on) <= 11 {
		return "150"
	}
	return "810"
}

// whereTo is the activity that a leaver went to, "" where the row does not say.
func (t *telling) whereTo() string {
	if t.kind.List(layout.Destination) != layout.Activities {
		return ""
	}
	if code := t.value(layout.Destination); code != "" {
		return code
	}
	if code, said := t.translate.ActivityAfter(t.value(layout.LeavingReason)); said {
		return code
	}
	return ""
}

// words is a spell as people say it.
func (t *telling) words(code, started, place string) string {
	label := code
	if a, ok := t.edition.Activity(code); ok {
		label = code + " " + a.Label
	}
	from := ""
	if started != "" {
		from = "from " + dateWords(started)
	}
	return joined(", ", label, place, from)
}

func (t *telling) spellWords(f *fact.Of[activity.Spell]) string {
	return t.words(f.Is.Activity, f.Started, f.Is.EstablishmentName)
}

// known says how well a spell is known: by its latest confirmation. What is not
// known, and what has lapsed by the day of the list, any evidence outweighs.
func (t *telling) known(i int) source {
	f := &t.l.Spells[i]
	s := t.held(f.Evidence)
	s.day = latest(readDate(f.Started), readDate(f.Is.Ascertained))
	verified := civil.Date{}
	for k := range t.l.Verifications {
		v := &t.l.Verifications[k]
		if d := readDate(v.Is.Verified); v.Is.Spell == f.ID && d.After(verified) {
			verified = d
			by := t.held(v.Evidence)
			s.grade, s.words = by.grade, by.words
		}
	}
	s.day = latest(s.day, verified)
	lapses, _ := t.edition.Lapse(nccis.ActivityFacts{Code: f.Is.Activity, Verified: verified, Ascertained: readDate(f.Is.Ascertained),
		Started: readDate(f.Started), Review: readDate(f.Is.Review), PredictedEnd: readDate(f.Is.PredictedEnd)})
	if unknown(f.Is.Activity) || nccis.Lapsed(lapses, t.asAt) {
		s.grade, s.words = rank(""), "and is not known, or no longer current"
	}
	return s
}

// employed says that a code is of a job without an apprenticeship (nccis.md 4).
func (t *telling) employed(code string) bool { return code >= "320" && code <= "381" }

// atWork says that a code is of an apprenticeship or a job (nccis.md 4).
func atWork(code string) bool { return code >= "310" && code <= "381" }

func unknown(code string) bool {
	return code == "150" || code == "810" || code == "820" || code == "830"
}

func latest(a, b civil.Date) civil.Date {
	if b.After(a) {
		return b
	}
	return a
}

// stillSo confirms a spell on the day of the list, with what was not known of it.
func (t *telling) stillSo(i int, is activity.Spell) {
	f := &t.l.Spells[i]
	if ended := readDate(f.Ended); !ended.IsZero() && t.asAt.After(ended) {
		t.reopen(i, is)
		return
	}
	t.details(i, is)
	verified := civil.Date{}
	for k := range t.l.Verifications {
		if v := &t.l.Verifications[k].Is; v.Spell == f.ID {
			verified = latest(verified, readDate(v.Verified))
		}
	}
	if !t.asAt.After(verified) {
		return
	}
	before := ""
	if !verified.IsZero() {
		before = "last confirmed on " + verified.Words()
	}
	t.say(Change{Field: "confirmation", Before: before, After: t.spellWords(f) + ", still so on " + t.asAt.Words()})
	t.verify(f.ID)
}

func (t *telling) verify(spell id.Fact) {
	t.l.Verifications = append(t.l.Verifications, fact.Of[activity.Verification]{Version: t.version(),
		Is: activity.Verification{Spell: spell, Verified: t.asAt.String()}})
}

// details holds what the row says of a spell beside what is held of it.
func (t *telling) details(i int, is activity.Spell) {
	next, held := t.l.Spells[i].Is, t.known(i)
	by := func() (verdict, string) { return t.weigh(held) }
	for _, d := range []struct {
		field        string
		ours         *string
		theirs       string
		words        func(string) string
		fillsAndStay bool
	}{
		{fieldActivity, &next.Activity, is.Activity, func(s string) string { return t.words(s, "", "") }, false},
		{layout.PredictedEnd.Words(), &next.PredictedEnd, is.PredictedEnd, dateWords, false},
		{layout.SchoolNumber.Words(), &next.EstablishmentNumber, is.EstablishmentNumber, plain, true},
		{layout.SchoolName.Words(), &next.EstablishmentName, is.EstablishmentName, plain, true},
		{layout.UKPRN.Words(), &next.UKPRN, is.UKPRN, plain, true},
	} {
		if d.theirs == "" || *d.ours == d.theirs || (*d.ours != "" && d.fillsAndStay) {
			continue // the same place, written another way
		}
		ours := ""
		if *d.ours != "" {
			ours = d.words(*d.ours)
		}
		if t.change(d.field, ours, d.words(d.theirs), by) {
			*d.ours = d.theirs
		}
	}
	if next != t.l.Spells[i].Is {
		t.l.Spells[i].Is, t.l.Spells[i].Evidence = next, t.evidence
	}
}

// begin opens a spell and ends the one before it. Without a start in the row it
// is first known on the day of the list.
func (t *telling) begin(is activity.Spell, start civil.Date) {
	if start.IsZero() {
		start = t.asAt
	}
	ours := ""
	if i := t.l.CurrentSpell(t.asAt); i >= 0 {
		ours = t.spellWords(&t.l.Spells[i])
	}
	if !t.change(fieldActivity, ours, t.words(is.Activity, start.String(), is.EstablishmentName), func() (verdict, string) { return t.against(start, -1) }) {
		return
	}
	t.clear(start, -1)
	is.Ascertained = t.asAt.String()
	v := t.version()
	v.Started = start.String()
	t.l.Spells = append(t.l.Spells, fact.Of[activity.Spell]{Version: v, Is: is})
	t.verify(v.ID)
}

// reopen says that a spell which ended here went on: what followed it here is
// outweighed, or it is not.
func (t *telling) reopen(i int, is activity.Spell) {
	f := &t.l.Spells[i]
	began := readDate(f.Started)
	ours := "ended on " + dateWords(f.Ended)
	if k := t.l.CurrentSpell(t.asAt); k >= 0 && k != i {
		ours = t.spellWords(&t.l.Spells[k])
	}
	spell := f.ID
	if !t.change(fieldActivity, ours, t.spellWords(f)+", still so on "+t.asAt.Words(), func() (verdict, string) { return t.against(began, i) }) {
		return
	}
	t.clear(began, i)
	i = slices.IndexFunc(t.l.Spells, func(o fact.Of[activity.Spell]) bool { return o.ID == spell })
	t.l.Spells[i].Ended, t.l.Spells[i].Evidence = "", t.evidence
	t.details(i, is)
	t.verify(spell)
}

// against weighs a spell from a day on against all that it would end or take
// the place of; self is a spell that it is itself, -1 for none.
func (t *telling) against(start civil.Date, self int) (verdict, string) {
	worst, why := follow, ""
	for i := range t.l.Spells {
		f := &t.l.Spells[i]
		began, ended := readDate(f.Started), readDate(f.Ended)
		if i == self || began.After(t.asAt) || (!ended.IsZero() && ended.Before(start)) {
			continue
		}
		held := t.known(i)
		if held.day.Before(start) && began.Before(start) {
			continue // what was last known to be so before this began is not contradicted
		}
		if v, words := t.weigh(held); v > worst {
			worst, why = v, words
		}
	}
	return worst, why
}

// clear makes room for a spell from a day on: those before it end on the day
// before, and what is held to have begun since was not so.
func (t *telling) clear(start civil.Date, self int) {
	keepID := id.Fact(0)
	if self >= 0 {
		keepID = t.l.Spells[self].ID
	}
	for i := len(t.l.Spells) - 1; i >= 0; i-- {
		f := &t.l.Spells[i]
		began, ended := readDate(f.Started), readDate(f.Ended)
		switch {
		case f.ID == keepID, began.After(t.asAt), !ended.IsZero() && ended.Before(start):
		case !began.IsZero() && !began.Before(start):
			t.takeAway(i)
		default:
			f.Ended, f.Evidence = start.AddDays(-1).String(), t.evidence
		}
	}
}

func (t *telling) takeAway(i int) {
	spell := t.l.Spells[i].ID
	t.l.Spells = slices.Delete(t.l.Spells, i, i+1)
	t.l.Verifications = slices.DeleteFunc(t.l.Verifications, func(v fact.Of[activity.Verification]) bool { return v.Is.Spell == spell })
}

// left closes what the young person did at the sender's, and opens where they
// went: not known, where nobody says.
func (t *telling) left(start, end civil.Date, to string) {
	is := activity.Spell{EstablishmentNumber: t.value(layout.SchoolNumber), EstablishmentName: t.value(layout.SchoolName), UKPRN: t.value(layout.UKPRN)}
	is.EstablishmentName = t.placeName(is)
	i := t.leftSpell(is, start, end)
	if i < 0 && t.l.CurrentSpell(t.asAt) < 0 { // nothing is held of them: what they do since is not known
		if to == "" {
			to = t.notKnown(end.AddDays(1))
		}
		t.begin(t.goesTo(to), end.AddDays(1))
		return
	}
	if i < 0 && to != "" && !unknown(to) && t.known(t.l.CurrentSpell(t.asAt)).grade == rank("") { // what is held has lapsed, and the row says what came
		t.begin(t.goesTo(to), end.AddDays(1))
		return
	}
	if i < 0 {
		t.say(Change{Field: fieldActivity, After: "left on " + end.Words(), Kept: true, Why: "The register does not hold them there on that day, so there is nothing to close."})
		return
	}
	f := &t.l.Spells[i]
	if ended := readDate(f.Ended); !ended.IsZero() && t.near(ended, end) {
		return // the register knows
	}
	if t.kind.Enrols() && is == (activity.Spell{}) && samePlace(f.Is, activity.Spell{EstablishmentName: t.sender.Name}) == differs {
		t.say(Change{Field: fieldActivity, Before: t.spellWords(f), After: "left on " + end.Words(), Kept: true,
			Why: "The row does not say which place they left, and the register holds them at another than the sender. Say of the sender that it is the place, or which column holds it."})
		return
	}
	if to == "" {
		to = t.notKnown(end.AddDays(1))
	}
	following := slices.ContainsFunc(t.l.Spells, func(o fact.Of[activity.Spell]) bool {
		return o.ID != f.ID && readDate(o.Started).After(end) && !readDate(o.Started).After(t.asAt)
	})
	after := "left on " + end.Words()
	if !following {
		after += "; " + t.words(to, end.AddDays(1).String(), t.goesTo(to).EstablishmentName)
	}
	if !t.change(fieldActivity, t.spellWords(f), after, func() (verdict, string) {
		held := t.known(i)
		if !held.day.After(end) {
			return follow, ""
		}
		return t.weigh(held)
	}) {
		return
	}
	f.Ended, f.Evidence = end.String(), t.evidence
	if following {
		return
	}
	v := t.version()
	v.Started = end.AddDays(1).String()
	is = t.goesTo(to)
	is.Ascertained = t.asAt.String()
	t.l.Spells = append(t.l.Spells, fact.Of[activity.Spell]{Version: v, Is: is})
	t.verify(v.ID)
}

// leftSpell is the spell that a leaver's row closes: the one in which they were
// on the day, if the place that the row names is not another. Where the place does
// not tell, a job is not what a learner has left, and neither is what began on
// another day than the row says.
func (t *telling) leftSpell(is activity.Spell, start, end civil.Date) int {
	found := -1
	for i := range t.l.Spells {
		f := &t.l.Spells[i]
		began, ended := readDate(f.Started), readDate(f.Ended)
		place := samePlace(f.Is, is)
		if unknown(f.Is.Activity) || began.After(end) || place == differs {
			continue
		}
		if place != agrees && (t.kind.DefaultActivity != "" && t.employed(f.Is.Activity) || !start.IsZero() && !began.IsZero() && !t.near(began, start)) {
			continue
		}
		if !ended.IsZero() && ended.Before(end) && !t.near(ended, end) {
			continue
		}
		if found < 0 || !began.Before(readDate(t.l.Spells[found].Started)) {
			found = i
		}
	}
	if found >= 0 {
		if a, ok := t.edition.Activity(t.l.Spells[found].Is.Activity); ok && a.Status == nccis.NEET {
			return -1
		}
	}
	return found
}
