package record

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/fact"
	"waymark/internal/id"
	"waymark/internal/life"
	"waymark/internal/nccis"
	"waymark/internal/register"
)

// Summary is what the record's page shows.
type Summary struct {
	Register register.Register
	Life     *life.Life
	// Edition is the one in force for the month.
	Edition *nccis.Edition
	// View is the record as this month's return would state it.
	View life.View
	// Findings are what the Department would find in it; for who is not in this
	// month's return only what cannot be right on anybody.
	Findings []nccis.Finding
	// Sources say where each fact came from, by its evidence.
	Sources map[id.Evidence]Source
}

// Source is where facts came from.
type Source struct {
	Kind, SaidBy, Grade string
	ReceivedOn          civil.Date
	// Position is the record's place in the file, 0 where it was no file.
	Position int
	// At and By say when it was entered, and by whom.
	At time.Time
	By string
}

// Words are the source as a line of text: "phone, said by her mother,
// 3 October 2026".
func (s Source) Words() string {
	parts := []string{s.Kind}
	if s.SaidBy != "" {
		parts = append(parts, s.SaidBy)
	}
	if s.Position > 0 {
		parts = append(parts, fmt.Sprintf("record %d", s.Position))
	}
	if !s.ReceivedOn.IsZero() {
		parts = append(parts, s.ReceivedOn.Words())
	}
	return strings.Join(parts, ", ")
}

// Summary returns one young person's record and records that it was seen. It
// needs access.SeePerson, and returns db.NotFound where there is no such person
// or this reader may not know of them.
func (s *Service) Summary(ctx context.Context, by access.Actor, ref id.Ref) (*Summary, error) {
	out := &Summary{}
	var yp id.YoungPerson
	err := s.DB.Read(ctx, func(tx *db.Tx) error {
		var err error
		if yp, err = person(tx, by.Register, ref); err != nil {
			return err
		}
		if err := access.Decide(by, access.SeePerson, access.Subject{Register: by.Register, YoungPerson: yp}); err != nil {
			return err
		}
		if out.Life, err = life.One(tx, by.Register, yp, 0); err != nil {
			return err
		}
		if out.Register, err = register.Of(tx, by.Register); err != nil {
			return err
		}
		out.Sources, err = sources(tx, by.Register, evidenceOf(out.Life))
		return err
	})
	if err != nil {
		return nil, err
	}
	end := s.Today().InMonth().End()
	req := s.Requirement.WithInvented(out.Register.Invented())
	out.Edition, _ = req.EditionOn(end)
	out.View = out.Life.On(out.Register.Book(), out.Edition, end)
	out.Findings = s.check(req, out.Edition, out.Register, &out.View.Record, end)
	if !out.View.In {
		out.Findings = slices.DeleteFunc(out.Findings, aboutTheReturn)
	}
	return out, s.Sights.See(ctx, act.Sight{By: by, Kind: access.SeePerson, People: []id.YoungPerson{yp}, Page: "summary"})
}

// aboutTheReturn says that a finding matters only to who is in the return.
// What came and cannot be right is shown on anybody, and so is a birth date
// that cannot be read: without one nobody can tell who is in it.
func aboutTheReturn(f nccis.Finding) bool {
	return f.Field != nccis.DOB && f.Value == "" || ageAlone[f.Check]
}

func evidenceOf(l *life.Life) []id.Evidence {
	seen := map[id.Evidence]bool{}
	l.Versions(func(_ string, v fact.Version) { seen[v.Evidence] = true })
	var out []id.Evidence
	for e := range seen {
		if e != 0 {
			out = append(out, e)
		}
	}
	slices.Sort(out)
	return out
}

func sources(tx *db.Tx, r id.Register, wanted []id.Evidence) (map[id.Evidence]Source, error) {
	var w db.Where
	w.And("e.register = $1", int64(r))
	values := make([]any, len(wanted))
	for i, e := range wanted {
		values[i] = int64(e)
	}
	w.In("e.id", values...)
	rows, err := tx.Query(`SELECT e.id, e.kind, e.said_by, e.grade, e.received_on, COALESCE(e.position, 0), a.at, a.actor_name
		FROM evidence e JOIN act a ON a.register = e.register AND a.number = e.act`+w.SQL(), w.Args...)
	if err != nil {
		return nil, fmt.Errorf("read the evidence: %w", err)
	}
	defer rows.Close()
	out := map[id.Evidence]Source{}
	for rows.Next() {
		var e id.Evidence
		var s Source
		var at db.Instant
		if err := rows.Scan(&e, &s.Kind, &s.SaidBy, &s.Grade, &s.ReceivedOn, &s.Position, &at, &s.By); err != nil {
			return nil, fmt.Errorf("read the evidence: %w", err)
		}
		s.At = at.Time
		out[e] = s
	}
	return out, rows.Err()
}

