package notice

import (
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"waymark/internal/civil"
	"waymark/internal/field"
	"waymark/internal/layout"
	"waymark/internal/match"
	"waymark/internal/nccis"
)

// Said is what an institution says of a young person, as it says it.
type Said struct {
	Kind          Kind
	Given, Family string
	Born          civil.Date
	Postcode      string
	ULN, UPN      string
	// TheirRef is what the institution calls them.
	TheirRef string
	// HomeLA is the authority in which they live, as the institution knows it: its
	// three digits, "" where it does not say.
	HomeLA string
	// LeftOn is the last day; it may be still to come.
	LeftOn civil.Date
	// Reasons are codes of Reasons or Worries.
	Reasons []string
	// Destination is a code of the Department's for what they do since, "" where
	// it is not known.
	Destination string
	// WhoActs and ActBy are of a risk: who will do something, and by when.
	WhoActs string
	ActBy   civil.Date
}

// Reason is why somebody left, or may.
type Reason struct{ Code, Words string }

// Worries are why an institution thinks that somebody may leave.
func Worries() []Reason {
	return []Reason{{"attendance", "Poor or falling attendance"}, {"behaviour", "Behaviour, or at risk of exclusion"}, {"progress", "Not keeping up, or on the wrong course"},
		{"money", "Money or travel"}, {"home", "Something at home, or housing"}, {"health", "Health or wellbeing"}, {"caring", "Caring for somebody"},
		{"friends", "Friendships or bullying"}, {"job", "Wants to work instead"}, {"placement", "Employer or placement ending"}, {"other", "Another reason"}}
}

// Reasons are why somebody has left, as partners' lists say it (layout).
func Reasons() []Reason {
	var out []Reason
	for _, one := range layout.Reasons() {
		out = append(out, Reason{one.Code, one.Label})
	}
	return out
}

// ReasonsOf are those of a kind of notice.
func ReasonsOf(k Kind) []Reason {
	switch k {
	case Left:
		return Reasons()
	case Risk:
		return Worries()
	}
	return nil
}

// ReasonWords are the reasons in words.
func (s *Said) ReasonWords() string {
	var out []string
	for _, one := range ReasonsOf(s.Kind) {
		if slices.Contains(s.Reasons, one.Code) {
			out = append(out, one.Words)
		}
	}
	return strings.Join(out, "; ")
}

const (
	mostName  = 100
	mostWords = 80
	mostRef   = 40
	// oldest is how old whoever a notice is about may be, in years: the register
	// holds people to 25.
	oldest, youngest = 26, 12
	// longAgo is how many days back a last day may lie.
	longAgo = 3 * 366
)

// check tidies what was said and complains of what cannot be.
func (s *Said) check(e *nccis.Edition, today civil.Date) error {
	var wrong field.Errors
	for _, one := range []struct {
		field, what string
		value       *string
		most        int
	}{{"given-name", "given name", &s.Given, mostName}, {"family-name", "family name", &s.Family, mostName}, {"postcode", "postcode", &s.Postcode, 10},
		{"their-reference", "reference", &s.TheirRef, mostRef}, {"who-acts", "name or post", &s.WhoActs, mostWords}} {
		plain := strings.Join(strings.Fields(*one.value), " ")
		if !utf8.ValidString(plain) || strings.ContainsFunc(plain, func(r rune) bool { return r < ' ' || r == 0x7f || r == utf8.RuneError }) {
			wrong.Add(one.field, "Enter the "+one.what+" in plain letters")
			continue
		}
		if utf8.RuneCountInString(plain) > one.most {
			wrong.Add(one.field, fmt.Sprintf("Enter the %s in %d letters or fewer", one.what, one.most))
			continue
		}
		*one.value = plain
	}
	s.checkPerson(&wrong, today)
	s.checkLeaving(&wrong, e, today)
	return wrong.Err()
}

