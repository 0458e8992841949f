package guarantee

import "waymark/internal/fact"

// Offer is one place that somebody applied for, and what became of it. Season is
// the calendar year of its September. Place is a school, a college, a provider or
// a named employer; MadeOn is the day on which it was offered, as it came.
type Offer struct {
	Season        int
	Place         string
	Number, UKPRN string
	Provision     string
	Course, Level string
	MadeOn        string
	State         string
	// Suitable is Y or N where somebody has said so, "" where Provision says it.
	Suitable string
}

// Offers is the table.
var Offers = fact.Table[Offer]{Name: "offer", What: "offer of a place",
	Columns: []string{"season", "place", "establishment_number", "ukprn", "provision", "course", "level", "made_on", "state", "suitable"},
	Fields: func(o *Offer) []any {
		return []any{&o.Season, &o.Place, &o.Number, &o.UKPRN, &o.Provision, &o.Course, &o.Level, &o.MadeOn, &o.State, &o.Suitable}
	}}

// Kinds of provision. The first five are suitable by themselves, and a job alone
// never is (nccis.md 7).
const (
	FullTime       = "full-time"
	Continuing     = "continuing"
	Apprenticeship = "apprenticeship"
	Traineeship    = "traineeship"
	JobWithStudy   = "job-with-study"
	Job            = "job"
	OtherProvision = "other"
)

// States of an offer, in the order in which it goes through them. Intended is a
// place that somebody has named and not applied for yet.
const (
	Intended  = "intended"
	Applied   = "applied"
	Interview = "interview"
	// Conditional is an offer with conditions, such as grades: it is one.
	Conditional = "conditional"
	Offered     = "offered"
	Accepted    = "accepted"
	Declined    = "declined"
	Withdrawn   = "withdrawn"
)

// Word is one choice, with what people read.
type Word struct{ Code, Words string }

// Provisions are all kinds of provision.
func Provisions() []Word {
	return []Word{{FullTime, "Full-time place at a school or college"}, {Continuing, "Next year of the course that they are on"},
		{Apprenticeship, "Apprenticeship"}, {Traineeship, "Traineeship or other work-based training"},
		{JobWithStudy, "Job with part-time study towards an accredited qualification"}, {Job, "Job without study"}, {OtherProvision, "Something else"}}
}

// States are all states.
func States() []Word {
	return []Word{{Intended, "Means to apply"}, {Applied, "Applied"}, {Interview, "Interview"}, {Conditional, "Offered with conditions"}, {Offered, "Offered"},
		{Accepted, "Accepted"}, {Declined, "Declined by the young person"}, {Withdrawn, "Withdrawn, or not successful"}}
}

// Levels are those of a course.
func Levels() []Word {
	return []Word{{"E", "Entry level"}, {"1", "Level 1"}, {"2", "Level 2"}, {"3", "Level 3"}, {"4", "Level 4 or above"}}
}

// WordsOf are the words of a code among some; the code itself where it is none.
func WordsOf(some []Word, code string) string {
	for _, w := range some {
		if w.Code == code {
			return w.Words
		}
	}
	return code
}

// IsSuitable says that it is a place such as the guarantee asks for, and whether
// anybody can tell.
func (o *Offer) IsSuitable() (yes, known bool) {
	switch {
	case o.Provision == Job:
		return false, true
	case o.Suitable != "":
		return o.Suitable == "Y", true
	}
	switch o.Provision {
	case FullTime, Continuing, Apprenticeship, Traineeship, JobWithStudy:
		return true, true
	}
	return false, false
}

// Proposed is the status that somebody's offers of a season speak for in a node,
// "" where they speak for none: a person decides, and nothing is set by itself.
// A suitable place that was offered is an offer made, 114 for those of Year 12 who
// go on with their course; a job alone that was accepted is 120; an
// application that nobody has answered is 140; offers of which none was suitable
// are 150 (nccis.md 3.7, 7). What was declined or withdrawn does not say whether
// somebody still wants a place.
func Proposed(offers []Offer, season int, node string) string {
	made, job, waits, unsuitable, open := "", false, false, false, false
	for i := range offers {
		o := &offers[i]
		if o.Season != season {
			continue
		}
		suitable, known := o.IsSuitable()
		switch o.State {
		case Conditional, Offered, Accepted:
			switch {
			case suitable:
				made = statusMade(o, node)
			case o.Provision == Job:
				job = job || o.State == Accepted
			case known:
				unsuitable = true
			default:
				open = true
			}
		case Applied, Interview:
			waits = waits || suitable || !known
		}
	}
	switch {
	case made != "":
		return made
	case job:
		return "120"
	case waits:
		return "140"
	case unsuitable && !open:
		return "150"
	}
	return ""
}

// statusMade is the code of a suitable place that was offered.
func statusMade(o *Offer, node string) string {
	if node == Year12 && o.Provision == Continuing {
		return "114"
	}
	return "110"
}

// Agrees says that a status that is held says no other than the offers: the codes
// of one group are not held against each other.
func Agrees(held, proposed string) bool {
	return proposed == "" || held == proposed || made[held] && made[proposed]
}

// made are the codes of the group "Offer made".
var made = map[string]bool{"110": true, "114": true, "115": true}
