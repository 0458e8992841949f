package retention

import (
	"bufio"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"waymark/internal/backup"
	"waymark/internal/db"
	"waymark/internal/id"
)

// ReadList reads the file of those erased; one that is not there lists nobody.
// A last line that was cut is passed over: it is written again.
func ReadList(path string) ([]backup.Erased, error) {
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the list of those erased: %w", err)
	}
	defer f.Close()
	var out []backup.Erased
	lines := bufio.NewScanner(f)
	broken := 0
	for n := 1; lines.Scan(); n++ {
		if broken > 0 {
			return nil, fmt.Errorf("the list of those erased, %s, cannot be read at line %d: take the copy that the key book holds", path, broken)
		}
		var e backup.Erased
		if json.Unmarshal(lines.Bytes(), &e) != nil || e.Ref == "" {
			broken = n
			continue
		}
		out = append(out, e)
	}
	return out, lines.Err()
}

// keepList writes into the file outside the database whoever was erased and is
// not on it: that file, and not the database, says after a restore who must be
// erased again.
func (s *Service) keepList(ctx context.Context) error {
	var all []backup.Erased
	if err := s.DB.Read(ctx, func(tx *db.Tx) (err error) { all, err = backup.EachErased(tx); return err }); err != nil {
		return fmt.Errorf("list those erased: %w", err)
	}
	return AddToList(s.List, all)
}

// AddToList adds those who are not on the list yet, as a whole new file.
func AddToList(path string, all []backup.Erased) error {
	listed, err := ReadList(path)
	if err != nil {
		return err
	}
	on, before := map[id.Ref]bool{}, len(listed)
	for _, e := range listed {
		on[e.Ref] = true
	}
	for _, e := range all {
		if !on[e.Ref] {
			on[e.Ref] = true
			listed = append(listed, e)
		}
	}
	if len(listed) == before {
		return nil
	}
	var text []byte
	for _, e := range listed {
		line, err := json.Marshal(e)
		if err != nil {
			return err
		}
		text = append(append(text, line...), '\n')
	}
	return replace(path, text)
}

// replace writes a file whole, in the place of the one before.
func replace(path string, text []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("keep the list of those erased: %w", err)
	}
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return fmt.Errorf("keep the list of those erased: %w", err)
	}
	_, err = f.Write(text)
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("keep the list of those erased: %w", err), os.Remove(f.Name()))
	}
	d, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

const sqlListed = `SELECT y.register, y.id FROM young_person y JOIN register r ON r.id = y.register WHERE r.ref = $1 AND y.ref = $2
		AND NOT EXISTS (SELECT 1 FROM erased e WHERE e.register = y.register AND e.young_person = y.id)`

// Again erases those on a list who are in the database all the same, because a
// backup from before was restored, and says how many there were. Cut in the
// middle and done again, it goes on.
func (s *Service) Again(ctx context.Context, list []backup.Erased) (int, error) {
	s.working.Lock()
	defer s.working.Unlock()
	n := 0
	touched := map[id.Register]bool{}
	for _, e := range list {
		r, err := s.again(ctx, e)
		if err != nil {
			return n, err
		}
		if r != 0 {
			touched[r] = true
			n++
		}
	}
	for r := range touched {
		if err := s.finish(ctx, r); err != nil {
			return n, err
		}
	}
	if n > 0 {
		return n, s.DB.Scrub(ctx)
	}
	return 0, nil
}

// again erases one of a list, and says of which register; 0 where they are not
// there, or were erased there too.
func (s *Service) again(ctx context.Context, e backup.Erased) (r id.Register, err error) {
	err = s.DB.InTx(ctx, func(tx *db.Tx) error {
		r = 0
		var yp int64
		err := tx.QueryRow(sqlListed, string(e.Register), string(e.Ref)).Scan((*int64)(&r), &yp)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("look for somebody erased: %w", err)
		}
		one := &eraser{tx: tx, r: r, proposal: e.Certificate}
		return one.erase([][]id.YoungPerson{{id.YoungPerson(yp)}}, "erased before, certificate "+string(e.Certificate)+", and brought back by a backup")
	})
	return r, err
}
