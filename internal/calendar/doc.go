// Package calendar keeps the year of a tracking team: what opens and what closes
// on which day.
//
// In the trade the year begins on 1 September and has its fixed points: offers by
// the end of September, the survey of 1 November, the three months of winter
// whose mean is published, the baselines of the end of May. These are data
// (year.csv), worked out for any academic year; an authority adds days of its own
// and moves those that are its own to choose. Whoever opens their home page is
// told what is due to their role (context.md 1.3).
package calendar
