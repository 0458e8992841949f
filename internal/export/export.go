// Package export seals files that name young people and leave the house.
//
// In the trade an export is the moment at which a record stops being protected
// by whoever kept it: a spreadsheet on a desk, an attachment, a memory stick.
// So it is known who took which file, when, why, how many people it named and
// what its fingerprint is, and the file itself says so in its last line
// (ux-security.md 5.9). Whoever takes many at once says why first; where very
// many are named, a second person releases the file (ASVS 2.3.5).
package export

import (
	"context"
	"fmt"
	"strings"
	"time"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/db"
	"waymark/internal/field"
	"waymark/internal/id"
)

// How many people a file may name before somebody has to say why, and before a
// second person has to release it (ux-security.md 5.9).
const (
	Many     = 500
	VeryMany = 5000
)

// holds is how long a file that was asked for, or released, may be fetched:
// a day's work.
const holds = 24 * time.Hour

// Export is one file, asked for or taken.
type Export struct {
	Ref id.Ref
	// Name is the name of the file, Address what was asked for.
	Name, Address string
	// People is how many it named when it was asked for.
	People  int
	Reason  string
	AskedBy string
	// AskedName is shown to people.
	AskedName string
	AskedAt   time.Time
	// Released says that a second person released it.
	Released     bool
	ReleasedName string
	ReleasedAt   time.Time
	// Taken says that it was sent whole: at TakenAt the last time, with Rows
	// lines under its heading, and SHA256 over all lines but the last.
	Taken   bool
	TakenAt time.Time
	Rows    int
	SHA256  string
}

// NeedsReason says that a file of so many people is asked for with a reason.
func NeedsReason(people int) bool { return people > Many }

// NeedsRelease says that a second person has to release it.
func NeedsRelease(people int) bool { return people > VeryMany }

// Waits says that a second person has not released it yet.
func (e Export) Waits() bool { return NeedsRelease(e.People) && !e.Released }

// over says that the day for fetching it has passed.
func (e Export) over(now time.Time) bool {
	began := e.AskedAt
	if e.Released {
		began = e.ReleasedAt
	}
	return now.Sub(began) > holds
}

// ErrAsk says that the file names so many that it has to be asked for first.
type ErrAsk struct{ People int }

func (e ErrAsk) Error() string {
	return fmt.Sprintf("this file names %d young people: say why it is needed before it is taken", e.People)
}

// Service keeps exports.
type Service struct{ DB *db.DB }

// File is what somebody wants to take.
type File struct {
	Name, Address string
	People        int
	Reason        string
	// Key is the form's one-use key.
	Key string
}

func (f File) check() error {
	var wrong field.Errors
	switch words := strings.TrimSpace(f.Reason); {
	case words == "":
		wrong.Add("reason", "Say why you need this file")
	case len(words) > 300:
		wrong.Add("reason", "Say it in at most 300 letters")
	}
	if f.Address == "" || !strings.HasPrefix(f.Address, "/") || strings.HasPrefix(f.Address, "//") {
		wrong.Add("reason", "Go back to the list, and press Download there")
	}
	return wrong.Err()
}

// Ask asks for a file that names many, with the reason. It needs
// access.DownloadPeople, and returns field.Errors or act.ErrRepeated.
func (s *Service) Ask(ctx context.Context, by access.Actor, f File) (Export, error) {
	if err := f.check(); err != nil {
		return Export{}, err
	}
	return s.add(ctx, by, f)
}

// add writes a file down, under an act of its own.
func (s *Service) add(ctx context.Context, by access.Actor, f File) (Export, error) {
	var e Export
	err := s.DB.InTx(ctx, func(tx *db.Tx) error {
		a, err := act.Begin(tx, by, access.DownloadPeople, 0, act.Request{Key: f.Key, Reason: logged(f)})
		if err != nil {
			return err
		}
		e = Export{Ref: id.NewRef(), Name: f.Name, Address: f.Address, People: f.People, Reason: strings.TrimSpace(f.Reason), AskedBy: by.Ref, AskedName: by.Name, AskedAt: tx.Now}
		key, err := a.Keys(1)
		if err != nil {
			return err
		}
		_, err = tx.Exec(sqlAdd, int64(by.Register), key, string(e.Ref), e.Name, e.Address, e.People, e.Reason, e.AskedBy, e.AskedName, db.Instant{Time: e.AskedAt}, int64(a.Number))
		return err
	})
	if err != nil {
		return Export{}, fmt.Errorf("ask for a file: %w", err)
	}
	return e, nil
}

