// Package matchtest invents an authority's register and the files that schools and
// colleges send of its young people, with the faults that such files have and with
// who is who known: twins, brothers and sisters, movers, adopted children with a
// new UPN, wrong numbers. All of it is made up, and the same for the same seed.
package matchtest

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"waymark/internal/match"
)

// Schema is what the columns of the register and of the files hold.
func Schema() []match.Kind {
	return []match.Kind{match.UPN, match.ULN, match.Given, match.Middle, match.Family, match.Birth, match.Sex, match.Street, match.Town, match.Postcode}
}

// Columns are the names of the columns of Schema.
func Columns() []string {
	return []string{"upn", "uln", "given", "middle", "family", "birth", "sex", "street", "town", "postcode"}
}

// Sort is what is particular about a row of a file.
type Sort uint8

// The sorts of rows. A Stranger is on no register; a Relative is a stranger who is
// a twin, brother or sister of somebody on it; an Adopted child is somebody on it
// under a new identity, whom no machine may join with the old one.
const (
	Ordinary Sort = iota
	Twin
	Stranger
	Relative
	RelativeTwin
	Adopted
	WrongUPN
)

// World is an invented authority.
type World struct {
	r        *rand.Rand
	families []person
	parts    []people
	kin      map[int][]person // people of a household who are not on the register
}

// person is one young person, compact for worlds of millions.
type person struct {
	given, middle, family name
	second                name // of a double-barrelled family name
	year                  int16
	month, day            int8
	boy, twin             bool
	home                  uint32
	serial                uint32
}

// name is a place in the name lists: the part of the population and the place in
// its list.
type name struct {
	part uint8
	at   uint16
}

// New invents a register of the given number of people.
func New(seed uint64, n int) *World {
	w := &World{r: rand.New(rand.NewPCG(seed, 7)), parts: parts(), kin: map[int][]person{}}
	w.families = make([]person, 0, n)
	for len(w.families) < n {
		w.household(n)
	}
	return w
}

// household adds one to three children who live together; of a few of them one is
// on no register and is kept apart, to turn up in a file.
func (w *World) household(most int) {
	first := w.born()
	children := []person{first}
	switch x := w.r.IntN(1000); {
	case x < 15:
		twin := w.sibling(first)
		twin.year, twin.month, twin.day = first.year, first.month, first.day
		children[0].twin, twin.twin = true, true
		children = append(children, twin)
	case x < 165:
		children = append(children, w.sibling(first))
	}
	at := len(w.families)
	for i, c := range children {
		c.serial = uint32(at + i)
		if i > 0 && w.r.IntN(5) == 0 || len(w.families) == most {
			c.serial = uint32(most + at + i)
			w.kin[at] = append(w.kin[at], c)
			continue
		}
		w.families = append(w.families, c)
	}
	if w.r.IntN(25) == 0 { // a brother or sister who was never here
		c := w.sibling(first)
		if w.r.IntN(10) == 0 {
			c.year, c.month, c.day, c.twin = first.year, first.month, first.day, true
		}
		c.serial = uint32(2*most + at)
		w.kin[at] = append(w.kin[at], c)
	}
}

func (w *World) born() person {
	p := person{boy: w.r.IntN(2) == 0, home: w.r.Uint32()}
	part := w.part()
	p.given, p.middle, p.family = w.givenOf(part, p.boy), w.givenOf(part, p.boy), w.familyOf(part)
	if w.r.IntN(100) < 8 {
		p.second = w.familyOf(w.part())
		p.second.at++ // 0 is none
	}
	w.birthday(&p)
	return p
}

func (w *World) birthday(p *person) {
	p.year, p.month, p.day = int16(1998+w.r.IntN(12)), int8(1+w.r.IntN(12)), int8(1+w.r.IntN(28))
}

