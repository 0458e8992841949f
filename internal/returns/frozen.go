package returns

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"strings"
	"time"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/id"
)

// State is how far a return has come.
type State string

// The states, in the order in which a return comes to them.
const (
	// SignedOnce: the first of two people has signed; nothing is frozen yet.
	SignedOnce State = "signed once"
	// Lapsed: the facts changed before the second signature, so that the first
	// no longer counts.
	Lapsed State = "lapsed"
	// Signed: both have signed, and the file is frozen.
	Signed State = "signed"
	// Sent: it was uploaded to the Department. Its leavers count as reported.
	Sent     State = "sent"
	Accepted State = "accepted"
	Rejected State = "rejected"
	// Superseded: another version takes its place.
	Superseded State = "superseded"
)

// Frozen says that the bytes of the file are kept.
func (s State) Frozen() bool { return s != SignedOnce && s != Lapsed }

// Standing says that the return stands: no other may be signed for its month.
func (s State) Standing() bool { return s == Signed || s == Sent || s == Accepted }

// Return is one version of one month's return, from its first signature on.
type Return struct {
	ID          id.Return
	Ref         id.Ref
	Period      civil.Month
	Authorities []string
	// Version counts those of the same month and authorities, from 1.
	Version int
	State   State
	Edition string
	KnownAt id.Act
	// DateOfSend is in the header of the file.
	DateOfSend civil.Date
	// SHA256 is of the file, in hexadecimal; Size in bytes.
	SHA256 string
	Size   int64
	Totals Totals
	// Steps are the states that it came to, the first first.
	Steps []Step
}

// Step is one state that a return came to, and who brought it there.
type Step struct {
	Act     id.Act
	State   State
	Because string
	At      time.Time
	// By is the actor as acts name them, Name for people.
	By, Name string
}

// FirstSigner is the step of the first signature.
func (r *Return) FirstSigner() Step {
	for _, s := range r.Steps {
		if s.State == SignedOnce {
			return s
		}
	}
	return Step{}
}

// FileName is what a download is called.
func (r *Return) FileName() string {
	return fmt.Sprintf("NCCIS-%s-%s-v%d.xml", strings.Join(r.Authorities, "-"), r.Period, r.Version)
}

const (
	sqlReturns = `SELECT id, ref, period, authorities, version, state, edition, known_at, date_of_send, sha256, size, totals FROM monthly_return`
	sqlSteps   = `SELECT s.monthly_return, s.act, s.state, s.because, a.at, a.actor, a.actor_name FROM monthly_return_step s
		JOIN act a ON a.register = s.register AND a.number = s.act WHERE s.register = $1 ORDER BY s.monthly_return, s.act`
	sqlPieces = `SELECT bytes FROM monthly_return_piece WHERE register = $1 AND monthly_return = $2 ORDER BY position`
)

// List is all returns of the register, the latest month and version first. It
// needs SeeReturn and tells nothing about anybody in particular.
func (s *Service) List(ctx context.Context, by access.Actor) ([]*Return, error) {
	if err := access.Decide(by, access.SeeReturn, access.Subject{Register: by.Register}); err != nil {
		return nil, err
	}
	var out []*Return
	err := s.DB.Read(ctx, func(tx *db.Tx) error {
		var w db.Where
		w.And("register = $1", int64(by.Register))
		var err error
		if out, err = stored(tx, w); err != nil {
			return err
		}
		return steps(tx, by.Register, out)
	})
	return out, err
}

// Get is one return, or db.NotFound. It needs SeeReturn.
func (s *Service) Get(ctx context.Context, by access.Actor, ref id.Ref) (*Return, error) {
	list, err := s.List(ctx, by)
	if err != nil {
		return nil, err
	}
	for _, r := range list {
		if r.Ref == ref {
			return r, nil
		}
	}
	return nil, db.NotFound
}

func stored(tx *db.Tx, w db.Where) ([]*Return, error) {
	rows, err := tx.Query(sqlReturns+w.SQL()+" ORDER BY period DESC, authorities, version DESC", w.Args...)
	if err != nil {
		return nil, fmt.Errorf("read the returns: %w", err)
	}
	defer rows.Close()
	var out []*Return
	for rows.Next() {
		var r Return
		var period, authorities, totals string
		if err := rows.Scan((*int64)(&r.ID), (*string)(&r.Ref), &period, &authorities, &r.Version, (*string)(&r.State), &r.Edition,
			(*int64)(&r.KnownAt), &r.DateOfSend, &r.SHA256, &r.Size, &totals); err != nil {
			return nil, fmt.Errorf("read the returns: %w", err)
		}
		if r.Period, err = civil.ParseMonth(period); err != nil {
			return nil, err
		}
		if err := json.Unmarshal([]byte(totals), &r.Totals); err != nil {
			return nil, fmt.Errorf("read the totals of a return: %w", err)
		}
		r.Authorities = strings.Fields(authorities)
		out = append(out, &r)
	}
	return out, rows.Err()
}

