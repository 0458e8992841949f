package intake

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"sync"

	"waymark/internal/access"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/field"
	"waymark/internal/id"
	"waymark/internal/layout"
	"waymark/internal/sealed"
	"waymark/internal/sharing"
	"waymark/internal/sheet"
)

// File is a file as it arrives.
type File struct {
	// Name is what the sender called it; its folders are left out.
	Name string
	From io.Reader
	// Sender is the Ref of who sent it.
	Sender id.Ref
	// Kind is the ID of the kind of file; "" is the sender's usual one, or what
	// the file looks like.
	Kind string
	// AsAt is the day on which what it says was so; none is today.
	AsAt civil.Date
	// Key is the form's one-use key: a file sent twice with it is received once.
	// It becomes the file's Ref.
	Key string
}

var errReceived = errors.New("intake: the file was received by the first press")

const (
	chunkBytes  = 1 << 20
	chunksAtAll = 4 // in one transaction
	mostBytes   = 200 << 20
)

const (
	sqlAddChunk  = `INSERT INTO intake_content (register, intake, chunk, bytes, sealed_by) VALUES ($1, $2, $3, $4, $5)`
	sqlChunk     = `SELECT bytes, sealed_by FROM intake_content WHERE register = $1 AND intake = $2 AND chunk = $3`
	sqlSameBytes = `SELECT i.received_at, i.state, s.name FROM intake i JOIN sender s ON s.register = i.register AND s.id = i.sender
		WHERE i.register = $1 AND i.sha256 = $2 AND i.id <> $3 AND i.state NOT IN ('receiving', 'refused', 'cancelled') ORDER BY CASE WHEN i.state = 'applied' THEN 0 ELSE 1 END, i.id DESC LIMIT 1`
)

// Receive keeps the bytes of a file with their hash, who put it in and under
// which agreement it was sent. A file that is no list of rows is Refused: the
// error is a Refusal, and the Intake tells it too. Where the agreement with the
// sender's organisation is not in force nothing is received: field.Errors for
// "sender" says what to do. It needs access.ImportFile.
func (s *Service) Receive(ctx context.Context, by access.Actor, f File) (Intake, error) {
	var in Intake
	if err := access.Decide(by, access.ImportFile, access.Subject{Register: by.Register}); err != nil {
		return in, err
	}
	return s.receive(ctx, by, f)
}

// receive is Receive for somebody of whom it has been decided that they may.
func (s *Service) receive(ctx context.Context, by access.Actor, f File) (Intake, error) {
	var in Intake
	if err := s.begin(ctx, by, f, &in); errors.Is(err, errReceived) {
		return in, nil
	} else if err != nil {
		return in, err
	}
	err := s.keep(ctx, by.Register, &in, f.From)
	if err == nil {
		err = s.sniff(ctx, by.Register, &in)
	}
	if message := refusedBy(err); message != "" {
		settled := s.DB.InTx(ctx, func(tx *db.Tx) error { return put(tx, by.Register, &in, Refused, message) })
		return in, errors.Join(err, settled)
	}
	if err != nil {
		return in, err
	}
	return in, s.DB.InTx(ctx, func(tx *db.Tx) error {
		in.State = Received
		in.Message = agreementWords(&in)
		var at db.Instant
		var state, sender string
		switch err := tx.QueryRow(sqlSameBytes, int64(by.Register), in.SHA256, int64(in.ID)).Scan(&at, &state, &sender); {
		case err == nil:
			in.Message = joined(" ", in.Message, sameWords(State(state), civil.On(at.Time, civil.London()), sender))
		case !errors.Is(err, sql.ErrNoRows):
			return fmt.Errorf("look for the same file: %w", err)
		}
		return save(tx, by.Register, &in)
	})
}

// sameWords say that the very same bytes came before.
func sameWords(state State, on civil.Date, sender string) string {
	became := "and waits to be applied."
	switch state {
	case Applied:
		return "This very file was applied already; it came on " + on.Words() + " from " + sender + "."
	case Undone:
		became = "and was applied and taken back."
	}
	return "This very file came before, on " + on.Words() + " from " + sender + ", " + became
}

