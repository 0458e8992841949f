package retention

import (
	"fmt"
	"slices"

	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/id"
	"waymark/internal/life"
	"waymark/internal/youngperson"
)

// Due is one young person whose record's time is over, or is not.
type Due struct {
	Person id.YoungPerson
	// Rule is the one that keeps the record longest, and On the last day on
	// which it is kept by it.
	Rule id.Ref
	On   civil.Date
}

// Tally is what a run came to.
type Tally struct {
	People int
	// Due are those whose time is over and whom nothing holds, the longest over
	// first; Held those whom a hold keeps.
	Due, Held []Due
	// Later counts those whose time is not over, NoRule those to whom no rule
	// applies, and Undated those for whom an applicable rule cannot be counted,
	// because the record holds no readable birth date.
	Later, NoRule, Undated int
}

// facts are what rules ask of one young person.
type facts struct {
	born       civil.Date
	lastChange civil.Date
	in         map[Category]bool
}

// longest is the last day on which the rules keep the record: the longest
// applicable wins. applies is false where none does, dated where one cannot be
// counted.
func longest(all []Rule, f *facts) (d Due, applies, dated bool) {
	dated = true
	for _, r := range all {
		if r.Category == Files || r.Category != Everyone && !f.in[r.Category] {
			continue
		}
		applies = true
		from := f.born
		switch {
		case r.From == LastChange:
			from = f.lastChange
		case from.IsZero():
		case r.From == End18:
			from = endOfYearOf(f.born, 18)
		case r.From == End25:
			from = endOfYearOf(f.born, 25)
		}
		if from.IsZero() {
			dated = false
			continue
		}
		if on := from.AddMonths(r.Months); d.Rule == "" || on.After(d.On) {
			d.Rule, d.On = r.Ref, on
		}
	}
	return d, applies, dated
}

const (
	sqlBorn      = `SELECT y.id, COALESCE(s.dob, '') FROM young_person y LEFT JOIN standing s ON s.register = y.register AND s.young_person = y.id`
	sqlPlan      = `SELECT DISTINCT young_person FROM need`
	sqlCodes     = `SELECT DISTINCT young_person, code FROM characteristic`
	sqlOneActDay = `SELECT at FROM act WHERE register = $1 AND number = $2`
	sqlActDay    = `SELECT number, at FROM act WHERE register = $1 ORDER BY number`
)

// gather reads what the rules ask of some people, or with nil of everybody
// held. A record that was put together with others answers for them too.
func gather(tx *db.Tx, r id.Register, people []id.YoungPerson) (map[id.YoungPerson]*facts, error) {
	into, err := youngperson.MergedInto(tx, r)
	if err != nil {
		return nil, err
	}
	ask := people
	for other, keep := range into {
		if people != nil && slices.Contains(people, keep) {
			ask = append(slices.Clip(ask), other)
		}
	}
	out := map[id.YoungPerson]*facts{}
	g := &gathering{tx: tx, r: r, ask: ask, of: func(yp int64) *facts {
		if keep, ok := into[id.YoungPerson(yp)]; ok {
			yp = int64(keep)
		}
		return out[id.YoungPerson(yp)]
	}}
	w := g.where("y.register", "y.id")
	w.And("y.known_to IS NULL")
	if err := g.rows(sqlBorn+w.SQL(), w.Args, func(yp int64, born string) {
		d, _ := civil.Parse(born)
		out[id.YoungPerson(yp)] = &facts{born: d, in: map[Category]bool{}}
	}); err != nil {
		return nil, err
	}
	return out, g.rest()
}

type gathering struct {
	tx  *db.Tx
	r   id.Register
	ask []id.YoungPerson
	of  func(int64) *facts
}

func (g *gathering) where(register, person string) db.Where {
	var w db.Where
	w.And(register+" = $1", int64(g.r))
	if g.ask != nil {
		keys := make([]any, len(g.ask))
		for i, p := range g.ask {
			keys[i] = int64(p)
		}
		w.In(person, keys...)
	}
	return w
}

