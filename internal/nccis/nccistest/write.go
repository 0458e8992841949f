// Package nccistest invents returns of any size for tests and measurements:
// plausible records of plainly fictional people, the same for the same seed.
package nccistest

import (
	"fmt"
	"io"
	"math/rand/v2"
	"time"

	"waymark/internal/civil"
	"waymark/internal/nccis"
)

// DatabaseID is the number of the invented local database.
const DatabaseID = "123"

// WriteFile writes a return of n records for the authority and the period to
// periodEnd, in the form of that period's edition. No check finds anything in
// it, unless faults is set: then about one record in ten has one fault of
// those that data officers meet.
func WriteFile(w io.Writer, n int, seed uint64, faults bool, periodEnd civil.Date, la string) error {
	req, err := nccis.Load()
	if err != nil {
		return err
	}
	e, _ := req.EditionOn(periodEnd)
	out, err := nccis.NewWriter(w, e, nccis.Header{
		DatabaseIDs: []string{DatabaseID}, LEACodes: []string{la}, DateOfSend: periodEnd.AddDays(5).String(), PeriodEnd: periodEnd.String(),
		SupplierName: "Invented for a test", SupplierXMLVersion: "1.0", XMLSchemaVersion: "1.0",
	})
	if err != nil {
		return err
	}
	m := &maker{r: rand.New(rand.NewPCG(seed, 0x4e43)), e: e, periodEnd: periodEnd, la: la}
	for i := range n {
		rec := m.record(i)
		if faults && m.r.IntN(10) == 0 {
			m.spoil(rec)
		}
		if err := out.Write(rec); err != nil {
			return err
		}
	}
	return out.Close()
}

type maker struct {
	r         *rand.Rand
	e         *nccis.Edition
	periodEnd civil.Date
	la        string
	rec       nccis.Record
}

// record invents the i-th young person, from 0: of academic age 16 or 17.
func (m *maker) record(i int) *nccis.Record {
	m.rec = nccis.Record{Position: i + 1, Characteristics: m.rec.Characteristics[:0]}
	v := &m.rec.Values
	born := m.periodEnd.AcademicYear().Start().AddYears(-18).AddDays(m.r.IntN(730))
	v[nccis.YoungPersonsID] = fmt.Sprintf("%s%010d", DatabaseID, i+1)
	v[nccis.CohortStatus] = "P"
	v[nccis.GivenName], v[nccis.FamilyName] = name(i)
	if m.r.IntN(3) == 0 {
		v[nccis.MiddleName] = pick(m.r, givenNames())
	}
	v[nccis.AddressLine1] = fmt.Sprintf("%d %s", 1+m.r.IntN(180), pick(m.r, streets()))
	v[nccis.Town] = pick(m.r, towns())
	v[nccis.Postcode] = fmt.Sprintf("ZZ%d %d%s", 1+m.r.IntN(60), m.r.IntN(10), letters(m.r, 2))
	v[nccis.Gender] = []string{"F", "M", "F", "M", "U"}[m.r.IntN(5)]
	v[nccis.DOB] = born.String()
	v[nccis.Ethnicity] = []string{"WBRI", "WBRI", "WBRI", "WOTH", "APKN", "BAFR", "MWBC", "CHNE", "NOBT"}[m.r.IntN(9)]
	v[nccis.LeadLEA], v[nccis.EducatedLEA], v[nccis.LEACodeAtYear11] = m.la, m.la, m.la
	v[nccis.UniqueLearnerNo] = uln(i)
	v[nccis.UniquePupilNumber] = upn(m.la, i)
	v[nccis.LevelOfNeedCode] = []string{"1", "2", "3", "3", "3"}[m.r.IntN(5)]
	v[nccis.SENDFlag], v[nccis.SENSupportFlag] = "N", "N"
	switch m.r.IntN(20) {
	case 0:
		v[nccis.SENDFlag] = "Y"
	case 1, 2:
		v[nccis.SENSupportFlag] = "Y"
	}
	m.guarantee(v, nccis.YearGroup(born, m.periodEnd))
	m.activity(v)
	return &m.rec
}

