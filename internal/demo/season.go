package demo

import (
	"context"
	"fmt"
	"time"

	"waymark/internal/access"
	"waymark/internal/calendar"
	"waymark/internal/civil"
	"waymark/internal/id"
	"waymark/internal/nccis"
	"waymark/internal/season"
)

// seasons are the seasons of the guarantee whose end of May the history holds,
// and is late enough in it for the lists of that May to be known.
func (w *World) seasons() []int {
	var out []int
	for k := range Months {
		if m := w.first.Add(k); m.Month == time.May && k >= Months-2*12 {
			out = append(out, m.Year)
		}
	}
	return out
}

// draw draws the baselines of a season on the last day of May, as the manager
// would.
func (f *filler) draw(ctx context.Context, req *nccis.Requirement, year int) error {
	f.clock = time.Date(year, time.May, 31, 10, 20, 0, 0, civil.London()).UTC()
	s := &season.Service{DB: f.db, Requirement: req}
	for i, one := range f.w.Cast {
		if one.Role != access.TeamManager {
			continue
		}
		if _, err := s.Draw(ctx, f.actors[i], year, string(id.NewRef())); err != nil {
			return fmt.Errorf("draw the baselines of %d: %w", year, err)
		}
		return nil
	}
	return fmt.Errorf("draw the baselines of %d: the cast has no manager", year)
}

// days are the authority's own in its year, about the day on which the demo is
// looked at.
func (f *filler) days(ctx context.Context) error {
	s := &calendar.Service{DB: f.db}
	add := func(words, href string, opens, closes int, roles ...access.Role) error {
		_, err := s.Add(ctx, f.actors[teamManager], calendar.Entry{Words: words, Href: href, Opens: f.w.On.AddDays(opens), Closes: f.w.On.AddDays(closes), Roles: roles}, string(id.NewRef()))
		if err != nil {
			return fmt.Errorf("add %q to the year: %w", words, err)
		}
		return nil
	}
	if err := add("Late enrolment lists from the colleges", "/imports", -7, 9, access.DataOfficer); err != nil {
		return err
	}
	if err := add("Doorstep week in Gullhaven", "/due", 10, 14, access.Adviser, access.TeamManager); err != nil {
		return err
	}
	return add("Careers fair at the town hall", "", 24, 24)
}
