package visit

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/contact"
	"waymark/internal/db"
	"waymark/internal/field"
	"waymark/internal/id"
	"waymark/internal/record"
	"waymark/internal/safety"
	"waymark/internal/youngperson"
)

// Stop is one young person of a round, with the least that does the work.
type Stop struct {
	Ref, Person          id.Ref
	Name, YoungPersonsID string
	Address              youngperson.Address
	// Telephone is the first number to ring, "" where there is none.
	Telephone string
	Safety    []safety.Note
	// Activity is the code of what they do as held now, "" for nothing; Seen its
	// version, and Since the day on which it began, where that is known.
	Activity string
	Seen     id.Act
	Since    civil.Date
	// LastDay is the last day of the month whose return is not signed yet
	// (record.LastDayOpen), for the doorstep alone.
	LastDay civil.Date
	Why     Why
	Outcome Outcome
	ToldAt  civil.Date

	door int
	yp   id.YoungPerson
}

// Door is everybody at one address.
type Door struct {
	Number int
	Stops  []Stop
}

// Sheet is a round with its doors in the order of the way.
type Sheet struct {
	Round
	Doors []Door
	// Apart are those at no door, with why.
	Apart []Stop
	// Locked is how many of the round were locked since it was planned. Whoever
	// was hidden since is as if they had never been on it.
	Locked int
	// Watch is the worker's check-in that is not over, nil where there is none.
	Watch *Watch
}

const sqlStops = `SELECT ref, young_person, door, why, outcome, told_at FROM visit_stop`

// Sheet is one round with whom it visits; what is so of them is read now, and
// whoever was restricted since is not among them. It records that they were
// seen, on which page (the printed one too). It needs access.PlanVisits, and
// returns db.NotFound for a round that is not the actor's to see.
func (s *Service) Sheet(ctx context.Context, by access.Actor, ref id.Ref, page string) (*Sheet, error) {
	if err := access.Decide(by, access.PlanVisits, access.Subject{Register: by.Register}); err != nil {
		return nil, err
	}
	var sh *Sheet
	err := s.DB.Read(ctx, func(tx *db.Tx) error {
		r, err := roundOf(tx, by, "r.ref", string(ref))
		if err != nil {
			return err
		}
		sh = &Sheet{Round: r}
		if sh.Watch, err = openWatch(tx, by, r.id); err != nil {
			return err
		}
		return sh.fill(tx, by)
	})
	if err != nil {
		return nil, fmt.Errorf("read a round of visits: %w", err)
	}
	return sh, s.seen(ctx, by, sh.all(), page)
}

func (sh *Sheet) fill(tx *db.Tx, by access.Actor) error {
	var w db.Where
	w.And("register = $1 AND round = $2", int64(by.Register), sh.id)
	stops, err := stops(tx, w.SQL()+" ORDER BY door, young_person", w.Args)
	if err != nil {
		return err
	}
	people := make([]id.YoungPerson, len(stops))
	for i := range stops {
		people[i] = stops[i].yp
	}
	known, err := behind(tx, by, people)
	if err != nil {
		return err
	}
	veil, err := access.VeilOf(tx, by)
	if err != nil {
		return err
	}
	door := 0 // that of the stop before: they are counted anew, so that no gap tells of anybody
	for _, st := range stops {
		b := known[st.yp]
		if b == nil {
			if veil.Locks(st.yp) {
				sh.Locked++
			}
			continue
		}
		st.tell(b, civil.On(tx.Now, civil.London()))
		if st.Why != "" {
			sh.Apart = append(sh.Apart, st)
			continue
		}
		if st.door != door {
			sh.Doors = append(sh.Doors, Door{Number: len(sh.Doors) + 1})
			door = st.door
		}
		last := &sh.Doors[len(sh.Doors)-1]
		last.Stops = append(last.Stops, st)
	}
	return nil
}

