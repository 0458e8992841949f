package merge

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/activity"
	"waymark/internal/civil"
	"waymark/internal/cohort"
	"waymark/internal/db"
	"waymark/internal/fact"
	"waymark/internal/field"
	"waymark/internal/guarantee"
	"waymark/internal/id"
	"waymark/internal/life"
	"waymark/internal/need"
	"waymark/internal/record"
	"waymark/internal/youngperson"
)

// Field is one thing of which the two records hold different values, so that
// one must be chosen: of the first and of the second record.
type Field struct {
	Name   string
	Values [2]life.Told
	// Better is the record whose value is chosen beforehand: the one on better
	// evidence, else the one learned later.
	Better int
}

// Fields are what must be chosen before two records are put together. sources
// say of each piece of evidence where it came from.
func Fields(first, second *record.Summary) []Field {
	c := &comparing{sums: [2]*record.Summary{first, second}, today: first.Today}
	a, b := first.Life, second.Life
	legal := func(n *youngperson.Name) bool { return n.Kind == youngperson.Legal }
	compare(c, FieldName, youngperson.Names, life.InForceOf(a.Names, c.today, legal), life.InForceOf(b.Names, c.today, legal), nil)
	p, q := life.InForce(a.Particulars, c.today), life.InForce(b.Particulars, c.today)
	for _, one := range []struct {
		field string
		of    func(youngperson.Particulars) youngperson.Particulars
	}{
		{FieldBirth, func(p youngperson.Particulars) youngperson.Particulars { return youngperson.Particulars{DOB: p.DOB} }},
		{FieldGender, func(p youngperson.Particulars) youngperson.Particulars {
			return youngperson.Particulars{Gender: p.Gender}
		}},
		{FieldEthnicity, func(p youngperson.Particulars) youngperson.Particulars {
			return youngperson.Particulars{Ethnicity: p.Ethnicity}
		}},
	} {
		compare(c, one.field, youngperson.ParticularsTable, p, q, one.of)
	}
	for _, one := range []struct{ field, scheme string }{{FieldULN, youngperson.ULN}, {FieldUPN, youngperson.UPN}, {FieldPrevious, youngperson.Previous}} {
		compare(c, one.field, youngperson.Identifiers, a.IdentifierFact(one.scheme, c.today), b.IdentifierFact(one.scheme, c.today), nil)
	}
	compare(c, FieldAddress, youngperson.Addresses, life.InForce(a.Addresses, c.today), life.InForce(b.Addresses, c.today), nil)
	c.activity()
	if k, o := life.InForce(a.Statuses, c.today), life.InForce(b.Statuses, c.today); k == nil || o == nil || k.Is.Status != duplicate && o.Is.Status != duplicate {
		compare(c, FieldCohort, cohort.Statuses, k, o, statusOf)
	}
	compare(c, FieldNeed, need.Needs, life.InForce(a.Needs, c.today), life.InForce(b.Needs, c.today), nil)
	c.guarantees()
	compare(c, FieldDestination, guarantee.Destinations, life.InForce(a.Destinations, c.today), life.InForce(b.Destinations, c.today), nil)
	compare(c, FieldAdviser, youngperson.Allocations, life.InForce(a.Allocations, c.today), life.InForce(b.Allocations, c.today), nil)
	return c.fields
}

type comparing struct {
	sums   [2]*record.Summary
	today  civil.Date
	fields []Field
}

// compare adds the field where both hold a value and they differ in what of
// leaves.
func compare[T comparable](c *comparing, name string, t fact.Table[T], a, b *fact.Of[T], of func(T) T) {
	if of == nil {
		of = func(v T) T { return v }
	}
	var nothing T
	if a == nil || b == nil || of(a.Is) == of(b.Is) || of(a.Is) == nothing || of(b.Is) == nothing {
		return
	}
	f := Field{Name: name, Values: [2]life.Told{toldOf(t, a), toldOf(t, b)}}
	if c.better(b.Version, 1, a.Version, 0) {
		f.Better = 1
	}
	c.fields = append(c.fields, f)
}

// better says that the evidence of v is of a better grade than that of w, or of
// the same and received later.
func (c *comparing) better(v fact.Version, vOf int, w fact.Version, wOf int) bool {
	x, y := c.sums[vOf].Sources[v.Evidence], c.sums[wOf].Sources[w.Evidence]
	if gx, gy := slices.Index(act.Grades(), x.Grade), slices.Index(act.Grades(), y.Grade); gx != gy {
		return gx >= 0 && (gy < 0 || gx < gy)
	}
	return x.ReceivedOn.After(y.ReceivedOn)
}

// activity asks which of two current activities is current.
func (c *comparing) activity() {
	a, b := c.sums[0].Life, c.sums[1].Life
	i, j := a.CurrentSpell(c.today), b.CurrentSpell(c.today)
	if i < 0 || j < 0 || sameSpell(&a.Spells[i], &b.Spells[j]) {
		return
	}
	f := Field{Name: FieldActivity, Values: [2]life.Told{toldOf(activity.Spells, &a.Spells[i]), toldOf(activity.Spells, &b.Spells[j])}}
	if dayOf(b.Spells[j].Started).After(dayOf(a.Spells[i].Started)) {
		f.Better = 1
	}
	c.fields = append(c.fields, f)
}

