// Package report counts: how many young people are in education, employment or
// training, how many are not, and of how many nobody knows.
//
// # What the words mean
//
// The cohort is everybody whom an authority counts in a month: academic age 16
// and 17 (their age on the 31 August before the academic year began), resident
// with it, cohort status P. Young adults in custody (710) are left out of the
// rates, above the line and below it (nccis.md 11.1).
//
// NEET is being not in education, employment or training on the last day of the
// month: the codes 540 and 610 to 680. Not known is that nobody knows (810, 820,
// 830), that nothing was ever recorded, or that what was known has lapsed, as a
// confirmation goes out of date (nccis.md 6). Combined is the two together,
// added before they are divided: it is the Department's headline. Participation
// is being in education or training: full-time education, an apprenticeship,
// work-based learning, part-time education, employment with study, or other
// training. Work without training is not participation, and not NEET either; so
// participation and combined do not add up to 100.
//
// A figure of stock counts who is so on the last day of a month. A figure of
// flow counts who came into the stock, and who went out of it and where to,
// between two such days: the stock before, and those who joined, less those who
// left, is the stock now. Leaving for "not known" is no success, and has a line
// of its own.
//
// The Department publishes NEET and not known as the mean of the ends of
// December, January and February: the mean of the counts divided by the mean of
// the cohort, and not the mean of three percentages. It publishes participation
// for the end of March. A change on the year before is in percentage points, of
// values that are not rounded.
//
// Eighteen-year-olds (academic age 18) are nobody's statistic, and some
// authorities follow them all the same: they are counted in the group age:18,
// and never in any other.
//
// # How it counts
//
// life.On states each person on the last day of each month; what is counted of
// them is a State, and the states of a whole register, from the first month
// about which it knows anything, stay in memory as a tally. Each act since is
// taken in by stating anew those whom it was about. A question is answered by
// counting the states.
//
// A ward is that of the postcode ("ward:E05000001") where the postcode directory
// is loaded; until it is, the first half of the postcode stands for it
// ("ward:CH41"). It is ward:not known where there is no postcode that can be
// read, or none that the directory has. A school is that of the activity or, for whoever is in none, the last
// one before; school:not known where there was none.
package report
