package transfer

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/border"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/id"
	"waymark/internal/life"
	"waymark/internal/record"
	"waymark/internal/standing"
	"waymark/internal/youngperson"
)

// Mover is somebody of whom our record says that another authority of this house
// leads, or takes them over, and who was not offered to it yet.
type Mover struct {
	Ref           id.Ref
	Given, Family string
	To, ToName    string
	// Since is the day from which the record says so.
	Since civil.Date
	key   id.YoungPerson
}

// recent is how many days ago a transfer was stated at most for its history still
// to be handed over: longer ago, the other authority has one of its own.
const recent = 365

// Lists are what there is to do and what was done.
type Lists struct {
	// ToSend are those to offer, Sent those whom we have offered, Came those who
	// are offered to us: each the last first.
	ToSend     []Mover
	Sent, Came []Transfer
}

var (
	sqlRows = `SELECT t.ref, t.way, t.own_la, t.other_la, t.young_person, t.moved_on, t.basis, t.goes, t.line1, t.town, t.postcode, t.state, t.why, t.offered_at, t.offered_by, t.changed_at, t.changed_by, t.act,
		COALESCE(p.ref, ''), COALESCE(p.given, ''), COALESCE(p.family, ''), COALESCE(p.dob, '') FROM transfer t LEFT JOIN standing p ON p.register = t.register AND p.young_person = t.young_person`
	// sqlOffered are those who are offered to register $1 on day $2, as the registers
	// that offer them name them. Whoever was restricted since is offered no more.
	sqlOffered = `SELECT i.ref, p.given, p.family, COALESCE(p.dob, '') FROM transfer i
		JOIN register_authority a ON a.la_code = i.other_la AND a.register <> i.register
		JOIN transfer o ON o.register = a.register AND o.ref = i.ref AND o.state = 'offered'
		JOIN standing p ON p.register = o.register AND p.young_person = o.young_person
		WHERE i.register = $1 AND i.way = 'in' AND i.state = 'offered'
		AND ` + access.Tellable("o", "$2")
	// sqlMovers are those of register $1 of whom a status in force says that they are
	// another's, and who were ours before: who is only taught here never was.
	// Restricted records are not offered, and are named to few, so they are not asked
	// for; whose processing is restricted is told of when they are offered (mayGo).
	sqlMovers = `SELECT p.young_person, p.ref, p.given, p.family, p.cohort_status, COALESCE(p.stated_on, ''), c.transferred_to, c.lead_la, c.started FROM standing p
		JOIN cohort c ON c.register = p.register AND c.young_person = p.young_person AND c.known_to IS NULL AND c.ended = ''
		WHERE p.register = $1 AND (p.cohort_status = 'T' OR c.lead_la IN (SELECT la_code FROM register_authority WHERE register <> $1)
			AND EXISTS (SELECT 1 FROM cohort e WHERE e.register = p.register AND e.young_person = p.young_person AND e.lead_la IN (SELECT la_code FROM register_authority WHERE register = $1)))
		AND NOT EXISTS (SELECT 1 FROM restriction x WHERE x.register = p.register AND x.young_person = p.young_person AND x.known_to IS NULL)
		AND NOT EXISTS (SELECT 1 FROM transfer t WHERE t.register = p.register AND t.young_person = p.young_person AND t.way = 'out' AND t.state IN ('offered', 'taken'))
		ORDER BY p.family, p.given, p.young_person`
	sqlTellable = `SELECT count(*) FROM standing p WHERE p.register = $1 AND ` + access.Tellable("p", "$2") + ` AND p.young_person = $3`
)

// today is the day of a transaction.
func today(tx *db.Tx) civil.Date { return civil.On(tx.Now, civil.London()) }

// Lists says whom to hand over, whom we have offered and who is offered to us. A
// sight of those who are ours is kept.
func (s *Service) Lists(ctx context.Context, by access.Actor) (Lists, error) {
	if err := access.Decide(by, access.MoveAcross, access.Subject{Register: by.Register}); err != nil {
		return Lists{}, err
	}
	var out Lists
	err := s.Border.LookAcross(ctx, func(tx *db.Tx, open map[string]border.Neighbour) error {
		out = Lists{}
		all, err := rowsWhere(tx, by.Register, "")
		if err != nil {
			return err
		}
		offered, err := offeredTo(tx, by.Register)
		if err != nil {
			return err
		}
		veil, err := access.VeilOf(tx, by)
		if err != nil {
			return err
		}
		for _, t := range all {
			n, agreed := open[t.OtherLA]
			t.Other, t.Contact = n.Name, n.Contact
			switch who, live := offered[t.Ref]; {
			case veil.Bars(t.Person):
			case t.Way == Out:
				out.Sent = append(out.Sent, t)
			case t.State != Offered:
				out.Came = append(out.Came, t)
			case live && agreed:
				t.Given, t.Family, t.Born = who.Given, who.Family, who.Born
				out.Came = append(out.Came, t)
			}
		}
		out.ToSend, err = movers(tx, by.Register, veil, open)
		return err
	})
	if err != nil {
		return Lists{}, err
	}
	sight := act.Sight{By: by, Kind: access.MoveAcross, Page: "transfers"}
	for _, t := range slices.Concat(out.Sent, out.Came) {
		if t.Person != 0 {
			sight.People = append(sight.People, t.Person)
		}
	}
	for _, m := range out.ToSend {
		sight.People = append(sight.People, m.key)
	}
	return out, s.Sights.See(ctx, sight)
}

