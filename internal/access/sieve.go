package access

import (
	"fmt"

	"waymark/internal/db"
	"waymark/internal/id"
)

// Sieve lets through the young people to whom one actor may do one action, for
// those who hold the register in memory. It is made anew for each request, and
// its zero value lets nobody through.
type Sieve struct {
	// open lets everybody through who is not in but; else only those in only,
	// each with the fields that agreements give of them.
	open bool
	only map[id.YoungPerson]Fields
	but  map[id.YoungPerson]bool
	// by is who looks: what they see of somebody hangs on their roles.
	by Actor
}

// Lets says whether the young person is let through.
func (s Sieve) Lets(yp id.YoungPerson) bool {
	_, theirs := s.only[yp]
	return yp != 0 && (s.open || theirs) && !s.but[yp]
}

// Fields are what the actor sees of a young person, nothing of one who is not
// let through.
func (s Sieve) Fields(yp id.YoungPerson) Fields {
	if !s.Lets(yp) {
		return 0
	}
	return s.by.fields(s.only[yp])
}

// look is Look without what is restricted.
func look(tx *db.Tx, a Actor, action Action) (Sieve, error) {
	if Decide(a, action, Subject{Register: a.Register}) != nil {
		return Sieve{}, nil
	}
	if f, err := forbidden(tx, a); err != nil || f != 0 {
		return Sieve{}, err
	}
	s := Sieve{open: ReachOf(a, action) == Everybody, by: a}
	if !a.byAgreement() {
		return s, nil
	}
	var err error
	s.only, err = people(tx, sqlAgreed, int64(a.Register), int64(a.Account), a.day(tx))
	return s, err
}

// people are the young people whom a query names, with the fields that it gives
// of each.
func people(tx *db.Tx, query string, args ...any) (map[id.YoungPerson]Fields, error) {
	rows, err := tx.Query(query, args...)
	if err != nil {
		return nil, fmt.Errorf("see whom the actor may see: %w", err)
	}
	defer rows.Close()
	found, read := map[id.YoungPerson]Fields{}, map[string]Fields{}
	for rows.Next() {
		var yp id.YoungPerson
		var given string
		var basics int
		if err := rows.Scan((*int64)(&yp), &given, &basics); err != nil {
			return nil, fmt.Errorf("see whom the actor may see: %w", err)
		}
		fields, ok := read[given]
		if !ok { // an agreement gives the same of all its people
			if fields, err = ParseFields(given); err != nil {
				return nil, err
			}
			read[given] = fields
		}
		if basics == 1 {
			fields &= Basics
		}
		found[yp] |= fields
	}
	return found, rows.Err()
}

// scope is Scope without what is restricted.
func scope(w *db.Where, a Actor, action Action, table string) {
	if Decide(a, action, Subject{Register: a.Register}) != nil {
		w.And("1 = 0")
		return
	}
	w.And(table+".register = $1", int64(a.Register))
	if a.Account == 0 {
		return
	}
	w.And("0 = ("+sqlShut+")", int64(a.Register), int64(a.Account), a.reviewDay())
	w.And("0 = ("+sqlSuspended+")", int64(a.Register), int64(a.Account), a.reviewDay())
	if ReachOf(a, action) != Everybody {
		w.And(table+".young_person IN (SELECT young_person FROM ("+sqlAgreed+") agreed)", int64(a.Register), int64(a.Account), a.reviewDay())
	}
}
