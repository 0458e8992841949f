package access

import (
	"errors"
	"fmt"
	"time"

	"waymark/internal/db"
	"waymark/internal/id"
)

// Kind is one kind of restriction of a young person's record (ux-security.md
// 5.6).
type Kind string

// The kinds. A locked record is seen to exist and no more; a hidden one is as if
// it were absent; a protected address is the address alone.
const (
	Locked           Kind = "locked"
	Hidden           Kind = "hidden"
	ProtectedAddress Kind = "protected address"
)

// Kinds are all kinds, the strictest first.
func Kinds() []Kind { return []Kind{Hidden, Locked, ProtectedAddress} }

// own is, beside the kinds, that a young person is the actor or a relative of
// theirs. It forbids whatever else allows.
const own Kind = "own"

// Protected stands in the place of an address, a postcode or a ward that is
// protected.
const Protected = "protected"

// Veil is all that the register restricts, as one actor meets it at one moment.
// Restrictions are few, so it is read whole, by one small query, before a person
// is asked for: what a request costs does not depend on whom it asks for.
type Veil struct {
	bars      map[id.YoungPerson]Kind
	addresses map[id.YoungPerson]bool
	glass     map[id.YoungPerson]time.Time
	owners    map[id.YoungPerson]string
	// everybody are all whose record is locked or hidden, whoever asks.
	everybody map[id.YoungPerson]bool
}

const sqlVeil = `SELECT r.young_person, r.kind, o.full_name,
		CASE WHEN r.owner = $2 OR r.review_on >= $3 AND EXISTS (SELECT 1 FROM restriction_named n
			WHERE n.register = r.register AND n.restriction = r.id AND n.account = $2 AND n.known_to IS NULL) THEN 1 ELSE 0 END,
		(SELECT MAX(b.until) FROM restriction_break b WHERE b.register = r.register AND b.restriction = r.id AND b.account = $2)
	FROM restriction r JOIN account o ON o.register = r.register AND o.id = r.owner WHERE r.register = $1 AND r.known_to IS NULL
	UNION ALL SELECT young_person, 'own', '', 0, NULL FROM own_record WHERE register = $1 AND account = $2 AND known_to IS NULL`

// sqlUnprocessed are those whose record is kept and not used (UK GDPR, article
// 18), for whoever asks for another organisation: to them it is as if absent. It
// goes on with sqlVeil.
const sqlUnprocessed = ` UNION ALL SELECT young_person, 'processing', '', 0, NULL FROM processing_restriction
	WHERE register = $1 AND known_to IS NULL AND started <= $3 AND (ended = '' OR ended >= $3)`

// processing is, beside the kinds, a record that is kept and not used.
const processing Kind = "processing"