func agreementWords(in *Intake) string {
	if ends := in.Sender.AgreementEnds; !ends.IsZero() && civil.On(in.ReceivedAt, civil.London()).After(ends) {
		return "The agreement under which " + in.Sender.Name + " sends files ended on " + ends.Words() + ". Renew it, or do not apply this file."
	}
	return ""
}

// begin notes that a file is arriving.
func (s *Service) begin(ctx context.Context, by access.Actor, f File, in *Intake) error {
	return s.DB.InTx(ctx, func(tx *db.Tx) error {
		sender, err := senderWhere(tx, by.Register, "ref = $1", string(f.Sender))
		if err != nil {
			return err
		}
		if words, err := sharing.MayReceive(tx, by.Register, sender.Key, civil.On(tx.Now, civil.London())); err != nil {
			return err
		} else if words != "" {
			return field.Errors{{Field: "sender", Message: words}}
		}
		*in = Intake{Ref: id.NewRef(), Sender: sender, Kind: f.Kind, FileName: path.Base(strings.ReplaceAll(f.Name, `\`, "/")), ReceivedAt: tx.Now,
			By: by.Name, AsAt: f.AsAt, State: Receiving}
		if in.Kind == "" {
			in.Kind = sender.Kind
		}
		k, known := layout.FindKind(in.Kind)
		if in.Kind != "" && !known {
			return refuse("There is no kind of file called " + in.Kind + ".")
		}
		in.KindName, in.Whole = k.Name, k.Full == layout.Full && sender.SendsFull
		today := civil.On(tx.Now, civil.London())
		if in.AsAt.IsZero() {
			in.AsAt = today
		}
		if in.AsAt.After(today) {
			return refuse("The day of the list must be today or earlier.")
		}
		if err := tx.QueryRow(sqlNextKeys, int64(by.Register)).Scan((*int64)(&in.ID)); err != nil {
			return fmt.Errorf("note the file: %w", err)
		}
		if key := id.Ref(f.Key); key.Valid() {
			in.Ref = key
			if held, err := one(tx, by.Register, key); err == nil {
				*in = *held
				return errReceived
			} else if !errors.Is(err, db.NotFound) {
				return err
			}
		}
		_, err = tx.Exec(sqlAddIntake, int64(by.Register), int64(in.ID), string(in.Ref), int64(sender.Key), in.Kind, in.FileName, int64(0), "",
			db.Instant{Time: tx.Now}, by.Ref, by.Name, in.AsAt.String(), string(in.State), in.Whole, "")
		if err != nil {
			return fmt.Errorf("note the file: %w", err)
		}
		return nil
	})
}

// keep stores the bytes sealed, a few megabytes a transaction.
func (s *Service) keep(ctx context.Context, r id.Register, in *Intake, from io.Reader) error {
	hash, next := sha256.New(), 0
	room := make([]byte, chunkBytes*chunksAtAll) // used again and again
	for more := true; more; {
		var chunks [][]byte
		for more && len(chunks) < chunksAtAll {
			chunk := room[len(chunks)*chunkBytes:][:chunkBytes:chunkBytes]
			n, err := io.ReadFull(from, chunk)
			switch {
			case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
				more = false
			case err != nil:
				return fmt.Errorf("receive the file: %w", err)
			}
			if in.Bytes += int64(n); in.Bytes > mostBytes {
				return refuse(fmt.Sprintf("The file has more than %d MB. Send it in parts.", mostBytes>>20))
			}
			if n > 0 {
				hash.Write(chunk[:n])
				chunks = append(chunks, chunk[:n])
			}
		}
		if err := s.DB.InTx(ctx, func(tx *db.Tx) error {
			lock, err := sealed.OfRegister(tx, r)
			if err != nil {
				return err
			}
			for i, chunk := range chunks {
				at := int64(next + i)
				if _, err := tx.Exec(sqlAddChunk, int64(r), int64(in.ID), at, lock.Bytes(chunk, chunkAt(in.ID, at)), lock.Key()); err != nil {
					return fmt.Errorf("keep the file: %w", err)
				}
			}
			return nil
		}); err != nil {
			return err
		}
		next += len(chunks)
	}
	in.SHA256 = hex.EncodeToString(hash.Sum(nil))
	return nil
}

// sniff refuses a file that is no list of rows.
func (s *Service) sniff(ctx context.Context, r id.Register, in *Intake) error {
	c := s.content(ctx, r, in)
	if in.transfer(c) {
		return nil
	}
	_, err := sheet.Open(c, in.Bytes, sheet.Limits{})
	return inWords(err)
}

// inWords makes a Refusal of what the sheet refuses.
func inWords(err error) error {
	var refused sheet.Refused
	if !errors.As(err, &refused) {
		return err
	}
	words := capital(refused.Error())
	if !strings.HasSuffix(words, ".") {
		words += "."
	}
	return refuse(words)
}

// transfer says that the file is a Common Transfer File, by its first bytes.
func (in *Intake) transfer(c io.ReaderAt) bool {
	head := make([]byte, min(in.Bytes, 4096))
	n, _ := c.ReadAt(head, 0)
	return layout.IsCTF(head[:n])
}

// notHeld are the items for which the register has no place.
var notHeld = []layout.Item{layout.URN, layout.Note}

// NotHeld says that the register has no place for what a column of a file holds:
// it is read, and nothing comes of it. An employer has none beside the provider of
// those who started.
func NotHeld(kind layout.Kind, m *layout.Mapping, i layout.Item) bool {
	switch i {
	case layout.Employer:
		provider := slices.ContainsFunc(m.Columns, func(c layout.MappedColumn) bool {
			return c.Item == layout.SchoolName || c.Item == layout.SchoolNumber || c.Item == layout.UKPRN
		})
		return !kind.MayChange("activity") || provider && !kind.GoesSomewhere()
	case layout.OfferState, layout.OfferNumber, layout.OfferUKPRN, layout.OfferURN, layout.CourseCode:
		return !kind.MayChange("offers")
	case layout.OfferInstitution:
		return !kind.MayChange("offers") && !kind.GoesSomewhere()
	}
	return slices.Contains(notHeld, i)
}

// NotHeld are the columns of the file, by their headers, for which the register has
// no place.
func (in *Intake) NotHeld() (headers []string) {
	kind, _ := layout.FindKind(in.Kind)
	for _, c := range in.Mapping.Columns {
		if NotHeld(kind, &in.Mapping, c.Item) {
			headers = append(headers, c.Header)
		}
	}
	return headers
}

// content reads the kept bytes of a file at any place. It is for one goroutine
// at a time.
type content struct {
	s    *Service
	ctx  context.Context
	r    id.Register
	in   id.Import
	size int64
	mu   sync.Mutex
	at   int64 // of the chunk that is held
	held []byte
}

func (s *Service) content(ctx context.Context, r id.Register, in *Intake) *content {
	return &content{s: s, ctx: ctx, r: r, in: in.ID, size: in.Bytes, at: -1}
}

// ReadAt reads as an open file does.
func (c *content) ReadAt(b []byte, off int64) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := 0
	for n < len(b) {
		if off+int64(n) >= c.size {
			return n, io.EOF
		}
		at := (off + int64(n)) / chunkBytes
		if at != c.at {
			if err := c.load(at); err != nil {
				return n, err
			}
		}
		from := int(off + int64(n) - at*chunkBytes)
		if from >= len(c.held) {
			return n, io.ErrUnexpectedEOF
		}
		n += copy(b[n:], c.held[from:])
	}
	return n, nil
}

func (c *content) load(at int64) error {
	err := c.s.DB.Read(c.ctx, func(tx *db.Tx) error {
		var key string
		err := tx.QueryRow(sqlChunk, int64(c.r), int64(c.in), at).Scan(&c.held, &key)
		if err == nil {
			c.held, err = sealed.Bytes(tx, c.r, key, c.held, chunkAt(c.in, at))
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("read the file that was kept: %w", err)
	}
	c.at = at
	return nil
}
