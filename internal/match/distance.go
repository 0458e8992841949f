package match

import "math/bits"

// A pattern is a word made ready to be compared with many others: for each
// letter, the places where the word has it, as bits. Words over 64 signs are
// compared by their first 64.
type pattern struct {
	at   [64]uint64
	text string
}

// slot is the letter's place in pattern.at: A to Z, digits, everything else.
func slot(c byte) int {
	switch {
	case c >= 'A' && c <= 'Z':
		return int(c - 'A')
	case c >= '0' && c <= '9':
		return 26 + int(c-'0')
	}
	return 36 + int(c)%28
}

// set makes the pattern that of the text.
func (p *pattern) set(text string) {
	for i := 0; i < len(p.text); i++ {
		p.at[slot(p.text[i])] = 0
	}
	if len(text) > 64 {
		text = text[:64]
	}
	p.text = text
	for i := 0; i < len(text); i++ {
		p.at[slot(text[i])] |= 1 << i
	}
}

// edits counts the letters put in, left out, changed, or exchanged with their
// neighbour (restricted Damerau distance), by Hyyrö's bit-parallel method.
func (p *pattern) edits(text string) int {
	if len(text) > 64 {
		text = text[:64]
	}
	m := len(p.text)
	if m == 0 {
		return len(text)
	}
	last := uint64(1) << (m - 1)
	vp, vn, d0, before := ^uint64(0), uint64(0), uint64(0), uint64(0)
	dist := m
	for i := 0; i < len(text); i++ {
		pm := p.at[slot(text[i])]
		tr := ((^d0 & pm) << 1) & before
		d0 = (((pm & vp) + vp) ^ vp) | pm | vn | tr
		hp := vn | ^(d0 | vp)
		hn := d0 & vp
		if hp&last != 0 {
			dist++
		} else if hn&last != 0 {
			dist--
		}
		hp = hp<<1 | 1
		hn <<= 1
		vp = hn | ^(d0 | hp)
		vn = hp & d0
		before = pm
	}
	return dist
}

// jaro is the Jaro-Winkler likeness, 0 to 1, with Winkler's bonus for up to four
// equal letters at the start.
func (p *pattern) jaro(text string) float64 {
	if len(text) > 64 {
		text = text[:64]
	}
	m, n := len(p.text), len(text)
	if m == 0 || n == 0 {
		if m == n {
			return 1
		}
		return 0
	}
	reach := max(m, n)/2 - 1
	if reach < 0 {
		reach = 0
	}
	window := uint64(1)<<(reach+1) - 1
	if reach >= 63 {
		window = ^uint64(0)
	}
	var inP, inT uint64
	for i := 0; i < n; i++ {
		hit := p.at[slot(text[i])] & window &^ inP
		hit &= -hit
		inP |= hit
		if hit != 0 {
			inT |= 1 << i
		}
		if i < reach {
			window = window<<1 | 1
		} else {
			window <<= 1
		}
	}
	common, turned := 0, 0
	for inT != 0 {
		t := inT & -inT
		q := inP & -inP
		if p.at[slot(text[bits.TrailingZeros64(t)])]&q == 0 {
			turned++
		}
		inT ^= t
		inP ^= q
		common++
	}
	if common == 0 {
		return 0
	}
	c := float64(common)
	j := (c/float64(m) + c/float64(n) + (c-float64(turned/2))/c) / 3
	start := 0
	for start < 4 && start < m && start < n && p.text[start] == text[start] {
		start++
	}
	return j + 0.1*float64(start)*(1-j)
}

// Edits counts the letters put in, left out, changed or exchanged with their
// neighbour between two folded words (restricted Damerau distance).
func Edits(a, b string) int {
	var p pattern
	p.set(a)
	return p.edits(b)
}

// JaroWinkler is the likeness of two folded words, 0 (nothing) to 1 (the same).
func JaroWinkler(a, b string) float64 {
	var p pattern
	p.set(a)
	return p.jaro(b)
}
