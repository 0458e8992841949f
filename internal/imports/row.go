package imports

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/db"
	"waymark/internal/id"
	"waymark/internal/nccis"
	"waymark/internal/record"
)

const (
	sqlNextKey   = `UPDATE register SET last_key = last_key + 1 WHERE id = $1 RETURNING last_key`
	sqlAddImport = `INSERT INTO import (register, id, ref, file_name, sha256, bytes, received_at, actor, actor_name, status,
		period_end, edition, stand_in, supplier, databases, authorities,
		records, added, changed, unchanged, kept_aside, absent, lapse_differences, clashes, unreadable, message)
		VALUES ($1, $2, $3, $4, '', $5, $6, $7, $8, 'reading', '', '', '', '', '', '', 0, 0, 0, 0, 0, 0, 0, 0, 0, '')`
	sqlSettle = `UPDATE import SET sha256 = $3, bytes = $4, status = $5, period_end = $6, edition = $7, stand_in = $8, supplier = $9,
		databases = $10, authorities = $11, records = $12, added = $13, changed = $14, unchanged = $15, kept_aside = $16, absent = $17,
		lapse_differences = $18, clashes = $19, unreadable = $20, act = $21, message = $22 WHERE register = $1 AND id = $2`
	sqlImportColumns = `SELECT id, ref, file_name, sha256, bytes, received_at, actor_name, status, period_end, edition, stand_in, supplier,
		databases, authorities, records, added, changed, unchanged, kept_aside, absent, lapse_differences, clashes, unreadable,
		COALESCE(act, 0), COALESCE(undone_by, 0), message FROM import`
	sqlStopLeftovers = `UPDATE import SET status = 'stopped', message = $1 WHERE status = 'reading'`
	sqlNoteColumns   = `SELECT n.kind, n.position, n.young_persons_id, COALESCE(n.young_person, 0), COALESCE(p.ref, ''), n.field, n.theirs, n.ours, n.words
		FROM import_note n LEFT JOIN young_person p ON p.register = n.register AND p.id = n.young_person`
	sqlNoteCounts = `SELECT n.kind, count(*) FROM import_note n`
)

const stoppedWords = "The machine stopped while this file was read. Nothing was changed; send the file again."

// Recover marks what an earlier process left unfinished. Call it once at the
// start, before any file is taken.
func (s *Service) Recover(ctx context.Context) error {
	return s.DB.InTx(ctx, func(tx *db.Tx) error {
		if _, err := tx.Exec(sqlStopLeftovers, stoppedWords); err != nil {
			return fmt.Errorf("mark imports that were interrupted: %w", err)
		}
		return nil
	})
}

// receive notes that a file is being read.
func (s *Service) receive(ctx context.Context, by access.Actor, f File) (Report, error) {
	r := Report{Ref: id.NewRef(), FileName: baseName(f.Name), Bytes: f.Size, By: by.Name, Status: Reading}
	err := s.DB.InTx(ctx, func(tx *db.Tx) error {
		r.ReceivedAt = tx.Now
		if err := tx.QueryRow(sqlNextKey, int64(by.Register)).Scan((*int64)(&r.ID)); err != nil {
			if errors.Is(err, sql.ErrNoRows) {
				return db.NotFound
			}
			return fmt.Errorf("note the file: %w", err)
		}
		if _, err := tx.Exec(sqlAddImport, int64(by.Register), int64(r.ID), string(r.Ref), r.FileName, r.Bytes, db.Instant{Time: tx.Now}, by.Ref, by.Name); err != nil {
			return fmt.Errorf("note the file: %w", err)
		}
		return nil
	})
	return r, err
}

// settle writes down what became of the file.
func settle(tx *db.Tx, reg id.Register, r *Report) error {
	var number any
	if r.Act != 0 {
		number = int64(r.Act)
	}
	_, err := tx.Exec(sqlSettle, int64(reg), int64(r.ID), r.SHA256, r.Bytes, string(r.Status), r.PeriodEnd.String(), r.Edition, r.StandIn, r.Supplier,
		r.Databases, r.Authorities, int64(r.Records), int64(r.Added), int64(r.Changed), int64(r.Unchanged), int64(r.KeptAside), int64(r.Absent),
		int64(r.LapseDifferences), int64(r.Clashes), int64(r.Counts.Unreadable), number, r.Message)
	if err != nil {
		return fmt.Errorf("note what became of the file: %w", err)
	}
	return nil
}

