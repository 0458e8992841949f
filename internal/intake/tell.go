package intake

import (
	"slices"
	"strings"

	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/cohort"
	"waymark/internal/fact"
	"waymark/internal/id"
	"waymark/internal/layout"
	"waymark/internal/life"
	"waymark/internal/match"
	"waymark/internal/nccis"
	"waymark/internal/register"
	"waymark/internal/standing"
	"waymark/internal/youngperson"
)

// Change is one thing that a row says otherwise than the register, before and
// after in words.
type Change struct {
	// Field names it for a choice: "family name", "activity".
	Field  string `json:"f"`
	Before string `json:"b,omitempty"`
	After  string `json:"a,omitempty"`
	// Kept says that what the register holds stays, and Why says why. Clash says
	// besides that somebody may choose otherwise, and has not.
	Kept  bool   `json:"k,omitempty"`
	Clash bool   `json:"c,omitempty"`
	Why   string `json:"w,omitempty"`
}

// source is how well something is known: the day of which it was said, and the
// place of its grade among act.Grades, 0 the best.
type source struct {
	day   civil.Date
	grade int
	words string
}

func rank(grade string) int {
	if i := slices.Index(act.Grades(), grade); i >= 0 {
		return i
	}
	return len(act.Grades())
}

// telling tells one row of a file to one life, held in memory. It knows no
// database: what it does follows from the row, the life and the day alone.
type telling struct {
	l        *life.Life
	row      *layout.Row
	kind     *layout.Kind
	sender   *Sender
	edition  *nccis.Edition
	book     *register.Register
	variants *match.Variants
	// translate knows what a reason for leaving says of now.
	translate *layout.Words
	// asAt is the day for which the row was true.
	asAt civil.Date
	// held says how well what the register holds is known.
	held func(id.Evidence) source
	// choices of somebody about clashes, by field: ours or theirs.
	choices map[string]string
	// next hands out a key; evidence stands under all that the row changes.
	next     func() id.Fact
	evidence id.Evidence
	// added says that the life begins with this file.
	added bool
	// sheltered says that their address is protected; chosen is then the choice about
	// one in those words (shelteredOf).
	sheltered bool
	chosen    func(yp id.YoungPerson, words string) string
	// countedWith is the row with which this one is counted, 0 where it speaks for
	// itself.
	countedWith int

	scope   string // of the opt-out in force
	changes []Change
}

// The choices in a clash.
const (
	Ours   = "ours"
	Theirs = "theirs"
)

func (t *telling) tell() {
	t.optOut()
	for _, part := range []struct {
		group string
		tell  func()
	}{{"names", t.names}, {"names", t.particulars}, {"identifiers", t.identifiers}, {"address", t.address}, {"reach", t.reach},
		{"carers", t.carers}, {"needs", t.needs}, {"characteristics", t.characteristics}, {"guarantee", t.guarantee}, {"offers", t.offer},
		{"destination", t.destination}, {"signals", t.signals}, {"claims", t.claims}, {"activity", t.activity}} {
		if t.kind.MayChange(part.group) && t.allowed(part.group) {
			part.tell()
		}
	}
	if t.added {
		t.cohort()
	}
}

// does says that the row changes anything, and how many changes wait.
func (t *telling) does() (changed bool, clashes int) {
	for _, c := range t.changes {
		changed = changed || !c.Kept
		if c.Clash {
			clashes++
		}
	}
	return changed, clashes
}

func (t *telling) value(i layout.Item) string { return t.row.Values[i] }

// optOut takes note of an opt-out that the row states, and of the one in force.
func (t *telling) optOut() {
	t.scope = youngperson.Strongest(t.l.OptOuts, t.sender.Name, t.asAt)
	if t.scope == "" && t.value(layout.OptOut) == "Y" {
		t.scope = youngperson.OptOutBeyond
		v := t.version()
		v.Started = t.asAt.String()
		t.l.OptOuts = append(t.l.OptOuts, fact.Of[youngperson.OptOut]{Version: v, Is: youngperson.OptOut{Scope: t.scope}})
		t.say(Change{Field: "opt-out", After: t.scope})
	}
	if t.scope != "" {
		t.say(Change{Field: "opt-out", Kept: true, Why: "The young person or a parent has told partners not to pass on " + optOutWords(t.scope) + ". The row was taken over no further than that."})
	}
}

func optOutWords(scope string) string {
	if scope == youngperson.OptOutAll {
		return "anything"
	}
	return "more than name, birth date, address and parent"
}

// allowed says that an opt-out leaves room for the group of facts.
func (t *telling) allowed(group string) bool {
	switch t.scope {
	case "":
		return true
	case youngperson.OptOutAll:
		return false
	}
	return group == "names" || group == "address" || group == "carers"
}

func (t *telling) say(c Change) { t.changes = append(t.changes, c) }

func (t *telling) version() fact.Version {
	return fact.Version{YoungPerson: t.l.Person.ID, ID: t.next(), Evidence: t.evidence}
}

// verdict is what becomes of a value that is not what the register holds.
type verdict uint8

const (
	follow verdict = iota
	keep
	ask
)