// tell fills in what is so of the person now.
func (st *Stop) tell(b *behindDoor, today civil.Date) {
	if b.why != "" && st.Outcome == "" {
		st.Why = b.why // it came to be so since the round was planned
	}
	l := b.life
	st.Person, st.YoungPersonsID, st.Address, st.Safety = l.Person.Ref, l.Person.YoungPersonsID, b.address, b.notes
	if n := l.LegalName(today); n != nil {
		st.Name = n.Is.Given + " " + n.Is.Family
	}
	for i := range l.Reaches {
		if f := &l.Reaches[i]; st.Telephone == "" && f.Ended == "" && f.Is.Kind == youngperson.Telephone {
			st.Telephone = f.Is.Value
		}
	}
	if i := l.CurrentSpell(today); i >= 0 {
		st.Activity, st.Seen, st.Since = l.Spells[i].Is.Activity, record.Seen(&l.Spells[i]), record.Day(l.Spells[i].Started)
	}
}

func (sh *Sheet) all() []id.YoungPerson {
	var out []id.YoungPerson
	for _, d := range sh.Doors {
		for _, st := range d.Stops {
			out = append(out, st.yp)
		}
	}
	for _, st := range sh.Apart {
		out = append(out, st.yp)
	}
	return out
}

func (s *Service) seen(ctx context.Context, by access.Actor, people []id.YoungPerson, page string) error {
	if len(people) == 0 {
		return nil
	}
	return s.Sights.See(ctx, act.Sight{By: by, Kind: access.SeePerson, People: people, Page: page})
}

func stops(tx *db.Tx, where string, args []any) ([]Stop, error) {
	rows, err := tx.Query(sqlStops+where, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []Stop
	for rows.Next() {
		var st Stop
		var told db.Instant
		if err := rows.Scan(&st.Ref, (*int64)(&st.yp), &st.door, &st.Why, &st.Outcome, &told); err != nil {
			return nil, err
		}
		if !told.IsZero() {
			st.ToldAt = civil.On(told.Time, civil.London())
		}
		out = append(out, st)
	}
	return out, rows.Err()
}

// stopOf is one stop of a round by its reference, with the round.
func stopOf(tx *db.Tx, by access.Actor, ref id.Ref) (Round, Stop, *behindDoor, error) {
	var key int64
	if err := tx.QueryRow("SELECT round FROM visit_stop WHERE register = $1 AND ref = $2", int64(by.Register), string(ref)).Scan(&key); err != nil {
		if errors.Is(err, sql.ErrNoRows) {
			err = db.NotFound
		}
		return Round{}, Stop{}, nil, err
	}
	r, err := roundOf(tx, by, "r.id", key)
	if err != nil {
		return r, Stop{}, nil, err
	}
	var w db.Where
	w.And("register = $1 AND ref = $2", int64(by.Register), string(ref))
	some, err := stops(tx, w.SQL(), w.Args)
	if err != nil {
		return r, Stop{}, nil, err
	}
	known, err := behind(tx, by, []id.YoungPerson{some[0].yp})
	if err != nil {
		return r, Stop{}, nil, err
	}
	b := known[some[0].yp]
	if b == nil {
		return r, Stop{}, nil, db.NotFound
	}
	some[0].tell(b, civil.On(tx.Now, civil.London()))
	return r, some[0], b, nil
}

// Stop is one young person of a round, for the doorstep, and the round. It
// records that they were seen. It needs access.WorkVisits, and returns
// db.NotFound for a round that is not the actor's to work.
func (s *Service) Stop(ctx context.Context, by access.Actor, ref id.Ref) (r Round, st Stop, err error) {
	if err := access.Decide(by, access.WorkVisits, access.Subject{Register: by.Register}); err != nil {
		return r, st, err
	}
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		r, st, _, err = stopOf(tx, by, ref)
		if err == nil && !r.Works(by) {
			err = db.NotFound
		}
		if err == nil {
			st.LastDay, err = record.LastDayOpen(tx, by.Register)
		}
		return err
	})
	if err != nil {
		return r, st, fmt.Errorf("read a visit: %w", err)
	}
	return r, st, s.seen(ctx, by, []id.YoungPerson{st.yp}, "doorstep")
}

