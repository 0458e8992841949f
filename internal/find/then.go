package find

import (
	"context"
	"fmt"
	"slices"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/db"
	"waymark/internal/fact"
	"waymark/internal/id"
	"waymark/internal/life"
	"waymark/internal/match"
	"waymark/internal/youngperson"
)

// past is a register as it was looked through after an act. What was known
// then never changes but for those erased since, so it is right until somebody
// is.
type past struct {
	register id.Register
	at       id.Act
	// erased is the last act that had erased somebody when it was made.
	erased id.Act
	layer  *layer
}

// pastKept is how many of these are kept: somebody who looks into the past
// looks for several people on the same day.
const pastKept = 2

// then is Find as known on the question's day: whoever the register held then,
// by the values that it had been told by then.
func (s *Service) then(ctx context.Context, by access.Actor, q Question, limit int, page string) (Found, error) {
	if err := access.Decide(by, access.SeeHistory, access.Subject{Register: by.Register}); err != nil {
		return Found{}, err
	}
	p, err := s.pastOf(ctx, by.Register, q)
	if err != nil {
		return Found{}, err
	}
	if q.ref != "" {
		return s.byRefThen(ctx, by, q, p.at, page)
	}
	f, err := s.finder(ctx, by)
	if err != nil {
		return Found{}, err
	}
	hits := p.layer.find(q, f.lets)
	found := Found{Total: min(len(hits), counted), Over: len(hits) > counted}
	var first []id.YoungPerson
	for _, h := range hits[:min(limit, len(hits))] {
		first = append(first, h.person)
	}
	first = append(first, f.aside...)
	if len(first) == 0 {
		return found, nil
	}
	var best []*person
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		held, err := s.peopleThen(tx, fact.Known{Register: by.Register, At: p.at, People: first})
		f.known(held)
		best = f.still(s.fitting(q, first, held))
		return err
	})
	if err != nil {
		return Found{}, fmt.Errorf("say why people were found: %w", err)
	}
	found.Total += f.counts(best)
	best = best[:min(limit, len(best))]
	people, why := make([]id.YoungPerson, len(best)), map[id.YoungPerson][]string{}
	for i, one := range best {
		people[i], why[one.id] = one.id, one.why
	}
	rows, err := s.records.ShownThen(ctx, by, access.FindPerson, people, p.at, page)
	for _, r := range rows {
		found.Matches = append(found.Matches, Match{Row: r, Why: why[r.Person]})
	}
	return found, err
}

const sqlByRefThen = `SELECT id FROM young_person WHERE register = $1 AND ref = $2 AND known_from <= $3 AND (known_to IS NULL OR known_to > $3)`

func (s *Service) byRefThen(ctx context.Context, by access.Actor, q Question, at id.Act, page string) (Found, error) {
	var people []id.YoungPerson
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		rows, err := tx.Query(sqlByRefThen, int64(by.Register), string(q.ref), int64(at))
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var key int64
			if err := rows.Scan(&key); err != nil {
				return err
			}
			people = append(people, id.YoungPerson(key))
		}
		return rows.Err()
	})
	if err != nil {
		return Found{}, fmt.Errorf("look for a record: %w", err)
	}
	rows, err := s.records.ShownThen(ctx, by, access.FindPerson, people, at, page)
	found := Found{Total: len(rows)}
	for _, r := range rows {
		found.Matches = append(found.Matches, Match{Row: r, Why: []string{"the reference of this record"}})
	}
	return found, err
}

// pastOf is what is looked through: made from the facts, which takes a second
// or some for a large register, or kept from the last time.
func (s *Service) pastOf(ctx context.Context, r id.Register, q Question) (past, error) {
	s.making.Lock()
	defer s.making.Unlock()
	p := past{register: r}
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		var err error
		if p.erased, err = life.LastErased(tx, r); err != nil {
			return err
		}
		p.at, err = act.AsKnown(tx, r, q.KnownOn)
		return err
	})
	if err != nil {
		return p, err
	}
	s.pasts = slices.DeleteFunc(s.pasts, func(o past) bool { return o.register == r && o.erased != p.erased })
	if i := slices.IndexFunc(s.pasts, func(o past) bool { return o.register == r && o.at == p.at }); i >= 0 {
		return s.pasts[i], nil
	}
	if p.layer, err = s.loadThen(ctx, r, p.at); err != nil {
		return p, fmt.Errorf("read whom to look for on %s: %w", q.KnownOn, err)
	}
	s.pasts = append([]past{p}, s.pasts[:min(len(s.pasts), pastKept-1)]...)
	return p, nil
}

// loadThen builds the layer of a whole register as known after the act.
func (s *Service) loadThen(ctx context.Context, r id.Register, at id.Act) (*layer, error) {
	l, err := newLayering(s.variants)
	if err != nil {
		return nil, err
	}
	var all []*person
	known := fact.Known{Register: r, At: at}
	if err := life.EachThen(ctx, s.db, known, func(one *life.Life) *person { return s.personOf(r, one) }, func(p *person) {
		l.add(p.id, p.given, p.family, p.born, p.postcode, p.school, p.ypid)
		all = append(all, p)
	}); err != nil {
		return nil, err
	}
	row := 0
	last := id.YoungPerson(-1)
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		return eachOtherThen(tx, known, func(f factRow, t otherTable) {
			if f.person < last {
				row = 0 // the next table begins
			}
			last = f.person
			for row < len(all) && all[row].id < f.person {
				row++
			}
			if row < len(all) && all[row].id == f.person && t.differs(f, all[row]) {
				t.each(f, func(o other) { l.table.Also(row, o.kind, o.text) })
			}
		})
	})
	if err != nil {
		return nil, err
	}
	return l.done(), nil
}

