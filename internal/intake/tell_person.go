package intake

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"waymark/internal/civil"
	"waymark/internal/fact"
	"waymark/internal/guarantee"
	"waymark/internal/id"
	"waymark/internal/layout"
	"waymark/internal/life"
	"waymark/internal/nccis"
	"waymark/internal/need"
	"waymark/internal/sealed"
	"waymark/internal/signal"
	"waymark/internal/youngperson"
)

// names holds the legal name against the row. Another form of the same given
// name (Bob for Robert) is kept beside it, as what they are known as.
func (t *telling) names() {
	none := item{}
	i := place(t, t.l.Names, func(n *youngperson.Name) bool { return n.Kind == youngperson.Legal })
	merge(t, youngperson.Names, &t.l.Names, i, youngperson.Name{Kind: youngperson.Legal}, none,
		item{layout.Given, plain, t.sameGiven}, item{layout.Middle, plain, sameName}, item{layout.Family, plain, sameName})
	given := ""
	if n := t.l.LegalName(t.asAt); n != nil {
		given = n.Is.Given
	}
	for _, known := range []string{t.value(layout.KnownAs), t.value(layout.Given)} {
		if known != "" && !sameName(known, given) && !initialOf(known, given) && (known == t.value(layout.KnownAs) || t.sameGiven(given, known)) {
			t.alsoNamed(youngperson.Name{Kind: youngperson.KnownAs, Given: known}, layout.KnownAs.Words())
		}
	}
	if former := t.value(layout.FormerFamily); former != "" {
		t.alsoNamed(youngperson.Name{Kind: youngperson.Former, Family: former}, layout.FormerFamily.Words())
	}
}

func (t *telling) sameGiven(ours, theirs string) bool {
	return sameName(ours, theirs) || initialOf(theirs, ours) || t.variants.Same(ours, theirs)
}

// initialOf says that a name is no more than the first letter of another: nobody is
// called so because a list has shortened it.
func initialOf(short, name string) bool {
	short, name = foldName(strings.TrimRight(short, ".")), foldName(name)
	return len(short) == 1 && strings.HasPrefix(name, short)
}

// alsoNamed adds a name beside the legal one, where it is not held.
func (t *telling) alsoNamed(n youngperson.Name, words string) {
	for i := range t.l.Names {
		o := &t.l.Names[i].Is
		if o.Kind == n.Kind && sameName(o.Given, n.Given) && sameName(o.Family, n.Family) {
			return
		}
	}
	t.say(Change{Field: words, After: joined(" ", n.Given, n.Family)})
	t.l.Names = append(t.l.Names, fact.Of[youngperson.Name]{Version: t.version(), Is: n})
}

func (t *telling) particulars() {
	i := place(t, t.l.Particulars, any1)
	ethnicity, sex := item{layout.Ethnicity, t.code(nccis.Ethnicities), sameText}, item{layout.Sex, t.code(nccis.Genders), sameText}
	if t.scope != "" {
		ethnicity, sex = item{}, item{}
	}
	merge(t, youngperson.ParticularsTable, &t.l.Particulars, i, youngperson.Particulars{}, item{layout.DOB, dateWords, sameText}, sex, ethnicity)
}

func (t *telling) identifiers() {
	for _, n := range []struct {
		scheme string
		of     layout.Item
	}{{youngperson.ULN, layout.ULN}, {youngperson.UPN, layout.UPN}} {
		i := place(t, t.l.Identifiers, func(i *youngperson.Identifier) bool { return i.Scheme == n.scheme })
		merge(t, youngperson.Identifiers, &t.l.Identifiers, i, youngperson.Identifier{Scheme: n.scheme}, item{}, item{n.of, plain, sameText})
	}
	former := youngperson.Identifier{Scheme: youngperson.FormerUPN, Value: t.value(layout.FormerUPN)}
	if former.Value != "" && !slices.ContainsFunc(t.l.Identifiers, func(f fact.Of[youngperson.Identifier]) bool { return f.Is.Value == former.Value }) {
		t.say(Change{Field: layout.FormerUPN.Words(), After: former.Value})
		t.l.Identifiers = append(t.l.Identifiers, fact.Of[youngperson.Identifier]{Version: t.version(), Is: former})
	}
	previous := youngperson.Identifier{Scheme: youngperson.Previous, Value: t.value(layout.YoungPersonsID)}
	if t.added && nccis.ValidYoungPersonsID(previous.Value) && previous.Value[:3] != t.book.DatabaseID {
		t.say(Change{Field: layout.YoungPersonsID.Words(), After: previous.Value})
		t.l.Identifiers = append(t.l.Identifiers, fact.Of[youngperson.Identifier]{Version: t.version(), Is: previous})
	}
}

