package border

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/db"
	"waymark/internal/field"
	"waymark/internal/id"
)

// Way is how a young person is across the border, as our own record says it.
type Way string

// The ways, in the order in which they are shown.
const (
	MoverIn  Way = "moved in"
	MoverOut Way = "moved out"
	Taught   Way = "taught across the border"
	Both     Way = "held by both"
)

// Ways are all of them.
func Ways() []Way { return []Way{MoverIn, MoverOut, Taught, Both} }

// Person is one of our young people whom another authority also holds.
type Person struct {
	Ref           id.Ref
	Given, Family string
	Way           Way
	Held

	key id.YoungPerson
}

var (
	// sqlMatches are our people m whose token one register $2 gives too on day $3, and
	// what is said on both sides. What the other side's person is called or keyed by
	// stands in no answer of this room. CROSS JOIN has SQLite take the tables in
	// this order: in another it went through all of ours for each token of theirs.
	sqlMatches = `SELECT p.young_person, MIN(CASE WHEN m.kind = 'number' AND t.kind = 'number' THEN 0 ELSE 1 END),
		MAX(CASE WHEN a.same IS NULL THEN 0 WHEN a.same = TRUE THEN 1 ELSE 2 END), MAX(CASE WHEN b.same IS NULL THEN 0 WHEN b.same = TRUE THEN 1 ELSE 2 END)
		FROM same_person m CROSS JOIN same_person t CROSS JOIN standing p
		LEFT JOIN same_person_answer a ON a.register = m.register AND a.young_person = m.young_person AND a.other = t.register
		LEFT JOIN same_person_answer b ON b.register = t.register AND b.young_person = t.young_person AND b.other = m.register
		WHERE m.register = $1 AND t.register = $2 AND t.token = m.token AND p.register = m.register AND p.young_person = m.young_person AND ` + access.Tellable("p", "$3") + ` AND ` + access.Tellable("t", "$3")
	sqlMatchesOf  = sqlMatches + ` AND m.young_person = $4 GROUP BY p.young_person`
	sqlMatchesAll = sqlMatches + ` GROUP BY p.young_person ORDER BY p.young_person`
)

const (
	sqlShown = `SELECT p.young_person, p.ref, p.given, p.family,
		EXISTS (SELECT 1 FROM identifier i WHERE i.register = p.register AND i.young_person = p.young_person AND i.scheme = 'previous' AND i.known_to IS NULL),
		p.cohort_status,
		p.educated_la <> '' AND NOT EXISTS (SELECT 1 FROM register_authority h WHERE h.register = p.register AND h.la_code = p.educated_la)
		OR p.lead_la <> '' AND NOT EXISTS (SELECT 1 FROM register_authority h WHERE h.register = p.register AND h.la_code = p.lead_la)
		FROM standing p WHERE p.register = $1 AND p.young_person = $2`
	sqlKeyOf  = `SELECT young_person FROM standing WHERE register = $1 AND ref = $2`
	sqlAnswer = `INSERT INTO same_person_answer (register, young_person, other, same, act) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (register, young_person, other) DO UPDATE SET same = excluded.same, act = excluded.act`
	sqlContact    = `SELECT team, email, telephone FROM border_contact WHERE register = $1`
	sqlSetContact = `INSERT INTO border_contact (register, team, email, telephone, act) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (register) DO UPDATE SET team = excluded.team, email = excluded.email, telephone = excluded.telephone, act = excluded.act`
)

// movedOut is the cohort status of somebody who has moved to another authority.
const movedOut = "T"

func answered(n int) Answer { return []Answer{NoAnswer, Same, NotSame}[n] }

// pairing is one of our people whom a neighbour also holds.
type pairing struct {
	person id.YoungPerson
	held   Held
}

