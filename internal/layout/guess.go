package layout

import (
	"fmt"
	"slices"
	"strings"
)

// KindGuess is a kind of file that the rows may be, with the reason.
type KindGuess struct {
	Kind Kind
	// Score is from 0 to 1; only the order of guesses means something.
	Score float64
	// Why is the reason in words.
	Why string
}

// Guess proposes the kinds of file that the rows may be, the likeliest first:
// by the columns that tell a kind, by those that it needs, and by the words of
// the titles above the header. The last is always "just people". A kind without
// a published layout is never guessed.
func Guess(rows []Sample) []KindGuess {
	var guesses []KindGuess
	for _, k := range Kinds() {
		if !k.Known {
			continue
		}
		if g, ok := guess(rows, k); ok {
			guesses = append(guesses, g)
		}
	}
	slices.SortStableFunc(guesses, func(a, b KindGuess) int {
		switch {
		case a.Score > b.Score:
			return -1
		case a.Score < b.Score:
			return 1
		}
		return 0
	})
	if people, ok := FindKind("people"); ok {
		guesses = append(guesses, KindGuess{Kind: people, Why: "any list of people"})
	}
	return guesses
}

// titles are the words of a kind's name that a title above the header, or the
// header itself, may hold.
var titles = map[string][]string{
	"intended-destinations": {"intended"}, "september-guarantee": {"guarantee"}, "starters-leavers": {"leaver", "withdrawal"}, "full-roll": {"roll", "everybody"},
	"where-now": {"now"},
	"enrolment": {"enrolment", "enrolled", "enrollment"}, "apprenticeship-starts": {"apprenticeship", "apprentice"}, "care": {"care", "lac", "cla"},
	"youth-justice": {"justice", "yot", "yjs", "offending"}, "send": {"send", "ehcp", "ehc"}, "health": {"health", "camhs"}, "attendance": {"attendance"},
	"exclusions": {"exclusion", "suspension"}, "suspensions": {"exclusion", "suspension", "suspended", "excluded"}, "home-education": {"ehe", "ehed"}, "ks4": {"ks4", "gcse"}, "claimants": {"claimant", "benefit"}, "pupil-list": {"census", "pupil"}, "ilr-destinations": {"dpoutcome"},
}

func guess(rows []Sample, k Kind) (KindGuess, bool) {
	u := understand(rows, k, nil)
	if u == nil || k.ID == "people" {
		return KindGuess{}, false
	}
	u.settleClaims()
	has := map[Item]bool{}
	for _, c := range u.columns {
		if (c.name.sure || c.Sure || items[c.Column.Item].form == codedForm && c.p.fits(c.Column.Item) >= 60) && (c.Column.Yes != "" || c.p.fits(c.Column.Item) != 0) { // words of which none is known tell nothing
			has[c.Column.Item] = true
		}
	}
	if !k.enough(has) {
		return KindGuess{}, false
	}
	var found []string
	score := 0.0
	for _, i := range k.Tells {
		if has[i] {
			score += 1 / float64(len(k.Tells)+2)
			found = append(found, i.Words())
		}
	}
	if word := u.title(titles[k.ID]); word != "" {
		score += 0.5
		found = append([]string{"the word “" + word + "”"}, found...)
	}
	if k.ID == "send" && (has[Course] || has[Mode] || has[LeavingReason] || has[Sex] || has[Ethnicity] || has[Street]) {
		return KindGuess{}, false // a roll with a column of plans
	}
	if codes := telling[k.ID]; codes != nil && has[Characteristic] {
		part := u.characteristics(codes)
		if part < 0.3 {
			return KindGuess{}, false
		}
		if score += part / 2; has[YearGroup] || has[SEND] && k.ID != "send" {
			score /= 4 // a roll with a flag, rather than the list of a team
		}
	}
	if strings.HasPrefix(k.ID, "ilr") {
		n := u.ilrNames()
		score += 0.1 * float64(n)
		if n < 2 {
			return KindGuess{}, false
		}
		found = append(found, "names of the ILR's fields")
	}
	if single := u.singly(has); k.ID == "exclusions" && single || k.ID == "suspensions" && (!single || u.title(titles[k.ID]) == "") {
		return KindGuess{}, false
	}
	if !u.enrols(k, found) {
		return KindGuess{}, false
	}
	if n := u.censusNames(); n >= 2 && k.ID == "pupil-list" {
		score += 0.1 * float64(n)
		found = append(found, "names of the school census")
	}
	if k.ID == "pupil-list" {
		if has[Course] || has[Mode] || has[Destination] || has[Offer] || has[OfferState] || has[LeavingReason] || !has[DOB] {
			return KindGuess{}, false
		}
		if has[UPN] && has[YearGroup] {
			score += 0.3
			found = append(found, "UPN and year group")
		}
	}
	if len(found) == 0 {
		return KindGuess{}, false
	}
	return KindGuess{Kind: k, Score: min(score, 1), Why: "it has " + strings.Join(found, ", ")}, true
}