func steps(tx *db.Tx, register id.Register, returns []*Return) error {
	by := map[id.Return]*Return{}
	for _, r := range returns {
		by[r.ID] = r
	}
	rows, err := tx.Query(sqlSteps, int64(register))
	if err != nil {
		return fmt.Errorf("read what became of the returns: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var key id.Return
		var s Step
		var at db.Instant
		if err := rows.Scan((*int64)(&key), (*int64)(&s.Act), (*string)(&s.State), &s.Because, &at, &s.By, &s.Name); err != nil {
			return fmt.Errorf("read what became of the returns: %w", err)
		}
		s.At = at.Time
		if r := by[key]; r != nil {
			r.Steps = append(r.Steps, s)
		}
	}
	return rows.Err()
}

// latest is the last version for a month and authorities, nil where there is
// none.
func latest(tx *db.Tx, k draftKey) (*Return, error) {
	var w db.Where
	w.And("register = $1 AND period = $2 AND authorities = $3", int64(k.register), k.period.String(), k.authorities)
	list, err := stored(tx, w)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return list[0], steps(tx, k.register, list[:1])
}

// packed is a file compressed, in pieces that a database row can hold.
type packed struct {
	pieces [][]byte
	sha256 string
	size   int64
}

const pieceSize = 1 << 18

// pack writes the file into pieces.
func (d *Draft) pack() (*packed, error) {
	var squeezed bytes.Buffer
	z, err := gzip.NewWriterLevel(&squeezed, gzip.BestSpeed)
	if err != nil {
		return nil, err
	}
	sum := newSumming()
	if err := d.WriteXML(io.MultiWriter(sum, z), false); err != nil {
		return nil, err
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	p := &packed{sha256: sum.hex(), size: sum.size}
	for all := squeezed.Bytes(); len(all) > 0; {
		n := min(pieceSize, len(all))
		p.pieces = append(p.pieces, all[:n])
		all = all[n:]
	}
	return p, nil
}

// open reads the file in the pieces.
func (p *packed) open() (io.Reader, error) {
	parts := make([]io.Reader, len(p.pieces))
	for i, b := range p.pieces {
		parts[i] = bytes.NewReader(b)
	}
	z, err := gzip.NewReader(io.MultiReader(parts...))
	if err != nil {
		return nil, fmt.Errorf("unpack the frozen file: %w", err)
	}
	return z, nil
}

// summing takes the hash and the length of what is written to it.
type summing struct {
	hash hash.Hash
	size int64
}

func newSumming() *summing { return &summing{hash: sha256.New()} }

func (s *summing) Write(b []byte) (int, error) {
	s.size += int64(len(b))
	return s.hash.Write(b)
}

func (s *summing) hex() string { return hex.EncodeToString(s.hash.Sum(nil)) }

// SHA256 is the hash of the file as it would be written, in hexadecimal.
func (d *Draft) SHA256() (string, error) {
	sum := newSumming()
	if err := d.WriteXML(sum, false); err != nil {
		return "", err
	}
	return sum.hex(), nil
}

// File is a frozen return, ready to be written.
type File struct {
	*Return
	packed *packed
}

// WriteTo writes the frozen bytes: the same ones every time.
func (f *File) WriteTo(w io.Writer) (int64, error) {
	in, err := f.packed.open()
	if err != nil {
		return 0, err
	}
	return io.Copy(w, in)
}

// ErrDamaged says that the bytes kept are not those that were signed.
var ErrDamaged = errors.New("the frozen file has been damaged in the database: its hash is not the one that was signed; restore a backup")

// Fetch logs that the actor takes a frozen file and gives it. It needs
// FetchReturn and returns db.NotFound where there is no such return, or none
// that is frozen.
func (s *Service) Fetch(ctx context.Context, by access.Actor, ref id.Ref) (*File, error) {
	f := &File{packed: &packed{}}
	err := s.DB.InTx(ctx, func(tx *db.Tx) error {
		r, err := find(tx, by.Register, ref)
		if err != nil {
			return err
		}
		if !r.State.Frozen() {
			return db.NotFound
		}
		if _, err := act.Begin(tx, by, access.FetchReturn, 0, act.Request{Reason: r.FileName() + ", " + r.SHA256}); err != nil {
			return err
		}
		f.Return = r
		f.packed.pieces, err = pieces(tx, by.Register, r.ID)
		return err
	})
	if err != nil {
		return nil, err
	}
	sum := newSumming()
	if _, err := f.WriteTo(sum); err != nil || sum.hex() != f.SHA256 {
		return nil, errors.Join(ErrDamaged, err)
	}
	return f, nil
}

func find(tx *db.Tx, register id.Register, ref id.Ref) (*Return, error) {
	var w db.Where
	w.And("register = $1 AND ref = $2", int64(register), string(ref))
	list, err := stored(tx, w)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, db.NotFound
	}
	return list[0], steps(tx, register, list)
}

func pieces(tx *db.Tx, register id.Register, key id.Return) ([][]byte, error) {
	rows, err := tx.Query(sqlPieces, int64(register), int64(key))
	if err != nil {
		return nil, fmt.Errorf("read the frozen file: %w", err)
	}
	defer rows.Close()
	var out [][]byte
	for rows.Next() {
		var raw sql.RawBytes
		if err := rows.Scan(&raw); err != nil {
			return nil, fmt.Errorf("read the frozen file: %w", err)
		}
		out = append(out, bytes.Clone(raw))
	}
	return out, rows.Err()
}

// Take logs that a draft is written to a file outside the register. It needs
// BuildReturn.
func (s *Service) Take(ctx context.Context, by access.Actor, d *Draft) error {
	return s.DB.InTx(ctx, func(tx *db.Tx) error {
		_, err := act.Begin(tx, by, access.BuildReturn, 0, act.Request{
			Reason: fmt.Sprintf("draft for %s of %s, %d records, as known after act %d", d.Period, strings.Join(d.Authorities, " "), len(d.People), d.KnownAt)})
		return err
	})
}
