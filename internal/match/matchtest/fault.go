package matchtest

import (
	"fmt"
	"strings"
)

// faultyGiven makes 12 in 100 given names others than the register's: short forms
// and spellings, the second name, an initial, slips, a name of their own choice.
func (w *World) faultyGiven(c []string) {
	given, middle := c[2], c[3]
	switch x := w.r.IntN(1000); {
	case x < 55:
		c[2] = w.variant(given)
	case x < 70:
		c[2], c[3] = middle, given
	case x < 85:
		c[2] = given[:1]
	case x < 115:
		c[2] = w.slip(given)
	case x < 120:
		c[2] = w.givenName(w.givenOf(w.part(), w.chance(500)))
	}
	switch x := w.r.IntN(1000); {
	case x < 500:
		c[3] = ""
	case x < 600:
		c[3] = middle[:1]
	}
}

// variant is a short form of the name as people shorten names: not looked up in
// the table that is on trial, but for a few that everybody knows.
func (w *World) variant(given string) string {
	short := map[string]string{"William": "Bill", "Robert": "Bob", "Alexander": "Sandy", "Elizabeth": "Beth", "Margaret": "Peggy", "Henry": "Harry", "Edward": "Ted", "Mohammed": "Mohamed", "Muhammad": "Mohammad", "Ahmed": "Ahmad",
		"Aisha": "Ayesha", "Zainab": "Zaynab", "Yusuf": "Youssef", "Hussain": "Hussein", "Jack": "John", "Isla": "Ila", "Catherine": "Kate", "Katarzyna": "Kasia", "Jakub": "Kuba", "Oleksandr": "Sasha", "Freddie": "Frederick", "Charlie": "Charles", "Alfie": "Alfred", "Archie": "Archibald", "Evie": "Evelyn", "Ellie": "Eleanor"}
	if s := short[given]; s != "" {
		return s
	}
	if len(given) > 5 {
		return given[:3+w.r.IntN(2)]
	}
	return w.slip(given)
}

// faultyFamily makes 18 in 100 others: a part of a double-barrelled name, a second
// name added, a new name, slips, spaces and hyphens.
func (w *World) faultyFamily(c []string) {
	family := c[4]
	if first, second, double := strings.Cut(family, "-"); double {
		switch x := w.r.IntN(100); {
		case x < 25:
			c[4] = first
		case x < 45:
			c[4] = second
		case x < 60:
			c[4] = first + " " + second
		case x < 65:
			c[4] = second + "-" + first
		}
		return
	}
	switch x := w.r.IntN(1000); {
	case x < 40:
		c[4] = family + "-" + w.familyName(w.familyOf(w.part()))
	case x < 75:
		c[4] = w.familyName(w.familyOf(w.part()))
	case x < 130:
		c[4] = w.slip(family)
	}
}

func (w *World) faultyBirth(c []string, p person) {
	y, m, d := int(p.year), int(p.month), int(p.day)
	switch x := w.r.IntN(1000); {
	case x < 5:
		if d <= 12 {
			m, d = d, m
		}
	case x < 12:
		d = (d+9)%28 + 1
	case x < 16:
		d = d%28 + 1
	case x < 20:
		m = m%12 + 1
	case x < 22:
		y++
	case x < 24:
		m, d = 1, 1
	case x < 30:
		c[5] = ""
		return
	}
	c[5] = fmt.Sprintf("%02d/%02d/%04d", d, m, y)
}

func (w *World) faultyHome(c []string) {
	switch x := w.r.IntN(1000); {
	case x < 100:
		c[7], c[8], c[9] = home(w.r.Uint32())
	case x < 115:
		c[9] = w.slip(c[9])
	case x < 145:
		c[7], c[8], c[9] = "", "", ""
	case x < 175:
		c[7] = w.slip(c[7])
	}
}

// slip is one slip of the pen: a letter left out, twice, another, or two exchanged.
func (w *World) slip(s string) string {
	if len(s) < 3 {
		return s
	}
	b := []byte(s)
	i := 1 + w.r.IntN(len(b)-1)
	letter := byte('a' + w.r.IntN(26))
	switch w.r.IntN(4) {
	case 0:
		return string(append(b[:i], b[i+1:]...))
	case 1:
		return s[:i] + string(letter) + s[i:]
	case 2:
		b[i] = letter
	default:
		b[i-1], b[i] = b[i], b[i-1]
	}
	return string(b)
}
