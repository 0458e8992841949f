package report

import (
	"math/bits"
	"strings"

	"waymark/internal/nccis"
)

// Facet is what is true of one person on the last day of one month, a bit for
// each thing that can be counted. Every figure is how many have one bit among
// those who have another: so the number and the names behind it cannot differ.
type Facet uint64

// The facets.
const (
	// Counted is in the cohort of the rates: C of nccis.md 11.1.
	Counted Facet = 1 << iota
	EET
	NEET
	NotKnown
	// Custody is of the cohort's age and left out of the rates.
	Custody
	Participating
	FullTime
	Apprentice
	WorkBased
	PartTime
	EmployedStudy
	OtherTraining
	Unknown810
	Unknown820
	Unknown830
	// Lapsed was in education, employment or training, or in custody, when last
	// heard of, and that has gone out of date.
	Lapsed
	// Unrecorded has no activity at all, or a code that the edition lacks.
	Unrecorded
	Available
	NotAvailable
	neet540
	neet610
	neet615
	neet616
	neet619
	neet620
	neet630
	neet640
	neet650
	neet660
	neet670
	neet680
	// Guaranteed is owed an offer under the September Guarantee by this
	// authority; NodeYear12 that it is the one made at the end of Year 12.
	Guaranteed
	NodeYear12
	OfferMade
	OfferNotAppropriate
	NoOffer
	OfferNotRecorded
	// SinceKnown is NEET with a date since when.
	SinceKnown
	// days90 and days180 depend on the month, and are added when it is counted.
	days90
	days180
	// combined is NEET or not known; held apart because a measure is one bit.
	combined

	facetCount = 41
)

func (f Facet) bit() int { return bits.TrailingZeros64(uint64(f)) }

// Measure is one line of the figures.
type Measure struct {
	// Name stands in the tidy table.
	Name string
	// Words are for people; What counts is the definition, one press away.
	Words, WhatCounts string
	// Of are those among whom the part is counted; the share is Part of Of.
	Of, Part Facet
	// Detail is counted for everybody, by age, sex and the guarantee's year
	// only: a breakdown of a breakdown is about nobody but single people.
	Detail bool
	// Better is 1 where more is better, -1 where less is, 0 where neither.
	Better int
}

const (
	outOfCohort = " The share is of everybody of academic age 16 and 17 who lives here, without young adults in custody."
	ofGuarantee = " The share is of all who are owed an offer: those finishing Year 11, for the authority where they are taught, and those finishing Year 12, for the authority where they live."
)

