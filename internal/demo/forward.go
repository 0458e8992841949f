package demo

import (
	"context"
	"errors"
	"fmt"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/record"
	"waymark/internal/register"
	"waymark/internal/retention"
	"waymark/internal/standing"
)

// PutForward gives the register rules of how long records are kept, and has
// information governance put forward the record of somebody who has asked for
// its erasure: it waits for the two people who release it.
func PutForward(ctx context.Context, h House, w *World, r register.Register) error {
	keeper := standing.Keeper{Requirement: h.Requirement}
	s := &retention.Service{DB: h.DB, Record: &record.Service{DB: h.DB, Requirement: h.Requirement, Standing: keeper, Sights: &act.Recorder{DB: h.DB}}}
	var by access.Actor
	for _, one := range w.Cast {
		if one.Role == access.InformationGovernance {
			by = access.Actor{Register: r.ID, Ref: "account:" + string(one.Ref), Name: one.Name, Roles: []access.Role{one.Role}, Request: "demo"}
		}
	}
	for i, rule := range []retention.Rule{
		{Category: retention.Everyone, From: retention.Birth, Months: 25 * 12},
		{Category: retention.HadPlan, From: retention.Birth, Months: 31 * 12},
		{Category: retention.WasInCare, From: retention.Birth, Months: 75 * 12},
		{Category: retention.Files, From: retention.Received, Months: 3},
	} {
		rule.Basis = fmt.Sprintf("%s’s retention schedule 2026, line %d", w.Borough.Name, i+1)
		if err := s.AddRule(ctx, by, rule, ""); err != nil {
			return fmt.Errorf("add a rule of retention: %w", err)
		}
	}
	oldest := w.oldest()
	if oldest == nil {
		return errors.New("nobody in this world is old enough to be forgotten")
	}
	if _, err := s.ProposeOne(ctx, by, oldest.Person.Ref, "Request for erasure 4 of this year, granted", ""); err != nil {
		return fmt.Errorf("put a record forward: %w", err)
	}
	return nil
}

// oldest is the first of the oldest who is held and has no story.
func (w *World) oldest() *Person {
	var oldest *Person
	for _, p := range w.People {
		if !p.named && w.held(p.KnownFrom()) && (oldest == nil || p.final < oldest.final) {
			oldest = p
		}
	}
	return oldest
}
