package standing

import (
	"context"
	"fmt"
	"slices"

	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/fact"
	"waymark/internal/id"
	"waymark/internal/life"
	"waymark/internal/youngperson"
)

// pastRoll is the roll of a register after an act.
type pastRoll struct {
	register id.Register
	// erased is the last act that had erased somebody when it was made.
	erased id.Act
	*Roll
}

// Of the rolls of the past so many are kept, and of the earlier ones none once
// all have more lines than that: what was known after an act never changes, so
// a roll once made is right for good, and only takes room.
const (
	pastKept  = 3
	pastLines = 400_000
)

// past is the roll as known at the end of a day, made from the facts: a second
// or some for a large register, and at once when it is asked for again.
func (rs *Rolls) past(ctx context.Context, r id.Register, day civil.Date) (*Roll, error) {
	rs.making.Lock()
	defer rs.making.Unlock()
	var at, erased id.Act
	err := rs.db.Read(ctx, func(tx *db.Tx) error {
		var err error
		if erased, err = life.LastErased(tx, r); err != nil {
			return err
		}
		at, err = act.AsKnown(tx, r, day)
		return err
	})
	if err != nil {
		return nil, err
	}
	rs.then = slices.DeleteFunc(rs.then, func(p pastRoll) bool { return p.register == r && p.erased != erased })
	is := func(p pastRoll) bool { return p.register == r && p.at == at }
	if i := slices.IndexFunc(rs.then, is); i >= 0 {
		one := rs.then[i]
		rs.then = slices.Insert(slices.Delete(rs.then, i, i+1), 0, one)
		return one.Roll, nil
	}
	ro := newRoll(at)
	state := func(l *life.Life) *facts { return factsOf(l, rs.keeper.Row(r, l)) }
	if err := life.EachThen(ctx, rs.db, fact.Known{Register: r, At: at}, state, ro.add); err != nil {
		return nil, fmt.Errorf("make the roll of %s: %w", day, err)
	}
	rs.then = slices.Insert(rs.then, 0, pastRoll{r, erased, ro.sorted()})
	lines := 0
	for i, p := range rs.then {
		if lines += p.Len(); i > 0 && (i == pastKept || lines > pastLines) {
			rs.then = rs.then[:i]
			break
		}
	}
	return ro, nil
}

// Texts are the columns of a Row by their names, "" where there is no date.
// What is no text is not among them.
func (k Keeper) Texts(r id.Register, l *life.Life) map[string]string {
	return texts(k.Row(r, l))
}

func texts(row []any) map[string]string {
	out := make(map[string]string, len(Columns))
	for i, c := range Columns {
		if s, ok := row[i].(string); ok {
			out[c] = s
		}
	}
	return out
}

// vulnerableAt is where a Row says it.
var vulnerableAt = slices.Index(Columns, "vulnerable")

// factsOf are what a line is made of, from a life and its standing.
func factsOf(l *life.Life, row []any) *facts {
	v := texts(row)
	f := &facts{person: l.Person.ID, givenKey: v["given_key"], familyKey: v["family_key"], postcode: v["postcode_key"], dob: v["dob"], gender: v["gender"],
		ethnicity: v["ethnicity"], lead: v["lead_la"], cohort: v["cohort_status"], statedOn: v["stated_on"], send: v["send"], support: v["sen_support"],
		level: v["level"], activity: v["activity"], schoolNumber: v["establishment_number"], schoolName: v["establishment_name"],
		verifiedOn: v["verified_on"], lapsesOn: v["lapses_on"], neetSince: v["neet_since"], adviser: v["adviser"], adviserName: v["adviser_name"],
		lastContact: v["last_contact_on"], reviewOn: v["review_on"]}
	f.vulnerable, _ = row[vulnerableAt].(bool)
	for i := range l.Reaches {
		f.telephone = f.telephone || l.Reaches[i].Ended == "" && l.Reaches[i].Is.Kind == youngperson.Telephone
	}
	for i := range l.Characteristics {
		if c := &l.Characteristics[i]; c.Ended == "" && c.Is.Code != "" {
			f.characteristics = append(f.characteristics, c.Is.Code)
		}
	}
	return f
}