// address holds the address as one thing: half of a new one beside half of the
// old would be a house that does not exist.
func (t *telling) address() {
	theirs := youngperson.Address{Line1: joined(" ", t.value(layout.House), t.value(layout.Street)), Line2: t.value(layout.Locality),
		Line3: t.value(layout.Line3), Line4: t.value(layout.Line4), Town: t.value(layout.Town), County: t.value(layout.County), Postcode: t.value(layout.Postcode)}
	if theirs == (youngperson.Address{}) || (theirs.Line1 == "" && theirs.Postcode == "") {
		return
	}
	i := place(t, t.l.Addresses, any1)
	if t.sheltered {
		t.shelteredAddress(i, theirs)
		return
	}
	if i < 0 {
		t.say(Change{Field: "address", After: addressWords(theirs)})
		t.l.Addresses = append(t.l.Addresses, fact.Of[youngperson.Address]{Version: t.version(), Is: theirs})
		return
	}
	f := &t.l.Addresses[i]
	next := theirs
	if sameAddress(f.Is, theirs) {
		if next = filled(f.Is, theirs); next == f.Is {
			return
		}
		t.say(Change{Field: "address", Before: addressWords(f.Is), After: addressWords(next)})
	} else if !t.change("address", addressWords(f.Is), addressWords(theirs), func() (verdict, string) { return t.weigh(t.held(f.Evidence)) }) {
		return
	}
	f.Is, f.Evidence = next, t.evidence
}

// fieldSheltered is the Change.Field of an address that is protected.
const fieldSheltered = "protected address"

// shelteredOf is the choice about the address of one person, in the words that
// whoever chose had before them: a row that is said to be about another later, or
// whose address is mended, brings none with it.
func shelteredOf(lock sealed.Lock, in id.Import, yp id.YoungPerson, words string) string {
	return fieldSheltered + " of " + lock.Digest(words, fmt.Sprintf("intake_decision.choices %d %d", in, yp))
}

// shelteredAddress holds back what the row says of a protected address, whether or
// not it is what is held: whoever takes the file in may have guessed. Whoever may
// see it says which is to stand; theirs then counts as a change even where the two
// are one.
func (t *telling) shelteredAddress(i int, theirs youngperson.Address) {
	ours, next := "", theirs
	if i >= 0 {
		is := t.l.Addresses[i].Is
		if ours = addressWords(is); sameAddress(is, theirs) {
			next = filled(is, theirs)
		}
	}
	c := Change{Field: fieldSheltered, Before: ours, After: addressWords(next)}
	switch t.choices[t.chosen(t.l.Person.ID, c.After)] {
	case Theirs:
		if i < 0 {
			t.l.Addresses = append(t.l.Addresses, fact.Of[youngperson.Address]{Version: t.version(), Is: next})
		} else {
			t.l.Addresses[i].Is, t.l.Addresses[i].Evidence = next, t.evidence
		}
	case Ours:
		c.Kept, c.Why = true, "Somebody who may see the address chose what the register holds."
	default:
		c.Kept, c.Clash, c.Why = true, true, "Held back, whether or not it is what is held: the address of this young person is protected. Whoever may see it decides."
	}
	t.say(c)
}

func addressWords(a youngperson.Address) string {
	return joined(", ", a.Line1, a.Line2, a.Line3, a.Line4, a.Town, a.County, a.Postcode)
}

// sameAddress says that two write down one place: what both say agrees.
func sameAddress(a, b youngperson.Address) bool {
	return (a.Postcode == "" || b.Postcode == "" || sameFold(a.Postcode, b.Postcode)) && (a.Line1 == "" || b.Line1 == "" || sameFold(a.Line1, b.Line1))
}

// filled is ours with what only theirs says: its first line and postcode. The
// rest is another way of writing the same.
func filled(ours, theirs youngperson.Address) youngperson.Address {
	for _, p := range []struct {
		ours   *string
		theirs string
	}{{&ours.Line1, theirs.Line1}, {&ours.Postcode, theirs.Postcode}, {&ours.Town, theirs.Town}} {
		if *p.ours == "" {
			*p.ours = p.theirs
		}
	}
	return ours
}

// reach adds numbers and addresses that are not held. None is taken away: that
// a list does not have it says nothing.
func (t *telling) reach() {
	for _, r := range []struct {
		of   layout.Item
		kind string
	}{{layout.Mobile, youngperson.Telephone}, {layout.Telephone, youngperson.Telephone}, {layout.Email, youngperson.Email}} {
		theirs := t.value(r.of)
		if theirs == "" || slices.ContainsFunc(t.l.Reaches, func(f fact.Of[youngperson.Reach]) bool { return sameReach(f.Is.Value, theirs) }) {
			continue
		}
		t.say(Change{Field: r.of.Words(), After: theirs})
		t.l.Reaches = append(t.l.Reaches, fact.Of[youngperson.Reach]{Version: t.version(), Is: youngperson.Reach{Kind: r.kind, Value: theirs}})
	}
}

