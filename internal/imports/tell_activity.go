package imports

import (
	"slices"

	"waymark/internal/activity"
	"waymark/internal/fact"
	"waymark/internal/id"
	"waymark/internal/nccis"
)

// spellItems are the items of a spell's columns.
func spellItems() []nccis.Field {
	return []nccis.Field{nccis.ActivityCode, nccis.DateAscertained, nccis.ReviewDate, nccis.PredictedEndDate, nccis.NEETStartDate,
		nccis.EstablishmentNumber, nccis.EstablishmentName, nccis.UKProviderReferenceNumber}
}

// activity holds the spell that the record states against the spells here. The
// same code and start are the same spell; a later start is a new spell, which
// ends the one before; any other change corrects what the source had said.
func (t *telling) activity() {
	if !t.activityChanged() {
		return
	}
	l := t.l
	i := t.spellAt()
	if t.in.NoActivities {
		if i >= 0 {
			t.takeBack(i)
		}
		t.spell = 0
		return
	}
	code, start := t.in.Values[nccis.ActivityCode], t.in.Values[nccis.StartDate]
	same := code == t.base.Values[nccis.ActivityCode] && start == t.base.Values[nccis.StartDate]
	if j := slices.IndexFunc(l.Spells, func(s fact.Of[activity.Spell]) bool { return s.Is.Activity == code && s.Started == start }); j >= 0 && j != i && (!same || i < 0) {
		// Somebody here has recorded it already.
		t.spell = l.Spells[j].ID
		t.details(j, &nccis.Record{})
	} else if i < 0 || t.startsLater(i, start) {
		t.begin(start)
	} else {
		t.spell = l.Spells[i].ID
		t.details(i, t.base)
	}
	if now := l.CurrentSpell(t.on); now >= 0 && l.Spells[now].ID != t.spell {
		t.clashes = append(t.clashes, clash{nccis.ActivityCode.String(), code, l.Spells[now].Is.Activity})
	}
}

// activityChanged says that the source says something else of the activity
// than it did.
func (t *telling) activityChanged() bool {
	if t.in.NoActivities != t.base.NoActivities {
		return true
	}
	if t.in.NoActivities {
		return false
	}
	if t.spell == 0 {
		return true // the source says for the first time that there is one
	}
	for _, f := range append(spellItems(), nccis.StartDate, nccis.DateVerified) {
		if t.in.Values[f] != t.base.Values[f] {
			return true
		}
	}
	return false
}

// spellAt is where the spell stands that the source spoke of last, -1 where
// none does.
func (t *telling) spellAt() int {
	if t.spell == 0 {
		return -1
	}
	return slices.IndexFunc(t.l.Spells, func(s fact.Of[activity.Spell]) bool { return s.ID == t.spell })
}

// startsLater says that the record states an activity that began, by the
// period end, after the one that the source stated before.
func (t *telling) startsLater(i int, start string) bool {
	before, now := readDate(t.l.Spells[i].Started), readDate(start)
	return start != t.base.Values[nccis.StartDate] && !before.IsZero() && now.After(before) && !now.After(t.on)
}

// begin adds the spell and ends those that were open when it began.
func (t *telling) begin(start string) {
	l := t.l
	s := fact.Of[activity.Spell]{Version: t.version()}
	s.Started = start
	for k, p := range activity.Spells.Fields(&s.Is) {
		*(p.(*string)) = t.in.Values[spellItems()[k]]
	}
	if day := readDate(start); !day.IsZero() {
		before := day.AddDays(-1)
		for i := range l.Spells {
			o := &l.Spells[i]
			switch began, ended := readDate(o.Started), readDate(o.Ended); {
			case began.After(day):
				if last := began.AddDays(-1); s.Ended == "" || last.Before(readDate(s.Ended)) {
					s.Ended = last.String()
				}
			case began.Before(day) && (ended.IsZero() || ended.After(before)):
				o.Ended = before.String()
			}
		}
	}
	l.Spells = append(l.Spells, s)
	t.spell = s.ID
	if v := t.in.Values[nccis.DateVerified]; v != "" {
		t.verify(v)
	}
}

// details holds the items of one spell, and its confirmation, against what the
// source said of it before.
func (t *telling) details(i int, before *nccis.Record) {
	was := t.base
	t.base = before
	defer func() { t.base = was }()
	s := &t.l.Spells[i]
	spell, started := s.ID, s.Started
	s.Started = t.newer(nccis.StartDate, s.Started)
	moved := s.Started != started
	for k, p := range activity.Spells.Fields(&s.Is) {
		v := p.(*string)
		*v = t.newer(spellItems()[k], *v)
	}
	t.confirm(spell)
	if moved {
		t.begunEarlier(spell)
	}
}

// begunEarlier takes back what files had told of the time since a spell began,
// where its start is corrected to an earlier day: the source now says that the
// young person did this all along.
func (t *telling) begunEarlier(spell id.Fact) {
	at := func(s fact.Of[activity.Spell]) bool { return s.ID == spell }
	began := readDate(t.l.Spells[slices.IndexFunc(t.l.Spells, at)].Started)
	if began.IsZero() {
		return
	}
	for i := len(t.l.Spells) - 1; i >= 0; i-- {
		o := &t.l.Spells[i]
		if other := readDate(o.Started); o.ID != spell && other.After(began) && !other.After(t.on) && t.byImport(o.KnownFrom) {
			t.takeBack(i)
		}
	}
}

// confirm takes over a new DateVerified. A later one is one confirmation more;
// any other takes the place of those that files gave for the spell and that
// would count more than it.
func (t *telling) confirm(spell id.Fact) {
	now, before := t.in.Values[nccis.DateVerified], t.base.Values[nccis.DateVerified]
	if now == before {
		return
	}
	day, last := readDate(now), readDate(before)
	counts := !day.IsZero() && !day.After(t.on)
	if !counts || (before != "" && (last.IsZero() || !last.Before(day))) {
		t.l.Verifications = slices.DeleteFunc(t.l.Verifications, func(v fact.Of[activity.Verification]) bool {
			d := readDate(v.Is.Verified)
			earlier := counts && !d.IsZero() && d.Before(day)
			return v.Is.Spell == spell && t.byImport(v.KnownFrom) && !earlier
		})
	}
	if now == "" || slices.ContainsFunc(t.l.Verifications, func(v fact.Of[activity.Verification]) bool {
		return v.Is.Spell == spell && v.Is.Verified == now
	}) {
		return
	}
	t.verify(now)
}

func (t *telling) verify(day string) {
	t.l.Verifications = append(t.l.Verifications, fact.Of[activity.Verification]{Version: t.version(),
		Is: activity.Verification{Spell: t.spell, Verified: day}})
}

// takeBack takes away a spell that the source no longer states, with the
// confirmations that files gave for it.
func (t *telling) takeBack(i int) {
	spell := t.l.Spells[i].ID
	t.l.Spells = slices.Delete(t.l.Spells, i, i+1)
	t.l.Verifications = slices.DeleteFunc(t.l.Verifications, func(v fact.Of[activity.Verification]) bool {
		return v.Is.Spell == spell && t.byImport(v.KnownFrom)
	})
}