// personOf is somebody as their life has them.
func (s *Service) personOf(r id.Register, l *life.Life) *person {
	v := s.records.Standing.Texts(r, l)
	return &person{id: l.Person.ID, given: v["given"], family: v["family"], born: v["dob"], postcode: v["postcode_key"], school: v["establishment_name"], ypid: v["young_persons_id"]}
}

// peopleThen reads some people as they were known.
func (s *Service) peopleThen(tx *db.Tx, k fact.Known) (map[id.YoungPerson]*person, error) {
	held := map[id.YoungPerson]*person{}
	lives, err := life.LoadForLists(tx, k)
	if err != nil {
		return nil, err
	}
	for _, l := range lives {
		held[l.Person.ID] = s.personOf(k.Register, l)
	}
	return held, eachOtherThen(tx, k, func(f factRow, t otherTable) {
		if p := held[f.person]; p != nil && t.differs(f, p) {
			t.each(f, func(o other) { p.others = append(p.others, o) })
		}
	})
}

const (
	sqlNamesThen     = `SELECT f.young_person, f.kind, f.given, f.middle, f.family, f.ended, COALESCE(a.at, ''), COALESCE(f.known_to, 0)`
	sqlAddressesThen = `SELECT f.young_person, '', f.postcode, '', '', f.ended, COALESCE(a.at, ''), COALESCE(f.known_to, 0)`
	sqlNumbersThen   = `SELECT f.young_person, f.scheme, f.value, '', '', f.ended, COALESCE(a.at, ''), COALESCE(f.known_to, 0)`
	sqlBirthsThen    = `SELECT f.young_person, '', f.dob, '', '', f.ended, COALESCE(a.at, ''), COALESCE(f.known_to, 0)`
	sqlUnheldBy      = ` f LEFT JOIN act a ON a.register = f.register AND a.number = f.known_to`
)

// otherTable is one kind of thing that people answer to besides what the
// standing has.
type otherTable struct {
	query string
	// differs says that the fact tells more than the person's standing.
	differs func(factRow, *person) bool
	tell    func(factRow, func(match.Kind, string))
}

// each calls fn with what the fact tells.
func (t otherTable) each(f factRow, fn func(other)) {
	t.tell(f, func(k match.Kind, text string) {
		if text != "" {
			fn(other{kind: k, text: text, how: f.how, former: f.former(), until: f.until()})
		}
	})
}

func otherTables() []otherTable {
	return []otherTable{
		{sqlNamesThen + ` FROM name` + sqlUnheldBy, func(f factRow, p *person) bool { return f.a != p.given || f.c != p.family || f.b != "" }, tellName},
		{sqlAddressesThen + ` FROM address` + sqlUnheldBy, func(f factRow, _ *person) bool { return f.unheld != "" || f.ended != "" }, tellAddress},
		{sqlNumbersThen + ` FROM identifier` + sqlUnheldBy, func(factRow, *person) bool { return true }, tellNumber},
		{sqlBirthsThen + ` FROM particulars` + sqlUnheldBy, func(f factRow, p *person) bool { return f.unheld != "" && f.a != p.born }, tellBirth},
	}
}

// eachOtherThen calls with every version of what else people answered to that
// had been told by the act, table by table, in each by person. What is held no
// longer only since then was held.
func eachOtherThen(tx *db.Tx, k fact.Known, each func(factRow, otherTable)) error {
	for _, t := range otherTables() {
		w := among(k.Register, "f", k.People)
		w.And("f.known_from <= $1", int64(k.At))
		rows, err := tx.Query(t.query+w.SQL()+byPerson, w.Args...)
		if err != nil {
			return fmt.Errorf("read what people answered to: %w", err)
		}
		for rows.Next() {
			var f factRow
			var unheldBy int64
			if err := rows.Scan((*int64)(&f.person), &f.how, &f.a, &f.b, &f.c, &f.ended, &f.unheld, &unheldBy); err != nil {
				rows.Close()
				return fmt.Errorf("read what people answered to: %w", err)
			}
			if unheldBy > int64(k.At) {
				f.unheld = ""
			}
			each(f, t)
		}
		if err := rows.Close(); err != nil {
			return err
		}
		if err := rows.Err(); err != nil {
			return err
		}
	}
	return nil
}

func tellName(f factRow, each func(match.Kind, string)) {
	each(match.Given, f.a)
	each(match.Middle, f.b)
	each(match.Family, f.c)
}

func tellAddress(f factRow, each func(match.Kind, string)) { each(match.Postcode, f.a) }

func tellNumber(f factRow, each func(match.Kind, string)) {
	// As any number, so that one whose check digit is wrong is found too.
	each(match.Number, f.a)
	if f.how == youngperson.UPN {
		each(match.UPN, f.a)
	}
}

func tellBirth(f factRow, each func(match.Kind, string)) { each(match.Birth, f.a) }