// enough says that each group of items that the kind needs is there, apart from
// the names, which some files put so that nobody finds them.
func (k *Kind) enough(has map[Item]bool) bool {
	for _, group := range k.Required {
		if slices.Contains(group, FullName) {
			continue
		}
		if !slices.ContainsFunc(group, func(i Item) bool { return has[i] }) {
			return false
		}
	}
	return true
}

// title finds one of the words above the header or in it.
func (u *understanding) title(some []string) string {
	for i := 0; i <= u.head.at+u.head.rows-1 && i < len(u.sample); i++ {
		for _, cell := range u.sample[i].Cells {
			for _, w := range strings.Fields(plain(cell)) {
				if slices.Contains(some, w) {
					return w
				}
			}
		}
	}
	return ""
}

// telling are the characteristics by which the list of a team is known
// (nccis.md 3.5).
var telling = map[string][]string{"care": {"110", "160"}, "youth-justice": {"170"}, "health": {"150", "180", "210"}, "send": {}}

// characteristics is the share of the columns and words of characteristics that
// are of these codes.
func (u *understanding) characteristics(codes []string) float64 {
	all, these := 0.0, 0.0
	for _, c := range u.columns {
		if c.Column.Item != Characteristic {
			continue
		}
		if c.Column.Yes != "" {
			if all++; slices.Contains(codes, c.Column.Yes) {
				these++
			}
			continue
		}
		for s, times := range c.p.distinct {
			row, _, ok := shipped().words.find(Characteristics, phraseKey(s))
			if ok {
				if all += float64(times); slices.Contains(codes, row.code) {
					these += float64(times)
				}
			}
		}
	}
	if all == 0 {
		return 0
	}
	return these / all
}

// ilrNames counts headers that are written as the ILR writes its fields.
func (u *understanding) ilrNames() (n int) {
	for _, name := range u.head.names {
		switch strings.ToLower(name) {
		case "learnrefnumber", "familyname", "givennames", "learnstartdate", "learnplanenddate", "learnactenddate", "learnaimref", "outtype", "outcode",
			"outstartdate", "outenddate", "outcolldate", "aimtype", "progtype", "fundmodel", "compstatus", "withdrawreason", "planlearnhours", "priorattain", "llddhealthprob", "engrade", "outcome":
			n++
		}
	}
	return n
}

// singly says that a list of suspensions has a row for each: it counts none of them
// up, and has a date beside those of birth.
func (u *understanding) singly(has map[Item]bool) bool {
	if has[Exclusions] {
		return false
	}
	return slices.ContainsFunc(u.columns, func(c *column) bool { return c.Column.Item != DOB && c.p.share(dateShape) >= 50 })
}

// enrols says that a list which would say what everybody in it does is such a list
// by more than a date on which something began: many lists have one.
func (u *understanding) enrols(k Kind, found []string) bool {
	switch k.ID {
	case "starters-leavers":
		return len(found) != 1 || found[0] != Start.Words()
	case "enrolment", "full-roll", "apprenticeship-starts":
		return len(found) != 1 || found[0] != Start.Words() && found[0] != PredictedEnd.Words()
	case "home-education":
		return len(found) > 0
	}
	return true
}

// censusNames counts headers that are written as the school census writes its
// items.
func (u *understanding) censusNames() (n int) {
	for _, name := range u.head.names {
		switch strings.ToLower(strings.ReplaceAll(name, " ", "")) {
		case "ncyearactual", "enrolstatus", "senprovision", "dateofentry", "entrydate", "learneruln", "formerupn", "classtype", "servicechild", "fsmeligible":
			n++
		}
	}
	return n
}

// Describe says in one sentence what the kind says and needs, for a page on
// which it is chosen.
func (k Kind) Describe() string {
	s := k.What + ". "
	switch k.Full {
	case Full:
		s += "Whoever was on the last one and is not on this one becomes a proposal to follow up."
	case Leavers:
		s += "Nothing is said of those whom it leaves out."
	default:
		s += "It says nothing of those whom it leaves out."
	}
	if !k.Known {
		s += " No layout of it is published: its columns are mapped by hand once, and then remembered for the sender."
	}
	if k.Restriction != "" {
		s += fmt.Sprintf(" Restricted: %s.", strings.TrimSuffix(k.Restriction, "."))
	}
	return s
}
