package intake

import (
	"math"
	"strconv"

	"waymark/internal/layout"
)

// countUp adds up rows about one young person of which each is one thing that
// happened: the first then says how many there were and what days they took, and
// the others are counted with it. Rows of one day are one suspension, for some
// lists give a row to each of its reasons; its days are then the most that one of
// them says.
func countUp(rows []*staged) []*staged {
	if len(rows) == 0 {
		return rows
	}
	out := make([]*staged, len(rows))
	total := 0
	daysOf := map[string]float64{} // by the day on which each began
	for i, row := range rows {
		one := *row
		one.values[layout.Exclusions], one.values[layout.DaysExcluded] = "", ""
		if one.with = rows[0].number; i == 0 {
			one.with = 0
		}
		out[i] = &one
		key := row.values[layout.Start]
		if key == "" {
			key = "row " + strconv.Itoa(row.number) // when is not said: it is one by itself
		}
		most, seen := daysOf[key]
		if !seen {
			n, err := strconv.Atoi(row.values[layout.Exclusions])
			if err != nil || n < 1 {
				n = 1
			}
			total += n
		}
		days, err := strconv.ParseFloat(row.values[layout.DaysExcluded], 64)
		if err != nil {
			days = 0
		}
		daysOf[key] = max(most, days)
	}
	lost := 0.0
	for _, days := range daysOf {
		lost += days
	}
	out[0].values[layout.Exclusions] = strconv.Itoa(total)
	if lost > 0 {
		out[0].values[layout.DaysExcluded] = strconv.FormatFloat(math.Round(100*lost)/100, 'f', -1, 64)
	}
	return out
}
