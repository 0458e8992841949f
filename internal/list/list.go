package list

import (
	"context"
	"fmt"
	"sync"
	"time"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/id"
	"waymark/internal/nccis"
	"waymark/internal/record"
)

// Service answers lists and keeps those that have a name.
type Service struct {
	DB          *db.DB
	Requirement *nccis.Requirement
	Sights      *act.Recorder

	mu      sync.Mutex
	choices map[id.Register]Choices
}

// Row is one young person in a list.
type Row struct {
	record.Row
	Gender, Ethnicity, SEND, SENSupport, Level string
	LastContact                                civil.Date
}

// Page is one page of a list.
type Page struct {
	Rows  []Row
	Total int
}

const (
	sqlRows = `SELECT s.young_person, s.ref, s.young_persons_id, s.given, s.family, s.dob, s.activity, s.establishment_name,
		s.cohort_status, s.lead_la, s.postcode_key, s.adviser_name, s.verified_on, s.lapses_on, s.neet_since,
		s.gender, s.ethnicity, s.send, s.sen_support, s.level, s.last_contact_on FROM standing s`
	sqlCount = `SELECT count(*) FROM standing s`
)

func (s *Service) asking(by access.Actor, q Question, now time.Time) asking {
	today := civil.On(now, civil.London())
	e, _ := s.Requirement.EditionOn(today.InMonth().End())
	return asking{Question: q, by: by, edition: e, today: today}
}

// Page is some of a list, from the row skip on, and how many it holds. It needs
// access.SeePerson and records who was shown.
func (s *Service) Page(ctx context.Context, by access.Actor, q Question, skip, size int) (Page, error) {
	if err := access.Decide(by, access.SeePerson, access.Subject{Register: by.Register}); err != nil {
		return Page{}, err
	}
	var p Page
	err := s.DB.Read(ctx, func(tx *db.Tx) error {
		a := s.asking(by, q, tx.Now)
		w := a.where()
		if err := tx.QueryRow(sqlCount+w.SQL(), w.Args...).Scan(&p.Total); err != nil {
			return fmt.Errorf("count a list: %w", err)
		}
		if skip >= p.Total {
			return nil
		}
		rest := a.order() + " LIMIT " + w.Param(size) + " OFFSET " + w.Param(skip)
		return eachRow(tx, w, rest, func(r Row) error { p.Rows = append(p.Rows, r); return nil })
	})
	if err != nil {
		return Page{}, err
	}
	return p, s.seen(ctx, by, access.SeePerson, "list", p.Rows)
}

// atOnce is how many rows of a file are read and recorded as seen together.
const atOnce = 1000

// All calls each with every row of the list, in its order, for a file. Whom it
// shows is recorded before they are. It needs access.DownloadPeople.
func (s *Service) All(ctx context.Context, by access.Actor, q Question, each func(Row) error) error {
	if err := access.Decide(by, access.DownloadPeople, access.Subject{Register: by.Register}); err != nil {
		return err
	}
	var all []Row
	err := s.DB.Read(ctx, func(tx *db.Tx) error {
		a := s.asking(by, q, tx.Now)
		return eachRow(tx, a.where(), a.order(), func(r Row) error { all = append(all, r); return nil })
	})
	if err != nil {
		return err
	}
	for len(all) > 0 {
		some := all[:min(atOnce, len(all))]
		all = all[len(some):]
		if err := s.seen(ctx, by, access.DownloadPeople, "list file", some); err != nil {
			return err
		}
		for _, r := range some {
			if err := each(r); err != nil {
				return err
			}
		}
	}
	return nil
}

func eachRow(tx *db.Tx, w db.Where, rest string, each func(Row) error) error {
	rows, err := tx.Query(sqlRows+w.SQL()+rest, w.Args...)
	if err != nil {
		return fmt.Errorf("read a list: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var r Row
		if err := rows.Scan(&r.Person, &r.Ref, &r.YoungPersonsID, &r.Given, &r.Family, &r.Born, &r.Activity, &r.Establishment,
			&r.CohortStatus, &r.LeadLA, &r.Postcode, &r.Adviser, &r.VerifiedOn, &r.LapsesOn, &r.NEETSince,
			&r.Gender, &r.Ethnicity, &r.SEND, &r.SENSupport, &r.Level, &r.LastContact); err != nil {
			return fmt.Errorf("read a list: %w", err)
		}
		r.Postcode = record.Postcode(r.Postcode)
		if err := each(r); err != nil {
			return err
		}
	}
	return rows.Err()
}

func (s *Service) seen(ctx context.Context, by access.Actor, kind access.Action, page string, rows []Row) error {
	people := make([]id.YoungPerson, len(rows))
	for i, r := range rows {
		people[i] = r.Person
	}
	return s.Sights.See(ctx, act.Sight{By: by, Kind: kind, People: people, Page: page})
}
