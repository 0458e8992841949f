package notice

import (
	"database/sql"
	"fmt"
	"slices"

	"waymark/internal/access"
	"waymark/internal/db"
	"waymark/internal/id"
	"waymark/internal/match"
	"waymark/internal/record"
	"waymark/internal/sharing"
	"waymark/internal/standing"
	"waymark/internal/youngperson"
)

const (
	sqlWithBirth  = `SELECT young_person, given, family, postcode_key, dob, lead_la FROM standing WHERE register = $1 AND dob = $2 ORDER BY young_person`
	sqlWithNumber = `SELECT s.young_person, s.given, s.family, s.postcode_key, COALESCE(s.dob, ''), s.lead_la FROM identifier i JOIN standing s ON s.register = i.register AND s.young_person = i.young_person
		WHERE i.register = $1 AND i.scheme = $2 AND i.value = $3 AND i.known_to IS NULL ORDER BY s.young_person`
	sqlNumbers = `SELECT scheme, value FROM identifier WHERE register = $1 AND young_person = $2 AND known_to IS NULL AND ended = '' AND scheme IN ('ULN', 'UPN')`
	sqlNames   = `SELECT given, family FROM name WHERE register = $1 AND young_person = $2 AND known_to IS NULL`
	sqlPlaces  = `SELECT establishment_number, ukprn, establishment_name FROM spell WHERE register = $1 AND young_person = $2 AND known_to IS NULL`
	sqlLeadLA  = `SELECT lead_la FROM standing WHERE register = $1 AND young_person = $2`
)

// candidate is somebody whom a notice may be about.
type candidate struct {
	yp                            id.YoungPerson
	given, family, postcode, born string
	leadLA                        string
	byNumber                      bool
}

// met is who a notice is about, found for certain: by a number with the birth
// date and a name, or by the whole name and the birth date with the postcode or
// the place besides, and nobody else like it. yp is 0 where nobody is. Whoever's
// record is restricted is met by a person alone, or else the state of a notice
// would tell of it.
func (s *Service) met(tx *db.Tx, r id.Register, said *Said, from sharing.Organisation) (best candidate, how string, err error) {
	veil, err := access.VeilOf(tx, access.Actor{Register: r})
	if err != nil {
		return best, "", err
	}
	found := map[id.YoungPerson]*candidate{}
	for _, ask := range []struct {
		number bool
		query  string
		args   []any
	}{{true, sqlWithNumber, []any{int64(r), youngperson.ULN, said.ULN}}, {true, sqlWithNumber, []any{int64(r), youngperson.UPN, said.UPN}}, {false, sqlWithBirth, []any{int64(r), said.Born.String()}}} {
		if ask.number && ask.args[2] == "" {
			continue
		}
		err := each(tx, ask.query, ask.args, func(rows *sql.Rows) error {
			c := candidate{byNumber: ask.number}
			if err := rows.Scan((*int64)(&c.yp), &c.given, &c.family, &c.postcode, &c.born, &c.leadLA); err != nil {
				return err
			}
			if veil.Protects(c.yp) {
				c.postcode = "" // that it agrees would tell whoever reads the notice where they live
			}
			if !veil.Restricted(c.yp) && found[c.yp] == nil {
				found[c.yp] = &c
			}
			return nil
		})
		if err != nil {
			return best, "", err
		}
	}
	var sure, named []candidate
	for _, c := range found {
		ok, whole, words, err := s.weigh(tx, r, said, from, c)
		if err != nil {
			return best, "", err
		}
		if whole {
			named = append(named, *c)
		}
		if ok {
			sure, how = append(sure, *c), words
		}
	}
	if len(sure) != 1 || slices.ContainsFunc(named, func(c candidate) bool { return c.yp != sure[0].yp }) {
		return candidate{}, "", nil
	}
	return sure[0], how, nil
}

// weigh says whether the notice is about the candidate for certain, and whether
// the whole name and the birth date agree.
func (s *Service) weigh(tx *db.Tx, r id.Register, said *Said, from sharing.Organisation, c *candidate) (sure, whole bool, how string, err error) {
	family, given := false, false
	err = each(tx, sqlNames, []any{int64(r), int64(c.yp)}, func(rows *sql.Rows) error {
		var g, f string
		if err := rows.Scan(&g, &f); err != nil {
			return err
		}
		a, b := match.Fold(g), match.Fold(said.Given)
		given = given || a != "" && (a == b || s.Forms.Same(a, b))
		family = family || match.Fold(f) != "" && match.Fold(f) == match.Fold(said.Family)
		return nil
	})
	if err != nil {
		return false, false, "", err
	}
	another := false // another lasting number: another person, or one who was adopted
	err = each(tx, sqlNumbers, []any{int64(r), int64(c.yp)}, func(rows *sql.Rows) error {
		var scheme, value string
		if err := rows.Scan(&scheme, &value); err != nil {
			return err
		}
		theirs := map[string]string{youngperson.ULN: said.ULN, youngperson.UPN: said.UPN}[scheme]
		another = another || theirs != "" && theirs != value
		return nil
	})
	if err != nil || another {
		return false, given && family && c.born == said.Born.String(), "", err
	}
	born := c.born == said.Born.String()
	switch {
	case c.byNumber && born && (given || family):
		return true, given && family, "its number, the birth date and the name agree", nil
	case !born || !given || !family:
		return false, false, "", nil
	case said.Postcode != "" && standing.Fold(said.Postcode) == c.postcode:
		return true, true, byPostcode, nil
	}
	there, err := wasThere(tx, r, c.yp, from)
	return there, true, "the name and the birth date agree, and they were there", err
}

// byPostcode is how somebody was met whose postcode the notice knew. To whoever may
// not see where they live, it says no more than that something else agreed.
const (
	byPostcode       = "the name, the birth date and the postcode agree"
	byPostcodeVeiled = "the name and the birth date agree, and one thing more"
)

// wasThere says that the register holds or held the young person at the
// institution.
func wasThere(tx *db.Tx, r id.Register, yp id.YoungPerson, from sharing.Organisation) (there bool, err error) {
	err = each(tx, sqlPlaces, []any{int64(r), int64(yp)}, func(rows *sql.Rows) error {
		var number, ukprn, name string
		if err := rows.Scan(&number, &ukprn, &name); err != nil {
			return err
		}
		there = there || ukprn != "" && ukprn == from.UKPRN || number != "" && (number == from.Number || number == from.URN) ||
			name != "" && match.Fold(name) == match.Fold(from.Name)
		return nil
	})
	return there, err
}

func each(tx *db.Tx, query string, args []any, fn func(*sql.Rows) error) error {
	rows, err := tx.Query(query, args...)
	if err != nil {
		return fmt.Errorf("look for whom a notice is about: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := fn(rows); err != nil {
			return fmt.Errorf("look for whom a notice is about: %w", err)
		}
	}
	return rows.Err()
}

// leaving is what the notice says, for the record.
func (s *Service) leaving(tx *db.Tx, r id.Register, n *Notice, to string) (record.Leaving, error) {
	from, err := organisation(tx, r, n.Organisation, n.Institution)
	return record.Leaving{On: n.LeftOn, Numbers: []string{from.URN, from.Number}, UKPRN: from.UKPRN, Name: from.Name, To: to, Told: dayOf(n.ReceivedAt)}, err
}
