package provider

import (
	"database/sql"
	"errors"
	"fmt"

	"waymark/internal/civil"
	"waymark/internal/dataset"
	"waymark/internal/db"
	"waymark/internal/id"
)

// Version names the sets that a Book reads; those that are not loaded are 0.
type Version struct{ Establishments, Links, Providers id.Dataset }

// Book is the establishments and providers of a register as they were known
// after one act, within one transaction.
type Book struct {
	// Is says which sets are in force.
	Is Version

	tx  *db.Tx
	reg id.Register
}

// Read opens the book as known after an act, 0 for now. What is not loaded is
// empty.
func Read(tx *db.Tx, reg id.Register, at id.Act) (*Book, error) {
	b := &Book{tx: tx, reg: reg}
	for _, k := range []struct {
		kind dataset.Kind
		id   *id.Dataset
	}{{dataset.Establishments, &b.Is.Establishments}, {dataset.Links, &b.Is.Links}, {dataset.Providers, &b.Is.Providers}} {
		set, _, err := dataset.InForce(tx, reg, k.kind, at)
		if err != nil {
			return nil, err
		}
		*k.id = set.ID
	}
	return b, nil
}

// Loaded says that there are establishments at all.
func (b *Book) Loaded() bool { return b.Is.Establishments != 0 }

const (
	sqlEstablishment = `SELECT urn, number, ukprn, name, kind_code, kind, phase, status, opened, closed, la_code, la_name, postcode, sixth_form, low_age, high_age
		FROM establishment WHERE register = $1 AND dataset = $2`
	sqlSuccessors = `SELECT successor, since, words FROM establishment_link WHERE register = $1 AND dataset = $2 AND urn = $3 ORDER BY since DESC, successor`
	sqlProvider   = `SELECT name FROM learning_provider WHERE register = $1 AND dataset = $2 AND ukprn = $3`
)

func (b *Book) find(condition, tail string, args ...any) ([]Establishment, error) {
	if b.Is.Establishments == 0 {
		return nil, nil
	}
	rows, err := b.tx.Query(sqlEstablishment+condition+tail, append([]any{int64(b.reg), int64(b.Is.Establishments)}, args...)...)
	if err != nil {
		return nil, fmt.Errorf("find an establishment: %w", err)
	}
	defer rows.Close()
	var out []Establishment
	for rows.Next() {
		var e Establishment
		if err := rows.Scan(&e.URN, &e.Number, &e.UKPRN, &e.Name, &e.KindCode, &e.Kind, &e.Phase, &e.Status, &e.Opened, &e.Closed,
			&e.LACode, &e.LAName, &e.Postcode, &e.SixthForm, &e.LowAge, &e.HighAge); err != nil {
			return nil, fmt.Errorf("find an establishment: %w", err)
		}
		out = append(out, e)
	}
	return out, rows.Err()
}

// best is that of several under one number which is meant on the day: the one
// that was open then, the newest where several were; else the last that had
// opened before; else the first to open.
func best(list []Establishment, day civil.Date) (Establishment, bool) {
	rank := func(e Establishment) int {
		switch {
		case e.OpenOn(day):
			return 2
		case day.IsZero() || !day.Before(e.Opened):
			return 1
		}
		return 0
	}
	var found Establishment
	for i, e := range list {
		a, b := rank(e), rank(found)
		earlier := e.Opened.Before(found.Opened)
		if i == 0 || a > b || a == b && earlier == (a == 0) && e.Opened != found.Opened {
			found = e
		}
	}
	return found, len(list) > 0
}

// ByURN is the establishment with the number of six digits.
func (b *Book) ByURN(urn string) (Establishment, bool, error) {
	list, err := b.find(" AND urn = $3", "", urn)
	if err != nil || len(list) == 0 {
		return Establishment{}, false, err
	}
	return list[0], true, nil
}

// ByNumber is the establishment that had the number (LAESTAB: authority and
// establishment, seven digits) on the day; no day is now. The academy that
// took over a school's number is another establishment than the school.
func (b *Book) ByNumber(number string, day civil.Date) (Establishment, bool, error) {
	return b.on(" AND number = $3", number, day)
}

