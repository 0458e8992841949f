package due

import (
	"context"
	"slices"

	"waymark/internal/access"
	"waymark/internal/civil"
	"waymark/internal/report"
)

// WindowRows are days NEET of those who finished Year 11 before the school year of
// a month, for the end of its tidy table: in the first 12 months after, by those of
// the kinds of group that are all, sex or SEND; no kinds are all of them. There are
// none of a year that days NEET cannot be asked for. It needs what DaysNEET needs.
func (s *Service) WindowRows(ctx context.Context, by access.Actor, month civil.Month, kinds []string, knownOn civil.Date) ([]report.Row, error) {
	today := knownOn
	if today.IsZero() {
		today = s.today()
	}
	leavers := int(month.First().AcademicYear())
	if !slices.Contains(LeaverYears(today), leavers) {
		return nil, nil
	}
	var out []report.Row
	for _, kind := range []string{"sex", "send", "all"} {
		if len(kinds) > 0 && !slices.Contains(kinds, kind) {
			continue
		}
		d, err := s.DaysNEET(ctx, by, NEETAsked{Leavers: leavers, By: kind, KnownOn: knownOn})
		if err != nil {
			return nil, err
		}
		rows := d.Tidy()
		if kind != "all" { // everybody stands under all
			rows = slices.DeleteFunc(rows, func(row report.Row) bool { return row.Group == report.All })
		}
		out = append(out, rows...)
	}
	return out, nil
}

// Tidy are the figures as rows of the tidy table, after those of the months: days
// NEET in the window under each treatment of not known, and who came back. The
// measures begin with window_, because days_neet_mean and its like are how long
// those NEET at the end of a month have been so.
func (r *DaysNEET) Tidy() []report.Row {
	period := r.From.InMonth().String() + "/" + r.To.InMonth().String()
	var out []report.Row
	for _, g := range append([]NEETGroup{r.All}, r.Groups...) {
		group, ok := tidyGroup(r.Asked.By, g.Key)
		if !ok {
			continue
		}
		for t, name := range [treatments]string{"", "_not_known_as_neet", "_not_known_left_out"} {
			l := g.Lengths[t]
			if l.People == 0 {
				continue
			}
			out = append(out, report.MeanRow(period, "window_days_neet_mean"+name, group, l.Days, l.People), report.MedianRow(period, "window_days_neet_median"+name, group, l.Median),
				report.ShareRow(period, "window_days_neet_over_90"+name, group, l.Over90, l.People), report.ShareRow(period, "window_days_neet_over_180"+name, group, l.Over180, l.People))
		}
		b := g.Returned
		for _, one := range []struct {
			measure     string
			part, whole int
		}{{"reengaged_in_time", b.InTime, b.Became - b.Early}, {"reengaged_lasted_13_weeks", b.Lasted13, b.InTime - b.Early13}, {"reengaged_lasted_26_weeks", b.Lasted26, b.InTime - b.Early26}} {
			if one.whole > 0 {
				out = append(out, report.ShareRow(period, one.measure, group, one.part, one.whole))
			}
		}
	}
	return out
}

// tidyGroup is a group as the tidy table names it; none for who has no value.
func tidyGroup(by, key string) (report.Group, bool) {
	switch {
	case key == "all":
		return "all", true
	case key == "none":
		return "", false
	case by == "send" && key == "no":
		key = "none"
	}
	return report.Group(by + ":" + key), true
}