func (c *comparing) guarantees() {
	a, b := c.sums[0].Life, c.sums[1].Life
	for i := range a.Guarantees {
		name := guaranteeField(&a.Guarantees[i].Is)
		of := func(g *guarantee.Guarantee) bool { return guaranteeField(g) == name }
		if first := life.InForceOf(a.Guarantees, c.today, of); first != nil && first.ID == a.Guarantees[i].ID {
			compare(c, name, guarantee.Guarantees, first, life.InForceOf(b.Guarantees, c.today, of), nil)
		}
	}
}

// Joining asks for two records to be put together.
type Joining struct {
	// Keep is the record that stays, Other the one that leads there from now on.
	Keep, Other id.Ref
	// Chosen names the fields whose value is taken from Other.
	Chosen Chosen
	// Reason stands in the log; Key is the one-use key of the form.
	Reason, Key string
	// Seen is what Seen gave when the form was shown.
	Seen id.Act
}

// Seen is the last act that told anything that the two records hold: a form
// says with it which versions it showed.
func Seen(lives ...*life.Life) id.Act {
	var last id.Act
	for _, l := range lives {
		last = max(last, l.Person.KnownFrom)
		l.Versions(func(_ string, v fact.Version) { last = max(last, v.KnownFrom) })
	}
	return last
}

const (
	sqlTakeIn   = `UPDATE young_person SET known_to = $1 WHERE register = $2 AND id = $3 AND known_to IS NULL`
	sqlMerge    = `INSERT INTO merged (register, young_person, into_person, ref, known_from) VALUES ($1, $2, $3, $4, $5)`
	sqlConcerns = `INSERT INTO mended (register, act, young_person) VALUES ($1, $2, $3)`
)

// Join puts two records together, as one act, and returns the merge's
// reference. The facts of Other move to Keep; where both hold a value of one
// thing the chosen one is in force and the other stays findable. It needs
// access.MergePeople and returns field.Errors, db.Conflict where either record
// has changed since the form was shown, Refusal, or act.ErrRepeated.
func (s *Service) Join(ctx context.Context, by access.Actor, want Joining) (id.Ref, error) {
	if want.Reason = strings.TrimSpace(want.Reason); want.Reason == "" {
		return "", field.Errors{{Field: "reason", Message: "Say how you know that they are one person"}}
	}
	var ref id.Ref
	err := s.db.InTx(ctx, func(tx *db.Tx) error {
		keep, other, err := both(tx, by, want.Keep, want.Other)
		if err != nil {
			return err
		}
		a, err := act.Begin(tx, by, access.MergePeople, keep, act.Request{Reason: want.Reason, Key: want.Key,
			Evidence: &act.Evidence{Kind: act.System, SaidBy: "two records of one young person, put together", Grade: act.Inferred}})
		if err != nil {
			return err
		}
		j := &joining{tx: tx, a: a}
		if j.keep, err = life.One(tx, by.Register, keep, 0); err != nil {
			return err
		}
		if j.other, err = life.One(tx, by.Register, other, 0); err != nil {
			return err
		}
		if Seen(j.keep, j.other) != want.Seen {
			return db.Conflict{What: "one of the two records"}
		}
		if err := allowedTogether(tx, by.Register, keep, other); err != nil {
			return err
		}
		ref = id.NewRef()
		return s.join(j, want.Chosen, ref)
	})
	return ref, err
}

// both are the keys of two different people whom the actor may put together.
func both(tx *db.Tx, by access.Actor, first, second id.Ref) (a, b id.YoungPerson, err error) {
	if a, err = person(tx, by, first); err != nil {
		return 0, 0, err
	}
	if b, err = person(tx, by, second); err != nil {
		return 0, 0, err
	}
	if a == b {
		return 0, 0, refuse("This is one record, not two.")
	}
	return a, b, decideOn(tx, by, a, b)
}

func (s *Service) join(j *joining, chosen Chosen, ref id.Ref) error {
	keep, other := j.keep.Person.ID, j.other.Person.ID
	j.folded = fold(j.keep, j.other, chosen, civil.On(j.tx.Now, civil.London()))
	for _, k := range kinds() {
		if err := k.join(j); err != nil {
			return err
		}
	}
	if err := keepRestricted(j.tx, j.a, keep, other); err != nil {
		return err
	}
	r := int64(j.a.Register)
	for _, step := range []struct {
		sql  string
		args []any
	}{
		{sqlTakeIn, []any{int64(j.a.Number), r, int64(other)}},
		{sqlMerge, []any{r, int64(other), int64(keep), string(ref), int64(j.a.Number)}},
		{sqlConcerns, []any{r, int64(j.a.Number), int64(keep)}},
		{sqlConcerns, []any{r, int64(j.a.Number), int64(other)}},
	} {
		if _, err := j.tx.Exec(step.sql, step.args...); err != nil {
			return fmt.Errorf("put two records together: %w", err)
		}
	}
	if err := closeAnswer(j.tx, j.a, pairOf(keep, other)); err != nil {
		return err
	}
	return s.standing.Rewrite(j.tx, j.a, keep, other)
}

// Foresee is the life that the two would come to: what a check page shows. It
// changes nothing.
func Foresee(keep, other *life.Life, chosen Chosen, today civil.Date) *life.Life {
	return fold(keep, other, chosen, today).after
}
