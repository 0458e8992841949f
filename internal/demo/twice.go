package demo

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/id"
	"waymark/internal/life"
	"waymark/internal/match"
	"waymark/internal/merge"
	"waymark/internal/need"
	"waymark/internal/record"
	"waymark/internal/register"
	"waymark/internal/standing"
	"waymark/internal/youngperson"
)

// Twice is how many records EnterTwice adds: four of people who are held
// already, and two of twins.
const Twice = 6

// EnterTwice lets an adviser make the mistakes that make duplicates, so that
// there is something to find: somebody rings who is in the register under
// another form of the name, somebody whose birth date is written down with day
// and month exchanged, somebody who has moved; and a pair of twins, who are two
// people. One pair a data officer has put together already, so that there is a
// merge to undo. All are too young for the return, which stays as it is. The people
// are those of the world; that they are there twice is not.
func EnterTwice(ctx context.Context, h House, w *World, r register.Register) error {
	keeper := standing.Keeper{Requirement: h.Requirement}
	e := &entering{w: w, records: &record.Service{DB: h.DB, Requirement: h.Requirement, Standing: keeper, Sights: &act.Recorder{DB: h.DB}}}
	var err error
	if e.names, err = match.NewVariants(); err != nil {
		return err
	}
	adviser := w.Cast[firstAdviser]
	e.by = access.Actor{Register: r.ID, Ref: "account:" + string(adviser.Ref), Name: adviser.Name, Roles: []access.Role{adviser.Role}, Request: "demo"}
	for _, step := range []func(context.Context) error{e.nickname, e.turned, e.moved, e.twins, e.joined} {
		if err := step(ctx); err != nil {
			return fmt.Errorf("enter somebody twice: %w", err)
		}
	}
	return nil
}

type entering struct {
	w       *World
	records *record.Service
	names   *match.Variants
	by      access.Actor
	used    map[*Person]bool
}

// young is the first of those too young for the return, and held, who fits.
func (e *entering) young(fits func(*Person) bool) (*Person, error) {
	for _, p := range e.w.People {
		if p.final > e.w.year && e.w.held(p.KnownFrom()) && len(p.Addresses) > 0 && !e.used[p] && fits(p) {
			if e.used == nil {
				e.used = map[*Person]bool{}
			}
			e.used[p] = true
			return p, nil
		}
	}
	return nil, errors.New("nobody in this world fits")
}

// add enters somebody as the adviser heard it on the telephone.
func (e *entering) add(ctx context.Context, name youngperson.Name, born civil.Date, p *Person, at youngperson.Address, saidBy string) (id.Ref, error) {
	return e.records.Add(ctx, e.by, record.NewPerson{Name: youngperson.Name{Given: name.Given, Family: name.Family}, Born: born, Gender: p.Particulars[0].Is.Gender,
		Ethnicity: p.Particulars[0].Is.Ethnicity, Address: at, LeadLA: e.w.Borough.Code, EducatedLA: e.w.Borough.Code, Need: need.Need{Level: "3", SEND: "N", SENSupport: "N"}},
		record.Told{Kind: act.Telephone, SaidBy: saidBy})
}

// home is where they were last known to live.
func (p *Person) home() youngperson.Address { return p.Addresses[len(p.Addresses)-1].Is }

// nickname is somebody who rings under another form of the given name.
func (e *entering) nickname(ctx context.Context) error {
	other := ""
	p, err := e.young(func(p *Person) bool {
		forms := e.names.Of(match.Fold(p.Legal().Given))
		if len(forms) > 0 {
			other = forms[0][:1] + strings.ToLower(forms[0][1:])
		}
		return other != ""
	})
	if err != nil {
		return err
	}
	_, err = e.add(ctx, youngperson.Name{Given: other, Family: p.Legal().Family}, p.born, p, p.home(), "the young person")
	return err
}

// turned is somebody whose birth date is written down with day and month
// exchanged.
func (e *entering) turned(ctx context.Context) error {
	var born civil.Date
	p, err := e.young(func(p *Person) bool {
		y, m, d := p.born.YMD()
		var ok bool
		born, ok = civil.New(y, time.Month(d), int(m))
		return ok && d != int(m)
	})
	if err != nil {
		return err
	}
	_, err = e.add(ctx, p.Legal(), born, p, p.home(), "a parent")
	return err
}

// moved is somebody who has moved, and whose old record was not found.
func (e *entering) moved(ctx context.Context) error {
	p, err := e.young(func(*Person) bool { return true })
	if err != nil {
		return err
	}
	from, err := e.young(func(q *Person) bool { return q.home().Postcode != p.home().Postcode })
	if err != nil {
		return err
	}
	_, err = e.add(ctx, p.Legal(), p.born, p, from.home(), "the new school")
	return err
}

// twins are two people of one family, home and birth date.
func (e *entering) twins(ctx context.Context) error {
	p, err := e.young(func(p *Person) bool { return p.gender == "F" })
	if err != nil {
		return err
	}
	for _, given := range []string{"Tansy", "Marigold"} {
		if _, err := e.add(ctx, youngperson.Name{Given: given, Family: "Quillfeather"}, p.born, p, p.home(), "their mother"); err != nil {
			return err
		}
	}
	return nil
}

// joined is somebody who was entered twice, and whose two records a data officer
// has put together.
func (e *entering) joined(ctx context.Context) error {
	p, err := e.young(func(*Person) bool { return true })
	if err != nil {
		return err
	}
	again, err := e.add(ctx, p.Legal(), p.born, p, p.home(), "a youth worker")
	if err != nil {
		return err
	}
	merges, err := merge.New(e.records)
	if err != nil {
		return err
	}
	officer := e.w.Cast[otherDataOfficer]
	by := access.Actor{Register: e.by.Register, Ref: "account:" + string(officer.Ref), Name: officer.Name, Roles: []access.Role{officer.Role}, Request: "demo"}
	var lives []*life.Life
	for _, ref := range []id.Ref{p.Person.Ref, again} {
		sum, err := e.records.Summary(ctx, by, ref)
		if err != nil {
			return err
		}
		lives = append(lives, sum.Life)
	}
	_, err = merges.Join(ctx, by, merge.Joining{Keep: p.Person.Ref, Other: again, Reason: "The youth worker says it is the same young person", Seen: merge.Seen(lives...)})
	return err
}
