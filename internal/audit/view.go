package audit

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/field"
	"waymark/internal/id"
)

// Service shows the log to those who watch over it. Looking at the log is
// itself a sight.
type Service struct {
	DB     *db.DB
	Sights *act.Recorder
	// Keeper is who seals the log in this process; nil where nobody does.
	Keeper *Keeper
}

// What may be asked for.
const (
	SeenOnly = "seen"
	DoneOnly = "done"
)

// Operators stands for whoever ran commands on the host, as a Question's Actor.
const Operators = "operators"

// Question asks for part of the log.
type Question struct {
	// Person is the young person it is about, empty for any. Records that were
	// put together with theirs count as theirs.
	Person id.Ref
	// Actor is whose doing and seeing it is: account:REF, Operators, or empty
	// for anybody's.
	Actor string
	// What is SeenOnly, DoneOnly or empty for both.
	What string
	// Kind is what was done or seen, empty for anything.
	Kind access.Action
	// From and To are the first and the last day, in London; no date is open.
	From, To civil.Date
}

// Event is one thing that was done, or that was shown at once.
type Event struct {
	At               time.Time
	Actor, ActorName string
	// Seen says that it is a sight; else Act is the number of the act.
	Seen bool
	Act  id.Act
	Kind access.Action
	// Page is where it was seen.
	Page string
	// Reason is what was said: why somebody looked, or what was done.
	Reason string
	// People is how many young people it is about, 0 for nobody in particular,
	// and Ref and YoungPersonsID are whom, where it is one.
	People         int
	Ref            id.Ref
	YoungPersonsID string

	one id.YoungPerson
}

// Found is a page of the log, newest first.
type Found struct {
	Events []Event
	// Total is how many there are in all.
	Total int
	// YoungPersonsID is that of the person asked about.
	YoungPersonsID string
}

// Page answers a question: so many events after so many. It needs
// access.SeeAudit, is db.NotFound where there is no such young person, and
// records who looked before it returns.
func (s *Service) Page(ctx context.Context, by access.Actor, q Question, skip, limit int) (Found, error) {
	found, err := s.find(ctx, by, q, skip, limit)
	if err != nil {
		return Found{}, err
	}
	return found, s.saw(ctx, by, found.Events, "audit log")
}

// saw records that somebody looked at events.
func (s *Service) saw(ctx context.Context, by access.Actor, events []Event, page string) error {
	var people []id.YoungPerson
	for _, e := range events {
		if e.one != 0 && !slices.Contains(people, e.one) {
			people = append(people, e.one)
		}
	}
	return s.Sights.See(ctx, act.Sight{By: by, Kind: access.SeeAudit, People: people, Page: page})
}

// mostDownload is how many events one file holds.
const mostDownload = 100_000

// Download is every event that fits a question, newest first. It is an act with
// a reason, and needs access.SeeAudit. It returns field.Errors where no reason
// is given, where there is too much for one file, and act.ErrRepeated for a key
// that was used.
func (s *Service) Download(ctx context.Context, by access.Actor, q Question, reason, key string) ([]Event, error) {
	reason = strings.TrimSpace(reason)
	if reason == "" {
		return nil, field.Errors{{Field: "reason", Message: "Enter why you need this file"}}
	}
	if len([]rune(reason)) > 200 {
		return nil, field.Errors{{Field: "reason", Message: "Say it in 200 letters or fewer"}}
	}
	found, err := s.find(ctx, by, q, 0, mostDownload)
	if err != nil {
		return nil, err
	}
	if found.Total > mostDownload {
		return nil, field.Errors{{Field: "reason", Message: fmt.Sprintf("That is %d lines; one file holds %d. Go back and choose fewer days", found.Total, mostDownload)}}
	}
	err = s.DB.InTx(ctx, func(tx *db.Tx) error {
		_, err := act.Begin(tx, by, access.SeeAudit, 0, act.Request{Reason: fmt.Sprintf("%d lines of the log downloaded: %s", found.Total, reason), Key: key})
		return err
	})
	if err != nil {
		return nil, err
	}
	return found.Events, s.saw(ctx, by, found.Events, "audit log, file")
}

