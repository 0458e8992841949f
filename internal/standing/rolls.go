package standing

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"waymark/internal/access"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/id"
	"waymark/internal/life"
	"waymark/internal/register"
	"waymark/internal/youngperson"
)

// Rolls keeps the roll of each register as known now, with every act before the
// question in it, and those of the days last asked for (docs/decisions/0008).
type Rolls struct {
	db     *db.DB
	keeper Keeper

	// bringing is held while a roll is brought up to date, so that those who
	// ask at the same time wait for the first of them.
	bringing sync.Mutex
	now      map[id.Register]*Roll

	making sync.Mutex
	then   []pastRoll
}

// NewRolls builds the rolls of a database; none is read before it is asked for.
func NewRolls(d *db.DB, k Keeper) *Rolls {
	return &Rolls{db: d, keeper: k, now: map[id.Register]*Roll{}}
}

// mostTouched is how many people are read again one by one; beyond that the
// whole register is quicker.
const mostTouched = 5000

// Now is the roll as known now, held for reading: the caller calls release, and
// soon, because acts wait for it.
func (rs *Rolls) Now(ctx context.Context, r id.Register) (ro *Roll, release func(), err error) {
	rs.bringing.Lock()
	defer rs.bringing.Unlock()
	ro = rs.now[r]
	err = rs.db.Read(ctx, func(tx *db.Tx) error {
		book, err := register.Of(tx, r)
		if err != nil || ro != nil && ro.at == book.LastAct {
			return err
		}
		if ro != nil {
			touched, known, err := life.Since(tx, r, ro.at, book.LastAct)
			if err != nil {
				return err
			}
			if known && len(touched) <= mostTouched {
				if done, err := ro.takeIn(tx, r, touched, book.LastAct); done || err != nil {
					return err
				}
			}
		}
		if ro, err = readRoll(tx, r, book.LastAct); err == nil {
			rs.now[r] = ro
		}
		return err
	})
	if err != nil {
		return nil, nil, fmt.Errorf("read the roll: %w", err)
	}
	ro.mu.RLock()
	return ro, ro.mu.RUnlock, nil
}

// Warm reads the roll, so that the first question need not wait.
func (rs *Rolls) Warm(ctx context.Context, r id.Register) error {
	_, release, err := rs.Now(ctx, r)
	if err == nil {
		release()
	}
	return err
}

// On is the roll as known at the end of a day, or as Now where there is none.
// It returns act.BeforeBegan for a day before the register's first act.
func (rs *Rolls) On(ctx context.Context, r id.Register, day civil.Date) (*Roll, func(), error) {
	if day.IsZero() {
		return rs.Now(ctx, r)
	}
	ro, err := rs.past(ctx, r, day)
	return ro, func() {}, err
}

const (
	sqlLines = `SELECT s.young_person, s.given_key, s.family_key, s.postcode_key, COALESCE(s.dob, ''), s.gender, s.ethnicity, s.lead_la, s.cohort_status,
		COALESCE(s.stated_on, ''), s.send, s.sen_support, s.level, s.vulnerable, s.activity, s.establishment_number, s.establishment_name,
		COALESCE(s.verified_on, ''), COALESCE(s.lapses_on, ''), COALESCE(s.neet_since, ''), s.adviser, s.adviser_name, COALESCE(s.last_contact_on, ''), COALESCE(s.review_on, '') FROM standing s`
	sqlTelephones      = `SELECT s.young_person FROM reach s`
	sqlCharacteristics = `SELECT s.young_person, s.code FROM characteristic s`
	byPerson           = ` ORDER BY s.young_person`
)

// readRoll reads a whole register.
func readRoll(tx *db.Tx, r id.Register, at id.Act) (*Roll, error) {
	ro := newRoll(at)
	err := eachFacts(tx, r, nil, func(f *facts) error { ro.add(f); return nil })
	return ro.sorted(), err
}

