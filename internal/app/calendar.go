package app

import (
	"context"
	"strings"

	"waymark/internal/access"
	"waymark/internal/calendar"
	"waymark/internal/civil"
	"waymark/internal/cli"
	"waymark/internal/returns"
)

// calendarOf is the calendar of a house, which is told by the rooms above it
// what is done.
func calendarOf(h *cli.House) *calendar.Service {
	return &calendar.Service{DB: h.DB, Done: map[string]func(context.Context, access.Actor, calendar.Entry) (bool, error){
		"monthly-return": func(ctx context.Context, by access.Actor, e calendar.Entry) (bool, error) {
			month, err := civil.ParseMonth(strings.TrimPrefix(e.Key, "monthly-return-"))
			if err != nil {
				return false, err
			}
			return sent(ctx, h.Returns, by, month)
		},
		"guarantee-baseline": func(ctx context.Context, by access.Actor, e calendar.Entry) (bool, error) {
			return h.Season.IsDrawn(ctx, by, e.Closes.Year())
		},
		"survey": func(ctx context.Context, by access.Actor, e calendar.Entry) (bool, error) {
			filed, err := h.Survey.Filed(ctx, by, e.Opens.Year())
			return filed != nil, err
		},
		"rollover": func(ctx context.Context, by access.Actor, e calendar.Entry) (bool, error) {
			return h.Rollover.Done(ctx, by, e.Year)
		},
	}}
}

// sent says that the month's return has gone to the Department, or that nobody
// waits for it any longer: a later one has gone.
func sent(ctx context.Context, s *returns.Service, by access.Actor, month civil.Month) (bool, error) {
	if !access.May(by, access.SeeReturn) {
		return true, nil
	}
	all, err := s.List(ctx, by)
	for _, r := range all {
		if (r.State == returns.Sent || r.State == returns.Accepted) && !r.Period.Before(month) {
			return true, err
		}
	}
	return false, err
}
