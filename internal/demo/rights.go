package demo

import (
	"context"
	"errors"
	"fmt"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/publish"
	"waymark/internal/record"
	"waymark/internal/register"
	"waymark/internal/report"
	"waymark/internal/rights"
	"waymark/internal/standing"
)

// Ask leaves two requests about rights behind, one of them nearly due, a
// disclosure to the police of the second young person, and the figures of the month before last as published.
func Ask(ctx context.Context, h House, w *World, r register.Register) error {
	sights := &act.Recorder{DB: h.DB}
	records := &record.Service{DB: h.DB, Requirement: h.Requirement, Standing: standing.Keeper{Requirement: h.Requirement}, Sights: sights}
	s := &rights.Service{DB: h.DB, Record: records, Sights: sights}
	by := func(role access.Role) (access.Actor, error) {
		for _, one := range w.Cast {
			if one.Role == role {
				return access.Actor{Register: r.ID, Ref: "account:" + string(one.Ref), Name: one.Name, Roles: []access.Role{role}, Request: "demo"}, nil
			}
		}
		return access.Actor{}, fmt.Errorf("nobody in the cast is %s", role)
	}
	adviser, err := by(access.Adviser)
	officer, missing := by(access.DataOfficer)
	ig, gone := by(access.InformationGovernance)
	if err := errors.Join(err, missing, gone); err != nil {
		return err
	}
	e := &entering{w: w}
	for _, n := range []rights.New{
		{Kind: rights.Access, AskedBy: rights.ByPerson, ReceivedOn: w.On.AddMonths(-1).AddDays(3), How: "e-mail", Words: "Please send me everything that you hold about me."},
		{Kind: rights.Complaint, AskedBy: rights.ByParent, AskedName: "Invented Parent", ReceivedOn: w.On.AddDays(-2), How: "letter", Words: "You rang my son at work. He had asked you not to."},
	} {
		p, err := e.young(func(*Person) bool { return true })
		if err != nil {
			return err
		}
		ref, err := s.Receive(ctx, adviser, p.Person.Ref, n, "")
		if err != nil {
			return fmt.Errorf("leave a request behind: %w", err)
		}
		if n.Kind != rights.Access {
			told := rights.Disclosure{Recipient: "police", ToWhom: "The police station at the harbour, about somebody missing", What: "Telephone number and college", How: "telephone", Ground: rights.Grounds()[1],
				DecidedBy: w.Cast[teamManager].Name, On: w.On.AddDays(-6)}
			if err := s.Disclose(ctx, ig, p.Person.Ref, told, ""); err != nil {
				return fmt.Errorf("leave a disclosure behind: %w", err)
			}
			continue
		}
		for _, step := range []rights.Step{{Kind: rights.Taken, On: w.On.AddDays(-20)}, {Kind: rights.Identity, On: w.On.AddDays(-20), Words: "Rang the number on the record; known to their adviser"}} {
			if err := s.Do(ctx, ig, ref, step, ""); err != nil {
				return fmt.Errorf("leave a request behind: %w", err)
			}
		}
		if err := s.Draft(ctx, ig, ref, ""); err != nil {
			return fmt.Errorf("leave a draft of what is held behind: %w", err)
		}
	}
	figures := &publish.Service{DB: h.DB, Figures: &report.Service{DB: h.DB, Requirement: h.Requirement, Sights: sights}}
	defer figures.Figures.Close()
	p, err := figures.Make(ctx, officer, w.On.InMonth().Add(-2), []string{"age", "sex", "send", "vulnerable"}, "")
	if err != nil {
		return fmt.Errorf("publish figures: %w", err)
	}
	return figures.Freeze(ctx, officer, p.Ref, "")
}