// takeIn reads those whom acts have touched anew. It returns false where the
// whole register is to be read.
func (ro *Roll) takeIn(tx *db.Tx, r id.Register, touched []id.YoungPerson, at id.Act) (bool, error) {
	held := make(map[id.YoungPerson]*facts, len(touched))
	for some := range slices.Chunk(touched, 200) { // a wide IN is slow on SQLite
		if err := eachFacts(tx, r, some, func(f *facts) error { one := *f; held[f.person] = &one; return nil }); err != nil {
			return false, err
		}
	}
	ro.mu.Lock()
	defer ro.mu.Unlock()
	for _, yp := range touched {
		if !ro.put(yp, held[yp]) {
			return false, nil
		}
	}
	ro.at = at
	return true, nil
}

// eachFacts calls fn with what the lines of some people, or of all, are made
// of, by person.
func eachFacts(tx *db.Tx, r id.Register, people []id.YoungPerson, fn func(*facts) error) error {
	where := func(more string, args ...any) db.Where {
		var w db.Where
		w.And("s.register = $1", int64(r))
		if people != nil {
			keys := make([]any, len(people))
			for i, p := range people {
				keys[i] = int64(p)
			}
			w.In("s.young_person", keys...)
		}
		if more != "" {
			w.And("s.known_to IS NULL AND s.ended = ''"+more, args...)
		}
		return w
	}
	telephones, codes := map[id.YoungPerson]bool{}, map[id.YoungPerson][]string{}
	w := where(" AND s.kind = $1", youngperson.Telephone)
	if err := eachKey(tx, sqlTelephones+w.SQL(), w.Args, nil, func(yp id.YoungPerson) { telephones[yp] = true }); err != nil {
		return fmt.Errorf("read who has a telephone: %w", err)
	}
	code := ""
	w = where(" AND s.code <> $1", "")
	if err := eachKey(tx, sqlCharacteristics+w.SQL(), w.Args, &code, func(yp id.YoungPerson) { codes[yp] = append(codes[yp], code) }); err != nil {
		return fmt.Errorf("read the characteristics: %w", err)
	}
	w = where("")
	rows, err := tx.Query(sqlLines+w.SQL()+byPerson, w.Args...)
	if err != nil {
		return fmt.Errorf("read the standings: %w", err)
	}
	defer rows.Close()
	var f facts
	for rows.Next() {
		if err := rows.Scan((*int64)(&f.person), &f.givenKey, &f.familyKey, &f.postcode, &f.dob, &f.gender, &f.ethnicity, &f.lead, &f.cohort,
			&f.statedOn, &f.send, &f.support, &f.level, &f.vulnerable, &f.activity, &f.schoolNumber, &f.schoolName,
			&f.verifiedOn, &f.lapsesOn, &f.neetSince, &f.adviser, &f.adviserName, &f.lastContact, &f.reviewOn); err != nil {
			return fmt.Errorf("read the standings: %w", err)
		}
		f.telephone, f.characteristics = telephones[f.person], codes[f.person]
		if err := fn(&f); err != nil {
			return err
		}
	}
	return rows.Err()
}

// eachKey calls fn with the person of each row, whose text is then in beside.
func eachKey(tx *db.Tx, query string, args []any, beside *string, fn func(id.YoungPerson)) error {
	rows, err := tx.Query(query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	var yp int64
	dest := []any{&yp}
	if beside != nil {
		dest = append(dest, beside)
	}
	for rows.Next() {
		if err := rows.Scan(dest...); err != nil {
			return err
		}
		fn(id.YoungPerson(yp))
	}
	return rows.Err()
}

// Veiled is what an actor may see of a roll: whose lines, and what of them.
// Whoever counts lines counts by it.
type Veiled struct {
	access.Sieve
	*access.Veil
}

// Veiled reads what the actor may see of a roll for an action. A locked record is
// a line of it, without a name; a hidden one is none.
func (rs *Rolls) Veiled(ctx context.Context, by access.Actor, action access.Action) (v Veiled, err error) {
	err = rs.db.Read(ctx, func(tx *db.Tx) error {
		if v.Sieve, err = access.LookLines(tx, by, action); err == nil {
			v.Veil, err = access.VeilOf(tx, by)
		}
		return err
	})
	if err != nil {
		return v, fmt.Errorf("see what is restricted: %w", err)
	}
	return v, nil
}

// Allows says of a line whether it is one that the actor may see.
func (v Veiled) Allows(l *Line) bool { return v.Lets(l.Person) }