// weigh holds the row's evidence against that of what is held: newer evidence
// that is as good is followed, older that is no better is kept out, the rest is
// for somebody to decide.
func (t *telling) weigh(held source) (verdict, string) {
	mine := rank(t.kind.Grade)
	newer, better := 0, held.grade-mine
	switch {
	case held.day.IsZero() || t.asAt.After(held.day):
		newer = 1
	case t.asAt.Before(held.day):
		newer = -1
	}
	said := "It is held as of " + orUnknown(held.day.Words()) + ", " + held.words + "; the file is of " + t.asAt.Words() + ", " + t.kind.Grade + "."
	switch {
	case newer > 0 && better >= 0, newer == 0 && better > 0:
		return follow, ""
	case newer < 0 && better <= 0, newer == 0 && better < 0:
		return keep, "Older or weaker than what is held. " + said
	case newer > 0:
		return ask, "The file is newer, but what is held is better known. " + said
	case newer < 0:
		return ask, "The file is better evidence, but older. " + said
	}
	return ask, "Both are of the same day and equally good. " + said
}

func orUnknown(s string) string {
	if s == "" {
		return "a day that nobody noted"
	}
	return s
}

// change decides whether a value that differs is to be followed, and says so.
// ours is "" where nothing is held.
func (t *telling) change(field, ours, theirs string, by func() (verdict, string)) bool {
	if ours == "" || t.added {
		t.say(Change{Field: field, After: theirs})
		return true
	}
	v, why := by()
	switch t.choices[field] {
	case Theirs:
		v = follow
	case Ours:
		if v == ask {
			v, why = keep, "Somebody chose what the register holds."
		}
	}
	if v == follow {
		t.say(Change{Field: field, Before: ours, After: theirs})
		return true
	}
	t.say(Change{Field: field, Before: ours, After: theirs, Kept: true, Clash: v == ask, Why: why})
	return false
}

// item is one column of a fact and the item of the row that speaks of it. In
// words says a value as people read it; same says that two are one.
type item struct {
	of    layout.Item
	words func(string) string
	same  func(ours, theirs string) bool
}

func sameFold(a, b string) bool { return standing.Fold(a) == standing.Fold(b) }

// sameName says that two names are one but for how they are written: a list in
// capitals A to Z has YILDIZ for Yıldız, and takes no letter away.
func sameName(a, b string) bool {
	x := match.Fold(a)
	return sameFold(a, b) || x != "" && x == match.Fold(b)
}

func sameText(a, b string) bool { return a == b }
func plain(s string) string     { return s }

// merge holds the items of the row against one fact: list[i], or a new one like
// blank where i is -1. An item of layout.None is left as it is.
func merge[T comparable](t *telling, table fact.Table[T], list *[]fact.Of[T], i int, blank T, items ...item) {
	is, held := blank, source{}
	if i >= 0 {
		is = (*list)[i].Is
		held = t.held((*list)[i].Evidence)
	}
	was := is
	for k, p := range table.Fields(&is) {
		it := items[k]
		theirs := t.value(it.of)
		s, text := p.(*string)
		if it.of == layout.None || theirs == "" || !text || (*s != "" && it.same(*s, theirs)) {
			continue
		}
		if t.change(it.of.Words(), it.words(*s), it.words(theirs), func() (verdict, string) { return t.weigh(held) }) {
			*s = theirs
		}
	}
	switch {
	case is == was:
	case i < 0:
		*list = append(*list, fact.Of[T]{Version: t.version(), Is: is})
	default:
		(*list)[i].Is, (*list)[i].Evidence = is, t.evidence
	}
}

// place is the index of the fact in force on the day, -1 where none is.
func place[T any](t *telling, list []fact.Of[T], keep func(*T) bool) int {
	f := life.InForceOf(list, t.asAt, keep)
	if f == nil {
		return -1
	}
	return slices.IndexFunc(list, func(o fact.Of[T]) bool { return o.ID == f.ID })
}

func any1[T any](*T) bool { return true }

func (t *telling) code(list nccis.List) func(string) string {
	return func(code string) string {
		if label := t.edition.Label(list, code); label != "" && code != "" {
			return label
		}
		return code
	}
}

// cohort says who answers for somebody new: the authority that the row names,
// else the register's own where it has one alone.
func (t *telling) cohort() {
	s := cohort.Status{LeadLA: t.value(layout.LACode)}
	codes := t.book.Codes()
	if s.LeadLA == "" && len(codes) == 1 {
		s.LeadLA = codes[0]
	}
	if school := t.value(layout.SchoolNumber); len(school) == 7 {
		s.EducatedLA = school[:3]
	}
	t.l.Statuses = append(t.l.Statuses, fact.Of[cohort.Status]{Version: t.version(), Is: s})
}

// readDate is the date a text states, none where it cannot be read.
func readDate(s string) civil.Date {
	d, err := civil.Parse(s)
	if err != nil {
		return civil.Date{}
	}
	return d
}

func dateWords(s string) string {
	if d := readDate(s); !d.IsZero() {
		return d.Words()
	}
	return s
}

func foldName(s string) string { return standing.Fold(s) }

func joined(separator string, parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), separator)
}
