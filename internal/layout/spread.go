package layout

import (
	"fmt"
	"slices"
	"strings"
)

// What one column holds in most files, some spread over several: one column for
// each thing that somebody may do, with a tick in one of them; one for each month,
// with its attendance.

// ticks finds columns that are called as what somebody does (“Sixth form”,
// “Apprenticeship”) and hold nothing but ticks: each stands for the code of its name.
func (u *understanding) ticks() {
	item, list := Activity, Activities
	if slices.Contains(u.kind.Tells, Destination) && u.kind.List(Destination) == IntendedDestinations {
		item, list = Destination, IntendedDestinations
	}
	var found []*column
	ticked := 0
	codes, means := map[*column]string{}, map[*column]string{}
	for _, c := range u.columns {
		if c.kept || c.name.others || c.p.onlyTicks() < 0 || slices.ContainsFunc(c.name.candidates, func(h heading) bool { return h.yes != "" || h.item == LeavingReason }) {
			continue
		}
		row, how, ok := shipped().words.find(list, phraseKey(c.Column.Header))
		if !ok || row.code == "" || how == ByTokens && c.p.filled == 0 {
			continue
		}
		codes[c], means[c] = row.code, row.why
		found = append(found, c)
		if c.p.filled > 0 {
			ticked++
		}
	}
	if ticked < 2 || !u.oneTickARow(found) {
		return
	}
	for _, c := range found {
		c.Column.Item, c.Column.Yes, c.Sure = item, codes[c], true
		c.MappedColumn.Item, c.MappedColumn.Yes = item, codes[c]
		c.Why = fmt.Sprintf("called “%s”; a tick in it stands for %s: %s", clip(c.Column.Header, 40), codes[c], means[c])
	}
}

// onlyTicks is how many of the values are ticks, -1 where some are anything else.
func (p *profile) onlyTicks() int {
	if p.flags != p.filled {
		return -1
	}
	return p.filled
}

// oneTickARow says that hardly a row has a tick in two of the columns: nobody does
// two things.
func (u *understanding) oneTickARow(some []*column) bool {
	rows, twice := 0, 0
	for _, r := range u.rows {
		n := 0
		for _, c := range some {
			if at := c.Column.At; at < len(r.Cells) && isTick(tidy(r.Cells[at])) {
				n++
			}
		}
		if n > 0 {
			rows++
		}
		if n > 1 {
			twice++
		}
	}
	return rows > 0 && twice*10 <= rows
}

func isTick(s string) bool {
	row, _, ok := shipped().words.find(YesNo, phraseKey(s))
	return ok && row.code == "Y"
}

// months finds columns of a table by months in a list of attendance. Where a column
// of the whole time stands beside them it is taken, else the latest month.
func (u *understanding) months() {
	if !slices.Contains(u.kind.Tells, Attendance) {
		return
	}
	var latest *column
	var all []*column
	whole := ""
	for _, c := range u.columns {
		switch {
		case c.Column.Item == Attendance:
			whole = c.label()
		case c.Column.Item == None && len(c.name.candidates) == 0 && isMonth(c.Column.Header) && (c.p.filled == 0 || c.p.fits(Attendance) >= 60):
			if all = append(all, c); c.p.filled > 0 {
				latest = c
			}
		}
	}
	if latest == nil {
		return
	}
	if whole == "" {
		whole = latest.label()
	}
	for _, c := range all {
		c.Why, c.Sure = fmt.Sprintf("one of the months of a table; “%s” is taken, so it is left out", clip(whole, 40)), true
		c.Others = append(c.Others, Attendance)
		if c.label() == whole {
			c.Column.Item, c.MappedColumn.Item = Attendance, Attendance
			c.MappedColumn.Fraction = c.p.fractions*10 >= c.p.filled*6
			c.Why = "the latest month of a table that has figures"
		}
	}
}

// isMonth says that a header is a month: Sep, September 2026, Sep-26, 2026-09-01.
func isMonth(header string) bool {
	text := tidy(header)
	p := takeApart(text)
	switch {
	case !p.ok || text == "":
		return false
	case p.count == 1:
		return p.digits[0] == 0
	case p.count == 2:
		return p.digits[0] == 0 || p.digits[0] == 4 && p.digits[1] == 0 || p.digits[1] == 4 && p.n[0] <= 12
	}
	return firstOfMonth(text)
}

// firstOfMonth says that a text is the first day of a month, as spreadsheets keep
// months.
func firstOfMonth(text string) bool {
	return len(text) == 10 && strings.HasSuffix(text, "-01") && shapeOf(text) == dateShape
}
