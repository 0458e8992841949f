package standing

import (
	"cmp"
	"slices"
	"strings"
	"sync"

	"waymark/internal/civil"
	"waymark/internal/id"
)

// Word is a text that many lines share: a code, a school, an adviser. A roll
// numbers its words; "" is 0.
type Word uint32

// between parts the halves of a word or name that is two texts.
const between = "\x00"

// Line is one young person in a roll: what lists ask and sort by.
type Line struct {
	Person id.YoungPerson
	// Name is the folded family name and the folded given name, so that lines
	// compare by it as lists stand in order.
	Name string
	// Postcode is folded.
	Postcode string
	// Dates as the standing has them; no date where there is none.
	Born, StatedOn, LapsesOn, VerifiedOn, NEETSince, LastContact, ReviewOn civil.Date
	Activity, Cohort, Lead, Gender, Ethnicity, Level                       Word
	// School is the number and the name of an establishment, Adviser the
	// account and the name of an adviser; Roll.Halves takes them apart.
	School, Adviser Word
	// Area is the first half of the postcode.
	Area Word
	// Characteristics are the codes that have not ended; Roll.Parts takes them
	// apart.
	Characteristics Word
	// SEND and Support are the two flags, Vulnerable as nccis.md 4.4 has it.
	SEND, Support, Vulnerable bool
	// Telephone says that there is a number to ring.
	Telephone bool

	gone bool
}

// Roll is everybody whom a register holds, a line for each, as they stand after
// one act. It is a school's roll: what one looks down to see who fits. A whole
// register is looked down in milliseconds, which asking the database is not.
type Roll struct {
	mu sync.RWMutex
	at id.Act
	// lines stand by person; gone are those whom the register holds no more.
	lines []Line
	// order are the lines by name, without those gone.
	order []uint32
	words []string
	known map[string]Word
}

func newRoll(at id.Act) *Roll {
	return &Roll{at: at, words: []string{""}, known: map[string]Word{"": 0}}
}

// At is the act after which the lines are so.
func (ro *Roll) At() id.Act { return ro.at }

// Text is what a word says.
func (ro *Roll) Text(w Word) string { return ro.words[w] }

// Halves are the two texts of a School or an Adviser.
func (ro *Roll) Halves(w Word) (first, second string) {
	first, second, _ = strings.Cut(ro.words[w], between)
	return first, second
}

// Parts are the codes of Characteristics.
func (ro *Roll) Parts(w Word) []string {
	if w == 0 {
		return nil
	}
	return strings.Split(ro.words[w], between)
}

// Words is how many words there are: each is less than that.
func (ro *Roll) Words() int { return len(ro.words) }

// Each calls fn with every line, in no order that matters.
func (ro *Roll) Each(fn func(*Line)) {
	for i := range ro.lines {
		if l := &ro.lines[i]; !l.gone {
			fn(l)
		}
	}
}

// Place is where a line stands; it holds until the roll is released.
type Place uint32

// Line is the line at a place.
func (ro *Roll) Line(at Place) *Line { return &ro.lines[at] }

// Fitting are the lines that fits says yes to, by family and given name.
func (ro *Roll) Fitting(fits func(*Line) bool) []Place {
	// Looked down as they lie in memory: in the order of names each line would
	// have to be fetched from elsewhere, which takes some times as long.
	found := make([]bool, len(ro.lines))
	n := 0
	for i := range ro.lines {
		if l := &ro.lines[i]; !l.gone && fits(l) {
			found[i] = true
			n++
		}
	}
	out := make([]Place, 0, n)
	for _, i := range ro.order {
		if found[i] {
			out = append(out, Place(i))
		}
	}
	return out
}

// Len is how many people are on the roll.
func (ro *Roll) Len() int { return len(ro.order) }

func (ro *Roll) word(text string) Word {
	if w, ok := ro.known[text]; ok {
		return w
	}
	text = strings.Clone(text) // not the row that it was cut from
	w := Word(len(ro.words))
	ro.words = append(ro.words, text)
	ro.known[text] = w
	return w
}

