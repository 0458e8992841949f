package match

import (
	"math/bits"
	"strings"
)

// A sketch is what a glance at a folded name tells: enough to say of most pairs of
// names that they are far apart, without reading the names. Millions of pairs are.
type sketch struct {
	letters uint64    // two bits a letter: it stands there once, and twice
	sounds  [2]uint16 // of each sound a part; two that differ here differ
	start   [2]byte
	size    uint8 // letters of the name; 0 where a glance is not enough
	more    uint8 // letters beyond the second of their kind
	flags   uint8
}

const (
	sketchParts    = 1 << iota // the name has several words
	sketchVariants             // the name stands in the table of variants
)

// sketchOf is the sketch of a name. Short names and those with other signs than A to
// Z must be read.
func sketchOf(n *name) sketch {
	var s sketch
	if len(n.parts) > 0 {
		s.flags |= sketchParts
	}
	if len(n.groups) > 0 {
		s.flags |= sketchVariants
	}
	if len(n.solid) < 3 || len(n.solid) > 60 || strings.IndexFunc(n.solid, func(r rune) bool { return r < 'A' || r > 'Z' }) >= 0 {
		return s
	}
	for i := range len(n.solid) {
		once := uint64(1) << (2 * (n.solid[i] - 'A'))
		switch {
		case s.letters&once == 0:
			s.letters |= once
		case s.letters&(once<<1) == 0:
			s.letters |= once << 1
		default:
			s.more++
		}
	}
	for i, sound := range n.sounds {
		if sound != 0 {
			s.sounds[i] = uint16(mixed(uint64(sound))) | 1
		}
	}
	s.size, s.start = uint8(len(n.solid)), [2]byte{n.solid[0], n.solid[1]}
	return s
}

// far says that two names must be nameFar: they share too few letters to be near by
// any measure, do not sound alike, and have neither parts nor variants to agree by.
// False says nothing.
func (a *sketch) far(b *sketch) bool {
	if a.size == 0 || b.size == 0 || (a.flags|b.flags)&sketchParts != 0 || a.flags&b.flags&sketchVariants != 0 {
		return false
	}
	// A Jaro-Winkler likeness of 0.75 needs this much of (c/m + c/n) for c letters in
	// common; less of it where the names begin alike. Two edits in six letters need more.
	need := float32(1.249)
	if a.start[0] == b.start[0] {
		need = 1.166
		if a.start[1] == b.start[1] {
			need = 0.749
		}
	}
	common := bits.OnesCount64(a.letters&b.letters) + int(min(a.more, b.more))
	m, n := int(a.size), int(b.size)
	if float32(common*(m+n)) >= need*float32(m*n) {
		return false
	}
	for _, x := range a.sounds {
		if x != 0 && (x == b.sounds[0] || x == b.sounds[1]) {
			return false
		}
	}
	return true
}
