// Package provider knows the places where young people learn: schools,
// colleges and training providers, by the numbers that files name them by.
//
// An establishment has three numbers. The URN is the Department's and is never
// used again; the establishment number (LAESTAB) is the authority's three
// digits and four of its own, and often passes from a school to the academy
// that takes its place; the UKPRN is that of the body in law. A school that
// becomes an academy closes and another opens: links say which came after
// which, so that a placement made at the old one is still somewhere.
//
// All of it is reference data (package dataset): the Department's list, GIAS,
// its list of links, and the list of UKPRNs. The names of heads are never read.
package provider

import (
	"waymark/internal/civil"
	"waymark/internal/dataset"
	"waymark/internal/db"
	"waymark/internal/id"
)

// Establishment is a school, college or the like as GIAS describes it
// (context.md 8.2).
type Establishment struct {
	URN string
	// Number is the authority's three digits and the establishment's four, ""
	// for none.
	Number string
	UKPRN  string
	Name   string
	// KindCode and Kind are its type ("28", "Academy sponsor led").
	KindCode, Kind string
	Phase          string
	// Status is GIAS's code: Open, Closed, Closing, Proposed.
	Status string
	// Opened and Closed are no date where GIAS gives none.
	Opened, Closed civil.Date
	LACode, LAName string
	Postcode       string
	// SixthForm is GIAS's words: "Has a sixth form".
	SixthForm string
	// LowAge and HighAge are the statutory ages, 0 where none is given.
	LowAge, HighAge int
}

// The statuses of GIAS.
const (
	Open     = "1"
	Closed   = "2"
	Closing  = "3" // proposed to close
	Proposed = "4" // proposed to open
)

// OpenOn says that the establishment had pupils on the day; no day is now, for
// which its status counts.
func (e Establishment) OpenOn(day civil.Date) bool {
	if day.IsZero() {
		return e.Status == Open || e.Status == Closing
	}
	if !e.Opened.IsZero() && day.Before(e.Opened) {
		return false
	}
	if !e.Closed.IsZero() {
		return !day.After(e.Closed)
	}
	return e.Status != Closed && e.Status != Proposed
}

// Link says that one establishment came after another.
type Link struct {
	URN, Successor string
	Since          civil.Date
	// Words are what GIAS calls the link: "Successor - merged".
	Words string
}

// Provider is the holder of a UKPRN.
type Provider struct{ UKPRN, Name string }

// Tables are where the rows of the sets are.
func Tables() []dataset.Table {
	return []dataset.Table{{Name: "establishment", Key: "urn"}, {Name: "establishment_link", Key: "urn"}, {Name: "learning_provider", Key: "ukprn"}}
}

// AddEstablishments stages rows of a set of dataset.Establishments.
func AddEstablishments(tx *db.Tx, reg id.Register, set id.Dataset, list []Establishment) error {
	rows := make([][]any, len(list))
	for i, e := range list {
		rows[i] = []any{int64(reg), int64(set), e.URN, e.Number, e.UKPRN, e.Name, Fold(e.Name), e.KindCode, e.Kind, e.Phase, e.Status,
			e.Opened.String(), e.Closed.String(), e.LACode, e.LAName, e.Postcode, e.SixthForm, int64(e.LowAge), int64(e.HighAge)}
	}
	return db.BulkInsert(tx, "establishment", []string{"register", "dataset", "urn", "number", "ukprn", "name", "name_key", "kind_code", "kind", "phase", "status",
		"opened", "closed", "la_code", "la_name", "postcode", "sixth_form", "low_age", "high_age"}, rows)
}

// AddLinks stages rows of a set of dataset.Links.
func AddLinks(tx *db.Tx, reg id.Register, set id.Dataset, list []Link) error {
	rows := make([][]any, len(list))
	for i, l := range list {
		rows[i] = []any{int64(reg), int64(set), l.URN, l.Successor, l.Since.String(), l.Words}
	}
	return db.BulkInsert(tx, "establishment_link", []string{"register", "dataset", "urn", "successor", "since", "words"}, rows)
}

// AddProviders stages rows of a set of dataset.Providers.
func AddProviders(tx *db.Tx, reg id.Register, set id.Dataset, list []Provider) error {
	rows := make([][]any, len(list))
	for i, p := range list {
		rows[i] = []any{int64(reg), int64(set), p.UKPRN, p.Name, Fold(p.Name)}
	}
	return db.BulkInsert(tx, "learning_provider", []string{"register", "dataset", "ukprn", "name", "name_key"}, rows)
}