// rowsWhere are the transfers of a register, the last first; ref narrows to one.
func rowsWhere(tx *db.Tx, r id.Register, ref id.Ref) ([]Transfer, error) {
	var w db.Where
	w.And("t.register = $1", int64(r))
	if ref != "" {
		w.And("t.ref = $1", string(ref))
	}
	rows, err := tx.Query(sqlRows+w.SQL()+" ORDER BY t.offered_at DESC, t.act DESC, t.ref", w.Args...)
	if err != nil {
		return nil, fmt.Errorf("read transfers: %w", err)
	}
	defer rows.Close()
	var out []Transfer
	for rows.Next() {
		var t Transfer
		var moved, goes string
		var offered, changed db.Instant
		if err := rows.Scan((*string)(&t.Ref), (*string)(&t.Way), &t.OwnLA, &t.OtherLA, (*int64)(&t.Person), &moved, &t.Basis, &goes, &t.line1, &t.town, &t.postcode,
			(*string)(&t.State), &t.Why, &offered, &t.OfferedBy, &changed, &t.ChangedBy, (*int64)(&t.act), (*string)(&t.PersonRef), &t.Given, &t.Family, &t.Born); err != nil {
			return nil, fmt.Errorf("read transfers: %w", err)
		}
		if t.MovedOn, err = civil.Parse(moved); err != nil {
			return nil, err
		}
		if t.Goes, err = access.ParseFields(goes); err != nil {
			return nil, err
		}
		t.OfferedAt, t.ChangedAt = offered.Time, changed.Time
		out = append(out, t)
	}
	return out, rows.Err()
}

// rowOf is one side of a transfer, or db.NotFound.
func rowOf(tx *db.Tx, r id.Register, ref id.Ref) (Transfer, error) {
	all, err := rowsWhere(tx, r, ref)
	if err == nil && len(all) == 0 {
		err = db.NotFound
	}
	if err != nil {
		return Transfer{}, err
	}
	return all[0], nil
}

// own is our side of a transfer of the way asked for, where the actor may know of
// whom it is about.
func (s *Service) own(ctx context.Context, by access.Actor, ref id.Ref, way Way) (t Transfer, err error) {
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		if t, err = rowOf(tx, by.Register, ref); err != nil {
			return err
		}
		if t.Way != way {
			return db.NotFound
		}
		veil, err := access.VeilOf(tx, by)
		if err != nil {
			return err
		}
		return veil.Refuses(t.Person)
	})
	return t, err
}

func offeredTo(tx *db.Tx, r id.Register) (map[id.Ref]Transfer, error) {
	rows, err := tx.Query(sqlOffered, int64(r), today(tx).String())
	if err != nil {
		return nil, fmt.Errorf("read who is offered: %w", err)
	}
	defer rows.Close()
	out := map[id.Ref]Transfer{}
	for rows.Next() {
		var t Transfer
		if err := rows.Scan((*string)(&t.Ref), &t.Given, &t.Family, &t.Born); err != nil {
			return nil, err
		}
		out[t.Ref] = t
	}
	return out, rows.Err()
}

func movers(tx *db.Tx, r id.Register, veil *access.Veil, open map[string]border.Neighbour) ([]Mover, error) {
	rows, err := tx.Query(sqlMovers, int64(r))
	if err != nil {
		return nil, fmt.Errorf("read who moved: %w", err)
	}
	defer rows.Close()
	since := today(tx).AddDays(-recent)
	var out []Mover
	for rows.Next() {
		var m Mover
		var status, stated, to, lead, started string
		if err := rows.Scan((*int64)(&m.key), (*string)(&m.Ref), &m.Given, &m.Family, &status, &stated, &to, &lead, &started); err != nil {
			return nil, err
		}
		if m.To = lead; status == "T" {
			m.To, started = to, max(started, stated)
		}
		n, agreed := open[m.To]
		m.ToName = n.Name
		m.Since = record.Day(started) // none where nobody said: the form asks
		if agreed && !veil.Bars(m.key) && (status != "T" || !m.Since.Before(since)) {
			out = append(out, m)
		}
	}
	return out, rows.Err()
}