// sibling shares family name and home, and never the given name.
func (w *World) sibling(of person) person {
	p := of
	p.boy = w.r.IntN(2) == 0
	for w.Given(p) == w.Given(of) {
		p.given = w.givenOf(of.given.part, p.boy)
	}
	p.middle = w.givenOf(of.given.part, p.boy)
	w.birthday(&p)
	p.twin = false
	return p
}

func (w *World) part() uint8 {
	x := w.r.IntN(1000)
	for i, p := range w.parts {
		if x -= p.share; x < 0 {
			return uint8(i)
		}
	}
	return 0
}

// place draws from a list whose first entries are the commonest.
func (w *World) place(n int) uint16 {
	x := w.r.Float64()
	return uint16(x * x * float64(n))
}

const tailGiven, tailFamily = 600, 12_000

func (w *World) givenOf(part uint8, boy bool) name {
	list := w.parts[part].girls
	if boy {
		list = w.parts[part].boys
	}
	if list == nil {
		return name{part, w.place(tailGiven)}
	}
	at := w.place(len(list))
	if boy {
		at += 1000
	}
	return name{part, at}
}

func (w *World) familyOf(part uint8) name {
	// A third of every part's families stand in the long tail.
	if list := w.parts[part].families; list != nil && w.r.IntN(3) > 0 {
		return name{part, w.place(len(list))}
	}
	return name{uint8(len(w.parts) - 1), w.place(tailFamily)}
}

func (w *World) givenName(n name) string {
	p := w.parts[n.part]
	switch {
	case p.girls == nil:
		s, m := starts(), middles()
		return s[int(n.at)%len(s)] + m[int(n.at)/len(s)%len(m)] + "a"
	case n.at >= 1000:
		return p.boys[n.at-1000]
	}
	return p.girls[n.at]
}

func (w *World) familyName(n name) string {
	if p := w.parts[n.part]; p.families != nil {
		return p.families[n.at]
	}
	s, m, e := starts(), middles(), ends()
	at := int(n.at)
	return s[at%len(s)] + m[at/len(s)%len(m)] + e[at/(len(s)*len(m))%len(e)]
}

// Given is a person's given name.
func (w *World) Given(p person) string { return w.givenName(p.given) }

func (w *World) family(p person) string {
	f := w.familyName(p.family)
	if p.second.at > 0 {
		second := p.second
		second.at--
		f += "-" + w.familyName(second)
	}
	return f
}

// Len is the number of people on the register.
func (w *World) Len() int { return len(w.families) }

// Person writes one person of the register as the columns of Schema, into cells.
func (w *World) Person(i int, cells []string) []string { return w.write(w.families[i], cells) }

func (w *World) write(p person, cells []string) []string {
	sex := "F"
	if p.boy {
		sex = "M"
	}
	street, town, postcode := home(p.home)
	return append(cells[:0], upn(p.serial), uln(p.serial), w.Given(p), w.givenName(p.middle), w.family(p),
		fmt.Sprintf("%04d-%02d-%02d", p.year, p.month, p.day), sex, street, town, postcode)
}

// home is the address of a home's number: some 900,000 postcodes of a made-up land.
func home(h uint32) (street, town, postcode string) {
	s, ways, t := streets(), wayNames(), towns()
	code := h % 900_000
	// One postcode is a part of one street of one town.
	street = fmt.Sprintf("%d %s %s", 1+h/900_000%60, s[code%uint32(len(s))], ways[code/97%uint32(len(ways))])
	letters := "ABDEFGHJLNPQRSTUWXYZ"
	postcode = fmt.Sprintf("%c%c%d %d%c%c", "NMLS"[code%4], "WKRE"[code/4%4], 1+code/16%20, code/320%9+1, letters[code/2880%20], letters[code/57_600%20])
	return street, t[code%uint32(len(t))], postcode
}

