// Package retention says how long records are kept, and forgets them when their
// time is over.
//
// In the trade there is no national age at which a young person's record is
// destroyed: each authority has a schedule, by which a record is kept so many
// years after a day in a life, longer for those who had a plan or were in care
// (ux-security.md 5.12). A rule is one line of that schedule. Where several
// apply, the longest wins; where one cannot be counted, the record stays; a
// legal hold wins over all of them. What is due is proposed, agreed by one
// person and released by another, and only then erased, with a certificate.
//
// Erasure is the one deletion there is (architecture.md 1.3): facts, what files
// said, what was derived, and the key of the notes, so that backups forget too.
// Acts and sights stay, with a reference that leads to nobody, and the log over
// them stays whole.
package retention

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/field"
	"waymark/internal/id"
	"waymark/internal/record"
)

// Service keeps the rules and does the work.
type Service struct {
	DB     *db.DB
	Record *record.Service
	// List is the file of those erased, which stands outside the database.
	List string
	Log  *slog.Logger
	// Wake is told when something was released, where somebody keeps the work
	// (Keep); it holds one.
	Wake chan struct{}

	// working is held by whoever erases.
	working sync.Mutex
}

// today is the day of the transaction in London.
func today(tx *db.Tx) civil.Date { return civil.On(tx.Now, civil.London()) }

// Today is the day in London.
func (s *Service) Today() civil.Date { return civil.On(s.DB.Now(), civil.London()) }

// system is who erases what two people have released.
func system(r id.Register) access.Actor {
	return access.Actor{Register: r, Ref: "system", Name: "Waymark", Roles: []access.Role{access.Operator}, Request: "retention"}
}

// Refusal says in words why something cannot be done now.
type Refusal struct{ Message string }

func (r Refusal) Error() string { return r.Message }

const sqlPerson = `SELECT id FROM young_person WHERE register = $1 AND ref = $2 AND known_to IS NULL`

// personOf is who is behind a reference, or db.NotFound.
func personOf(tx *db.Tx, r id.Register, ref id.Ref) (id.YoungPerson, error) {
	var key int64
	err := tx.QueryRow(sqlPerson, int64(r), string(ref)).Scan(&key)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, db.NotFound
	}
	if err != nil {
		return 0, fmt.Errorf("find the young person: %w", err)
	}
	return id.YoungPerson(key), nil
}

// do is one act about nobody in particular, or about one young person.
func (s *Service) do(ctx context.Context, by access.Actor, action access.Action, yp id.YoungPerson, q act.Request, fn func(tx *db.Tx, a *act.Act) error) error {
	return s.DB.InTx(ctx, func(tx *db.Tx) error {
		a, err := act.Begin(tx, by, action, yp, q)
		if err != nil {
			return err
		}
		return fn(tx, a)
	})
}

const sqlByNumber = `SELECT ref FROM young_person WHERE register = $1 AND young_persons_id = $2 AND known_to IS NULL ORDER BY id LIMIT 2`

// Whom is the reference of the record that somebody typed: its reference, its
// address, or its YoungPersonsID. It returns field.Errors under the name given
// where there is none, or more than one. It needs access.KeepRetention.
func (s *Service) Whom(ctx context.Context, by access.Actor, typed, name string) (id.Ref, error) {
	if err := access.Decide(by, access.KeepRetention, access.Subject{Register: by.Register}); err != nil {
		return "", err
	}
	typed = strings.TrimSpace(typed)
	var found []string
	err := s.DB.Read(ctx, func(tx *db.Tx) error {
		ref := id.Ref(strings.ToLower(typed[strings.LastIndexByte(typed, '/')+1:]))
		if _, err := personOf(tx, by.Register, ref); err == nil || !errors.Is(err, db.NotFound) {
			found = []string{string(ref)}
			return err
		}
		rows, err := tx.Query(sqlByNumber, int64(by.Register), typed)
		if err != nil {
			return fmt.Errorf("look for a record: %w", err)
		}
		defer rows.Close()
		for rows.Next() {
			var one string
			if err := rows.Scan(&one); err != nil {
				return err
			}
			found = append(found, one)
		}
		return rows.Err()
	})
	switch {
	case err != nil:
		return "", err
	case len(found) == 0 || typed == "":
		return "", field.Errors{{Field: name, Message: "Enter the YoungPersonsID of a record that is held, or the end of its address"}}
	case len(found) > 1:
		return "", field.Errors{{Field: name, Message: "Two records have this YoungPersonsID: enter the end of the address of the one you mean"}}
	}
	return id.Ref(found[0]), nil
}
