package list

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"waymark/internal/access"
	"waymark/internal/db"
	"waymark/internal/id"
)

// Choice is one value of a filter that somebody in the register has now.
type Choice struct {
	Value, Words string
	People       int
}

// Choices are what can be chosen of what differs from register to register.
type Choices struct {
	Schools, Advisers, Areas, Leads []Choice
	read                            time.Time
}

// choicesLast is how long they are offered before they are read anew: they only
// fill a form, and a value that is not among them can still be asked for.
const choicesLast = 5 * time.Minute

const (
	sqlSchools  = `SELECT s.establishment_number, s.establishment_name, count(*) FROM standing s WHERE s.register = $1 AND s.establishment_name <> '' GROUP BY s.establishment_number, s.establishment_name`
	sqlAdvisers = `SELECT s.adviser, s.adviser_name, count(*) FROM standing s WHERE s.register = $1 AND s.adviser_name <> '' GROUP BY s.adviser, s.adviser_name`
	sqlAreas    = `SELECT SUBSTR(s.postcode_key, 1, LENGTH(s.postcode_key) - 3), '', count(*) FROM standing s WHERE s.register = $1 AND LENGTH(s.postcode_key) > 4 GROUP BY SUBSTR(s.postcode_key, 1, LENGTH(s.postcode_key) - 3)`
	sqlLeads    = `SELECT s.lead_la, '', count(*) FROM standing s WHERE s.register = $1 AND s.lead_la <> '' GROUP BY s.lead_la`
)

// Choices are what the register has to choose from, as of the last few minutes.
// It needs access.SeePerson and shows nobody.
func (s *Service) Choices(ctx context.Context, by access.Actor) (Choices, error) {
	if err := access.Decide(by, access.SeePerson, access.Subject{Register: by.Register}); err != nil {
		return Choices{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.choices[by.Register]
	err := s.DB.Read(ctx, func(tx *db.Tx) error {
		if !c.read.IsZero() && tx.Now.Sub(c.read) < choicesLast {
			return nil
		}
		c = Choices{read: tx.Now}
		for _, one := range []struct {
			query string
			into  *[]Choice
		}{{sqlSchools, &c.Schools}, {sqlAdvisers, &c.Advisers}, {sqlAreas, &c.Areas}, {sqlLeads, &c.Leads}} {
			var err error
			if *one.into, err = choices(tx, by.Register, one.query); err != nil {
				return fmt.Errorf("read what lists can be by: %w", err)
			}
		}
		return nil
	})
	if err != nil {
		return Choices{}, err
	}
	if s.choices == nil {
		s.choices = map[id.Register]Choices{}
	}
	s.choices[by.Register] = c
	return c, nil
}

// choices adds up those of one value, whose words may be written in several
// ways, and takes the commonest.
func choices(tx *db.Tx, r id.Register, query string) ([]Choice, error) {
	rows, err := tx.Query(query, int64(r))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	at := map[string]int{}
	var out []Choice
	var most []int
	for rows.Next() {
		var c Choice
		if err := rows.Scan(&c.Value, &c.Words, &c.People); err != nil {
			return nil, err
		}
		if c.Value == "" {
			c.Value = c.Words
		}
		if c.Words == "" {
			c.Value = strings.ToUpper(c.Value)
			c.Words = c.Value
		}
		i, ok := at[c.Value]
		if !ok {
			at[c.Value] = len(out)
			out, most = append(out, c), append(most, c.People)
			continue
		}
		if c.People > most[i] {
			out[i].Words, most[i] = c.Words, c.People
		}
		out[i].People += c.People
	}
	slices.SortFunc(out, func(a, b Choice) int { return strings.Compare(a.Words, b.Words) })
	return out, rows.Err()
}

const sqlSchoolOnce = `SELECT f.establishment_name FROM spell f WHERE f.register = $1 AND f.establishment_number = $2 AND f.establishment_name <> '' ORDER BY f.started DESC LIMIT 1`

// SchoolWords is what a school is called, and whether anybody is there now: a
// school that has closed is known by those who were there.
func (s *Service) SchoolWords(ctx context.Context, by access.Actor, value string) (words string, now bool, err error) {
	c, err := s.Choices(ctx, by)
	if err != nil {
		return "", false, err
	}
	if i := slices.IndexFunc(c.Schools, func(one Choice) bool { return one.Value == value }); i >= 0 {
		return c.Schools[i].Words, true, nil
	}
	err = s.DB.Read(ctx, func(tx *db.Tx) error { return tx.QueryRow(sqlSchoolOnce, int64(by.Register), value).Scan(&words) })
	if errors.Is(err, sql.ErrNoRows) {
		return value, false, nil
	}
	return words, false, err
}