func (s *Service) find(ctx context.Context, by access.Actor, q Question, skip, limit int) (Found, error) {
	if err := access.Decide(by, access.SeeAudit, access.Subject{Register: by.Register}); err != nil {
		return Found{}, err
	}
	var found Found
	var people []id.YoungPerson
	var acts, sights []Event
	err := s.DB.Read(ctx, func(tx *db.Tx) error {
		var err error
		if q.Person != "" {
			if people, found.YoungPersonsID, err = person(tx, by.Register, q.Person); err != nil {
				return err
			}
		}
		if q.What == SeenOnly {
			return nil
		}
		var n int
		acts, n, err = readDone(tx, by.Register, q, people, skip+limit)
		found.Total += n
		return err
	})
	if err == nil && q.What != DoneOnly {
		err = s.DB.ReadSide(ctx, func(tx *db.Tx) error {
			var n int
			var err error
			sights, n, err = readSeen(tx, by.Register, q, people, skip+limit)
			found.Total += n
			return err
		})
	}
	if err != nil {
		return Found{}, fmt.Errorf("read the log: %w", err)
	}
	all := append(acts, sights...)
	slices.SortStableFunc(all, func(a, b Event) int { return b.At.Compare(a.At) })
	found.Events = all[min(skip, len(all)):min(skip+limit, len(all))]
	return found, s.whom(ctx, by.Register, found.Events)
}

const (
	sqlWhom = `SELECT id, young_persons_id FROM young_person WHERE register = $1 AND ref = $2`
	sqlTold = `SELECT number, at, actor, actor_name, kind, young_person, reason FROM act`
	sqlSeen = `SELECT at, actor, actor_name, kind, page, reason, count(young_person), MIN(young_person) FROM sight`
	// sqlTogether: what one person was shown at once is one event.
	sqlTogether = ` GROUP BY at, actor, actor_name, kind, page, reason, batch, request`
)

// person finds the keys under which a young person was ever seen: their own,
// and those of records that were put together with it.
func person(tx *db.Tx, r id.Register, ref id.Ref) ([]id.YoungPerson, string, error) {
	var key id.YoungPerson
	var number string
	err := tx.QueryRow(sqlWhom, int64(r), string(ref)).Scan(&key, &number)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, "", db.NotFound
	}
	keys := []id.YoungPerson{key}
	for i := 0; i < len(keys) && err == nil; i++ {
		var more []id.YoungPerson
		more, err = mergedInto(tx, r, keys[i])
		for _, m := range more {
			if !slices.Contains(keys, m) {
				keys = append(keys, m)
			}
		}
	}
	return keys, number, err
}

func mergedInto(tx *db.Tx, r id.Register, key id.YoungPerson) ([]id.YoungPerson, error) {
	return db.Values[id.YoungPerson](tx, `SELECT young_person FROM merged WHERE register = $1 AND into_person = $2 AND known_to IS NULL ORDER BY young_person`, int64(r), int64(key))
}

// where is what a question asks of either table.
func (q Question) where(r id.Register, people []id.YoungPerson) *db.Where {
	w := &db.Where{}
	w.And("register = $1", int64(r))
	switch q.Actor {
	case "":
	case Operators:
		w.And("actor >= $1 AND actor < $2", "operator:", "operator;")
	default:
		w.And("actor = $1", q.Actor)
	}
	if q.Person != "" {
		in := make([]any, len(people))
		for i, p := range people {
			in[i] = int64(p)
		}
		w.In("young_person", in...)
	}
	if q.Kind != "" {
		w.And("kind = $1", string(q.Kind))
	}
	if !q.From.IsZero() {
		w.And("at >= $1", db.Instant{Time: midnight(q.From)})
	}
	if !q.To.IsZero() {
		w.And("at < $1", db.Instant{Time: midnight(q.To.AddDays(1))})
	}
	return w
}

// midnight is when a day begins in London.
func midnight(day civil.Date) time.Time {
	y, m, d := day.YMD()
	return time.Date(y, m, d, 0, 0, 0, 0, civil.London())
}

func readDone(tx *db.Tx, r id.Register, q Question, people []id.YoungPerson, limit int) ([]Event, int, error) {
	w := q.where(r, people)
	var total int
	if err := tx.QueryRow(`SELECT count(*) FROM act`+w.SQL(), w.Args...).Scan(&total); err != nil {
		return nil, 0, err
	}
	text := sqlTold + w.SQL() + " ORDER BY at DESC, number DESC LIMIT " + w.Param(limit)
	rows, err := tx.Query(text, w.Args...)
	if err != nil {
		return nil, 0, err
	}
	defer rows.Close()
	var out []Event
	for rows.Next() {
		var e Event
		var at db.Instant
		var yp sql.NullInt64
		if err := rows.Scan(&e.Act, &at, &e.Actor, &e.ActorName, &e.Kind, &yp, &e.Reason); err != nil {
			return nil, 0, err
		}
		e.At = at.Time
		if yp.Valid {
			e.People, e.one = 1, id.YoungPerson(yp.Int64)
		}
		out = append(out, e)
	}
	return out, total, rows.Err()
}