// Told is what came of a visit, as whoever stood at the door tells it.
type Told struct {
	Outcome Outcome
	// Activity is what they do now, for Changed, and Started since when.
	Activity string
	Started  civil.Date
	// LastDay is the one of the page: "nothing has changed" was said since then, and
	// what is told of a new activity since it started (record.SameSince).
	LastDay civil.Date
	Note    string
	// Next is the day to go again or ring, none for no more.
	Next civil.Date
	// Seen is the version of the activity that the page showed.
	Seen id.Act
	// Key is the form's one-use key.
	Key string
}

// MostNote is how many letters a doorstep note has at most (ux-security.md screen 8).
const MostNote = 300

const sqlTell = `UPDATE visit_stop SET outcome = $3, told_at = $4, told_by = $5, act = $6 WHERE register = $1 AND ref = $2 AND outcome = ''`

// Tell records what came of a visit, as one act: the contact with the visit as
// its evidence, the confirmation or the new activity that follows, and the round.
// It needs access.WorkVisits, and returns field.Errors, db.Conflict where it was
// told already, and act.ErrRepeated for a form that was sent again: then
// everything is as the first sending left it.
func (s *Service) Tell(ctx context.Context, by access.Actor, ref id.Ref, t Told) error {
	err := s.DB.InTx(ctx, func(tx *db.Tx) error {
		r, st, _, err := stopOf(tx, by, ref)
		if err != nil {
			return err
		}
		if !r.Works(by) {
			return db.NotFound
		}
		a, err := act.Begin(tx, by, access.WorkVisits, st.yp, act.Request{Reason: "visit: " + string(t.Outcome), Key: t.Key})
		if err != nil {
			return err
		}
		if st.Outcome != "" {
			return db.Conflict{What: "this visit"}
		}
		today := civil.On(tx.Now, civil.London())
		if err := t.check(r, st, today); err != nil {
			return err
		}
		if err := s.Record.RecordContacts(tx, a, []record.Spoken{t.spoken(r, st, today)}); err != nil {
			return onDoorstep(err, t.Outcome)
		}
		_, err = tx.Exec(sqlTell, int64(by.Register), string(ref), string(t.Outcome), db.Instant{Time: tx.Now}, by.Ref, int64(a.Number))
		return err
	})
	if err != nil {
		return fmt.Errorf("record a visit: %w", err)
	}
	return nil
}

// onDoorstep puts what the record finds wrong beside the fields of the doorstep,
// which has fewer.
func onDoorstep(err error, o Outcome) error {
	var wrong, here field.Errors
	if !errors.As(err, &wrong) {
		return err
	}
	for _, one := range wrong {
		name := "outcome"
		if o == Changed {
			name = "activity"
		}
		if o == Changed && (one.Field == "started" || one.Field == "so-on") {
			name = "started"
		}
		here.Add(name, one.Message)
	}
	return here.Err()
}

func (t Told) check(r Round, st Stop, today civil.Date) error {
	var wrong field.Errors
	if r.Closed {
		wrong.Add("outcome", "This round is closed. Record the visit as a contact on the record instead")
	}
	if r.Day.After(today) {
		wrong.Add("outcome", "This round is on "+r.Day.Words()+". Tell what came of it then")
	}
	if !known(t.Outcome) {
		wrong.Add("outcome", "Select what came of the visit")
	}
	if t.Outcome == Changed && t.Activity == "" {
		wrong.Add("activity", "Select what they do now")
	}
	if t.Outcome == Changed && t.Started.IsZero() {
		wrong.Add("since", "Select since when they do it")
	}
	if t.Outcome == Confirmed && st.Activity == "" {
		wrong.Add("outcome", "Nothing is held that could be confirmed. Select that it has changed, and what they do now")
	}
	if len([]rune(t.Note)) > MostNote {
		wrong.Add("note", fmt.Sprintf("Shorten the note to %d letters: more can be written on the record later", MostNote))
	}
	if !t.Next.IsZero() && t.Next.Before(today) {
		wrong.Add("next", "Select a later day for what comes next")
	}
	return wrong.Err()
}

