// Package publish makes the figures that an authority gives to the public.
//
// In the trade, published figures leave out small numbers: whoever reads that
// one young person of a ward is NEET may know whom. But leaving out the small
// number alone is not enough, because the totals beside it give it back. So
// further numbers are withheld, until of none of those withheld can be worked
// out more than that it may be any of 1 to 5 (ux-security.md 5.11). A month is
// published once, from the facts as known after one act, and stays as it is for
// ever: two answers to one question would be a third one by subtraction.
//
// # The rules
//
// 1 to 5 is withheld and shown as c, as the Department does; 0 is shown; all
// else is rounded to the nearest 5. Percentages are of the numbers before they
// were rounded, to one decimal place, where the whole has 30 or more; z stands
// where there is no percentage to be had. Where a total is withheld everything
// that it is made of is withheld with it, a 0 too.
//
// # What is promised
//
// Whoever knows these rules and all that was published, percentages too,
// and takes all tables of a publication together, finds each number of 1 to 5
// to be possible as 1, 2, 3, 4 and 5; whatever else is withheld is withheld for
// their sake, and looks the same. Where percentages would narrow that, those of the line are
// withheld first. What is not promised:
// that nobody who already knows some of the young people learns anything, and
// that two months, whose stocks are much the same people, say nothing together.
package publish
