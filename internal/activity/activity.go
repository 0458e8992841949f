// Package activity keeps what a young person does and did: spells of activity,
// and the confirmations that a spell was still so.
//
// In the trade a spell is a "situation" or "current activity" (CA01). One is
// current at a time. It counts only while it is current: a confirmation goes
// out of date (lapses) after a time that depends on the activity, and the
// person then counts as not known (nccis.md 6).
package activity

import (
	"waymark/internal/fact"
	"waymark/internal/id"
)

// Spell is one activity; its Version's Started and Ended are the days between
// which it went on. Everything is as it came.
type Spell struct {
	Activity                                     string
	Ascertained, Review, PredictedEnd, NEETStart string
	EstablishmentNumber, EstablishmentName       string
	UKPRN                                        string
}

// Verification says that a spell was confirmed on a day (DateVerified).
type Verification struct {
	Spell    id.Fact
	Verified string
}

// The tables.
var (
	Spells = fact.Table[Spell]{Name: "spell", What: "activity",
		Columns: []string{"activity", "ascertained", "review", "predicted_end", "neet_start", "establishment_number", "establishment_name", "ukprn"},
		Fields: func(s *Spell) []any {
			return []any{&s.Activity, &s.Ascertained, &s.Review, &s.PredictedEnd, &s.NEETStart, &s.EstablishmentNumber, &s.EstablishmentName, &s.UKPRN}
		}}
	Verifications = fact.Table[Verification]{Name: "verification", What: "confirmation of an activity", Columns: []string{"spell", "verified"},
		Fields: func(v *Verification) []any { return []any{&v.Spell, &v.Verified} }}
)