func known(o Outcome) bool {
	for _, one := range Outcomes() {
		if o == one {
			return true
		}
	}
	return false
}

// spoken is the visit as a contact.
func (t Told) spoken(r Round, st Stop, today civil.Date) record.Spoken {
	c := contact.Contact{How: contact.Visit, Direction: contact.Out, Note: t.Note, Behind: contact.Round, BehindID: r.id}
	said := ""
	switch t.Outcome {
	case Confirmed:
		c.WithWhom, c.Outcome = contact.Person, contact.Confirmed
	case Changed:
		c.WithWhom, c.Outcome = contact.Person, contact.Changed
	case SomeoneElse:
		c.WithWhom, c.Outcome, said = contact.Family, contact.Reached, "somebody else at the door"
	case NoAnswer:
		c.WithWhom, c.Outcome = contact.Nobody, contact.NoAnswer
	case MovedAway:
		c.WithWhom, c.Outcome, said = contact.Professional, contact.MovedAway, "whoever was at the door"
	}
	if !t.Next.IsZero() {
		c.NextOn, c.NextStep = t.Next.String(), "Visit or ring again"
	}
	out := record.Spoken{Made: contact.Made{YoungPerson: st.yp, On: today, Contact: c, SaidBy: said}, Seen: t.Seen}
	switch t.Outcome {
	case Confirmed:
		out.Now.SoOn = record.SameSince(t.LastDay, st.Since)
	case Changed:
		out.Now = spellOf(t.Activity, t.Started, today)
		out.Now.SoOn = record.SameSince(t.LastDay, t.Started)
	}
	return out
}

// spellOf is an activity as told on a doorstep, with the end that education and
// training must state, the last day of the academic year.
func spellOf(code string, started, today civil.Date) record.NewSpell {
	n := record.NewSpell{Activity: code, Started: started, Ascertained: today, Verified: today}
	if code != "" && (code[0] == '2' || code[0] == '4') {
		n.PredictedEnd = today.AcademicYear().End()
	}
	return n
}

// Situation is one answer to "what do they do now" on a doorstep: a code that
// can be made exact on the record later.
type Situation struct{ Code, Words string }

// Situations are those that the doorstep offers, five big buttons
// (ux-security.md screen 8; nccis.md 5).
func Situations() []Situation {
	return []Situation{{"230", "In college or sixth form, full time"}, {"310", "In an apprenticeship"}, {"330", "In a job"},
		{"619", "Looking for work, college or training"}, {"680", "Not able to work or study just now"}}
}

// RoundOfStop is the round of a stop that the actor may see, or db.NotFound.
func (s *Service) RoundOfStop(ctx context.Context, by access.Actor, stop id.Ref) (ref id.Ref, err error) {
	return s.roundOfA(ctx, by, `SELECT round FROM visit_stop WHERE register = $1 AND ref = $2`, stop)
}

// RoundOfWatch is the round of a check-in that the actor may see, or db.NotFound.
func (s *Service) RoundOfWatch(ctx context.Context, by access.Actor, watch id.Ref) (ref id.Ref, err error) {
	return s.roundOfA(ctx, by, `SELECT round FROM visit_watch WHERE register = $1 AND ref = $2`, watch)
}

func (s *Service) roundOfA(ctx context.Context, by access.Actor, query string, what id.Ref) (ref id.Ref, err error) {
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		var key int64
		if err := tx.QueryRow(query, int64(by.Register), string(what)).Scan(&key); errors.Is(err, sql.ErrNoRows) {
			return db.NotFound
		} else if err != nil {
			return err
		}
		r, err := roundOf(tx, by, "r.id", key)
		ref = r.Ref
		return err
	})
	return ref, err
}
