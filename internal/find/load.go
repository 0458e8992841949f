package find

import (
	"fmt"
	"slices"

	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/id"
	"waymark/internal/match"
	"waymark/internal/youngperson"
)

// person is what is held of one who may be found.
type person struct {
	id                                          id.YoungPerson
	given, family, born, postcode, school, ypid string
	others                                      []other
	why                                         []string
	fit                                         float64
}

// other is something else that they answer to.
type other struct {
	kind match.Kind
	text string
	// how says what it is: known_as for a name, the scheme of a number.
	how string
	// former says that it is so no longer, until a day where that is known.
	former bool
	until  civil.Date
}

// What differs from the standing is read beside it. In a whole register these
// are few: of every hundred thousand some thousands moved or changed a name.
const (
	sqlStandings = `SELECT s.young_person, s.given, s.family, COALESCE(s.dob, ''), s.postcode_key, s.establishment_name, s.young_persons_id FROM standing s`
	sqlNames     = `SELECT f.young_person, f.kind, f.given, f.middle, f.family, f.ended, COALESCE(a.at, '')
		FROM name f JOIN standing s ON s.register = f.register AND s.young_person = f.young_person
		LEFT JOIN act a ON a.register = f.register AND a.number = f.known_to`
	namesThatDiffer = `f.given <> s.given OR f.family <> s.family OR f.middle <> ''`
	sqlAddresses    = `SELECT f.young_person, '', f.postcode, '', '', f.ended, COALESCE(a.at, '')
		FROM address f LEFT JOIN act a ON a.register = f.register AND a.number = f.known_to`
	addressesThatDiffer = `f.known_to IS NOT NULL OR f.ended <> ''`
	sqlNumbers          = `SELECT f.young_person, f.scheme, f.value, '', '', f.ended, COALESCE(a.at, '')
		FROM identifier f LEFT JOIN act a ON a.register = f.register AND a.number = f.known_to`
	sqlBirths = `SELECT f.young_person, '', f.dob, '', '', f.ended, COALESCE(a.at, '')
		FROM particulars f JOIN standing s ON s.register = f.register AND s.young_person = f.young_person
		LEFT JOIN act a ON a.register = f.register AND a.number = f.known_to`
	birthsThatDiffer = `f.known_to IS NOT NULL AND f.dob <> COALESCE(s.dob, '')`
	byPerson         = ` ORDER BY f.young_person, f.id, f.known_from`
)

// everybody or some of a register.
func among(r id.Register, table string, people []id.YoungPerson) db.Where {
	var w db.Where
	w.And(table+".register = $1", int64(r))
	if people != nil {
		values := make([]any, len(people))
		for i, p := range people {
			values[i] = int64(p)
		}
		w.In(table+".young_person", values...)
	}
	return w
}

// load builds the layer of a whole register.
func (s *Service) load(tx *db.Tx, r id.Register) (*layer, error) {
	l, err := newLayering(s.variants)
	if err != nil {
		return nil, err
	}
	if err := eachStanding(tx, among(r, "s", nil), func(p *person) {
		l.add(p.id, p.given, p.family, p.born, p.postcode, p.school, p.ypid)
	}); err != nil {
		return nil, err
	}
	row := 0
	last := id.YoungPerson(-1)
	err = eachOther(tx, r, nil, func(yp id.YoungPerson, o other) {
		if yp < last {
			row = 0 // the next table begins
		}
		last = yp
		for row < len(l.people) && l.people[row] < yp {
			row++
		}
		if row < len(l.people) && l.people[row] == yp {
			l.table.Also(row, o.kind, o.text)
		}
	})
	if err != nil {
		return nil, err
	}
	return l.done(), nil
}

// loadPeople reads some people; whoever is not held is not among them.
func loadPeople(tx *db.Tx, r id.Register, people []id.YoungPerson) (map[id.YoungPerson]*person, error) {
	held := make(map[id.YoungPerson]*person, len(people))
	for some := range slices.Chunk(people, 200) { // a wide IN is slow on SQLite
		if err := eachStanding(tx, among(r, "s", some), func(p *person) { one := *p; held[p.id] = &one }); err != nil {
			return nil, err
		}
		if err := eachOther(tx, r, some, func(yp id.YoungPerson, o other) {
			if p := held[yp]; p != nil {
				p.others = append(p.others, o)
			}
		}); err != nil {
			return nil, err
		}
	}
	return held, nil
}

func eachStanding(tx *db.Tx, w db.Where, each func(*person)) error {
	rows, err := tx.Query(sqlStandings+w.SQL()+" ORDER BY s.young_person", w.Args...)
	if err != nil {
		return fmt.Errorf("read the standings: %w", err)
	}
	defer rows.Close()
	var p person
	for rows.Next() {
		if err := rows.Scan((*int64)(&p.id), &p.given, &p.family, &p.born, &p.postcode, &p.school, &p.ypid); err != nil {
			return fmt.Errorf("read the standings: %w", err)
		}
		each(&p)
	}
	return rows.Err()
}

// eachOther calls with what else people answer to, table by table, in each by
// person.
func eachOther(tx *db.Tx, r id.Register, people []id.YoungPerson, each func(id.YoungPerson, other)) error {
	for _, t := range []struct {
		query, differ string
		tell          func(f factRow, each func(match.Kind, string))
	}{
		{sqlNames, namesThatDiffer, tellName},
		{sqlAddresses, addressesThatDiffer, tellAddress},
		{sqlNumbers, "", tellNumber},
		{sqlBirths, birthsThatDiffer, tellBirth},
	} {
		w := among(r, "f", people)
		if t.differ != "" {
			w.And(t.differ)
		}
		if err := eachFact(tx, t.query+w.SQL()+byPerson, w.Args, func(f factRow) {
			t.tell(f, func(k match.Kind, text string) {
				if text != "" {
					each(f.person, other{kind: k, text: text, how: f.how, former: f.former(), until: f.until()})
				}
			})
		}); err != nil {
			return err
		}
	}
	return nil
}

// factRow is one version of a fact.
type factRow struct {
	person                      id.YoungPerson
	how, a, b, c, ended, unheld string
}

func eachFact(tx *db.Tx, query string, args []any, each func(factRow)) error {
	rows, err := tx.Query(query, args...)
	if err != nil {
		return fmt.Errorf("read what people answer to: %w", err)
	}
	defer rows.Close()
	var f factRow
	for rows.Next() {
		if err := rows.Scan((*int64)(&f.person), &f.how, &f.a, &f.b, &f.c, &f.ended, &f.unheld); err != nil {
			return fmt.Errorf("read what people answer to: %w", err)
		}
		each(f)
	}
	return rows.Err()
}

func (f factRow) former() bool {
	return f.ended != "" || f.unheld != "" || f.how == youngperson.Former
}

// until is the last day on which it was so, or failing that the day on which
// the register stopped holding it.
func (f factRow) until() civil.Date {
	if d, err := civil.Parse(f.ended); err == nil {
		return d
	}
	var at db.Instant
	if f.unheld == "" || at.Scan(f.unheld) != nil {
		return civil.Date{}
	}
	return civil.On(at.Time, civil.London())
}
