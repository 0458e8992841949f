package returns

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"waymark/internal/civil"
	"waymark/internal/nccis"
)

// Totals are the counts of one return. Those of a draft are made from the
// register's facts, those of Recount from the bytes of the file: the two must
// agree before anybody can sign.
type Totals struct {
	Records int `json:"records"`
	// Leavers are those reported as having left.
	Leavers int `json:"leavers"`
	// CohortStatus counts records by cohort status.
	CohortStatus map[string]int `json:"cohort_status"`
	// CountsAs counts those who have not left by where they stand at the period
	// end: EET, NEET, NK, OTH, CS.
	CountsAs map[string]int `json:"counts_as"`
	// Group counts those who have not left by activity group (nccis.md 4); ""
	// is no activity, or a code that the edition does not have.
	Group map[string]int `json:"group"`
	// Lapsed are those whose activity no longer counts.
	Lapsed int `json:"lapsed"`
	// Plans are those with an education, health and care plan.
	Plans int `json:"plans"`
	// Rates are about academic age 16 and 17 with status P: the Department's
	// rates (nccis.md 11.1).
	Rates Rates `json:"rates"`
	// Priority counts findings by priority, 1 to 3; Checks by check.
	Priority [4]int         `json:"priority"`
	Checks   map[string]int `json:"checks"`
}

// Rates are the numbers behind the Department's rates. Cohort leaves out young
// adults in custody.
type Rates struct {
	Cohort   int `json:"cohort"`
	EET      int `json:"eet"`
	NEET     int `json:"neet"`
	NotKnown int `json:"not_known"`
}

type counter struct {
	Totals
	e         *nccis.Edition
	periodEnd civil.Date
}

func newCounter(e *nccis.Edition, periodEnd civil.Date) *counter {
	return &counter{e: e, periodEnd: periodEnd, Totals: Totals{
		CohortStatus: map[string]int{}, CountsAs: map[string]int{}, Group: map[string]int{}, Checks: map[string]int{},
	}}
}

func (c *counter) finding(f nccis.Finding) {
	c.Priority[f.Priority]++
	c.Checks[f.Check]++
}

// person counts somebody as the facts state them.
func (c *counter) person(p *Person) {
	v := &p.Record.Values
	c.one(v[nccis.CohortStatus], v[nccis.ActivityCode], p.CountsAs, nccis.Lapsed(p.Lapses, c.periodEnd), v[nccis.SENDFlag] == "Y", p.Age)
}

// record counts somebody as the file states them.
func (c *counter) record(r *nccis.Record) {
	v := &r.Values
	counts := c.e.StatusOn(v[nccis.ActivityCode], readDate(v[nccis.DueToLapseDate]), c.periodEnd)
	c.one(v[nccis.CohortStatus], v[nccis.ActivityCode], counts, v[nccis.CurrencyLapsed] == "Y", v[nccis.SENDFlag] == "Y",
		civil.AcademicAge(birth(r), c.periodEnd))
}

func (c *counter) one(status, activity string, counts nccis.Status, lapsed, plan bool, age int) {
	c.Records++
	c.CohortStatus[status]++
	if leaver(status) {
		c.Leavers++
		return
	}
	group := ""
	if a, ok := c.e.Activity(activity); ok {
		group = a.Group
	}
	c.Group[group]++
	c.CountsAs[string(counts)]++
	if lapsed {
		c.Lapsed++
	}
	if plan {
		c.Plans++
	}
	if status == "P" && (age == 16 || age == 17) {
		c.Rates.add(counts)
	}
}

func (r *Rates) add(counts nccis.Status) {
	switch counts {
	case nccis.OutOfRates:
		return
	case nccis.EET:
		r.EET++
	case nccis.NEET:
		r.NEET++
	case nccis.NotKnown:
		r.NotKnown++
	}
	r.Cohort++
}

// Differences says in words where two counts differ; none where they agree.
func (t Totals) Differences(file Totals) []string {
	var out []string
	differ := func(what string, register, inFile int) {
		if register != inFile {
			out = append(out, fmt.Sprintf("%s: %d in the register, %d in the file", what, register, inFile))
		}
	}
	each := func(what string, register, inFile map[string]int) {
		both := maps.Clone(register)
		maps.Copy(both, inFile)
		for _, key := range slices.Sorted(maps.Keys(both)) {
			differ(what+" "+orNone(key), register[key], inFile[key])
		}
	}
	differ("records", t.Records, file.Records)
	differ("leavers", t.Leavers, file.Leavers)
	each("cohort status", t.CohortStatus, file.CohortStatus)
	each("counted as", t.CountsAs, file.CountsAs)
	each("activity group", t.Group, file.Group)
	differ("lapsed", t.Lapsed, file.Lapsed)
	differ("with a plan", t.Plans, file.Plans)
	differ("academic age 16 and 17", t.Rates.Cohort, file.Rates.Cohort)
	differ("academic age 16 and 17, NEET", t.Rates.NEET, file.Rates.NEET)
	differ("academic age 16 and 17, not known", t.Rates.NotKnown, file.Rates.NotKnown)
	differ("academic age 16 and 17, in education, employment or training", t.Rates.EET, file.Rates.EET)
	each("findings of check", t.Checks, file.Checks)
	return out
}

func orNone(s string) string {
	if strings.TrimSpace(s) == "" {
		return "(none)"
	}
	return s
}