var measures = []Measure{
	{Name: "neet", Words: "Not in education, employment or training", WhatCounts: "Whoever volunteers, is not ready, has agreed a start date, is looking, or cannot look because of caring, parenthood, illness, pregnancy, religion or another reason (540, 610 to 680). It does not lapse." + outOfCohort, Of: Counted, Part: NEET, Better: -1},
	{Name: "not_known", Words: "Not known", WhatCounts: "Nobody knows what they do (810), they cannot be contacted (820) or would not say (830), nothing was recorded, or what was recorded has lapsed." + outOfCohort, Of: Counted, Part: NotKnown, Better: -1},
	{Name: "combined", Words: "NEET or not known", WhatCounts: "NEET and not known together, added before they are divided: the Department's headline figure." + outOfCohort, Of: Counted, Part: combined, Better: -1},
	{Name: "participation", Words: "In education or training", WhatCounts: "Full-time and part-time education, apprenticeships, work-based learning, employment with study for a regulated qualification, and other training. Re-engagement, a gap year, an agreed start and work without study do not count. The Department publishes the end of March." + outOfCohort, Of: Counted, Part: Participating, Better: 1},
	{Name: "participation_fte", Words: "Full-time education", WhatCounts: "School, sixth form, college, university, special provision (210 to 240, 270 to 290)." + outOfCohort, Of: Counted, Part: FullTime},
	{Name: "participation_app", Words: "Apprenticeship", WhatCounts: "On an apprenticeship (310)." + outOfCohort, Of: Counted, Part: Apprentice},
	{Name: "participation_wbl", Words: "Work-based learning", WhatCounts: "Government-funded work-based learning, traineeship, supported internship (410, 450, 460)." + outOfCohort, Of: Counted, Part: WorkBased},
	{Name: "participation_pte", Words: "Part-time education", WhatCounts: "Part-time education (250)." + outOfCohort, Of: Counted, Part: PartTime},
	{Name: "participation_ews", Words: "Employment with study", WhatCounts: "Work or volunteering with study for a regulated qualification (320, 381, 550)." + outOfCohort, Of: Counted, Part: EmployedStudy},
	{Name: "participation_otr", Words: "Other training", WhatCounts: "Training without government funding (430)." + outOfCohort, Of: Counted, Part: OtherTraining},
	{Name: "not_known_810", Words: "Situation not known", WhatCounts: "Code 810." + outOfCohort, Of: Counted, Part: Unknown810},
	{Name: "not_known_820", Words: "Cannot be contacted", WhatCounts: "Code 820: cannot be contacted, no current address." + outOfCohort, Of: Counted, Part: Unknown820},
	{Name: "not_known_830", Words: "Refused to say", WhatCounts: "Code 830." + outOfCohort, Of: Counted, Part: Unknown830},
	{Name: "not_known_lapsed", Words: "Lapsed", WhatCounts: "What they did was known, and the confirmation has gone out of date: it must be confirmed again." + outOfCohort, Of: Counted, Part: Lapsed},
	{Name: "not_known_unrecorded", Words: "Nothing recorded", WhatCounts: "No activity was ever recorded, or its code is none that the Department has." + outOfCohort, Of: Counted, Part: Unrecorded},
	{Name: "neet_available", Words: "NEET, available", WhatCounts: "Volunteering, not yet ready, a start agreed, or looking (540, 610, 615, 616, 619)." + outOfCohort, Of: Counted, Part: Available},
	{Name: "neet_not_available", Words: "NEET, not available", WhatCounts: "Young carer, teenage parent, illness, pregnancy, religious grounds, unlikely ever to work, another reason (620 to 680)." + outOfCohort, Of: Counted, Part: NotAvailable},
	{Name: "sg_offer", Words: "September Guarantee: an offer made", WhatCounts: "An offer of a suitable place was made, or they are in learning already (110, 114, 115)." + ofGuarantee, Of: Guaranteed, Part: OfferMade, Better: 1},
	{Name: "sg_not_appropriate", Words: "September Guarantee: offer not appropriate", WhatCounts: "Going into a job, or for personal reasons (120, 122, 123, 124)." + ofGuarantee, Of: Guaranteed, Part: OfferNotAppropriate},
	{Name: "sg_none", Words: "September Guarantee: no offer", WhatCounts: "Waiting, no suitable place, not applied, or not in contact (140 to 154)." + ofGuarantee, Of: Guaranteed, Part: NoOffer, Better: -1},
	{Name: "sg_not_recorded", Words: "September Guarantee: not recorded", WhatCounts: "Nothing was recorded (159, or no status at all)." + ofGuarantee, Of: Guaranteed, Part: OfferNotRecorded, Better: -1},
	{Name: "days_neet_90", Words: "NEET for 90 days or more", WhatCounts: "NEET without a break for 90 days or more at the end of the month. The share is of those NEET of whom the first day is known.", Of: SinceKnown, Part: days90, Better: -1},
	{Name: "days_neet_180", Words: "NEET for 180 days or more", WhatCounts: "NEET without a break for 180 days or more at the end of the month. The share is of those NEET of whom the first day is known.", Of: SinceKnown, Part: days180, Better: -1},
	{Name: "neet_540", Words: "Volunteering", Of: Counted, Part: neet540, Detail: true},
	{Name: "neet_610", Words: "Not yet ready for work or learning", Of: Counted, Part: neet610, Detail: true},
	{Name: "neet_615", Words: "Start agreed, other", Of: Counted, Part: neet615, Detail: true},
	{Name: "neet_616", Words: "Start agreed, within the duty to participate", Of: Counted, Part: neet616, Detail: true},
	{Name: "neet_619", Words: "Looking for work or learning", Of: Counted, Part: neet619, Detail: true},
	{Name: "neet_620", Words: "Young carer", Of: Counted, Part: neet620, Detail: true},
	{Name: "neet_630", Words: "Teenage parent", Of: Counted, Part: neet630, Detail: true},
	{Name: "neet_640", Words: "Illness", Of: Counted, Part: neet640, Detail: true},
	{Name: "neet_650", Words: "Pregnancy", Of: Counted, Part: neet650, Detail: true},
	{Name: "neet_660", Words: "Religious grounds", Of: Counted, Part: neet660, Detail: true},
	{Name: "neet_670", Words: "Unlikely ever to be economically active", Of: Counted, Part: neet670, Detail: true},
	{Name: "neet_680", Words: "Not available for another reason", Of: Counted, Part: neet680, Detail: true},
}

