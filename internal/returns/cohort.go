package returns

import (
	"fmt"
	"strings"

	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/cohort"
	"waymark/internal/db"
	"waymark/internal/fact"
	"waymark/internal/id"
	"waymark/internal/life"
	"waymark/internal/nccis"
	"waymark/internal/register"
)

// builder states one draft.
type builder struct {
	s           *Service
	key         draftKey
	register    register.Register
	requirement *nccis.Requirement
	edition     *nccis.Edition
	held        [nccis.FieldCount]bool // the items that the edition has
	book        register.Book
	period      civil.Month
	periodEnd   civil.Date
	dateOfSend  civil.Date
	at          id.Act
	historical  bool
	authorities []string
	scope       map[string]bool
	// reported are those whom a return already sent has reported as having left.
	reported map[id.YoungPerson]civil.Month
	ranges   []keyRange

	people []*Person
	out    []LeftOut
}

const (
	cohortStatus = nccis.CohortStatus
	activityCode = nccis.ActivityCode
)

// leaver says that the cohort status is one that is reported once (nccis.md
// 3.1).
func leaver(status string) bool { return len(status) == 1 && strings.Contains("ATEMDL", status) }

// verdict is whether somebody goes into the file.
type verdict int

const (
	left verdict = iota
	in
	// askFile: it depends on what a supplier's file has stated.
	askFile
)

// decide says whether a life goes into this file. Where it does not, or only
// if a file says so, why has the reason in words for a data officer.
func (b *builder) decide(l *life.Life, v *life.View) (verdict, string) {
	status := v.Record.Values[cohortStatus]
	if !v.In || status == "X" {
		return left, v.Why
	}
	s := life.InForce(l.Statuses, b.periodEnd)
	if leaver(status) {
		if month, ok := b.reported[l.Person.ID]; ok {
			return left, "Reported as having left in the return for " + month.Words() + ". That is done once."
		}
		if !b.concerns(&v.Record) {
			return left, "Another authority of this register reports it."
		}
		if on, err := civil.Parse(stated(s)); err == nil && on.Before(b.period.First()) && s.Is.Status == status {
			return askFile, "The supplier's file for " + on.Words() + " reported it. That is done once."
		}
		return in, ""
	}
	return b.here(v, s)
}

// here decides about somebody who has not left: whoever is led by one of the
// file's authorities is in. Year 11, and whoever is kept for the guarantee
// alone, may be in for the authority that educates them (nccis.md 5.3).
func (b *builder) here(v *life.View, s *fact.Of[cohort.Status]) (verdict, string) {
	r := &v.Record.Values
	lead := r[nccis.LeadLEA]
	if b.scope[lead] {
		return in, ""
	}
	la, known := b.requirement.LocalAuthority(lead, b.periodEnd)
	elsewhere := known && la.English()
	educates := b.scope[r[nccis.EducatedLEA]]
	switch {
	case b.book.Authorities[lead]:
		return left, fmt.Sprintf("Led by %s, which is not in this file.", lead)
	case educates && (r[cohortStatus] == "G" || nccis.YearGroup(birth(&v.Record), b.periodEnd) == 11):
		return in, ""
	case !elsewhere && b.concerns(&v.Record):
		return in, "" // missing or misspelt: a finding, not a reason to leave somebody out
	}
	if on, err := civil.Parse(stated(s)); err == nil && on.InMonth() == b.period && b.concerns(&v.Record) {
		return askFile, "Another authority leads: " + lead + "."
	}
	return left, "Another authority leads: " + lead + "."
}

// concerns says that somebody led by none of the register's authorities
// belongs into this file: the file of the whole register, or that of the
// authority that educates them.
func (b *builder) concerns(r *nccis.Record) bool {
	if b.book.Authorities[r.Values[nccis.LeadLEA]] {
		return b.scope[r.Values[nccis.LeadLEA]]
	}
	return len(b.scope) == len(b.book.Authorities) || b.scope[r.Values[nccis.EducatedLEA]]
}

func stated(s *fact.Of[cohort.Status]) string {
	if s == nil {
		return ""
	}
	return s.Is.StatedOn
}

// doubt is somebody of whom a supplier's file decides.
type doubt struct {
	index  int // in part.people
	status *fact.Of[cohort.Status]
	why    string
}

