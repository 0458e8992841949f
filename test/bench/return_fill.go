package main

import (
	"errors"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/activity"
	"waymark/internal/cohort"
	"waymark/internal/db"
	"waymark/internal/fact"
	"waymark/internal/guarantee"
	"waymark/internal/id"
	"waymark/internal/life"
	"waymark/internal/nccis"
	"waymark/internal/need"
	"waymark/internal/youngperson"
)

// filler gathers facts and stores them in one go.
type filler struct {
	tx           *db.Tx
	a            *act.Act
	next         int64
	errs         []error
	names        []fact.Of[youngperson.Name]
	particulars  []fact.Of[youngperson.Particulars]
	identifiers  []fact.Of[youngperson.Identifier]
	addresses    []fact.Of[youngperson.Address]
	statuses     []fact.Of[cohort.Status]
	needs        []fact.Of[need.Need]
	traits       []fact.Of[need.Characteristic]
	spells       []fact.Of[activity.Spell]
	confirmed    []fact.Of[activity.Verification]
	guarantees   []fact.Of[guarantee.Guarantee]
	destinations []fact.Of[guarantee.Destination]
}

// storeRecords stores each record with, besides, the activity of the year
// before.
func storeRecords(tx *db.Tx, by access.Actor, records []nccis.Record) error {
	a, err := act.Begin(tx, by, access.ImportFile, 0, act.Request{Evidence: &act.Evidence{Kind: act.MigratedFile}})
	if err != nil {
		return err
	}
	const keysEach = 20
	first, err := a.Keys(len(records) * (keysEach + 1))
	if err != nil {
		return err
	}
	f := &filler{tx: tx, a: a, next: first + int64(len(records))}
	var people [][]any
	for i := range records {
		key := id.YoungPerson(first + int64(i))
		people = append(people, []any{int64(a.Register), int64(key), string(id.NewRef()), records[i].Values[nccis.YoungPersonsID], int64(a.Number)})
		f.record(key, &records[i])
	}
	if err := db.BulkInsert(tx, "young_person", []string{"register", "id", "ref", "young_persons_id", "known_from"}, people); err != nil {
		return err
	}
	storeAll(f, youngperson.Names, f.names)
	storeAll(f, youngperson.ParticularsTable, f.particulars)
	storeAll(f, youngperson.Identifiers, f.identifiers)
	storeAll(f, youngperson.Addresses, f.addresses)
	storeAll(f, cohort.Statuses, f.statuses)
	storeAll(f, need.Needs, f.needs)
	storeAll(f, need.Characteristics, f.traits)
	storeAll(f, activity.Spells, f.spells)
	storeAll(f, activity.Verifications, f.confirmed)
	storeAll(f, guarantee.Guarantees, f.guarantees)
	storeAll(f, guarantee.Destinations, f.destinations)
	return errors.Join(f.errs...)
}

func storeAll[T any](f *filler, t fact.Table[T], facts []fact.Of[T]) {
	f.errs = append(f.errs, t.Add(f.tx, f.a, facts))
}

func one[T any](f *filler, key id.YoungPerson, started, ended string, is T) fact.Of[T] {
	f.next++
	return fact.Of[T]{Version: fact.Version{YoungPerson: key, ID: id.Fact(f.next), Started: started, Ended: ended, Evidence: f.a.Evidence}, Is: is}
}

func (f *filler) record(key id.YoungPerson, r *nccis.Record) {
	v := &r.Values
	f.names = append(f.names, one(f, key, "", "", youngperson.Name{Kind: youngperson.Legal, Given: v[nccis.GivenName], Middle: v[nccis.MiddleName], Family: v[nccis.FamilyName]}))
	f.particulars = append(f.particulars, one(f, key, "", "", youngperson.Particulars{DOB: v[nccis.DOB], Gender: v[nccis.Gender], Ethnicity: v[nccis.Ethnicity]}))
	for scheme, item := range map[string]nccis.Field{youngperson.ULN: nccis.UniqueLearnerNo, youngperson.UPN: nccis.UniquePupilNumber} {
		if v[item] != "" {
			f.identifiers = append(f.identifiers, one(f, key, "", "", youngperson.Identifier{Scheme: scheme, Value: v[item]}))
		}
	}
	f.addresses = append(f.addresses, one(f, key, "", "", youngperson.Address{Line1: v[nccis.AddressLine1], Line2: v[nccis.AddressLine2], Line3: v[nccis.AddressLine3],
		Line4: v[nccis.AddressLine4], Town: v[nccis.Town], County: v[nccis.County], Postcode: v[nccis.Postcode]}))
	f.statuses = append(f.statuses, one(f, key, "", "", cohort.Status{Status: v[nccis.CohortStatus], StatedOn: benchPeriod().End().String(), LeadLA: v[nccis.LeadLEA],
		EducatedLA: v[nccis.EducatedLEA], LAAtYear11: v[nccis.LEACodeAtYear11], TransferredTo: v[nccis.TransferredToLACode], GuaranteeIndicator: v[nccis.GuaranteeStatusIndicator]}))
	f.needs = append(f.needs, one(f, key, "", "", need.Need{Level: v[nccis.LevelOfNeedCode], SEND: v[nccis.SENDFlag], SENSupport: v[nccis.SENSupportFlag]}))
	for _, c := range r.Characteristics {
		f.traits = append(f.traits, one(f, key, "", "", need.Characteristic{Code: c}))
	}
	f.activity(key, r)
	season := life.Season(benchPeriod().End())
	for node, items := range map[string][2]nccis.Field{guarantee.Year11: {nccis.Year11GuaranteeStatus, nccis.Year11LEACode}, guarantee.Year12: {nccis.Year12GuaranteeStatus, nccis.Year12LEACode}} {
		if v[items[0]] != "" {
			f.guarantees = append(f.guarantees, one(f, key, "", "", guarantee.Guarantee{Node: node, Season: season, Status: v[items[0]], LACode: v[items[1]]}))
		}
	}
	if v[nccis.IntendedDestinationYr11] != "" {
		f.destinations = append(f.destinations, one(f, key, "", "", guarantee.Destination{Code: v[nccis.IntendedDestinationYr11]}))
	}
}

func (f *filler) activity(key id.YoungPerson, r *nccis.Record) {
	v := &r.Values
	if r.NoActivities {
		return
	}
	before := one(f, key, "2020-09-01", "2020-12-31", activity.Spell{Activity: "110", Ascertained: "2020-09-10"})
	now := one(f, key, v[nccis.StartDate], "", activity.Spell{Activity: v[nccis.ActivityCode], Ascertained: v[nccis.DateAscertained], Review: v[nccis.ReviewDate],
		PredictedEnd: v[nccis.PredictedEndDate], NEETStart: v[nccis.NEETStartDate], EstablishmentNumber: v[nccis.EstablishmentNumber],
		EstablishmentName: v[nccis.EstablishmentName], UKPRN: v[nccis.UKProviderReferenceNumber]})
	f.spells = append(f.spells, before, now)
	for _, day := range []string{v[nccis.DateAscertained], v[nccis.DateVerified]} {
		if day != "" {
			f.confirmed = append(f.confirmed, one(f, key, "", "", activity.Verification{Spell: now.ID, Verified: day}))
		}
	}
}