// upn is a lasting unique pupil number of a made-up school.
func upn(serial uint32) string {
	const letters = "ABCDEFGHJKLMNPQRTUVWXYZ"
	digits := fmt.Sprintf("341%04d%05d", 4000+serial/100_000%5000, serial%100_000)
	sum := 0
	for i := range digits {
		sum += int(digits[i]-'0') * (i + 2)
	}
	return string(letters[sum%23]) + digits
}

// uln is a unique learner number; a serial that has none takes the next that has.
func uln(serial uint32) string {
	for n := 100_000_000 + serial*2; ; n++ {
		digits := fmt.Sprintf("%09d", n)
		sum := 0
		for i := range digits {
			sum += int(digits[i]-'0') * (10 - i)
		}
		if r := sum % 11; r != 0 {
			return digits + string(rune('0'+10-r))
		}
	}
}

// Row is one row of a file.
type Row struct {
	Cells  []string
	Person int // of the register; -1 for nobody on it
	Sort   Sort
}

// Rows invents a file of n rows and hands each on. Every person is in it once at
// most. One row in ten is of nobody on the register; of those three in ten are of
// relatives of somebody who is.
func (w *World) Rows(n int, visit func(Row)) {
	order := w.r.Perm(len(w.families))
	kin := w.households()
	next := 0
	for range n {
		switch x := w.r.IntN(1000); {
		case x < 70:
			stranger := w.born()
			stranger.serial = uint32(3*len(w.families) + next + w.r.IntN(1<<20))
			visit(w.faulty(stranger, -1, Stranger))
		case x < 100 && len(kin) > 0:
			c := kin[len(kin)-1]
			kin = kin[:len(kin)-1]
			sort := Relative
			if c.twin {
				sort = RelativeTwin
			}
			visit(w.faulty(c, -1, sort))
		default:
			if next == len(order) {
				return
			}
			at := order[next]
			next++
			p := w.families[at]
			switch {
			case w.r.IntN(1000) == 0:
				visit(w.adopted(p, at))
			case w.r.IntN(500) == 0:
				row := w.faulty(p, at, WrongUPN)
				row.Cells[0] = upn(w.families[w.r.IntN(len(w.families))].serial)
				visit(row)
			case p.twin:
				visit(w.faulty(p, at, Twin))
			default:
				visit(w.faulty(p, at, Ordinary))
			}
		}
	}
}

// households are the people who are not on the register though their kin is.
func (w *World) households() []person {
	var all []person
	for at := range w.families {
		all = append(all, w.kin[at]...)
	}
	return all
}

// adopted is a child under a new family name, at a new home, with a new UPN.
func (w *World) adopted(p person, at int) Row {
	p.family, p.second, p.home = w.familyOf(w.part()), name{}, w.r.Uint32()
	if w.r.IntN(3) == 0 {
		p.middle, p.given = p.given, w.givenOf(w.part(), p.boy)
	}
	p.serial = uint32(5*len(w.families) + at)
	row := w.faulty(p, at, Adopted)
	row.Cells[0] = upn(p.serial)
	return row
}

// faulty writes a person as a school would, with the faults of matching.md: 12 in
// 100 given names and 18 in 100 family names are not those of the register.
func (w *World) faulty(p person, at int, sort Sort) Row {
	c := w.write(p, make([]string, 0, 10))
	w.faultyNumbers(c)
	w.faultyGiven(c)
	w.faultyFamily(c)
	w.faultyBirth(c, p)
	w.faultyHome(c)
	if w.chance(6) { // in a thousand: the columns exchanged
		c[2], c[4] = c[4], c[2]
	}
	if w.chance(20) {
		c[6] = ""
	} else if w.chance(3) {
		c[6] = strings.NewReplacer("M", "F", "F", "M").Replace(c[6])
	}
	return Row{c, at, sort}
}

func (w *World) chance(inThousand int) bool { return w.r.IntN(1000) < inThousand }

func (w *World) faultyNumbers(c []string) {
	if w.chance(450) {
		c[0] = ""
	}
	if w.chance(600) {
		c[1] = ""
	}
}