// Measures are all of stock that are a part of a whole, in the order of the tidy
// table; Flows are those of flow.
func Measures() []Measure {
	out := append([]Measure(nil), measures...)
	for i := range out {
		if out[i].WhatCounts == "" {
			out[i].WhatCounts = "Code " + strings.TrimPrefix(out[i].Name, "neet_") + "." + outOfCohort
		}
	}
	return out
}

// MeasureOf finds a measure by its name.
func MeasureOf(name string) (Measure, bool) {
	for _, m := range append(Measures(), Flows()...) {
		if m.Name == name {
			return m, true
		}
	}
	return Measure{}, false
}

// line is the facet of each line of the participation table.
var line = map[string]Facet{"FTE": FullTime, "APP": Apprentice, "WBL": WorkBased, "PTE": PartTime, "EWS": EmployedStudy, "OTR": OtherTraining}

var neetCode = map[string]Facet{"540": neet540, "610": neet610, "615": neet615, "616": neet616, "619": neet619, "620": neet620,
	"630": neet630, "640": neet640, "650": neet650, "660": neet660, "670": neet670, "680": neet680}

var unknownCode = map[string]Facet{"810": Unknown810, "820": Unknown820, "830": Unknown830}

var offer = map[string]Facet{"Offer made": OfferMade, "Offer not appropriate": OfferNotAppropriate, "No offer": NoOffer, "Not recorded": OfferNotRecorded}

// tables are what one edition makes of each code.
type tables struct {
	edition *nccis.Edition
	// activity holds what a code that counts comes to, by code.
	activity map[string]Facet
	offer    map[string]Facet
	// vulnerable are the characteristics of the Department's vulnerable group.
	vulnerable map[string]bool
}

func newTables(e *nccis.Edition) *tables {
	t := &tables{edition: e, activity: map[string]Facet{}, offer: map[string]Facet{}, vulnerable: map[string]bool{}}
	for _, a := range e.Activities() {
		var f Facet
		switch a.Status {
		case nccis.EET:
			f = EET | line[a.Published]
			if a.InEducationOrTraining {
				f |= Participating
			}
		case nccis.NEET:
			f = NEET | combined | neetCode[a.Code]
			// "Not available" begins at 620 (nccis.md 4, sub-groups).
			if a.Code >= "620" {
				f |= NotAvailable
			} else {
				f |= Available
			}
		case nccis.NotKnown:
			f = NotKnown | combined | unknownCode[a.Code]
		case nccis.OutOfRates:
			f = Custody
		}
		t.activity[a.Code] = f
	}
	for _, c := range e.Codes(nccis.GuaranteeStatuses) {
		t.offer[c.Code] = offer[c.Group]
	}
	for _, c := range e.Codes(nccis.Characteristics) {
		t.vulnerable[c.Code] = c.Vulnerable
	}
	return t
}