func reports(tx *db.Tx, w db.Where, tail string) ([]Report, error) {
	rows, err := tx.Query(sqlImportColumns+w.SQL()+tail, w.Args...)
	if err != nil {
		return nil, fmt.Errorf("read the imports: %w", err)
	}
	defer rows.Close()
	var out []Report
	for rows.Next() {
		var r Report
		var received db.Instant
		if err := rows.Scan((*int64)(&r.ID), (*string)(&r.Ref), &r.FileName, &r.SHA256, &r.Bytes, &received, &r.By, (*string)(&r.Status), &r.PeriodEnd,
			&r.Edition, &r.StandIn, &r.Supplier, &r.Databases, &r.Authorities, &r.Records, &r.Added, &r.Changed, &r.Counts.Unchanged, &r.KeptAside,
			&r.Absent, &r.LapseDifferences, &r.Clashes, &r.Counts.Unreadable, (*int64)(&r.Act), (*int64)(&r.UndoneBy), &r.Message); err != nil {
			return nil, fmt.Errorf("read the imports: %w", err)
		}
		r.ReceivedAt = received.Time
		out = append(out, r)
	}
	return out, rows.Err()
}

func one(tx *db.Tx, reg id.Register, ref id.Ref) (Report, error) {
	var w db.Where
	w.And("register = $1 AND ref = $2", int64(reg), string(ref))
	list, err := reports(tx, w, "")
	if err != nil {
		return Report{}, err
	}
	if len(list) == 0 {
		return Report{}, db.NotFound
	}
	return list[0], nil
}

// Get is one import, with its progress while this process reads the file. It
// needs access.ImportFile.
func (s *Service) Get(ctx context.Context, by access.Actor, ref id.Ref) (Report, error) {
	var r Report
	if err := s.see(ctx, by, nil, "import"); err != nil {
		return r, err
	}
	err := s.DB.Read(ctx, func(tx *db.Tx) error {
		var err error
		r, err = one(tx, by.Register, ref)
		return err
	})
	if live := s.working(ref); err == nil && live != nil {
		p := live.get()
		r.Progress = &p
	}
	return r, err
}

// List are the imports, the newest first. It needs access.ImportFile.
func (s *Service) List(ctx context.Context, by access.Actor) ([]Report, error) {
	if err := s.see(ctx, by, nil, "imports"); err != nil {
		return nil, err
	}
	var out []Report
	err := s.DB.Read(ctx, func(tx *db.Tx) error {
		var w db.Where
		w.And("register = $1", int64(by.Register))
		var err error
		out, err = reports(tx, w, " ORDER BY id DESC")
		return err
	})
	return out, err
}

// NotesPerPage is how many notes a page holds.
const NotesPerPage = 50

// Notes are the notes of one kind of an import, or of every kind where kind is
// empty, in the order of the file. page counts from 1; 0 is all of them. more
// says that another page follows. It needs access.ImportFile and logs whose
// notes were shown.
func (s *Service) Notes(ctx context.Context, by access.Actor, ref id.Ref, kind string, page int) (notes []Note, more bool, err error) {
	if err := access.Decide(by, access.ImportFile, access.Subject{Register: by.Register}); err != nil {
		return nil, false, err
	}
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		r, err := one(tx, by.Register, ref)
		if err != nil {
			return err
		}
		var w db.Where
		w.And("n.register = $1 AND n.import = $2", int64(by.Register), int64(r.ID))
		if kind != "" {
			w.And("n.kind = $1", kind)
		}
		veil, err := unbarred(tx, &w, by)
		if err != nil {
			return err
		}
		tail := " ORDER BY n.line"
		if page > 0 {
			tail += " LIMIT " + w.Param(int64(NotesPerPage+1)) + " OFFSET " + w.Param(int64((page-1)*NotesPerPage))
		}
		// A parameter after the conditions is none of them.
		notes, err = readNotes(tx, w, tail)
		for i := range notes {
			notes[i].protect(veil)
		}
		return err
	})
	if err != nil {
		return nil, false, err
	}
	if page > 0 && len(notes) > NotesPerPage {
		notes, more = notes[:NotesPerPage], true
	}
	var people []id.YoungPerson
	for _, n := range notes {
		if n.YoungPerson != 0 {
			people = append(people, n.YoungPerson)
		}
	}
	return notes, more, s.see(ctx, by, people, "import notes")
}