func (g *gathering) rows(query string, args []any, fn func(yp int64, text string)) error {
	rows, err := g.tx.Query(query, args...)
	if err != nil {
		return fmt.Errorf("read what rules of retention ask: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var yp int64
		var text string
		if err := rows.Scan(&yp, &text); err != nil {
			return fmt.Errorf("read what rules of retention ask: %w", err)
		}
		fn(yp, text)
	}
	return rows.Err()
}

func (g *gathering) rest() error {
	plan := g.where("register", "young_person")
	plan.And("send = $1", "Y")
	if err := g.rows("SELECT young_person, '' FROM ("+sqlPlan+plan.SQL()+") AS p", plan.Args, func(yp int64, _ string) {
		if f := g.of(yp); f != nil {
			f.in[HadPlan] = true
		}
	}); err != nil {
		return err
	}
	w := g.where("register", "young_person")
	if err := g.rows(sqlCodes+w.SQL(), w.Args, func(yp int64, code string) {
		for _, c := range Categories() {
			if f := g.of(yp); f != nil && slices.Contains(c.codes(), code) {
				f.in[c] = true
			}
		}
	}); err != nil {
		return err
	}
	return g.changes()
}

// changes finds the day of the last act that told anything of each.
func (g *gathering) changes() error {
	last := map[*facts]int64{}
	for _, t := range life.Tables() {
		w := g.where("register", "young_person")
		rows, err := g.tx.Query("SELECT young_person, MAX(known_from), COALESCE(MAX(known_to), 0) FROM "+t.Name+w.SQL()+" GROUP BY young_person", w.Args...)
		if err != nil {
			return fmt.Errorf("read when records were last changed: %w", err)
		}
		for rows.Next() {
			var yp, from, to int64
			if err := rows.Scan(&yp, &from, &to); err != nil {
				rows.Close()
				return err
			}
			if f := g.of(yp); f != nil {
				last[f] = max(last[f], from, to)
			}
		}
		if err := rows.Err(); err != nil {
			return err
		}
	}
	return g.days(last)
}

// days gives each the day of their act: the acts are read one by one where few
// people are asked for, and otherwise once through.
func (g *gathering) days(last map[*facts]int64) error {
	day := func(f *facts, at db.Instant) { f.lastChange = civil.On(at.Time, civil.London()) }
	if g.ask != nil {
		for f, number := range last {
			var at db.Instant
			if err := g.tx.QueryRow(sqlOneActDay, int64(g.r), number).Scan(&at); err != nil {
				return fmt.Errorf("read when an act was done: %w", err)
			}
			day(f, at)
		}
		return nil
	}
	of := map[int64][]*facts{}
	for f, number := range last {
		of[number] = append(of[number], f)
	}
	rows, err := g.tx.Query(sqlActDay, int64(g.r))
	if err != nil {
		return fmt.Errorf("read when acts were done: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var number int64
		var at db.Instant
		if err := rows.Scan(&number, &at); err != nil {
			return err
		}
		for _, f := range of[number] {
			day(f, at)
		}
	}
	return rows.Err()
}

// reckon says of some people, or with nil of everybody, what the rules come to.
func reckon(tx *db.Tx, r id.Register, people []id.YoungPerson) (*Tally, error) {
	all, err := rules(tx, r)
	if err != nil {
		return nil, err
	}
	on, err := held(tx, r)
	if err != nil {
		return nil, err
	}
	of, err := gather(tx, r, people)
	if err != nil {
		return nil, err
	}
	t := &Tally{People: len(of)}
	now := today(tx)
	for yp, f := range of {
		d, applies, dated := longest(all, f)
		d.Person = yp
		switch {
		case !applies:
			t.NoRule++
		case !dated:
			t.Undated++
		case !now.After(d.On):
			t.Later++
		case on[0] || on[yp]:
			t.Held = append(t.Held, d)
		default:
			t.Due = append(t.Due, d)
		}
	}
	for _, list := range [][]Due{t.Due, t.Held} {
		slices.SortFunc(list, func(a, b Due) int {
			if n := a.On.DaysSince(b.On); n != 0 {
				return n
			}
			return int(a.Person - b.Person)
		})
	}
	return t, nil
}
