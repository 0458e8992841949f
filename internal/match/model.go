package match

import (
	"math"
	"slices"
)

// A Model is what a degree of agreement in each field says: how common it is among
// pairs of rows of one person (m) and among pairs of two people (u). Weights are
// their ratio in bits. A model belongs to the lexicon whose words it counted.
type Model struct {
	m, u    [features][levels]float64
	weight  [features][levels]float32
	unequal [features]float32   // the best weight that unequal values can have, at least 0
	prior   float64             // bits: the odds that any two rows are of one person
	common  [features][]float32 // by word of the lexicon: bits that its rarity adds to exact agreement, less for a common word
	borne   []uint32            // by name: how many people of the register have it as given name
	Learned Learning            // where the weights come from
}

// Learning tells where a model's weights come from.
type Learning struct {
	// From is "numbers" (rows whose ULN, UPN or other number agrees), "rows"
	// (all rows, by expectation and maximisation) or "table" (as tabulated,
	// because the rows said too little or contradicted themselves).
	From string
	// Pairs is the number of pairs of one person that the weights rest on.
	Pairs float64
	// Why says in words what made it so.
	Why string
}

// tabulated are the m of a model that has learned nothing: the error rates of
// matching.md for names and moves, judgement for the rest. They need not add up
// to one. Index 0, not known, stays empty.
func tabulated() [features][levels]float64 {
	text := func(same float64) [levels]float64 {
		rest := 1 - same
		return [levels]float64{textSame: same, textEdit: 0.15 * rest, textClose: 0.1 * rest, textNear: 0.1 * rest, textFar: 0.65 * rest}
	}
	digits := func(same float64) [levels]float64 {
		return [levels]float64{numberSame: same, numberSlip: 0.25 * (1 - same), numberFar: 0.75 * (1 - same)}
	}
	plain := func(same float64) [levels]float64 {
		return [levels]float64{plainSame: same, plainFar: 1 - same}
	}
	return [features][levels]float64{
		order:          {orderStraight: 0.985, orderTurned: 0.015},
		Given:          {nameSame: 0.84, nameVariant: 0.04, namePart: 0.02, nameInitial: 0.02, nameEdit: 0.03, nameClose: 0.015, nameNear: 0.008, nameLoose: 0.007, nameFar: 0.02},
		Family:         {nameSame: 0.84, nameVariant: 0.015, namePart: 0.04, nameInitial: 0.005, nameEdit: 0.03, nameClose: 0.015, nameNear: 0.008, nameLoose: 0.007, nameFar: 0.04},
		Middle:         {nameSame: 0.75, nameVariant: 0.02, namePart: 0.03, nameInitial: 0.12, nameEdit: 0.02, nameClose: 0.01, nameNear: 0.005, nameLoose: 0.005, nameFar: 0.04},
		Birth:          {birthSame: 0.94, birthTurned: 0.01, birthDigit: 0.025, birthDefault: 0.003, birthParts: 0.008, birthDigits: 0.006, birthNear: 0.003, birthFar: 0.005},
		Sex:            plain(0.985),
		Postcode:       {placeSame: 0.75, placeSector: 0.04, placeDistrict: 0.07, placeSlip: 0.02, placeFar: 0.12},
		House:          plain(0.75),
		Street:         text(0.72),
		Locality:       text(0.7),
		Town:           text(0.85),
		Region:         text(0.9),
		Phone:          digits(0.65),
		Email:          text(0.65),
		School:         text(0.75),
		ULN:            digits(0.985),
		UPN:            digits(0.975),
		YoungPersonsID: digits(0.99),
		Number:         digits(0.93),
	}
}

// chance are the u of a model that has seen no pairs.
func chance() [features][levels]float64 {
	text := [levels]float64{textSame: 0.01, textEdit: 0.001, textClose: 0.002, textNear: 0.01, textFar: 0.977}
	digits := [levels]float64{numberSame: 1e-6, numberSlip: 1e-6, numberFar: 1}
	return [features][levels]float64{
		order:    {orderStraight: 1, orderTurned: 1},
		Given:    {nameSame: 0.008, nameVariant: 0.008, namePart: 0.003, nameInitial: 0.004, nameEdit: 0.003, nameClose: 0.008, nameNear: 0.015, nameLoose: 0.05, nameFar: 0.9},
		Family:   {nameSame: 0.003, nameVariant: 0.002, namePart: 0.003, nameInitial: 0.002, nameEdit: 0.002, nameClose: 0.008, nameNear: 0.01, nameLoose: 0.04, nameFar: 0.93},
		Middle:   {nameSame: 0.02, nameVariant: 0.01, namePart: 0.005, nameInitial: 0.03, nameEdit: 0.005, nameClose: 0.01, nameNear: 0.02, nameLoose: 0.05, nameFar: 0.85},
		Birth:    {birthSame: 2e-4, birthTurned: 1e-4, birthDigit: 0.003, birthDefault: 0.0005, birthParts: 0.01, birthDigits: 0.015, birthNear: 0.08, birthFar: 0.89},
		Sex:      {plainSame: 0.5, plainFar: 0.5},
		Postcode: {placeSame: 2e-4, placeSector: 0.002, placeDistrict: 0.02, placeSlip: 0.0005, placeFar: 0.98},
		House:    {plainSame: 0.02, plainFar: 0.98},
		Street:   text,
		Locality: text,
		Town:     {textSame: 0.05, textEdit: 0.001, textClose: 0.002, textNear: 0.01, textFar: 0.937},
		Region:   {textSame: 0.3, textEdit: 0.001, textClose: 0.002, textNear: 0.01, textFar: 0.687},
		Phone:    digits,
		Email:    {textSame: 1e-5, textEdit: 1e-5, textClose: 5e-5, textNear: 5e-4, textFar: 1},
		School:   {textSame: 0.05, textEdit: 0.001, textClose: 0.002, textNear: 0.01, textFar: 0.937},
		ULN:      digits, UPN: digits, YoungPersonsID: digits, Number: digits,
	}
}

