package returns

import (
	"context"
	"slices"

	"waymark/internal/access"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/id"
	"waymark/internal/nccis"
	"waymark/internal/record"
)

// The return holds everybody, and its totals count everybody: it is the
// Department's. What is shown of it on a page, or in a file of names, is what the
// reader may see (ux-security.md 5.6).

// veil reads what is restricted for the actor.
func (s *Service) veil(ctx context.Context, by access.Actor) (v *access.Veil, err error) {
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		v, err = access.VeilOf(tx, by)
		return err
	})
	return v, err
}

// shown is the draft as the actor may see it: without those hidden from them, with
// locked records as lines without a name. Its totals are those of the whole, but
// that findings are counted as they are listed. It is not the draft that is signed.
func (s *Service) shown(ctx context.Context, by access.Actor, d *Draft) (*Draft, error) {
	veil, err := s.veil(ctx, by)
	if err != nil || d == nil {
		return d, err
	}
	if !slices.ContainsFunc(d.People, func(p *Person) bool { return veil.Protects(p.Key) }) &&
		!slices.ContainsFunc(d.LeftOut, func(o LeftOut) bool { return veil.Hides(o.Key) }) {
		return d, nil
	}
	out := *d
	out.People, out.LeftOut, out.Findings, out.Groups = nil, nil, nil, nil
	place := make([]int, len(d.People)+1) // where somebody stands now; 0 for nobody whose findings are shown
	for i, p := range d.People {
		if p = veiledPerson(veil, p); p == nil {
			continue
		}
		if out.People = append(out.People, p); !veil.Bars(p.Key) {
			place[i+1] = len(out.People)
		}
	}
	for _, o := range d.LeftOut {
		if !veil.Hides(o.Key) {
			out.LeftOut = append(out.LeftOut, o)
		}
	}
	out.Totals.Priority = [4]int{}
	for _, f := range d.Findings {
		if f.Position > 0 {
			if place[f.Position] == 0 || record.IsAddress(f.Field) && veil.Protects(d.People[f.Position-1].Key) {
				continue
			}
			f.Position = place[f.Position]
		}
		out.Findings = append(out.Findings, f)
		out.Totals.Priority[f.Priority]++
	}
	out.mendable = &mendable{known: map[string]bool{}}
	out.group()
	return &out, nil
}

// Whole is the month's return with everybody, whatever is restricted: the file that
// is made for the Department. It needs access.BuildReturn.
func (s *Service) Whole(ctx context.Context, by access.Actor, period civil.Month, o Options) (*Draft, error) {
	if err := access.Decide(by, access.BuildReturn, access.Subject{Register: by.Register}); err != nil {
		return nil, err
	}
	return s.build(ctx, by, period, o)
}

// veiledPerson is somebody as the veil lets them be shown, nil where it hides them.
func veiledPerson(v *access.Veil, p *Person) *Person {
	switch {
	case v.Hides(p.Key):
		return nil
	case v.Locks(p.Key):
		one := &Person{Key: p.Key, Ref: p.Ref, Leaver: p.Leaver, CountsAs: p.CountsAs, Age: -1}
		one.Record.Values[nccis.FamilyName] = record.RestrictedWords
		return one
	case v.Protects(p.Key):
		one := *p
		for f := range one.Record.Values {
			if record.IsAddress(nccis.Field(f)) && one.Record.Values[f] != "" {
				one.Record.Values[f] = access.Protected
			}
		}
		return &one
	}
	return p
}

// veiledSide is one side of a comparison as the veil lets it be shown.
func veiledSide(v *access.Veil, side Side) Side {
	var out []*Person
	for _, p := range side.People {
		if p = veiledPerson(v, p); p != nil {
			out = append(out, p)
		}
	}
	side.People = out
	return side
}

// unhide takes out of those who stood in an earlier return whom the veil hides.
func unhide(v *access.Veil, last map[id.YoungPerson]lastPerson) {
	for yp := range last {
		if v.Hides(yp) {
			delete(last, yp)
		}
	}
}
