package season

import (
	"context"
	"fmt"
	"slices"
	"time"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/field"
	"waymark/internal/guarantee"
	"waymark/internal/id"
	"waymark/internal/register"
)

// Baseline is whom one node of a season is owed, fixed at the end of May.
type Baseline struct {
	Key    int64
	Ref    id.Ref
	Season int
	Node   string
	// For is the day whose state it holds, At when it was drawn and By whom.
	For    civil.Date
	At     time.Time
	By     string
	Act    id.Act
	People int
}

// Late says that it was drawn after the month whose end it holds.
func (b Baseline) Late() bool { return civil.On(b.At, civil.London()).After(b.For) }

const (
	sqlBaselines = `SELECT b.id, b.ref, b.season, b.node, b.drawn_for, b.people, b.known_from, a.at, a.actor_name FROM baseline b
		JOIN act a ON a.register = b.register AND a.number = b.known_from`
	sqlAddBaseline = `INSERT INTO baseline (register, id, ref, season, node, drawn_for, people, known_from) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`
	sqlMembers     = `SELECT p.young_person, b.node, p.establishment_number, p.establishment_name, p.sex FROM baseline_person p
		JOIN baseline b ON b.register = p.register AND b.id = p.baseline`
)

// Draw fixes the baselines of a season, both nodes in one act: whom an offer is
// owed at the end of May, by what is known now. A season is drawn once: drawn
// again, nothing happens and field.Errors for "draw" says who was first. It needs
// access.DrawBaseline, and returns act.ErrRepeated for a key used before.
func (s *Service) Draw(ctx context.Context, by access.Actor, season int, key string) ([]Baseline, error) {
	var out []Baseline
	err := s.DB.InTx(ctx, func(tx *db.Tx) error {
		out = nil
		a, err := act.Begin(tx, by, access.DrawBaseline, 0, act.Request{Key: key, Reason: fmt.Sprintf("baselines of the September Guarantee of %d", season)})
		if err != nil {
			return err
		}
		if err := mayDraw(tx, by.Register, season, civil.On(tx.Now, civil.London())); err != nil {
			return err
		}
		book, err := register.Of(tx, by.Register)
		if err != nil {
			return err
		}
		people, err := s.owed(tx, book, season)
		if err != nil {
			return err
		}
		for _, node := range Nodes() {
			b, err := draw(tx, a, season, node, people)
			if err != nil {
				return err
			}
			out = append(out, b)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("draw the baselines of %d: %w", season, err)
	}
	return out, nil
}

// IsDrawn says whether the baselines of a season were drawn. It needs
// access.SeeYear.
func (s *Service) IsDrawn(ctx context.Context, by access.Actor, season int) (bool, error) {
	if err := access.Decide(by, access.SeeYear, access.Subject{Register: by.Register}); err != nil {
		return false, err
	}
	var there []Baseline
	err := s.DB.Read(ctx, func(tx *db.Tx) (err error) {
		there, err = baselines(tx, by.Register, season, 0)
		return err
	})
	return len(there) > 0, err
}

func mayDraw(tx *db.Tx, r id.Register, season int, today civil.Date) error {
	there, err := baselines(tx, r, season, 0)
	switch {
	case err != nil:
		return err
	case len(there) > 0:
		b := there[0]
		return field.Errors{{Field: "draw", Message: fmt.Sprintf("The baselines of %d were drawn already, by %s on %s. They stay as they are: whoever comes later is listed apart", season, b.By, civil.On(b.At, civil.London()).Words())}}
	case today.Before(Opens(season)):
		return field.Errors{{Field: "draw", Message: fmt.Sprintf("Draw the baselines of %d from %s on: they hold the end of May", season, Opens(season).Words())}}
	case today.After(Closes(season)):
		return field.Errors{{Field: "draw", Message: fmt.Sprintf("The season of %d closed on %s: its baselines can be drawn no longer", season, Closes(season).Words())}}
	}
	return nil
}

// draw writes the baseline of one node.
func draw(tx *db.Tx, a *act.Act, season int, node string, people []Person) (Baseline, error) {
	b := Baseline{Ref: id.NewRef(), Season: season, Node: node, For: Drawn(season), At: tx.Now, By: a.By.Name, Act: a.Number}
	var err error
	if b.Key, err = a.Keys(1); err != nil {
		return b, err
	}
	var rows [][]any
	for _, p := range people {
		if p.Owed && p.Node == node {
			rows = append(rows, []any{int64(a.Register), b.Key, int64(p.Person), p.School.Number, p.School.Name, p.Sex})
		}
	}
	b.People = len(rows)
	if _, err := tx.Exec(sqlAddBaseline, int64(a.Register), b.Key, string(b.Ref), season, node, b.For, b.People, int64(a.Number)); err != nil {
		return b, fmt.Errorf("write the baseline: %w", err)
	}
	return b, db.BulkInsert(tx, "baseline_person", []string{"register", "baseline", "young_person", "establishment_number", "establishment_name", "sex"}, rows)
}

// baselines are those of a season that were drawn by an act, 0 for now.
func baselines(tx *db.Tx, r id.Register, season int, at id.Act) ([]Baseline, error) {
	var w db.Where
	w.And("b.register = $1 AND b.season = $2", int64(r), season)
	if at != 0 {
		w.And("b.known_from <= $1", int64(at))
	}
	rows, err := tx.Query(sqlBaselines+w.SQL()+" ORDER BY b.node", w.Args...)
	if err != nil {
		return nil, fmt.Errorf("read the baselines: %w", err)
	}
	defer rows.Close()
	var out []Baseline
	for rows.Next() {
		var b Baseline
		var drawn db.Instant
		if err := rows.Scan(&b.Key, (*string)(&b.Ref), &b.Season, &b.Node, &b.For, &b.People, (*int64)(&b.Act), &drawn, &b.By); err != nil {
			return nil, err
		}
		b.At = drawn.Time
		out = append(out, b)
	}
	return out, rows.Err()
}

// member is how somebody stands on a baseline.
type member struct {
	node, sex string
	school    School
}

// members are who stood on the baselines of a season by an act, 0 for now.
func members(tx *db.Tx, r id.Register, season int, at id.Act) (map[id.YoungPerson]member, error) {
	var w db.Where
	w.And("p.register = $1 AND b.season = $2", int64(r), season)
	if at != 0 {
		w.And("b.known_from <= $1", int64(at))
	}
	rows, err := tx.Query(sqlMembers+w.SQL(), w.Args...)
	if err != nil {
		return nil, fmt.Errorf("read who stands on the baselines: %w", err)
	}
	defer rows.Close()
	out := map[id.YoungPerson]member{}
	for rows.Next() {
		var yp int64
		var m member
		if err := rows.Scan(&yp, &m.node, &m.school.Number, &m.school.Name, &m.sex); err != nil {
			return nil, err
		}
		out[id.YoungPerson(yp)] = m
	}
	return out, rows.Err()
}

// Member is one who stood on a baseline: whom the survey of the autumn asks
// after.
type Member struct {
	Person id.YoungPerson
	School School
	Sex    string
}

// Members are those of the Year 11 baseline of a season, by key; none where it
// was not drawn. It is for those who count them.
func Members(tx *db.Tx, r id.Register, season int) ([]Member, error) {
	all, err := members(tx, r, season, 0)
	var out []Member
	for yp, m := range all {
		if m.node == guarantee.Year11 {
			out = append(out, Member{yp, m.school, m.sex})
		}
	}
	slices.SortFunc(out, func(a, b Member) int { return int(a.Person - b.Person) })
	return out, err
}

// Live are those who stand on a baseline of a season, for whoever asks on a day
// on which it has not closed: whoever would leave the cohort is kept for the
// guarantee until then (nccis.md 3.1).
func Live(tx *db.Tx, r id.Register, season int, day civil.Date) (map[id.YoungPerson]bool, error) {
	if day.Before(Opens(season)) || day.After(Closes(season)) {
		return nil, nil
	}
	all, err := members(tx, r, season, 0)
	out := make(map[id.YoungPerson]bool, len(all))
	for yp := range all {
		out[yp] = true
	}
	return out, err
}