// newModel is the tabulated model over a lexicon.
func newModel() *Model {
	md := &Model{m: tabulated(), u: chance(), prior: -13}
	for f := range features {
		normalise(&md.m[f])
		if f != order {
			normalise(&md.u[f])
		}
	}
	md.weigh()
	return md
}

func normalise(p *[levels]float64) {
	sum := 0.0
	for _, x := range p {
		sum += x
	}
	if sum == 0 {
		return
	}
	for i := range p {
		p[i] /= sum
	}
}

// weigh computes the weights from m and u. No degree of agreement may say less
// than a lesser degree does, but for degrees that are of different kinds.
func (md *Model) weigh() {
	for f := range features {
		for l := 1; l < levels; l++ {
			if md.u[f][l] == 0 || md.m[f][l] == 0 {
				continue
			}
			md.weight[f][l] = float32(math.Log2(md.m[f][l] / md.u[f][l]))
		}
		md.unequal[f] = max(0, slices.Max(md.weight[f][2:]))
	}
}

// rarity is what the frequency of a word adds to its exact agreement, in bits. A
// word that came after the words were counted is as rare as they come.
func (md *Model) rarity(f int, word uint32) float32 {
	c := md.common[f]
	switch {
	case int(word) < len(c):
		return c[word]
	case len(c) > 0:
		return mostRare
	}
	return 0
}

// mostRare is the most, in bits, that the rarity of a word adds.
const mostRare = 6

// hopeless is what score returns for a pair that cannot reach the least weight.
const hopeless = -1000

// score is the weight of a pair in bits, prior left out, and how it agrees. A pair
// that cannot reach least is hopeless: what costs little to look at is looked at
// first, then the names, and the rest of it only where it may still matter.
func (md *Model) score(w *worker, a, b *record, v *vector, least float32) float32 {
	*v = vector{}
	v[Birth] = compareBirth(a.birth, b.birth)
	birth := md.weight[Birth][v[Birth]]
	hope := birth + md.hope(w, a, b) + rounding
	if hope+md.hopeOfNames(a, b) < least {
		return hopeless
	}
	names := md.names(w, a, b, v)
	if hope+names < least {
		return hopeless
	}
	total := names + birth
	w.compare(a, b, v)
	for _, f := range [...]int{int(Middle), int(Sex), int(Phone), int(Email), int(School), int(ULN), int(UPN), int(YoungPersonsID), int(Number)} {
		total += md.weight[f][v[f]]
	}
	return total + md.address(a, v)
}

// rounding is more than the order of adding weights can make.
const rounding = 0.01

// hope is no less than what all fields but names and birth date add: for each what
// it says where that is told at once, otherwise the best that it can say.
func (md *Model) hope(w *worker, a, b *record) float32 {
	sum := md.hopeOf(Middle, uint64(a.middle), uint64(b.middle)) +
		md.hopeOf(Street, uint64(a.street), uint64(b.street)) + md.hopeOf(Locality, uint64(a.locality), uint64(b.locality)) +
		md.hopeOf(Town, uint64(a.town), uint64(b.town)) + md.hopeOf(Region, uint64(a.region), uint64(b.region)) +
		md.hopeOf(Email, uint64(a.email), uint64(b.email)) + md.hopeOf(School, uint64(a.school), uint64(b.school)) +
		md.weight[Sex][comparePlain(a.sex, b.sex, 0)] + md.weight[Phone][compareNumber(a.phone, b.phone)]
	for i := range a.id {
		if a.id[i] != 0 && b.id[i] != 0 {
			sum += md.weight[ULN+Kind(i)][compareNumber(a.id[i], b.id[i])]
		}
	}
	return sum + moved(md.weight[House][comparePlain(a.house, b.house, 0)]) + moved(md.weight[Postcode][w.comparePlace(a.place, b.place)])
}

