package record

import (
	"context"
	"errors"
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
	"waymark/internal/signal"
	"waymark/internal/youngperson"
)

// Summary is what the record's page shows.
type Summary struct {
	Register register.Register
	// Fields are what the reader sees; of everything else the Life is empty.
	Fields access.Fields
	Life   *life.Life
	// Edition is the one in force for the month.
	Edition *nccis.Edition
	// View is the record as this month's return would state it.
	View life.View
	// Findings are what the Department would find in it; for who is not in this
	// month's return only what cannot be right on anybody.
	Findings []nccis.Finding
	// Sources say where each fact came from, by its evidence.
	Sources map[id.Evidence]Source
	// Signs are the signs of risk that the reader may see; no page shows those of
	// Life, among which are benefit claims.
	Signs []fact.Of[signal.Signal]
	// Today is the day on which the record is looked at: in the past that day.
	Today civil.Date
	// AddressProtected says that the addresses are not shown to this reader; Opened
	// until when a locked record is open to them, the zero time for one that is not
	// locked.
	AddressProtected bool
	Opened           time.Time
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
	return s.SummaryKnown(ctx, by, ref, civil.Date{})
}

// SummaryKnown is the Summary as known at the end of a day, seen from that day;
// no date is now. It returns act.BeforeBegan, and NotHeldThen where the
// register came to hold this young person later.
func (s *Service) SummaryKnown(ctx context.Context, by access.Actor, ref id.Ref, on civil.Date) (*Summary, error) {
	out := &Summary{Today: on}
	if on.IsZero() {
		out.Today = s.Today()
	}
	var yp id.YoungPerson
	var veil *access.Veil
	err := s.DB.Read(ctx, func(tx *db.Tx) error {
		var at id.Act
		var err error
		if yp, at, err = allowed(tx, by, ref, on); err != nil {
			return err
		}
		if veil, err = access.VeilOf(tx, by); err != nil {
			return err
		}
		if out.Life, err = life.One(tx, by.Register, yp, at); errors.Is(err, db.NotFound) && at != 0 {
			return notHeld(tx, by, ref, on, at)
		} else if err != nil {
			return err
		}
		about, err := access.About(tx, by, yp)
		if err != nil {
			return err
		}
		out.Fields = about.Fields(by)
		out.Life.Keep(out.Fields)
		if out.Register, err = register.Of(tx, by.Register); err != nil {
			return err
		}
		out.Signs = risk(by, out.Life.Signals) // none are left for who does not see them
		if out.Fields.Has(access.Sources) {
			out.Sources, err = sources(tx, by.Register, evidenceOf(out.Life))
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	end := out.Today.InMonth().End()
	req := s.Requirement.WithInvented(out.Register.Invented())
	out.Edition, _ = req.EditionOn(end)
	out.View = out.Life.On(out.Register.Book(), out.Edition, end)
	if out.Fields.Has(access.AllFields) { // what a reader does not see would be found missing
		out.Findings = s.check(req, out.Edition, out.Register, &out.View.Record, end)
	}
	if !out.View.In {
		out.Findings = slices.DeleteFunc(out.Findings, aboutTheReturn)
	}
	if out.Opened = veil.Glass(yp); veil.Protects(yp) && out.Fields.Has(access.Address) {
		out.protect()
	}
	return out, s.Sights.See(ctx, act.Sight{By: by, Kind: access.SeePerson, People: []id.YoungPerson{yp}, Page: "summary"})
}

// NotHeldThen says that the register did not hold a young person on a day.
type NotHeldThen struct{ On civil.Date }

func (n NotHeldThen) Error() string {
	return "On " + n.On.Words() + " this register did not hold this young person yet. Choose a later day."
}

// notHeld says why a young person was not held at an act: not yet, or, where
// their record had been put together with another by then, no longer.
func notHeld(tx *db.Tx, by access.Actor, ref id.Ref, on civil.Date, at id.Act) error {
	p, _, err := youngperson.AnyRef(tx, by.Register, ref)
	if err == nil && p.KnownFrom <= at {
		err = db.NotFound
	} else if err == nil {
		err = NotHeldThen{on}
	}
	return err
}

// allowed finds the young person whom the actor may see, and the act after
// which to read what was known on the day.
func allowed(tx *db.Tx, by access.Actor, ref id.Ref, on civil.Date) (id.YoungPerson, id.Act, error) {
	if on.IsZero() {
		yp, err := whom(tx, by, ref)
		return yp, 0, err
	}
	if err := access.Decide(by, access.SeeHistory, access.Subject{Register: by.Register}); err != nil {
		return 0, 0, err
	}
	// Who has been put together with another since was a record then.
	veil, err := access.VeilOf(tx, by)
	if err != nil {
		return 0, 0, err
	}
	p, _, err := youngperson.AnyRef(tx, by.Register, ref)
	if err == nil {
		err = veil.Refuses(p.ID)
	}
	if err != nil {
		return 0, 0, err
	}
	if err := maySee(tx, by, p.ID); err != nil {
		return 0, 0, err
	}
	at, err := act.AsKnown(tx, by.Register, on)
	return p.ID, at, err
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
	return s.HistoryKnown(ctx, by, ref, civil.Date{})
}

// HistoryKnown is the History up to the end of a day; no date is now. It
// returns act.BeforeBegan for a day on which nothing was known.
func (s *Service) HistoryKnown(ctx context.Context, by access.Actor, ref id.Ref, on civil.Date) ([]Happening, error) {
	var out []Happening
	err := s.history(ctx, by, ref, on, "history", func(tx *db.Tx, told []life.Told) error {
		var err error
		out, err = happenings(tx, by.Register, told)
		return err
	})
	return out, err
}

// history calls do with everything told about one young person up to the end
// of a day, and records on which page it was seen.
func (s *Service) history(ctx context.Context, by access.Actor, ref id.Ref, on civil.Date, page string, do func(*db.Tx, []life.Told) error) error {
	var yp id.YoungPerson
	err := s.DB.Read(ctx, func(tx *db.Tx) error {
		var at id.Act
		var err error
		if yp, at, err = allowed(tx, by, ref, on); err != nil {
			return err
		}
		told, err := life.History(tx, by.Register, yp)
		if err != nil {
			return err
		}
		veil, err := access.VeilOf(tx, by)
		if err != nil {
			return err
		}
		if veil.Protects(yp) {
			protectTold(told)
		}
		return do(tx, life.AsKnown(told, at))
	})
	if err != nil {
		return err
	}
	return s.Sights.See(ctx, act.Sight{By: by, Kind: access.SeePerson, People: []id.YoungPerson{yp}, Page: page})
}

func happenings(tx *db.Tx, r id.Register, told []life.Told) ([]Happening, error) {
	changes := map[id.Act][]Change{}
	for i := range told {
		t := &told[i]
		changes[t.KnownFrom] = append(changes[t.KnownFrom], Change{Before: closedBy(told, t), After: t})
	}
	for i := range told {
		if t := &told[i]; t.KnownTo != 0 && inPlaceOf(told, t) == nil {
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
