package merge

import (
	"slices"

	"waymark/internal/activity"
	"waymark/internal/civil"
	"waymark/internal/fact"
	"waymark/internal/id"
	"waymark/internal/life"
)

// spells puts both histories of activity together. One activity is current: the
// chosen one. A spell that both records hold is one; a spell of the other side
// that would come in the way of the chosen one is set aside.
func (f *folding) spells() {
	one := map[id.Fact]id.Fact{} // the same spell, told to both records
	for i := range f.other.Spells {
		for j := range f.keep.Spells {
			if sameSpell(&f.keep.Spells[j], &f.other.Spells[i]) {
				one[f.other.Spells[i].ID] = f.keep.Spells[j].ID
			}
		}
	}
	aside := f.inTheWay(one)
	for _, s := range f.keep.Spells {
		if !aside[s.ID] {
			f.after.Spells = append(f.after.Spells, s)
		}
	}
	for _, s := range f.other.Spells {
		switch s = moved(s, f.keep.Person.ID); {
		case one[s.ID] != 0:
		case aside[s.ID]:
			f.past.Spells = append(f.past.Spells, s)
		default:
			f.after.Spells = append(f.after.Spells, s)
		}
	}
	for _, v := range f.keep.Verifications {
		if !aside[v.Is.Spell] {
			f.after.Verifications = append(f.after.Verifications, v)
		}
	}
	for _, v := range f.other.Verifications {
		v = moved(v, f.keep.Person.ID)
		if spell := one[v.Is.Spell]; spell != 0 {
			v.Is.Spell = spell
		}
		switch {
		case held(f.after.Verifications, &v, func(a, b *fact.Of[activity.Verification]) bool { return a.Is == b.Is }):
		case aside[v.Is.Spell]:
			f.past.Verifications = append(f.past.Verifications, v)
		default:
			f.after.Verifications = append(f.after.Verifications, v)
		}
	}
}

// sameSpell says that two spells are one: the same activity at the same place
// over the same days. What is expected of it may be told differently.
func sameSpell(a, b *fact.Of[activity.Spell]) bool {
	return a.Is.Activity == b.Is.Activity && a.Started == b.Started && a.Ended == b.Ended &&
		a.Is.EstablishmentNumber == b.Is.EstablishmentNumber && a.Is.EstablishmentName == b.Is.EstablishmentName
}

// inTheWay are the spells that would be current in place of the chosen one:
// they are set aside, one after the other, until it is the current one.
func (f *folding) inTheWay(one map[id.Fact]id.Fact) map[id.Fact]bool {
	aside := map[id.Fact]bool{}
	k, o := f.keep.CurrentSpell(f.today), f.other.CurrentSpell(f.today)
	if k < 0 && o < 0 {
		return aside
	}
	var chosen id.Fact
	if k >= 0 {
		chosen = f.keep.Spells[k].ID
	}
	if o >= 0 && (k < 0 || f.chosen[FieldActivity]) {
		chosen = f.other.Spells[o].ID
	}
	if same := one[chosen]; same != 0 {
		chosen = same
	}
	for {
		both := life.Life{}
		for _, list := range [][]fact.Of[activity.Spell]{f.keep.Spells, f.other.Spells} {
			for _, s := range list {
				if one[s.ID] == 0 && !aside[s.ID] {
					both.Spells = append(both.Spells, s)
				}
			}
		}
		slices.SortStableFunc(both.Spells, func(a, b fact.Of[activity.Spell]) int { return int(a.ID - b.ID) })
		current := both.CurrentSpell(f.today)
		if current < 0 {
			// An open spell ends when another begins, also one that is over by now.
			current = f.lastBegun(both.Spells, chosen)
		}
		if current < 0 || both.Spells[current].ID == chosen {
			return aside
		}
		aside[both.Spells[current].ID] = true
	}
}

// lastBegun is the place of the spell that began last until today, but for the
// chosen one; -1 where there is none.
func (f *folding) lastBegun(spells []fact.Of[activity.Spell], chosen id.Fact) int {
	last := -1
	for i := range spells {
		begun := dayOf(spells[i].Started)
		if spells[i].ID != chosen && !begun.After(f.today) && (last < 0 || !begun.Before(dayOf(spells[last].Started))) {
			last = i
		}
	}
	return last
}

// dayOf is the date that a text states, none where it cannot be read.
func dayOf(text string) civil.Date {
	d, err := civil.Parse(text)
	if err != nil {
		return civil.Date{}
	}
	return d
}