// Get is one transfer, with who it is about as far as the reader is told. Where
// somebody is offered to us, alike are our young people who may be the same, by
// key. It returns db.NotFound for what the reader may not know of, and for what
// is offered no more.
func (s *Service) Get(ctx context.Context, by access.Actor, ref id.Ref) (t Transfer, alike []id.YoungPerson, err error) {
	if err := access.Decide(by, access.MoveAcross, access.Subject{Register: by.Register}); err != nil {
		return t, nil, err
	}
	err = s.Border.LookAcross(ctx, func(tx *db.Tx, open map[string]border.Neighbour) error {
		if t, err = rowOf(tx, by.Register, ref); err != nil {
			return err
		}
		veil, err := access.VeilOf(tx, by)
		if err != nil {
			return err
		}
		if err := veil.Refuses(t.Person); err != nil {
			return err
		}
		n, agreed := open[t.OtherLA]
		t.Other, t.Contact = n.Name, n.Contact
		if t.Way == Out && t.PersonRef != "" {
			l, err := life.One(tx, by.Register, t.Person, 0)
			if err == nil {
				t.identify(l, t.MovedOn)
			}
			if t.Address != "" && veil.Protects(t.Person) {
				t.Address = access.Protected
			}
			return err
		}
		if t.Way == Out || t.State != Offered {
			return nil
		}
		if !agreed {
			return db.NotFound
		}
		offered, l, err := theirs(tx, n.Key(), ref)
		if err != nil {
			return err
		}
		t.line1, t.town, t.postcode = offered.line1, offered.town, offered.postcode
		t.identify(l, t.MovedOn)
		alike, err = alikeOf(tx, by.Register, veil, &t)
		return err
	})
	if err != nil {
		return Transfer{}, nil, err
	}
	sight := act.Sight{By: by, Kind: access.MoveAcross, Page: "transfer " + string(ref)}
	if t.Person != 0 {
		sight.People = []id.YoungPerson{t.Person}
	}
	return t, alike, s.Sights.See(ctx, sight)
}

// theirs is the other side of an offer, and the life of whom it is about; it is
// db.NotFound once that record, or what may be done with it, was restricted, or it was
// let go or answered for.
func theirs(tx *db.Tx, from id.Register, ref id.Ref) (Transfer, *life.Life, error) {
	t, err := rowOf(tx, from, ref)
	if err != nil {
		return t, nil, err
	}
	told, err := count(tx, sqlTellable, int64(from), today(tx).String(), int64(t.Person))
	if err != nil {
		return t, nil, err
	}
	if t.State != Offered || told == 0 || t.PersonRef == "" {
		return t, nil, db.NotFound
	}
	l, err := life.One(tx, from, t.Person, 0)
	return t, l, err
}

const (
	sqlSameNumber = `SELECT young_person FROM identifier WHERE register = $1 AND known_to IS NULL AND value <> '' AND (scheme = 'ULN' AND value = $2 OR scheme = 'UPN' AND value = $3 OR scheme = 'previous' AND value = $4)`
	sqlSameName   = `SELECT young_person FROM standing WHERE register = $1 AND dob = $2 AND family_key = $3`
	sqlSameID     = `SELECT young_person FROM standing WHERE register = $1 AND young_persons_id = $2`
)

// alikeOf are those of a register who may be whom a transfer is about: by a number
// first, then by family name and birth date; at most eight.
func alikeOf(tx *db.Tx, r id.Register, veil *access.Veil, t *Transfer) ([]id.YoungPerson, error) {
	var out []id.YoungPerson
	for _, ask := range []struct {
		query string
		args  []any
	}{{sqlSameNumber, []any{int64(r), t.ULN, t.UPN, t.YoungPersonsID}}, {sqlSameID, []any{int64(r), t.YoungPersonsID}}, {sqlSameName, []any{int64(r), t.Born, standing.Fold(t.Family)}}} {
		found, err := db.Values[id.YoungPerson](tx, ask.query+" ORDER BY young_person", ask.args...)
		if err != nil {
			return nil, fmt.Errorf("look for who may be the same: %w", err)
		}
		for _, yp := range found {
			if !veil.Bars(yp) && !slices.Contains(out, yp) {
				out = append(out, yp)
			}
		}
	}
	return out[:min(len(out), 8)], nil
}

// previous is the number under which the other register knew somebody.
func previous(l *life.Life) youngperson.Identifier {
	return youngperson.Identifier{Scheme: youngperson.Previous, Value: strings.TrimSpace(l.Person.YoungPersonsID)}
}