// VeilOf reads what is restricted for the actor. For whoever runs commands on
// the host nothing is.
func VeilOf(tx *db.Tx, by Actor) (*Veil, error) {
	v := &Veil{bars: map[id.YoungPerson]Kind{}, addresses: map[id.YoungPerson]bool{}, glass: map[id.YoungPerson]time.Time{},
		owners: map[id.YoungPerson]string{}, everybody: map[id.YoungPerson]bool{}}
	query := sqlVeil
	if by.byAgreement() {
		query += sqlUnprocessed
	}
	rows, err := tx.Query(query, int64(by.Register), int64(by.Account), by.day(tx))
	if err != nil {
		return nil, fmt.Errorf("read what is restricted: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var yp id.YoungPerson
		var kind, owner string
		var through int64
		var until db.Instant
		if err := rows.Scan((*int64)(&yp), &kind, &owner, &through, &until); err != nil {
			return nil, fmt.Errorf("read what is restricted: %w", err)
		}
		v.take(by, yp, Kind(kind), owner, through == 1, until.Time, tx.Now)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read what is restricted: %w", err)
	}
	return v, nil
}

// take takes in one restriction. The strictest stands: hidden, then one's own,
// then locked.
func (v *Veil) take(by Actor, yp id.YoungPerson, kind Kind, owner string, through bool, until, now time.Time) {
	if kind == Hidden || kind == Locked {
		v.everybody[yp] = true
		v.owners[yp] = owner
	}
	if by.Holds(Operator) || through {
		return
	}
	switch kind {
	case ProtectedAddress:
		v.addresses[yp] = true
	case Hidden, processing:
		v.bars[yp] = Hidden
	case own:
		if v.bars[yp] != Hidden {
			v.bars[yp] = own
		}
	case Locked:
		switch {
		case v.bars[yp] != "":
		case until.After(now):
			v.glass[yp] = until
		default:
			v.bars[yp] = Locked
		}
	}
	if v.bars[yp] != "" {
		delete(v.glass, yp)
	}
}

// ErrLocked says that there is a record, and that the actor may know no more of
// it: doors then say whom to ask.
var ErrLocked = errors.New("the record is locked")

// Refuses is nil for a young person whose record nothing restricts for the actor,
// db.NotFound for one that is hidden, and ErrLocked for one that is locked.
func (v *Veil) Refuses(yp id.YoungPerson) error {
	switch {
	case v.Hides(yp):
		return db.NotFound
	case v.Locks(yp):
		return ErrLocked
	}
	return nil
}

// Hides says that the young person is to the actor as if absent.
func (v *Veil) Hides(yp id.YoungPerson) bool { return v.bars[yp] == Hidden }

// Locks says that the actor may know no more of the young person than that
// there is a record: it is locked, or of a relative of theirs.
func (v *Veil) Locks(yp id.YoungPerson) bool { return v.bars[yp] == Locked || v.bars[yp] == own }

// Own says that the record is barred as the actor's own or a relative's, which
// no reason opens.
func (v *Veil) Own(yp id.YoungPerson) bool { return v.bars[yp] == own }

// Bars says that the actor may not open the record.
func (v *Veil) Bars(yp id.YoungPerson) bool { return v.bars[yp] != "" }

// Protects says that the address is not to be shown to the actor, nor anything
// that follows from it.
func (v *Veil) Protects(yp id.YoungPerson) bool { return v.addresses[yp] || v.Bars(yp) }

// Sheltered are all whose address is protected from the actor, whatever else is
// restricted of them.
func (v *Veil) Sheltered() []id.YoungPerson {
	out := make([]id.YoungPerson, 0, len(v.addresses))
	for yp := range v.addresses {
		out = append(out, yp)
	}
	return out
}

// Glass is until when the actor has a locked record open by having broken the
// glass; the zero time where they have not.
func (v *Veil) Glass(yp id.YoungPerson) time.Time { return v.glass[yp] }

// Owner is who is to be asked about a locked record; "" where nobody is named.
func (v *Veil) Owner(yp id.YoungPerson) string { return v.owners[yp] }

// Restricted are all whose record is locked or hidden, whoever asks: what comes
// in about them waits for those whom the restriction lets through.
func (v *Veil) Restricted(yp id.YoungPerson) bool { return v.everybody[yp] }

// Hidden are all whom the veil hides.
func (v *Veil) Hidden() []id.YoungPerson { return v.having(Hidden) }

// Barred are all whose records the actor may not open.
func (v *Veil) Barred() []id.YoungPerson {
	out := make([]id.YoungPerson, 0, len(v.bars))
	for yp := range v.bars {
		out = append(out, yp)
	}
	return out
}

func (v *Veil) having(k Kind) []id.YoungPerson {
	var out []id.YoungPerson
	for yp, bar := range v.bars {
		if bar == k {
			out = append(out, yp)
		}
	}
	return out
}

// The grounds of restricted records. They bar whatever shows or changes a
// record, and not the keeping of restrictions.
const (
	hiddenRecord Forbid = 1 << (iota + 4)
	lockedRecord
	ownRecord
)

// keeping are the actions by which restrictions are kept: they show nothing of
// the record.
func keeping(action Action) bool {
	return action == RestrictRecord || action == ReviewRestriction || action == BreakGlass || action == DeclareOwn
}

// to is what of the grounds forbids the action.
func (f Forbid) to(action Action) Forbid {
	if keeping(action) {
		return f &^ (hiddenRecord | lockedRecord | ownRecord)
	}
	return f
}

// restricted says a ground in words. Of a hidden record it says no more than of
// one that is not there.
func (f Forbid) restricted() string {
	switch {
	case f&hiddenRecord != 0:
		return "it is not for you"
	case f&ownRecord != 0:
		return "it is your own record, or a relative's"
	case f&lockedRecord != 0:
		return "the record is locked"
	}
	return "it is not for you"
}

func (v *Veil) forbids(yp id.YoungPerson) Forbid {
	return map[Kind]Forbid{Hidden: hiddenRecord, Locked: lockedRecord, own: ownRecord}[v.bars[yp]]
}

// but are those whom a sieve does not let through.
func (v *Veil) but(action Action) map[id.YoungPerson]bool {
	if keeping(action) {
		return nil
	}
	out := make(map[id.YoungPerson]bool, len(v.bars))
	for yp := range v.bars {
		out[yp] = true
	}
	return out
}

const (
	// What bars an account on a day, of a restriction b: it is not through.
	sqlNotThrough = `b.known_to IS NULL AND b.owner <> $2 AND NOT (b.review_on >= $3 AND EXISTS (SELECT 1 FROM restriction_named n
		WHERE n.register = b.register AND n.restriction = b.id AND n.account = $2 AND n.known_to IS NULL))`
	sqlNotOpened = `NOT EXISTS (SELECT 1 FROM restriction_break g WHERE g.register = b.register AND g.restriction = b.id AND g.account = $2 AND g.until > $4)`
	sqlHiddenTo  = `SELECT b.young_person FROM restriction b WHERE b.register = $1 AND b.kind = 'hidden' AND ` + sqlNotThrough
	sqlLockedTo  = `SELECT b.young_person FROM restriction b WHERE b.register = $1 AND b.kind = 'locked' AND ` + sqlNotThrough + ` AND ` + sqlNotOpened
	// sqlUnprocessedOn are those whose record is kept and not used on a day.
	sqlUnprocessedOn = `SELECT x.young_person FROM processing_restriction x WHERE x.register = $1 AND x.known_to IS NULL AND x.started <= $2 AND (x.ended = '' OR x.ended >= $2)`
	sqlOwnTo         = `SELECT w.young_person FROM own_record w WHERE w.register = $1 AND w.account = $2 AND w.known_to IS NULL`
	// noDay is for an actor whose day nobody has said: no review is in time.
	noDay = "9999-12-31"
)

// Tellable is the condition that another register may be told of the young person of
// a row of a table on a day, each by its name or number in the query: nothing
// restricts their record, whoever asks, nor what may be done with it (UK GDPR,
// article 18). Whatever leaves for another register asks it.
func Tellable(table, day string) string {
	of := func(restrictions string) string {
		return `NOT EXISTS (SELECT 1 FROM ` + restrictions + ` x WHERE x.register = ` + table + `.register AND x.young_person = ` + table + `.young_person AND x.known_to IS NULL`
	}
	return of("restriction") + `) AND ` + of("processing_restriction") + ` AND x.started <= ` + day + ` AND (x.ended = '' OR x.ended >= ` + day + `))`
}

// reviewDay is the day by which a restriction must be reviewed to let its named
// through.
func (a Actor) reviewDay() string {
	if a.Today.IsZero() {
		return noDay
	}
	return a.Today.String()
}

// unbarred adds the condition that leaves out those whom restrictions bar from
// the actor.
func unbarred(w *db.Where, a Actor, action Action, table string) {
	if keeping(action) || a.Holds(Operator) {
		return
	}
	unhidden(w, a, action, table)
	now, err := db.Instant{Time: a.Now}.Value()
	if err != nil || now == nil {
		now = noDay // later than any glass is open until
	}
	w.And(table+".young_person NOT IN ("+sqlLockedTo+")", int64(a.Register), int64(a.Account), a.reviewDay(), now)
	w.And(table+".young_person NOT IN ("+sqlOwnTo+")", int64(a.Register), int64(a.Account))
}

// unhidden is unbarred for hidden records alone.
func unhidden(w *db.Where, a Actor, action Action, table string) {
	if keeping(action) || a.Holds(Operator) {
		return
	}
	w.And(table+".young_person NOT IN ("+sqlHiddenTo+")", int64(a.Register), int64(a.Account), a.reviewDay())
	if a.byAgreement() {
		w.And(table+".young_person NOT IN ("+sqlUnprocessedOn+")", int64(a.Register), a.reviewDay())
	}
}

// hidden are those whom the veil hides from the action.
func (v *Veil) hidden(action Action) map[id.YoungPerson]bool {
	out := v.but(action)
	for yp := range out {
		if !v.Hides(yp) {
			delete(out, yp)
		}
	}
	return out
}

// About reads what Decide must know to answer about one young person, or about
// nobody in particular (0). It decides nothing.
func About(tx *db.Tx, a Actor, yp id.YoungPerson) (Subject, error) {
	s, err := about(tx, a, yp)
	if err != nil || yp == 0 {
		return s, err
	}
	veil, err := VeilOf(tx, a)
	if err == nil {
		s.Forbidden |= veil.forbids(yp)
	}
	return s, err
}

// Look makes the sieve of an actor and an action. Whoever may not do the action
// at all gets one that lets nobody through.
func Look(tx *db.Tx, a Actor, action Action) (Sieve, error) {
	return lookBut(tx, a, action, (*Veil).but)
}

// LookLines is Look for lists in which everybody is counted: a locked record is a
// line without a name (Veil.Locks). Only hidden ones are left out.
func LookLines(tx *db.Tx, a Actor, action Action) (Sieve, error) {
	return lookBut(tx, a, action, (*Veil).hidden)
}

func lookBut(tx *db.Tx, a Actor, action Action, but func(*Veil, Action) map[id.YoungPerson]bool) (Sieve, error) {
	s, err := look(tx, a, action)
	if err != nil {
		return Sieve{}, err
	}
	veil, err := VeilOf(tx, a)
	if err != nil {
		return Sieve{}, err
	}
	s.but = but(veil, action)
	return s, nil
}

// Scope adds the condition that leaves just those rows of the table (its name
// or alias, with the columns register and young_person) that are about young
// people to whom the actor may do the action.
func Scope(w *db.Where, a Actor, action Action, table string) {
	scope(w, a, action, table)
	unbarred(w, a, action, table)
}

// ScopeLines is Scope as LookLines is Look.
func ScopeLines(w *db.Where, a Actor, action Action, table string) {
	scope(w, a, action, table)
	unhidden(w, a, action, table)
}