// ByUKPRN is the establishment whose body in law has the number. Where several
// have it, as in a trust, it is the newest that was open on the day.
func (b *Book) ByUKPRN(ukprn string, day civil.Date) (Establishment, bool, error) {
	return b.on(" AND ukprn = $3", ukprn, day)
}

func (b *Book) on(condition, value string, day civil.Date) (Establishment, bool, error) {
	if value == "" {
		return Establishment{}, false, nil
	}
	list, err := b.find(condition, " ORDER BY urn", value)
	if err != nil {
		return Establishment{}, false, err
	}
	e, ok := best(list, day)
	return e, ok, nil
}

// Named are up to most establishments whose name begins with the text, by
// name: for whoever types one. Capitals, accents and punctuation do not matter.
func (b *Book) Named(text string, most int) ([]Establishment, error) {
	key := Fold(text)
	if key == "" {
		return nil, nil
	}
	// Folded texts hold letters, digits and spaces, so that all that begin with
	// the text sort before it with a tilde.
	return b.find(" AND name_key >= $3 AND name_key < $4", " ORDER BY name_key, urn LIMIT $5", key, key+"~", int64(most))
}

// Successors are the establishments that came directly after one.
func (b *Book) Successors(urn string) ([]Link, error) {
	if b.Is.Links == 0 {
		return nil, nil
	}
	rows, err := b.tx.Query(sqlSuccessors, int64(b.reg), int64(b.Is.Links), urn)
	if err != nil {
		return nil, fmt.Errorf("find who came after an establishment: %w", err)
	}
	defer rows.Close()
	var out []Link
	for rows.Next() {
		l := Link{URN: urn}
		if err := rows.Scan(&l.Successor, &l.Since, &l.Words); err != nil {
			return nil, fmt.Errorf("find who came after an establishment: %w", err)
		}
		out = append(out, l)
	}
	return out, rows.Err()
}

// longestLine is how many times an establishment can have been succeeded: more
// are links that go round in a circle.
const longestLine = 20

// Successor follows the links from an establishment that has closed to the one
// that was open in its place on the day; no day is now. False where it is open
// itself, or where nothing came after it. Of several the one that was open
// then is meant, the latest first.
func (b *Book) Successor(e Establishment, day civil.Date) (Establishment, bool, error) {
	if e.OpenOn(day) {
		return Establishment{}, false, nil
	}
	var last Establishment
	seen := map[string]bool{e.URN: true}
	line := []string{e.URN}
	for len(line) > 0 && len(seen) <= longestLine {
		links, err := b.Successors(line[0])
		if err != nil {
			return last, false, err
		}
		line = line[1:]
		for _, l := range links {
			if seen[l.Successor] {
				continue
			}
			seen[l.Successor] = true
			next, ok, err := b.ByURN(l.Successor)
			if err != nil {
				return last, false, err
			}
			if !ok || next.Status == Proposed {
				continue
			}
			if next.OpenOn(day) {
				return next, true, nil
			}
			if day.IsZero() || !day.Before(next.Opened) {
				last = next
			}
			line = append(line, l.Successor)
		}
	}
	return last, last.URN != "", nil
}

// ProviderName is the name that belongs to a UKPRN, from the list of UKPRNs or
// else from the establishments; "" where neither has it.
func (b *Book) ProviderName(ukprn string, day civil.Date) (string, error) {
	if b.Is.Providers != 0 && ukprn != "" {
		var name string
		err := b.tx.QueryRow(sqlProvider, int64(b.reg), int64(b.Is.Providers), ukprn).Scan(&name)
		if err == nil {
			return name, nil
		}
		if !errors.Is(err, sql.ErrNoRows) {
			return "", fmt.Errorf("find a provider: %w", err)
		}
	}
	e, _, err := b.ByUKPRN(ukprn, day)
	return e.Name, err
}

// NameOf is what the establishment is called that had a number (LAESTAB) on the
// day, no day being now; where it has closed and another came after it, both:
// "Marram End School (now Marram End Academy)". It is "" where nothing is known
// of the number.
func (b *Book) NameOf(number string, day civil.Date) (string, error) {
	e, ok, err := b.ByNumber(number, day)
	if err != nil || !ok {
		return "", err
	}
	next, ok, err := b.Successor(e, civil.Date{})
	if err != nil || !ok || next.Name == e.Name {
		return e.Name, err
	}
	return e.Name + " (now " + next.Name + ")", nil
}