func readSeen(tx *db.Tx, r id.Register, q Question, people []id.YoungPerson, limit int) ([]Event, int, error) {
	w := q.where(r, people)
	var total int
	if err := tx.QueryRow(`SELECT count(*) FROM (SELECT 1 FROM sight`+w.SQL()+sqlTogether+`) AS shown`, w.Args...).Scan(&total); err != nil {
		return nil, 0, err
	}
	text := sqlSeen + w.SQL() + sqlTogether + " ORDER BY at DESC, batch, actor, page LIMIT " + w.Param(limit)
	rows, err := tx.Query(text, w.Args...)
	if err != nil {
		return nil, 0, err
	}
	defer rows.Close()
	var out []Event
	for rows.Next() {
		e := Event{Seen: true}
		var at db.Instant
		var yp sql.NullInt64
		if err := rows.Scan(&at, &e.Actor, &e.ActorName, &e.Kind, &e.Page, &e.Reason, &e.People, &yp); err != nil {
			return nil, 0, err
		}
		e.At = at.Time
		if e.People == 1 {
			e.one = id.YoungPerson(yp.Int64)
		}
		out = append(out, e)
	}
	return out, total, rows.Err()
}

// whom fills in the references of those whom events are about. Names are left
// out: whoever needs one opens the record, which is a sight of its own.
func (s *Service) whom(ctx context.Context, r id.Register, events []Event) error {
	var keys []any
	for _, e := range events {
		if e.one != 0 {
			keys = append(keys, int64(e.one))
		}
	}
	type known struct {
		ref    id.Ref
		number string
	}
	found := map[id.YoungPerson]known{}
	for some := range slices.Chunk(keys, 500) {
		var w db.Where
		w.And("register = $1", int64(r))
		w.In("id", some...)
		err := s.DB.Read(ctx, func(tx *db.Tx) error {
			rows, err := tx.Query(`SELECT id, ref, young_persons_id FROM young_person`+w.SQL(), w.Args...)
			if err != nil {
				return err
			}
			defer rows.Close()
			for rows.Next() {
				var key id.YoungPerson
				var k known
				if err := rows.Scan(&key, &k.ref, &k.number); err != nil {
					return err
				}
				found[key] = k
			}
			return rows.Err()
		})
		if err != nil {
			return fmt.Errorf("read whom the log is about: %w", err)
		}
	}
	for i := range events {
		k := found[events[i].one]
		events[i].Ref, events[i].YoungPersonsID = k.ref, k.number
	}
	return nil
}

// Member is one who may have done or seen something.
type Member struct{ Actor, Name string }

// Staff lists everybody with an account, closed ones too, by name. It needs
// access.SeeAudit.
func (s *Service) Staff(ctx context.Context, by access.Actor) ([]Member, error) {
	if err := access.Decide(by, access.SeeAudit, access.Subject{Register: by.Register}); err != nil {
		return nil, err
	}
	var out []Member
	err := s.DB.Read(ctx, func(tx *db.Tx) error {
		rows, err := tx.Query(`SELECT ref, full_name FROM account WHERE register = $1 ORDER BY full_name, ref`, int64(by.Register))
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var ref, name string
			if err := rows.Scan(&ref, &name); err != nil {
				return err
			}
			out = append(out, Member{Actor: "account:" + ref, Name: name})
		}
		return rows.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("list the staff: %w", err)
	}
	return out, nil
}

// Proof says how the log stands, as this process knows it. It needs
// access.SeeAudit.
func (s *Service) Proof(by access.Actor) (Status, error) {
	if err := access.Decide(by, access.SeeAudit, access.Subject{Register: by.Register}); err != nil {
		return Status{}, err
	}
	if s.Keeper == nil {
		return Status{}, nil
	}
	return s.Keeper.Status(), nil
}

// Check checks the whole log now and says how it stands. It needs
// access.SeeAudit, and records who asked.
func (s *Service) Check(ctx context.Context, by access.Actor) (Status, error) {
	if _, err := s.Proof(by); err != nil {
		return Status{}, err
	}
	if s.Keeper != nil {
		s.Keeper.CheckNow(ctx)
	}
	if err := s.saw(ctx, by, nil, "audit log, proof"); err != nil {
		return Status{}, err
	}
	return s.Proof(by)
}