// moved is the least that a part of an address takes beside others (address).
func moved(x float32) float32 {
	if x < 0 {
		return x * otherMoved
	}
	return x
}

// hopeOfNames is no less than what names adds.
func (md *Model) hopeOfNames(a, b *record) float32 {
	straight := md.hopeOfName(Given, a.given, b.given) + md.hopeOfName(Family, a.family, b.family) + md.weight[order][orderStraight]
	turned := md.hopeOfTurned(a.given, b.family) + md.hopeOfTurned(a.family, b.given) + md.weight[order][orderTurned]
	return max(0, straight, turned)
}

func (md *Model) hopeOfName(k Kind, a, b uint32) float32 {
	switch {
	case a == 0 || b == 0:
		return 0
	case a == b:
		return md.weight[k][nameSame] + md.rarity(int(k), a)
	}
	return md.unequal[k] + max(0, md.rarity(int(k), a))/2
}

// hopeOfTurned is no less than turnedWeight.
func (md *Model) hopeOfTurned(a, b uint32) float32 {
	return (md.hopeOfName(Given, a, b) + md.hopeOfName(Family, a, b)) / 2
}

func (md *Model) hopeOf(k Kind, a, b uint64) float32 {
	switch {
	case a == 0 || b == 0:
		return 0
	case a == b:
		x := md.weight[k][1] // the same
		if k == Street || k == Locality || k == Town {
			x += md.rarity(int(k), uint32(a))
		}
		return x
	}
	return md.unequal[k]
}

// address weighs the parts of an address. Who has moved differs in all of them for
// one reason, so beyond the part that takes most the others take a third.
func (md *Model) address(a *record, v *vector) float32 {
	total, against, most := float32(0), float32(0), float32(0)
	for k := Postcode; k <= Region; k++ {
		x := md.placeWeight(k, a, v)
		if x >= 0 {
			total += x
			continue
		}
		against += x
		most = min(most, x)
	}
	return total + most + (against-most)*otherMoved
}

// placeWeight is what one part of an address says by itself.
func (md *Model) placeWeight(k Kind, a *record, v *vector) float32 {
	x := md.weight[k][v[k]]
	if v[k] != textSame {
		return x
	}
	switch k {
	case Street:
		x += md.rarity(int(k), a.street)
	case Locality:
		x += md.rarity(int(k), a.locality)
	case Town:
		x += md.rarity(int(k), a.town)
	}
	return x
}

const otherMoved = 1.0 / 3

// names compares given and family name in the order in which they agree better,
// and weighs them with the order itself.
func (md *Model) names(w *worker, a, b *record, v *vector) float32 {
	g, f := w.compareName(a.given, b.given), w.compareName(a.family, b.family)
	if (g == nameEdit || g == nameClose) && md.aName(w.lexicon, a.given) && md.aName(w.lexicon, b.given) {
		g = nameLoose // Amina and Amira: two names, not one and a slip
	}
	v[Given], v[Family], v[order] = g, f, 0
	if g == 0 && f == 0 && (a.given == 0 || b.family == 0) && (a.family == 0 || b.given == 0) {
		return 0
	}
	v[order] = orderStraight
	if g >= nameNear && a.given == b.middle && a.middle == b.given {
		g, v[Given] = namePart, namePart // known by the second name
	}
	straight := md.nameWeight(int(Given), g, a.given, b.given) + md.nameWeight(int(Family), f, a.family, b.family) + md.weight[order][orderStraight]
	if g != 0 && f != 0 && g <= nameEdit && f <= nameEdit {
		return straight
	}
	tg, tf := w.compareName(a.given, b.family), w.compareName(a.family, b.given)
	if tg > nameEdit && tf > nameEdit || tg == 0 && tf == 0 {
		return straight
	}
	turned := md.turnedWeight(tg, a.given, b.family) + md.turnedWeight(tf, a.family, b.given) + md.weight[order][orderTurned]
	if turned <= straight {
		return straight
	}
	v[Given], v[Family], v[order] = tg, tf, orderTurned
	return turned
}

// nameWeight adds to the weight of a degree what the rarity of the names says: all
// of it where they are the same, half of the commoner one's where they are nearly so.
func (md *Model) nameWeight(f int, level uint8, a, b uint32) float32 {
	x := md.weight[f][level]
	switch {
	case level == nameSame:
		x += md.rarity(f, a)
	case level != 0 && level < nameNear:
		x += min(md.rarity(f, a), md.rarity(f, b)) / 2
	}
	return x
}

// turnedWeight is what a name says that one has as given and the other as family
// name: which of the two has them in the wrong places is not known, so it is the
// mean of what it would say as either.
func (md *Model) turnedWeight(level uint8, a, b uint32) float32 {
	return (md.nameWeight(int(Given), level, a, b) + md.nameWeight(int(Family), level, a, b)) / 2
}