const sqlStatedByFile = `SELECT c.young_person, c.id, c.status, c.stated_on FROM cohort c
	JOIN evidence e ON e.register = c.register AND e.id = c.evidence`

// statement is what a version of a cohort fact stated.
type statement struct {
	person       id.YoungPerson
	fact         id.Fact
	status, when string
}

// settle decides about the doubtful by what supplier's files have stated: a
// leaver stated by the file of an earlier month was reported by that file, and
// somebody led elsewhere is in where the file of this very month said so. A
// version that has been corrected since still was stated by the file.
func (b *builder) settle(tx *db.Tx, doubtful []doubt, out *part) error {
	byFile := map[statement]bool{}
	const some = 200
	for i := 0; i < len(doubtful); i += some {
		people := make([]any, 0, some)
		for _, d := range doubtful[i:min(i+some, len(doubtful))] {
			people = append(people, int64(d.status.YoungPerson))
		}
		if err := b.statedByFile(tx, people, byFile); err != nil {
			return err
		}
	}
	remove := map[int]string{}
	for _, d := range doubtful {
		f := d.status
		fromFile := byFile[statement{f.YoungPerson, f.ID, f.Is.Status, f.Is.StatedOn}]
		if out.people[d.index].Leaver == fromFile {
			remove[d.index] = d.why
		}
	}
	if len(remove) == 0 {
		return nil
	}
	keep := out.people[:0]
	for i := range out.people {
		if why, gone := remove[i]; gone {
			out.out = append(out.out, LeftOut{out.people[i].Key, out.people[i].Ref, why})
		} else {
			keep = append(keep, out.people[i])
		}
	}
	out.people = keep
	return nil
}

func (b *builder) statedByFile(tx *db.Tx, people []any, found map[statement]bool) error {
	var w db.Where
	w.And("c.register = $1 AND e.kind = $2 AND c.known_from <= $3", int64(b.register.ID), act.MigratedFile, int64(b.at))
	w.In("c.young_person", people...)
	rows, err := tx.Query(sqlStatedByFile+w.SQL(), w.Args...)
	if err != nil {
		return fmt.Errorf("ask what files have stated: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var s statement
		if err := rows.Scan((*int64)(&s.person), (*int64)(&s.fact), &s.status, &s.when); err != nil {
			return err
		}
		found[s] = true
	}
	return rows.Err()
}

const (
	sqlReported = `SELECT p.young_person, MAX(r.period) FROM monthly_return_person p
		JOIN monthly_return r ON r.register = p.register AND r.id = p.monthly_return
		WHERE p.register = $1 AND p.leaver AND r.period < $2 AND r.state IN ('sent', 'accepted') GROUP BY p.young_person`
	sqlMembersOfLast = `SELECT p.young_person FROM monthly_return_person p
		JOIN monthly_return r ON r.register = p.register AND r.id = p.monthly_return
		WHERE p.register = $1 AND NOT p.leaver AND r.state IN ('sent', 'accepted') AND r.period = (SELECT MAX(period)
			FROM monthly_return WHERE register = $1 AND period < $2 AND state IN ('sent', 'accepted'))`
)

// reportedLeavers are those whom a return sent for an earlier month has
// reported as having left. Whoever stood in the last one as a member of the
// cohort has come back since, and would be leaving anew.
func reportedLeavers(tx *db.Tx, r id.Register, period civil.Month) (map[id.YoungPerson]civil.Month, error) {
	out := map[id.YoungPerson]civil.Month{}
	rows, err := tx.Query(sqlReported, int64(r), period.String())
	if err != nil {
		return nil, fmt.Errorf("read who was reported as having left: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var yp int64
		var month string
		if err := rows.Scan(&yp, &month); err != nil {
			return nil, err
		}
		if out[id.YoungPerson(yp)], err = civil.ParseMonth(month); err != nil {
			return nil, err
		}
	}
	if err := rows.Err(); err != nil || len(out) == 0 {
		return out, err
	}
	rows.Close()
	err = eachPerson(tx, sqlMembersOfLast, func(p id.YoungPerson) { delete(out, p) }, int64(r), period.String())
	return out, err
}
