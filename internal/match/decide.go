package match

import "strings"

// Answer is what is said of a row and a person, or of two rows.
type Answer uint8

// The three answers.
const (
	Different Answer = iota // nobody known: new
	Decide                  // to be decided by a person
	Same                    // the same young person
)

// String is the answer as files write it: different, decide, same.
func (a Answer) String() string { return [...]string{"different", "decide", "same"}[a] }

// Veto is why a pair must be decided by a person however much it weighs; several
// may hold at once.
type Veto uint16

// The vetoes (matching.md 5.2).
const (
	VetoGiven    Veto = 1 << iota // first names of two people: twins, brothers, sisters
	VetoNumber                    // two different lasting numbers: another person, or one who was adopted
	VetoBirth                     // birth dates of two people: father and son
	VetoSex                       // the sex contradicts
	VetoEvidence                  // too little is known to be sure by it
	VetoRunnerUp                  // another person fits nearly as well
	VetoTwice                     // two rows of the file fit one person
	VetoClaimed                   // a number agrees, and hardly anything else does
)

// String says in words what stands against deciding by machine.
func (v Veto) String() string {
	var words []string
	for i, w := range [...]string{
		"the first names are those of two people, as of twins or sisters",
		"they hold two different lasting numbers",
		"the birth dates are too far apart",
		"the sex differs",
		"too little is known to be sure",
		"somebody else fits nearly as well",
		"another row of the file fits the same person",
		"a number is the same but hardly anything else is",
	} {
		if v&(1<<i) != 0 {
			words = append(words, w)
		}
	}
	return strings.Join(words, "; ")
}

// another says that all that speaks for the pair is the household that they share:
// the first names are of two people, and so is the birth date or the number. Such
// a pair is not even offered (a child adopted under a new name is one of them).
func (v Veto) another() bool {
	return v&VetoGiven != 0 && v&(VetoBirth|VetoNumber) != 0
}

// A Policy says how sure is sure. Weights are in bits, the prior included: 0 is as
// likely as not, 10 a thousand to one.
type Policy struct {
	// Least is the weight below which two rows are different.
	Least float64
	// Sure is the least weight at which they may be the same without asking.
	Sure float64
	// Margin is by how much the best must lead the next.
	Margin float64
	// Wrong is the share of wrong ones that may be expected among the same; the
	// weight asked for rises above Sure until it is kept. 0 asks for no more.
	Wrong float64
	// Strict asks for the minimum evidence and holds every veto.
	Strict bool
}

// ForRegister is the policy by which files enter a register: at most one wrong in
// 10,000 expected, every veto held (matching.md 5.2, 5.3).
func ForRegister() Policy {
	return Policy{Least: -2, Sure: 10, Margin: 6, Wrong: 1e-4, Strict: true}
}

// ForLists is the policy for any two lists: the same where that is likelier than
// not and nothing stands against it.
func ForLists() Policy { return Policy{Least: 0, Sure: 0, Margin: 3} }

// twinShare is how many in a hundred young people have a twin, doubled for safety.
// Where first names differ in more pairs than that although all else agrees, the
// list, and not twins, is the reason.
const twinShare = 0.06

// vetoes are what stands against the pair, but for what needs other pairs to see.
func (md *Model) vetoes(p Policy, v *vector, a, b *record) Veto {
	var veto Veto
	if md.givenContradicts(p, v) {
		veto |= VetoGiven
	}
	if v[ULN] >= numberSlip || v[YoungPersonsID] >= numberSlip || v[UPN] >= numberSlip && !a.temporary && !b.temporary {
		veto |= VetoNumber
	}
	if !p.Strict {
		return veto
	}
	if v[Birth] >= birthNear {
		veto |= VetoBirth
	}
	if v[Sex] == plainFar {
		veto |= VetoSex
	}
	agree := corroboration(v)
	if lastingNumber(v) {
		if agree < 2 {
			veto |= VetoClaimed
		}
		return veto
	}
	near := 0
	if v[Given] != 0 && v[Given] <= nameClose {
		near++
	}
	if v[Family] != 0 && v[Family] <= nameClose {
		near++
	}
	if v[Postcode] == placeSame || v[Postcode] == placeSector {
		near++
	}
	if v[Birth] == 0 || v[Birth] > birthDigit || near < 2 {
		veto |= VetoEvidence
	}
	return veto
}

// givenContradicts says that the first names are of two people.
func (md *Model) givenContradicts(p Policy, v *vector) bool {
	given := v[Given]
	if v[order] == orderTurned {
		given = max(given, v[Family]) // either may be the first name
	}
	if !p.Strict {
		return given == nameFar && md.m[Given][nameFar] < twinShare
	}
	return given >= nameNear
}

// aName says that a first name is one that people have, so that it is no slip of
// the pen for another: several of the register bear it, or the table of names
// has it.
func (md *Model) aName(l *Lexicon, given uint32) bool {
	return int(given) < len(md.borne) && md.borne[given] >= 3 || len(l.names[given].groups) > 0
}

// lastingNumber says that a number agrees that is given once for all.
func lastingNumber(v *vector) bool {
	return v[ULN] == numberSame || v[UPN] == numberSame || v[YoungPersonsID] == numberSame || v[Number] == numberSame
}

// corroboration counts which of given name, family name and birth date agree, to
// within a slip.
func corroboration(v *vector) int {
	n := 0
	if v[Given] != 0 && v[Given] <= nameClose {
		n++
	}
	if v[Family] != 0 && v[Family] <= nameClose {
		n++
	}
	if v[Birth] != 0 && v[Birth] <= birthDigit {
		n++
	}
	return n
}