func sameReach(a, b string) bool {
	if strings.Contains(a, "@") || strings.Contains(b, "@") {
		return strings.EqualFold(a, b)
	}
	return digits(a) == digits(b)
}

// digits are those of a telephone number as it is dialled here.
func digits(s string) string {
	d := strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
	if rest, ok := strings.CutPrefix(d, "44"); ok && len(rest) >= 9 {
		return "0" + strings.TrimPrefix(rest, "0")
	}
	return d
}

// carers adds a parent or carer who is not held, and what was not known of one
// who is.
func (t *telling) carers() {
	c := youngperson.Carer{Name: t.value(layout.CarerName), Relationship: t.value(layout.CarerRelationship),
		Telephone: t.value(layout.CarerTelephone), Email: t.value(layout.CarerEmail)}
	if t.scope != "" {
		c.Telephone, c.Email = "", ""
	}
	if c.Name == "" {
		return
	}
	words := func(c youngperson.Carer) string { return joined(", ", c.Name, c.Relationship, c.Telephone, c.Email) }
	i := slices.IndexFunc(t.l.Carers, func(f fact.Of[youngperson.Carer]) bool { return sameFold(f.Is.Name, c.Name) })
	if i < 0 {
		t.say(Change{Field: layout.CarerName.Words(), After: words(c)})
		t.l.Carers = append(t.l.Carers, fact.Of[youngperson.Carer]{Version: t.version(), Is: c})
		return
	}
	f := &t.l.Carers[i]
	next := f.Is
	for _, p := range []struct {
		ours   *string
		theirs string
	}{{&next.Relationship, c.Relationship}, {&next.Telephone, c.Telephone}, {&next.Email, c.Email}} {
		if *p.ours == "" {
			*p.ours = p.theirs
		}
	}
	if next != f.Is {
		t.say(Change{Field: layout.CarerName.Words(), Before: words(f.Is), After: words(next)})
		f.Is, f.Evidence = next, t.evidence
	}
}

func (t *telling) needs() {
	yesNo := func(s string) string { return map[string]string{"Y": "yes", "N": "no"}[s] }
	merge(t, need.Needs, &t.l.Needs, place(t, t.l.Needs, any1), need.Need{},
		item{layout.LevelOfNeed, t.code(nccis.LevelsOfNeed), sameText}, item{layout.SEND, yesNo, sameText}, item{layout.SENSupport, yesNo, sameText})
}

// teamsList says that the list is of a team that sends characteristics: its dates
// are those of an order, a plan or a placement, and of no activity.
func (t *telling) teamsList() bool { return t.kind.MayChange("characteristics") }

// characteristics adds what the row says, and what being on the list means.
// Nobody loses one because a list leaves them out.
func (t *telling) characteristics() {
	codes := strings.Fields(t.value(layout.Characteristic))
	if len(codes) == 0 && t.kind.YesMeans != "" {
		codes = []string{t.kind.YesMeans}
	}
	for _, code := range codes {
		if place(t, t.l.Characteristics, func(c *need.Characteristic) bool { return c.Code == code }) >= 0 {
			continue
		}
		t.say(Change{Field: layout.Characteristic.Words(), After: t.code(nccis.Characteristics)(code)})
		v := t.version()
		if since := readDate(t.value(layout.Start)); t.teamsList() && !since.After(t.asAt) {
			v.Started = since.String()
		}
		t.l.Characteristics = append(t.l.Characteristics, fact.Of[need.Characteristic]{Version: v, Is: need.Characteristic{Code: code}})
	}
}

