package nccis

import (
	"fmt"
	"strconv"
	"strings"
)

// Status is where a young person stands in the Department's counting.
type Status string

// The statuses (nccis.md 4).
const (
	// EET is in education, employment or training.
	EET Status = "EET"
	// NEET is not in education, employment or training.
	NEET Status = "NEET"
	// NotKnown is that nobody knows, or that what was known has lapsed.
	NotKnown Status = "NK"
	// OutOfRates is left out of the rates: young adults in custody.
	OutOfRates Status = "OTH"
	// CompulsorySchoolAge is still in Year 11 or below.
	CompulsorySchoolAge Status = "CS"
)

// LapseRule is how long a confirmation of an activity stays current
// (nccis.md 6.1). The zero rule is "does not lapse".
type LapseRule struct {
	// EndOfYear: 31 August of the academic year in which it was verified.
	EndOfYear bool
	// Months after the date verified.
	Months int
	// AfterReview days after the review date.
	AfterReview int
}

// Lapses says that the activity lapses at all.
func (l LapseRule) Lapses() bool { return l != LapseRule{} }

// Activity is one current activity code (CA01) as one edition has it
// (nccis.md 4).
type Activity struct {
	Code, Label string
	// Group is CS compulsory school age, ED education, EM employment, TR
	// training, RE re-engagement, NE NEET, OT other, NK not known.
	Group  string
	Status Status
	// Published is the line of the participation table: FTE, APP, WBL, PTE, EWS,
	// OTR; empty for none.
	Published string
	// InEducationOrTraining counts in the headline participation figure.
	InEducationOrTraining bool
	// Duty is the view of the duty to participate, in words; DutyMark how sure.
	Duty, DutyMark string
	// EndDateRequired, ReviewRequired and LapseDateRequired: the file must hold
	// PredictedEndDate (259), ReviewDate (262), DueToLapseDate (243).
	EndDateRequired, ReviewRequired, LapseDateRequired bool
	Lapse                                              LapseRule
	// SENDRequired: only for young people with a plan (254, 255).
	SENDRequired bool
	// NeedsCharacteristic is the characteristic that must stand beside it
	// (233 to 236), "" for none.
	NeedsCharacteristic string
	// NotUnder is the age at the start below which it is not allowed (253), 0
	// for none.
	NotUnder   int
	From, To   string
	Mark, Note string
}

// Activity finds a current activity code of this edition.
func (e *Edition) Activity(code string) (Activity, bool) {
	if a := e.activityOf(code); a != nil {
		return *a, true
	}
	return Activity{}, false
}

// Tells says that a code tells what somebody does, which can be said to be so still:
// that nobody knows (the group NK), or a code of no edition, cannot be confirmed.
func (e *Edition) Tells(code string) bool {
	a := e.activityOf(code)
	return a != nil && a.Group != "NK"
}

// Activities are the current activity codes of this edition in order of code.
// The caller must not change them.
func (e *Edition) Activities() []Activity { return e.activities }

func (e *Edition) activityOf(code string) *Activity {
	if i, ok := e.activity[code]; ok {
		return &e.activities[i]
	}
	return nil
}

func loadActivities(req *Requirement) error {
	for _, e := range req.editions {
		e.activity = map[string]int{}
	}
	columns := strings.Split("code,label,group,status,published,in_eandt,duty,duty_mark,ped_required,review_required,lapse,due_required,"+
		"send_required,needs_characteristic,not_under,from,to,mark,note", ",")
	return eachRow("activity.csv", columns, func(r *tableRow) {
		a := readActivity(r)
		for _, e := range req.editions {
			if !e.Covers(a.From, a.To) {
				continue
			}
			if e.activityOf(a.Code) != nil {
				r.fail("%s is there twice in %s", a.Code, e.Name)
			}
			e.activity[a.Code] = len(e.activities)
			e.activities = append(e.activities, a)
		}
	})
}

func readActivity(r *tableRow) Activity {
	a := Activity{
		Code: r.must("code"), Label: r.must("label"),
		Group:                 r.oneOf("group", "CS", "ED", "EM", "TR", "RE", "NE", "OT", "NK"),
		Status:                Status(r.oneOf("status", "EET", "NEET", "OTH", "NK", "CS")),
		Published:             r.oneOf("published", "", "FTE", "APP", "WBL", "PTE", "EWS", "OTR"),
		InEducationOrTraining: r.oneOf("in_eandt", "yes", "no", "") == "yes",
		Duty:                  r.text("duty"), DutyMark: r.oneOf("duty_mark", "", "S", "I", "GK"),
		EndDateRequired: r.yes("ped_required"), ReviewRequired: r.yes("review_required"), LapseDateRequired: r.yes("due_required"),
		SENDRequired: r.yes("send_required"), NeedsCharacteristic: r.text("needs_characteristic"),
		Mark: r.mark(), Note: r.text("note"),
	}
	a.From, a.To = r.years()
	var err error
	if a.Lapse, err = parseLapse(r.text("lapse")); err != nil {
		r.fail("%v", err)
	}
	if s := r.text("not_under"); s != "" {
		if a.NotUnder, err = strconv.Atoi(s); err != nil {
			r.fail("not_under is %q; write an age", s)
		}
	}
	return a
}

// parseLapse reads a lapse rule: aug31, 12m, review+28d or none.
func parseLapse(s string) (LapseRule, error) {
	if days, ok := strings.CutPrefix(s, "review+"); ok {
		if count, ok := strings.CutSuffix(days, "d"); ok {
			if n, err := strconv.Atoi(count); err == nil && n > 0 {
				return LapseRule{AfterReview: n}, nil
			}
		}
	} else if count, ok := strings.CutSuffix(s, "m"); ok {
		if n, err := strconv.Atoi(count); err == nil && n > 0 {
			return LapseRule{Months: n}, nil
		}
	} else if s == "aug31" {
		return LapseRule{EndOfYear: true}, nil
	} else if s == "none" {
		return LapseRule{}, nil
	}
	return LapseRule{}, fmt.Errorf("lapse is %q; write aug31, a number of months like 12m, review+28d or none", s)
}