// Happening is one act in a record's history, with what it told.
type Happening struct {
	Act    id.Act
	At     time.Time
	By     string
	Kind   string
	Reason string
	Source Source
	// Changes are what it told and what it took back.
	Changes []Change
}

// Change is one fact that an act added, replaced or stopped holding: Before is
// nil for a new fact, After for one held no longer.
type Change struct{ Before, After *life.Told }

// History is everything ever told about one young person, newest first, and
// records that it was seen. It needs access.SeePerson.
func (s *Service) History(ctx context.Context, by access.Actor, ref id.Ref) ([]Happening, error) {
	var out []Happening
	var yp id.YoungPerson
	err := s.DB.Read(ctx, func(tx *db.Tx) error {
		var err error
		if yp, err = person(tx, by.Register, ref); err != nil {
			return err
		}
		if err := access.Decide(by, access.SeePerson, access.Subject{Register: by.Register, YoungPerson: yp}); err != nil {
			return err
		}
		told, err := life.History(tx, by.Register, yp)
		if err != nil {
			return err
		}
		out, err = happenings(tx, by.Register, told)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, s.Sights.See(ctx, act.Sight{By: by, Kind: access.SeePerson, People: []id.YoungPerson{yp}, Page: "history"})
}

func happenings(tx *db.Tx, r id.Register, told []life.Told) ([]Happening, error) {
	changes := map[id.Act][]Change{}
	for i := range told {
		t := &told[i]
		changes[t.KnownFrom] = append(changes[t.KnownFrom], Change{Before: closedBy(told, t), After: t})
	}
	for i := range told {
		if t := &told[i]; t.KnownTo != 0 && !replaced(told, t) {
			changes[t.KnownTo] = append(changes[t.KnownTo], Change{Before: t})
		}
	}
	out, err := actsOf(tx, r, slices.Sorted(maps.Keys(changes)))
	if err != nil {
		return nil, err
	}
	evidence := make([]id.Evidence, len(out))
	for i := range out {
		out[i].Changes = changes[out[i].Act]
		if evidence[i], err = learned(tx, r, out[i]); err != nil {
			return nil, err
		}
	}
	known, err := sources(tx, r, evidence)
	if err != nil {
		return nil, err
	}
	for i := range out {
		out[i].Source = known[evidence[i]]
	}
	slices.Reverse(out)
	return out, nil
}

const sqlEvidenceOf = `SELECT COALESCE(MIN(e.id), 0) FROM evidence e JOIN act a ON a.register = e.register AND a.number = e.act
	WHERE e.register = $1 AND e.act = $2 AND a.young_person IS NOT NULL`

// learned is the evidence of an act about one young person: that of what it
// told, and where it only took something back, its own.
func learned(tx *db.Tx, r id.Register, h Happening) (id.Evidence, error) {
	for _, c := range h.Changes {
		if c.After != nil {
			return c.After.Evidence, nil
		}
	}
	var e id.Evidence
	if err := tx.QueryRow(sqlEvidenceOf, int64(r), int64(h.Act)).Scan(&e); err != nil {
		return 0, fmt.Errorf("read the evidence: %w", err)
	}
	return e, nil
}

// closedBy is the version that this one replaced, nil where it is the first.
func closedBy(told []life.Told, t *life.Told) *life.Told {
	for i := range told {
		if o := &told[i]; o.Table == t.Table && o.ID == t.ID && o.KnownTo == t.KnownFrom {
			return o
		}
	}
	return nil
}

func replaced(told []life.Told, t *life.Told) bool {
	return slices.ContainsFunc(told, func(o life.Told) bool { return o.Table == t.Table && o.ID == t.ID && o.KnownFrom == t.KnownTo })
}

// actsOf reads the acts, the earliest first.
func actsOf(tx *db.Tx, r id.Register, numbers []id.Act) ([]Happening, error) {
	var w db.Where
	w.And("a.register = $1", int64(r))
	values := make([]any, len(numbers))
	for i, n := range numbers {
		values[i] = int64(n)
	}
	w.In("a.number", values...)
	rows, err := tx.Query(`SELECT a.number, a.at, a.actor_name, a.kind, a.reason FROM act a`+w.SQL()+` ORDER BY a.number`, w.Args...)
	if err != nil {
		return nil, fmt.Errorf("read the acts: %w", err)
	}
	defer rows.Close()
	var out []Happening
	for rows.Next() {
		var h Happening
		var at db.Instant
		if err := rows.Scan(&h.Act, &at, &h.By, &h.Kind, &h.Reason); err != nil {
			return nil, fmt.Errorf("read the acts: %w", err)
		}
		h.At = at.Time
		out = append(out, h)
	}
	return out, rows.Err()
}