func matches(tx *db.Tx, n Neighbour, query string, args ...any) ([]pairing, error) {
	rows, err := tx.Query(query, args...)
	if err != nil {
		return nil, fmt.Errorf("compare tokens across the border: %w", err)
	}
	defer rows.Close()
	var out []pairing
	for rows.Next() {
		one := pairing{held: Held{Neighbour: n}}
		var weak, mine, theirs int
		if err := rows.Scan((*int64)(&one.person), &weak, &mine, &theirs); err != nil {
			return nil, err
		}
		one.held.Certain, one.held.Mine, one.held.Theirs = weak == 0, answered(mine), answered(theirs)
		out = append(out, one)
	}
	return out, rows.Err()
}

// Of says which other authorities also hold a record of one of our young
// people, whom the actor has been let through to. It needs access.AskNeighbour.
// What we, or they, have said is not the same is left out.
func (s *Service) Of(ctx context.Context, by access.Actor, yp id.YoungPerson) ([]Held, error) {
	if err := access.Decide(by, access.AskNeighbour, access.Subject{Register: s.Register}); err != nil {
		return nil, err
	}
	var out []Held
	err := s.DB.EveryRegister().Read(ctx, func(tx *db.Tx) error {
		out = nil
		list, err := s.open(tx)
		if err != nil {
			return err
		}
		for _, n := range list {
			found, err := matches(tx, n, sqlMatchesOf, int64(s.Register), int64(n.key), day(tx.Now), int64(yp))
			if err != nil {
				return err
			}
			for _, m := range found {
				if m.held.Mine != NotSame && m.held.Theirs != NotSame {
					out = append(out, m.held)
				}
			}
		}
		return nil
	})
	return out, err
}

// Across lists our young people whom another authority also holds, by way and
// name; way is empty for all. It needs access.SeeBorder, and a sight of each is
// kept. counts are of all, before the cut.
func (s *Service) Across(ctx context.Context, by access.Actor, way Way, from, limit int) (people []Person, counts map[Way]int, err error) {
	if err := access.Decide(by, access.SeeBorder, access.Subject{Register: s.Register}); err != nil {
		return nil, nil, err
	}
	var all []Person
	err = s.DB.EveryRegister().Read(ctx, func(tx *db.Tx) error {
		all = nil
		list, err := s.open(tx)
		if err != nil {
			return err
		}
		for _, n := range list {
			found, err := matches(tx, n, sqlMatchesAll, int64(s.Register), int64(n.key), day(tx.Now))
			if err != nil {
				return err
			}
			for _, m := range found {
				all = append(all, Person{key: m.person, Held: m.held})
			}
		}
		return s.name(tx, all)
	})
	if err != nil {
		return nil, nil, err
	}
	counts = map[Way]int{}
	for _, p := range all {
		counts[p.Way]++
	}
	people = slices.DeleteFunc(all, func(p Person) bool { return way != "" && p.Way != way })
	slices.SortStableFunc(people, func(a, b Person) int {
		return strings.Compare(fmt.Sprint(slices.Index(Ways(), a.Way), a.Family, " ", a.Given), fmt.Sprint(slices.Index(Ways(), b.Way), b.Family, " ", b.Given))
	})
	people = people[min(from, len(people)):min(from+limit, len(people))]
	return people, counts, s.see(ctx, by, people)
}

func (s *Service) see(ctx context.Context, by access.Actor, people []Person) error {
	sight := act.Sight{By: by, Kind: access.SeeBorder, Page: "list"}
	for _, p := range people {
		sight.People = append(sight.People, p.key)
	}
	return s.Sights.See(ctx, sight)
}

// name fills in what our own register knows of the people.
func (s *Service) name(tx *db.Tx, people []Person) error {
	for i := range people {
		p := &people[i]
		var in, across bool
		var status string
		err := tx.QueryRow(sqlShown, int64(s.Register), int64(p.key)).Scan((*int64)(&p.key), (*string)(&p.Ref), &p.Given, &p.Family, &in, &status, &across)
		if err != nil {
			return fmt.Errorf("read who is across the border: %w", err)
		}
		switch {
		case status == movedOut:
			p.Way = MoverOut
		case in:
			p.Way = MoverIn
		case across:
			p.Way = Taught
		default:
			p.Way = Both
		}
	}
	return nil
}

