package report

// Rows of the tidy table that are not counted by months, made by whoever counts
// them. Each needs a whole above 0.

// ShareRow is a part of a whole, in percent.
func ShareRow(period, measure string, g Group, part, whole int) Row {
	return Row{Period: period, Measure: measure, Group: g, sum: int64(part), of: int64(whole), months: 1}
}

// MeanRow is a sum, of days say, over people.
func MeanRow(period, measure string, g Group, sum, people int) Row {
	return Row{Period: period, Measure: measure, Group: g, sum: int64(sum), of: int64(people), months: 1, stated: ratio(int64(sum), 1, int64(people)), isStated: true}
}

// MedianRow is a median of whole numbers. It has no numerator and no denominator.
func MedianRow(period, measure string, g Group, median float64) Row {
	return Row{Period: period, Measure: measure, Group: g, months: 1, stated: ratio(int64(2*median), 1, 2), isStated: true, bare: true}
}