// guarantee holds the September Guarantee of the season in the node of the
// young person's year group (nccis.md 7): who finishes Year 11 before that
// September, or Year 12.
func (t *telling) guarantee() {
	status := t.value(layout.Offer)
	if status == "" {
		return
	}
	season, year := t.season()
	node, la := "", ""
	held := life.InForce(t.l.Statuses, t.asAt)
	switch year {
	case 11:
		node = guarantee.Year11
		if held != nil {
			la = held.Is.EducatedLA
		}
	case 12:
		node = guarantee.Year12
		if held != nil {
			la = held.Is.LeadLA
		}
	default:
		t.say(Change{Field: layout.Offer.Words(), After: t.code(nccis.GuaranteeStatuses)(status), Kept: true,
			Why: "The September Guarantee is for those who finish Year 11 or Year 12; by the birth date this is neither."})
		return
	}
	if codes := t.book.Codes(); la == "" && len(codes) == 1 {
		la = codes[0]
	}
	i := slices.IndexFunc(t.l.Guarantees, func(g fact.Of[guarantee.Guarantee]) bool { return g.Is.Season == season && g.Is.Node == node })
	if i >= 0 && t.l.Guarantees[i].Is.Status == status {
		return
	}
	ours, by := "", func() (verdict, string) { return follow, "" }
	if i >= 0 && t.l.Guarantees[i].Is.Status != "159" {
		ours = t.code(nccis.GuaranteeStatuses)(t.l.Guarantees[i].Is.Status)
		by = func() (verdict, string) { return t.weigh(t.held(t.l.Guarantees[i].Evidence)) }
	}
	if !t.change(layout.Offer.Words(), ours, t.code(nccis.GuaranteeStatuses)(status), by) {
		return
	}
	if i < 0 {
		t.l.Guarantees = append(t.l.Guarantees, fact.Of[guarantee.Guarantee]{Version: t.version(), Is: guarantee.Guarantee{Node: node, Season: season, LACode: la}})
		i = len(t.l.Guarantees) - 1
	}
	t.l.Guarantees[i].Is.Status, t.l.Guarantees[i].Evidence = status, t.evidence
}

// season is the guarantee of which the list speaks: the one that the returns of
// its day are about, or, of somebody who is in Year 11 since, the next (nccis.md
// 7). year is the year group that they finish before that September.
func (t *telling) season() (season, year int) {
	born := civil.Date{}
	if p := life.InForce(t.l.Particulars, t.asAt); p != nil {
		born = readDate(p.Is.DOB)
	}
	season = life.Season(t.asAt)
	year = nccis.YearGroup(born, civil.Must(season, 8, 31))
	if year == 10 && !t.asAt.Before(civil.Must(season, 9, 1)) {
		return season + 1, 11
	}
	return season, year
}

func (t *telling) destination() {
	if t.kind.List(layout.Destination) == layout.Activities {
		return // where they went, not where they want to go
	}
	merge(t, guarantee.Destinations, &t.l.Destinations, place(t, t.l.Destinations, any1), guarantee.Destination{},
		item{layout.Destination, t.code(nccis.IntendedDestinations), sameText})
}

// signals adds what the list says of its day. They are a series: an older list
// adds an older point, and nothing is replaced but the same point of that day.
func (t *telling) signals() {
	if t.countedWith != 0 {
		t.say(Change{Field: layout.Exclusions.Words(), Kept: true, Why: "Counted together with row " + strconv.Itoa(t.countedWith) + ", which is about the same young person and says how many there are in all."})
		return
	}
	for _, s := range []struct {
		of            layout.Item
		kind, measure string
	}{{layout.Attendance, signal.Attendance, "per cent of sessions"}, {layout.Exclusions, signal.Exclusion, "suspensions and exclusions"}, {layout.DaysExcluded, signal.Exclusion, "days suspended or excluded"},
		{layout.KS4Points, signal.KeyStage4, "points"}, {layout.KS4English, signal.KeyStage4, "English"}, {layout.KS4Maths, signal.KeyStage4, "mathematics"}} {
		t.signal(s.of.Words(), t.asAt.String(), signal.Signal{Kind: s.kind, Measure: s.measure, Value: t.value(s.of), Restriction: t.kind.Restriction})
	}
}

func (t *telling) claims() {
	if claim := t.value(layout.Claim); claim != "" {
		began := t.value(layout.ClaimStart)
		if began == "" {
			began = t.asAt.String()
		}
		t.signal(layout.Claim.Words(), began, signal.Signal{Kind: signal.Claim, Measure: claim, Value: "claimed", Restriction: t.kind.Restriction})
	}
}

func (t *telling) signal(field, started string, s signal.Signal) {
	if s.Value == "" {
		return
	}
	ofDay := -1
	for i := range t.l.Signals {
		f := &t.l.Signals[i]
		if f.Is.Kind != s.Kind || f.Is.Measure != s.Measure {
			continue
		}
		if f.Is.Value == s.Value && (f.Started == started || s.Kind == signal.KeyStage4 || s.Kind == signal.Claim) {
			return
		}
		if f.Started == started {
			ofDay = i
		}
	}
	if ofDay >= 0 {
		f := &t.l.Signals[ofDay]
		if t.change(field, f.Is.Value, s.Value, func() (verdict, string) { return t.weigh(t.held(f.Evidence)) }) {
			f.Is, f.Evidence = s, t.evidence
		}
		return
	}
	v := t.version()
	v.Started = started
	t.say(Change{Field: field, After: joined(", ", s.Measure, s.Value)})
	t.l.Signals = append(t.l.Signals, fact.Of[signal.Signal]{Version: v, Is: s})
}