// One is one match, for whoever is to say whether it is the same young person.
// It needs access.KeepBorder; db.NotFound is that there is none.
func (s *Service) One(ctx context.Context, by access.Actor, person, other id.Ref) (Person, error) {
	if err := access.Decide(by, access.KeepBorder, access.Subject{Register: s.Register}); err != nil {
		return Person{}, err
	}
	var one []Person
	err := s.DB.EveryRegister().Read(ctx, func(tx *db.Tx) error {
		var yp id.YoungPerson
		err := tx.QueryRow(sqlKeyOf, int64(s.Register), string(person)).Scan((*int64)(&yp))
		if errors.Is(err, sql.ErrNoRows) {
			return db.NotFound
		}
		if err != nil {
			return err
		}
		list, err := s.open(tx)
		if err != nil {
			return err
		}
		at := slices.IndexFunc(list, func(n Neighbour) bool { return n.Ref == other })
		if at < 0 {
			return db.NotFound
		}
		found, err := matches(tx, list[at], sqlMatchesOf, int64(s.Register), int64(list[at].key), day(tx.Now), int64(yp))
		if err != nil {
			return err
		}
		if len(found) == 0 {
			return db.NotFound
		}
		one = []Person{{key: yp, Held: found[0].held}}
		return s.name(tx, one)
	})
	if err != nil {
		return Person{}, err
	}
	return one[0], s.see(ctx, by, one)
}

// Say keeps that a match is the same young person, or is not. It needs
// access.KeepBorder; db.NotFound is that there is no such match.
func (s *Service) Say(ctx context.Context, by access.Actor, person, other id.Ref, same bool, key string) error {
	p, err := s.One(ctx, by, person, other)
	if err != nil {
		return err
	}
	said := NotSame
	if same {
		said = Same
	}
	return s.DB.InTx(ctx, func(tx *db.Tx) error {
		a, err := act.Begin(tx, by, access.KeepBorder, p.key, act.Request{Reason: fmt.Sprintf("the record that %s holds is %s young person", p.Name, said), Key: key})
		if err != nil {
			return err
		}
		_, err = tx.Exec(sqlAnswer, int64(s.Register), int64(p.key), int64(p.Held.Neighbour.key), same, int64(a.Number))
		return err
	})
}

func contactOf(tx *db.Tx, r id.Register) (Contact, error) {
	var c Contact
	err := tx.QueryRow(sqlContact, int64(r)).Scan(&c.Team, &c.Email, &c.Telephone)
	if errors.Is(err, sql.ErrNoRows) {
		return c, nil
	}
	if err != nil {
		return c, fmt.Errorf("read whom other authorities ask: %w", err)
	}
	return c, nil
}

// SetContact keeps whom other authorities ask. It needs access.KeepBorder and
// returns field.Errors.
func (s *Service) SetContact(ctx context.Context, by access.Actor, c Contact, key string) error {
	c = Contact{strings.TrimSpace(c.Team), strings.TrimSpace(c.Email), strings.TrimSpace(c.Telephone)}
	var wrong field.Errors
	if c.Team == "" {
		wrong.Add("team", "Enter the team that other authorities ask, like \"Participation data team\"")
	}
	if !c.Told() {
		wrong.Add("email", "Enter an e-mail address or a telephone number at which the team is asked")
	}
	if err := wrong.Err(); err != nil {
		return err
	}
	return s.DB.InTx(ctx, func(tx *db.Tx) error {
		a, err := act.Begin(tx, by, access.KeepBorder, 0, act.Request{Reason: "whom other authorities ask: " + c.Team, Key: key})
		if err != nil {
			return err
		}
		_, err = tx.Exec(sqlSetContact, int64(s.Register), c.Team, c.Email, c.Telephone, int64(a.Number))
		return err
	})
}
