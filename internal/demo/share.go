package demo

import (
	"context"
	"fmt"
	"slices"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/id"
	"waymark/internal/record"
	"waymark/internal/register"
	"waymark/internal/sharing"
	"waymark/internal/standing"
)

// sharer keeps agreements as the officer for information governance.
type sharer struct {
	w  *World
	s  *sharing.Service
	by access.Actor
	// from is when on what is to come is still to come.
	from civil.Date
}

func newSharer(h House, w *World, r register.Register) *sharer {
	ig := w.Cast[governance]
	return &sharer{w: w, from: w.from(h), by: access.Actor{Register: r.ID, Ref: "account:" + string(ig.Ref), Name: ig.Name, Roles: []access.Role{ig.Role}, Request: "demo"},
		s: &sharing.Service{DB: h.DB, Records: &record.Service{DB: h.DB, Requirement: h.Requirement, Standing: standing.Keeper{Requirement: h.Requirement}, Sights: &act.Recorder{DB: h.DB}}}}
}

// from is the day from which what somebody will do is still to come: the demo's
// own, or today where it is looked at on a past day.
func (w *World) from(h House) civil.Date {
	if today := civil.On(h.DB.Now(), civil.London()); w.On.Before(today) {
		return today
	}
	return w.On
}

// Share keeps three agreements: a college and a school see their own, and the youth
// justice team three young people by name.
func Share(ctx context.Context, h House, w *World, r register.Register) error {
	f := newSharer(h, w, r)
	local := w.Borough.replacer().Replace
	college := sharing.Terms{Organisation: sharing.Organisation{Name: local("Saltmarsh Sixth Form College"), Kind: "college", Number: local("9958601"), UKPRN: local("19950041")},
		Purpose: "To find out together who has left, and where to", Document: "Agreement 2026/14, in the records room", Owner: "The vice principal", People: sharing.Enrolled,
		Fields: access.Names | access.Birth | access.Cohort | access.Activities | access.Guarantees, Started: f.w.On.AddDays(-70), Ends: f.from.AddDays(295)}
	if _, err := f.agree(ctx, college, collegePartner); err != nil {
		return err
	}
	school := sharing.Terms{Organisation: sharing.Organisation{Name: local(schools()[0].name), Kind: "school", Number: local("9954001"), UKPRN: local("19950001")},
		Purpose: "To keep pupils in learning, and to know who has an offer", Document: "Agreement 2026/21, in the records room", Owner: "The head teacher", People: sharing.Enrolled,
		Fields: access.Names | access.Birth | access.Activities | access.Guarantees, Started: f.w.On.AddDays(-60), Ends: f.from.AddDays(40)}
	if _, err := f.agree(ctx, school, schoolPartner); err != nil {
		return err
	}
	justice := sharing.Terms{Organisation: sharing.Organisation{Name: local("Saltmarsh Youth Justice Service"), Kind: "youth justice team"},
		Purpose: "To get young people under supervision into learning", Document: "Agreement 2026/3, in the records room", Owner: "The service manager", People: sharing.Named,
		Fields: access.Names | access.Birth | access.AdviserOf | access.Activities, Started: f.w.On.AddDays(-120), Ends: f.from.AddDays(245)}
	ref, err := f.agree(ctx, justice, carePartner)
	if err != nil {
		return err
	}
	named := 0
	for _, p := range slices.Backward(f.w.People) { // the first are restricted
		if named == 3 {
			return nil
		}
		if !w.held(p.KnownFrom()) || p.Person.YoungPersonsID == "" || !p.Left.IsZero() || p.named {
			continue
		}
		if err := f.s.NamePerson(ctx, f.by, ref, p.Person.YoungPersonsID, string(id.NewRef())); err != nil {
			return fmt.Errorf("name %q in an agreement: %w", p.Person.YoungPersonsID, err)
		}
		named++
	}
	return nil
}

// nobody of the cast asks for an organisation.
const nobody = -1

// agree adds an agreement, approves it, and lets one of the cast, or nobody, ask
// for the organisation.
func (f *sharer) agree(ctx context.Context, t sharing.Terms, partner int) (id.Ref, error) {
	ref, err := f.s.Add(ctx, f.by, t, string(id.NewRef()))
	if err != nil {
		return "", fmt.Errorf("add the agreement with %s: %w", t.Organisation.Name, err)
	}
	if partner != nobody {
		if err := f.s.Bind(ctx, f.by, ref, f.w.Cast[partner].SignIn, string(id.NewRef())); err != nil {
			return "", fmt.Errorf("bind the account of %s: %w", t.Organisation.Name, err)
		}
	}
	whole, err := f.s.One(ctx, f.by, ref)
	if err != nil {
		return "", err
	}
	return ref, f.s.Approve(ctx, f.by, ref, whole.Version, string(id.NewRef()))
}