// logged is what the log says of it.
func logged(f File) string {
	words := fmt.Sprintf("%s: %d young people", f.Name, f.People)
	if f.Reason != "" {
		words += ". " + strings.TrimSpace(f.Reason)
	}
	return words
}

// Release lets a file go that names very many: by somebody who did not ask for
// it. It needs access.ReleaseExport, and returns db.NotFound, field.Errors,
// db.Conflict or act.ErrRepeated.
func (s *Service) Release(ctx context.Context, by access.Actor, ref id.Ref, key string) (Export, error) {
	var e Export
	err := s.DB.InTx(ctx, func(tx *db.Tx) error {
		var err error
		if e, err = one(tx, by.Register, ref); err != nil {
			return err
		}
		a, err := act.Begin(tx, by, access.ReleaseExport, 0, act.Request{Key: key, Reason: logged(File{Name: e.Name, People: e.People, Reason: e.Reason})})
		if err != nil {
			return err
		}
		switch {
		case e.AskedBy == by.Ref:
			return field.Errors{{Field: "release", Message: "You asked for this file yourself: somebody else has to release it"}}
		case !e.Waits():
			return db.Conflict{What: "this file"}
		case e.over(tx.Now):
			return field.Errors{{Field: "release", Message: "It was asked for more than a day ago. Whoever still needs it asks again"}}
		}
		e.Released, e.ReleasedName, e.ReleasedAt = true, a.By.Name, tx.Now
		return db.ExecEachOne(tx, "this file", sqlRelease, [][]any{{by.Ref, by.Name, db.Instant{Time: e.ReleasedAt}, int64(by.Register), string(ref)}})
	})
	return e, err
}

// Begin says under which seal the actor takes the file now: a new one where it
// names few, and the one that was asked for (and released) where it names more.
// It returns ErrAsk where it has to be asked for, and needs
// access.DownloadPeople.
func (s *Service) Begin(ctx context.Context, by access.Actor, asked id.Ref, f File) (Export, error) {
	if err := access.Decide(by, access.DownloadPeople, access.Subject{Register: by.Register}); err != nil {
		return Export{}, err
	}
	if !NeedsReason(f.People) {
		f.Reason, f.Key = "", ""
		return s.add(ctx, by, f)
	}
	var e Export
	err := s.DB.Read(ctx, func(tx *db.Tx) error {
		var err error
		if e, err = one(tx, by.Register, asked); err == nil && (e.AskedBy != by.Ref || e.Address != f.Address || e.over(tx.Now)) {
			err = db.NotFound
		}
		return err
	})
	switch {
	case asked == "" || isNone(err):
		return Export{}, ErrAsk{f.People}
	case err != nil:
		return Export{}, err
	case e.Waits() || NeedsRelease(f.People) && !e.Released:
		return Export{}, ErrAsk{f.People}
	}
	return e, nil
}

// Sent notes that the file went out whole.
func (s *Service) Sent(ctx context.Context, by access.Actor, e Export, rows int, sha256 string) error {
	return s.DB.InTx(ctx, func(tx *db.Tx) error {
		return db.ExecEachOne(tx, "this file", sqlSent, [][]any{{db.Instant{Time: tx.Now}, rows, sha256, int64(by.Register), string(e.Ref)}})
	})
}

// Line is the last line of the file: who took it, when, why and what.
func (e Export) Line(rows int, sha256 string) string {
	words := fmt.Sprintf("%s%s: %d rows, taken by %s on %s", seal, e.Ref, rows, e.AskedName, e.AskedAt.UTC().Format("2006-01-02 15:04 MST"))
	if e.Released {
		words += ", released by " + e.ReleasedName
	}
	if e.Reason != "" {
		words += ", because: " + e.Reason
	}
	return words + ". SHA-256 of the lines above: " + sha256
}

// seal begins the last line of a sealed file.
const seal = "Waymark sealed export "