func (s *Said) checkPerson(wrong *field.Errors, today civil.Date) {
	if s.Given == "" {
		wrong.Add("given-name", "Enter the given name")
	}
	if s.Family == "" {
		wrong.Add("family-name", "Enter the family name")
	}
	switch {
	case s.Born.IsZero():
		wrong.Add("date-of-birth", "Enter the date of birth, like 27 3 2009")
	case s.Born.After(today), civil.Age(s.Born, today) > oldest, civil.Age(s.Born, today) < youngest:
		wrong.Add("date-of-birth", fmt.Sprintf("Enter a date of birth of somebody from %d to %d years old", youngest, oldest))
	}
	s.ULN, s.UPN = strings.ReplaceAll(strings.TrimSpace(s.ULN), " ", ""), strings.ToUpper(strings.ReplaceAll(strings.TrimSpace(s.UPN), " ", ""))
	if s.ULN != "" && !nccis.ValidULN(s.ULN) {
		wrong.Add("uln", "Enter the ten digits of the unique learner number, or leave it out")
	}
	if s.HomeLA = strings.TrimSpace(s.HomeLA); s.HomeLA != "" && (len(s.HomeLA) != 3 || strings.Trim(s.HomeLA, "0123456789") != "") {
		wrong.Add("home-authority", "Enter the three digits of the authority in which they live, or leave it out")
	}
	if s.UPN != "" && !nccis.ValidUPN(s.UPN) {
		wrong.Add("upn", "Enter the unique pupil number, a letter and twelve more, or leave it out")
	}
}

func (s *Said) checkLeaving(wrong *field.Errors, e *nccis.Edition, today civil.Date) {
	if !slices.Contains(Kinds(), s.Kind) {
		wrong.Add("kind", "Say whether they have left, may leave, or are still there")
		return
	}
	if s.Kind == Left {
		switch {
		case s.LeftOn.IsZero():
			wrong.Add("left-on", "Enter the last day, like 27 3 2027; where it is still to come, the day you expect")
		case today.DaysSince(s.LeftOn) > longAgo, s.LeftOn.DaysSince(today) > 366:
			wrong.Add("left-on", "Enter a last day in the last three years or the next one")
		}
	} else {
		s.LeftOn, s.Destination = civil.Date{}, ""
	}
	if s.Destination != "" {
		if _, ok := e.Activity(s.Destination); !ok {
			wrong.Add("destination", "Choose what they do now from the list of the Department’s codes, or leave it out")
		}
	}
	known := ReasonsOf(s.Kind)
	for _, code := range s.Reasons {
		if !slices.ContainsFunc(known, func(r Reason) bool { return r.Code == code }) {
			wrong.Add("reasons", "Choose reasons from the list")
			break
		}
	}
	slices.Sort(s.Reasons)
	s.Reasons = slices.Compact(s.Reasons)
	if s.Kind == Left && len(s.Reasons) > 1 {
		wrong.Add("reasons", "Choose one reason, the main one")
	}
	if s.Kind != Risk {
		s.WhoActs, s.ActBy = "", civil.Date{}
		return
	}
	if len(s.Reasons) == 0 {
		wrong.Add("reasons", "Choose at least one reason why they may leave")
	}
	if s.WhoActs == "" {
		wrong.Add("who-acts", "Enter who will act, like “Head of Year 12”")
	}
	if s.ActBy.IsZero() || s.ActBy.Before(today) || s.ActBy.DaysSince(today) > 366 {
		wrong.Add("act-by", "Enter the day by which they will act, from today to a year from now")
	}
}

// print is by what the same notice is known again: from the same institution,
// about the same person, with the same last day, reasons and destination, or the
// same day of acting. One that says more than the first is another notice: what
// it says more must not be lost.
func (s *Said) print(institution string) string {
	h := sha256.New()
	w := csv.NewWriter(h)
	w.Write([]string{string(s.Kind), match.Fold(institution), match.Fold(s.Given), match.Fold(s.Family), s.Born.String(), s.LeftOn.String(),
		strings.Join(s.Reasons, ";"), s.Destination, s.ActBy.String(), s.WhoActs, s.ULN, s.UPN, match.Fold(s.Postcode), s.HomeLA})
	w.Flush() // a hash takes whatever is written
	return hex.EncodeToString(h.Sum(nil))
}
