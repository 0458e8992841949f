package export

import (
	"context"
	"errors"
	"fmt"

	"waymark/internal/access"
	"waymark/internal/db"
	"waymark/internal/id"
)

const (
	columns = `ref, name, address, people, reason, asked_by, asked_by_name, asked_at, released_by, released_name, released_at, taken_at, row_count, sha256`

	sqlAdd = `INSERT INTO export (register, id, ref, name, address, people, reason, asked_by, asked_by_name, asked_at, known_from)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`
	sqlOne     = `SELECT ` + columns + ` FROM export WHERE register = $1 AND ref = $2`
	sqlLatest  = `SELECT ` + columns + ` FROM export WHERE register = $1 ORDER BY id DESC LIMIT $2`
	sqlOwn     = `SELECT ` + columns + ` FROM export WHERE register = $1 AND (asked_by = $2 OR (people > $3 AND released_by = '')) ORDER BY id DESC LIMIT $4`
	sqlRelease = `UPDATE export SET released_by = $1, released_name = $2, released_at = $3 WHERE register = $4 AND ref = $5 AND released_by = ''`
	sqlSent    = `UPDATE export SET taken_at = $1, row_count = $2, sha256 = $3 WHERE register = $4 AND ref = $5`
)

func isNone(err error) bool { return errors.Is(err, db.NotFound) }

func one(tx *db.Tx, r id.Register, ref id.Ref) (Export, error) {
	all, err := read(tx, sqlOne, int64(r), string(ref))
	if err == nil && len(all) == 0 {
		err = db.NotFound
	}
	if err != nil {
		return Export{}, err
	}
	return all[0], nil
}

func read(tx *db.Tx, query string, args ...any) ([]Export, error) {
	rows, err := tx.Query(query, args...)
	if err != nil {
		return nil, fmt.Errorf("read the files that were taken: %w", err)
	}
	defer rows.Close()
	var out []Export
	for rows.Next() {
		var e Export
		var released string
		var asked db.Instant
		var releasedAt, taken string
		if err := rows.Scan((*string)(&e.Ref), &e.Name, &e.Address, &e.People, &e.Reason, &e.AskedBy, &e.AskedName, &asked, &released, &e.ReleasedName, &releasedAt, &taken, &e.Rows, &e.SHA256); err != nil {
			return nil, fmt.Errorf("read the files that were taken: %w", err)
		}
		e.AskedAt, e.Released, e.Taken = asked.Time, released != "", taken != ""
		var at db.Instant
		if e.Released {
			if err := at.Scan(releasedAt); err != nil {
				return nil, err
			}
			e.ReleasedAt = at.Time
		}
		if e.Taken {
			if err := at.Scan(taken); err != nil {
				return nil, err
			}
			e.TakenAt = at.Time
		}
		out = append(out, e)
	}
	return out, rows.Err()
}

// Get is one file, for whoever asked for it, may release it or watches over the
// log. It returns db.NotFound.
func (s *Service) Get(ctx context.Context, by access.Actor, ref id.Ref) (Export, error) {
	var e Export
	err := s.DB.Read(ctx, func(tx *db.Tx) error {
		var err error
		if e, err = one(tx, by.Register, ref); err == nil && !e.visible(by) {
			err = db.NotFound
		}
		return err
	})
	return e, err
}

func (e Export) visible(by access.Actor) bool {
	return e.AskedBy == by.Ref || access.May(by, access.SeeAudit) || e.Waits() && access.May(by, access.ReleaseExport)
}

// Latest are the last files: one's own and those that wait for a second
// person; for information governance all of them.
func (s *Service) Latest(ctx context.Context, by access.Actor, most int) ([]Export, error) {
	if err := access.Decide(by, access.DownloadPeople, access.Subject{Register: by.Register}); err != nil {
		return nil, err
	}
	var out []Export
	err := s.DB.Read(ctx, func(tx *db.Tx) error {
		var err error
		if access.May(by, access.SeeAudit) {
			out, err = read(tx, sqlLatest, int64(by.Register), most)
			return err
		}
		out, err = read(tx, sqlOwn, int64(by.Register), by.Ref, VeryMany, most)
		return err
	})
	return out, err
}