// guarantee fills the node that is the year group's at the period end: from
// September to March it is still that of the spring before (nccis.md 7).
func (m *maker) guarantee(v *[nccis.FieldCount]string, yearGroup int) {
	if _, month, _ := m.periodEnd.YMD(); month >= time.September || month <= time.March {
		yearGroup--
	}
	switch yearGroup {
	case 11:
		v[nccis.Year11GuaranteeStatus], v[nccis.Year11LEACode] = []string{"110", "140", "151"}[m.r.IntN(3)], m.la
	case 12:
		v[nccis.Year12GuaranteeStatus], v[nccis.Year12LEACode] = []string{"114", "114", "110"}[m.r.IntN(3)], m.la
	}
}

// activity gives the record what it does, by the requirement's own table.
func (m *maker) activity(v *[nccis.FieldCount]string) {
	codes := []string{"210", "210", "210", "220", "230", "230", "230", "230", "310", "320", "330", "360", "530", "540", "610", "619", "619", "620", "640", "650", "810", "820", "260", "350"}
	code := codes[m.r.IntN(len(codes))]
	a, _ := m.e.Activity(code)
	year := m.periodEnd.AcademicYear()
	since := m.periodEnd.DaysSince(year.Start())
	started := year.Start().AddDays(m.r.IntN(since/2 + 1))
	learned := started.AddDays(m.r.IntN(m.periodEnd.DaysSince(started) + 1))
	verified := learned.AddDays(m.r.IntN(m.periodEnd.DaysSince(learned) + 1))
	v[nccis.ActivityCode] = code
	v[nccis.StartDate], v[nccis.DateAscertained], v[nccis.DateVerified] = started.String(), learned.String(), verified.String()
	facts := nccis.ActivityFacts{Code: code, Verified: verified, Ascertained: learned, Started: started}
	if a.EndDateRequired {
		facts.PredictedEnd = year.End().AddYears(m.r.IntN(2))
		v[nccis.PredictedEndDate] = facts.PredictedEnd.String()
	}
	if a.ReviewRequired {
		facts.Review = m.periodEnd.AddDays(m.r.IntN(60))
		if a.EndDateRequired && facts.Review.After(facts.PredictedEnd) {
			facts.Review = facts.PredictedEnd
		}
		v[nccis.ReviewDate] = facts.Review.String()
	}
	due, lapses := m.e.Lapse(facts)
	v[nccis.CurrencyLapsed] = "N"
	if lapses {
		v[nccis.DueToLapseDate] = due.String()
		if nccis.Lapsed(due, m.periodEnd) {
			v[nccis.CurrencyLapsed] = "Y"
		}
	}
	if a.Status == nccis.NEET {
		v[nccis.NEETStartDate] = started.AddDays(-m.r.IntN(20)).String()
	}
	if a.NeedsCharacteristic != "" {
		m.rec.Characteristics = append(m.rec.Characteristics, a.NeedsCharacteristic)
		if a.NeedsCharacteristic == "180" {
			v[nccis.Gender] = "F"
		}
	}
	if a.Group == "ED" {
		v[nccis.EstablishmentNumber] = fmt.Sprintf("%s%04d", m.la, 4000+m.r.IntN(40))
		v[nccis.EstablishmentName] = pick(m.r, towns()) + " College"
		v[nccis.UKProviderReferenceNumber] = fmt.Sprintf("100%05d", m.r.IntN(100000))
	}
}

// spoil gives the record one fault.
func (m *maker) spoil(rec *nccis.Record) {
	v := &rec.Values
	faults := []func(){
		func() { v[nccis.Gender] = "" },
		func() { v[nccis.Postcode] = "zz11aa" },
		func() { v[nccis.Ethnicity] = "WHITE" },
		func() { v[nccis.LeadLEA] = "999" },
		func() { v[nccis.DOB] = "2009-02-30" },
		func() { v[nccis.DateVerified] = m.periodEnd.AddDays(3).String() },
		func() { v[nccis.FamilyName] = "" },
		func() { v[nccis.ActivityCode] = "999" },
		func() { v[nccis.UniqueLearnerNo] = "0123456789" },
		func() { v[nccis.DueToLapseDate] = "soon" },
		func() { v[nccis.YoungPersonsID] = "123" + v[nccis.YoungPersonsID][4:] },
		func() { rec.NoActivities = true },
		func() { v[nccis.SENDFlag], v[nccis.SENSupportFlag] = "Y", "Y" },
	}
	faults[m.r.IntN(len(faults))]()
}