// protect takes out of a note where somebody lives, where the actor may not see it:
// what the file says of it too, which is mostly where they live now.
func (n *Note) protect(veil *access.Veil) {
	f, ok := nccis.ParseField(n.Field)
	if !ok || !record.IsAddress(f) || !veil.Protects(n.YoungPerson) {
		return
	}
	for _, said := range []*string{&n.Theirs, &n.Ours} {
		if *said != "" {
			*said = access.Protected
		}
	}
}

// unbarred leaves out the notes about those whom restrictions bar from the actor, and
// gives what they are.
func unbarred(tx *db.Tx, w *db.Where, by access.Actor) (*access.Veil, error) {
	veil, err := access.VeilOf(tx, by)
	if err != nil {
		return nil, err
	}
	for _, yp := range veil.Barred() {
		w.And("COALESCE(n.young_person, 0) <> $1", int64(yp))
	}
	return veil, nil
}

func readNotes(tx *db.Tx, w db.Where, tail string) ([]Note, error) {
	rows, err := tx.Query(sqlNoteColumns+w.SQL()+tail, w.Args...)
	if err != nil {
		return nil, fmt.Errorf("read the notes: %w", err)
	}
	defer rows.Close()
	var out []Note
	for rows.Next() {
		var n Note
		if err := rows.Scan(&n.Kind, &n.Position, &n.YoungPersonsID, (*int64)(&n.YoungPerson), (*string)(&n.Person), &n.Field, &n.Theirs, &n.Ours, &n.Words); err != nil {
			return nil, fmt.Errorf("read the notes: %w", err)
		}
		out = append(out, n)
	}
	return out, rows.Err()
}

// NoteCounts says how many notes of each kind an import has. It needs
// access.ImportFile.
func (s *Service) NoteCounts(ctx context.Context, by access.Actor, ref id.Ref) (map[string]int, error) {
	if err := s.see(ctx, by, nil, "import"); err != nil {
		return nil, err
	}
	out := map[string]int{}
	err := s.DB.Read(ctx, func(tx *db.Tx) error {
		r, err := one(tx, by.Register, ref)
		if err != nil {
			return err
		}
		var w db.Where
		w.And("n.register = $1 AND n.import = $2", int64(by.Register), int64(r.ID))
		if _, err := unbarred(tx, &w, by); err != nil {
			return err
		}
		rows, err := tx.Query(sqlNoteCounts+w.SQL()+" GROUP BY n.kind", w.Args...)
		if err != nil {
			return fmt.Errorf("count the notes: %w", err)
		}
		defer rows.Close()
		for rows.Next() {
			var kind string
			var n int
			if err := rows.Scan(&kind, &n); err != nil {
				return err
			}
			out[kind] = n
		}
		return rows.Err()
	})
	return out, err
}

// see decides whether the actor may look, and logs that they did.
func (s *Service) see(ctx context.Context, by access.Actor, people []id.YoungPerson, page string) error {
	if err := access.Decide(by, access.ImportFile, access.Subject{Register: by.Register}); err != nil {
		return err
	}
	return s.sights().See(ctx, act.Sight{By: by, Kind: access.ImportFile, People: people, Page: page})
}

func (s *Service) sights() *act.Recorder {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.Sights == nil {
		s.Sights = &act.Recorder{DB: s.DB}
	}
	return s.Sights
}