func (ro *Roll) pair(first, second string) Word {
	if first == "" && second == "" {
		return 0
	}
	return ro.word(first + between + second)
}

// facts are what a line is made of, as texts: a row of the standing, and what
// lists ask that stands beside it.
type facts struct {
	person                                                              id.YoungPerson
	givenKey, familyKey, postcode, dob, gender, ethnicity, lead, cohort string
	statedOn, send, support, level, activity, schoolNumber, schoolName  string
	verifiedOn, lapsesOn, neetSince, adviser, adviserName, lastContact  string
	reviewOn                                                            string
	vulnerable, telephone                                               bool
	characteristics                                                     []string
}

func (ro *Roll) line(f *facts) Line {
	area := ""
	if len(f.postcode) > 4 { // the second half is three signs long
		area = f.postcode[:len(f.postcode)-3]
	}
	slices.Sort(f.characteristics)
	return Line{Person: f.person, Name: f.familyKey + between + f.givenKey, Postcode: f.postcode,
		Born: held(f.dob), StatedOn: held(f.statedOn), LapsesOn: held(f.lapsesOn), VerifiedOn: held(f.verifiedOn), NEETSince: held(f.neetSince), LastContact: held(f.lastContact), ReviewOn: held(f.reviewOn),
		Activity: ro.word(f.activity), Cohort: ro.word(f.cohort), Lead: ro.word(f.lead), Gender: ro.word(f.gender), Ethnicity: ro.word(f.ethnicity), Level: ro.word(f.level),
		School: ro.pair(f.schoolNumber, f.schoolName), Adviser: ro.pair(f.adviser, f.adviserName), Area: ro.word(area),
		Characteristics: ro.word(strings.Join(slices.Compact(f.characteristics), between)),
		SEND:            f.send == "Y", Support: f.support == "Y", Vulnerable: f.vulnerable, Telephone: f.telephone}
}

// held is a date of the standing; none where it has none.
func held(s string) civil.Date {
	d, err := civil.Parse(s)
	if err != nil {
		return civil.Date{}
	}
	return d
}

// add puts a line at the end; lines come by person.
func (ro *Roll) add(f *facts) { ro.lines = append(ro.lines, ro.line(f)) }

// sorted finishes a roll whose lines have all been added.
func (ro *Roll) sorted() *Roll {
	ro.order = make([]uint32, len(ro.lines))
	for i := range ro.order {
		ro.order[i] = uint32(i)
	}
	slices.SortFunc(ro.order, ro.compare)
	return ro
}

func (ro *Roll) compare(a, b uint32) int {
	return cmp.Or(strings.Compare(ro.lines[a].Name, ro.lines[b].Name), cmp.Compare(ro.lines[a].Person, ro.lines[b].Person))
}

// put replaces somebody's line, adds it, or takes it off where f is nil. It
// returns false where the line has no place but among the others, which then
// are all to be read again.
func (ro *Roll) put(yp id.YoungPerson, f *facts) bool {
	at, there := slices.BinarySearchFunc(ro.lines, yp, func(l Line, yp id.YoungPerson) int { return cmp.Compare(l.Person, yp) })
	switch {
	case there && !ro.lines[at].gone:
		if k, ok := slices.BinarySearchFunc(ro.order, uint32(at), ro.compare); ok {
			ro.order = slices.Delete(ro.order, k, k+1)
		}
		ro.lines[at].gone = true
	case !there && at < len(ro.lines):
		return f == nil
	}
	if f == nil {
		return true
	}
	if there {
		ro.lines[at] = ro.line(f)
	} else {
		ro.add(f)
	}
	k, _ := slices.BinarySearchFunc(ro.order, uint32(at), ro.compare)
	ro.order = slices.Insert(ro.order, k, uint32(at))
	return true
}
