package backup

import (
	"bufio"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"

	"waymark/internal/db"
)

// A backup is "WAYMARK1" and then frames: a letter, a length in four bytes,
// and so many bytes. H is the header; T a table and its columns, followed by
// its rows in frames R, whole rows in each, and by E, how many there were and
// their sum; Z, the last, holds the SHA-256 of all before it. What is said in
// H, T, E and Z is JSON. Around it is gzip, and around that age.
const (
	magic = "WAYMARK1"

	frameHeader = 'H'
	frameTable  = 'T'
	frameRows   = 'R'
	frameEnd    = 'E'
	frameLast   = 'Z'

	pieceBytes = 256 << 10
	// mostBytes is the longest frame that is read: no row is longer.
	mostBytes = 1 << 30
)

// tableEnd is what E says.
type tableEnd struct {
	Rows int64  `json:"rows"`
	Sum  string `json:"sum"`
}

// last is what Z says.
type last struct {
	Rows   int64  `json:"rows"`
	SHA256 string `json:"sha256"`
}

// archive writes frames.
type archive struct {
	to   io.Writer
	hash hash.Hash
	buf  []byte
}

func newArchive(to io.Writer) *archive { return &archive{to: to, hash: sha256.New()} }

func (a *archive) write(b []byte) error {
	a.hash.Write(b)
	_, err := a.to.Write(b)
	return err
}

func (a *archive) frame(kind byte, payload []byte) error {
	head := binary.BigEndian.AppendUint32([]byte{kind}, uint32(len(payload)))
	if kind == frameHeader {
		head = append([]byte(magic), head...)
	}
	return errors.Join(a.write(head), a.write(payload))
}

func (a *archive) say(kind byte, what any) error {
	payload, err := json.Marshal(what)
	if err != nil {
		return err
	}
	return a.frame(kind, payload)
}

// table writes one table, or only that there is such a table.
func (a *archive) table(s *db.Snapshot, t db.Table, report *Report, empty bool) error {
	if err := a.say(frameTable, t); err != nil {
		return err
	}
	var sum Sum
	if empty {
		return a.say(frameEnd, tableEnd{0, sum.Hex()})
	}
	a.buf = a.buf[:0]
	if err := s.Each(t, func(row []byte) error {
		sum.add(row)
		report.Bytes += int64(len(row))
		if len(a.buf) > 0 && len(a.buf)+len(row) > pieceBytes {
			if err := a.frame(frameRows, a.buf); err != nil {
				return err
			}
			a.buf = a.buf[:0]
		}
		if len(row) > mostBytes {
			return errors.New("a row is too long for a backup")
		}
		a.buf = append(a.buf, row...)
		return nil
	}); err != nil {
		return err
	}
	if len(a.buf) > 0 {
		if err := a.frame(frameRows, a.buf); err != nil {
			return err
		}
	}
	report.Rows += sum.Rows
	return a.say(frameEnd, tableEnd{sum.Rows, sum.Hex()})
}

func (a *archive) end(report *Report) error {
	return a.say(frameLast, last{report.Rows, hex.EncodeToString(a.hash.Sum(nil))})
}

// unarchive reads frames.
type unarchive struct {
	in   *bufio.Reader
	hash hash.Hash
	buf  []byte
}

var errNotWhole = errors.New("it is not what a backup should be")

func newUnarchive(in io.Reader) *unarchive {
	return &unarchive{in: bufio.NewReaderSize(in, 1<<16), hash: sha256.New()}
}

// next reads one frame. Its bytes are good until the next is read.
func (u *unarchive) next() (kind byte, payload []byte, err error) {
	var head [5]byte
	if _, err := io.ReadFull(u.in, head[:]); err != nil {
		return 0, nil, cut(err)
	}
	n := binary.BigEndian.Uint32(head[1:])
	if n > mostBytes {
		return 0, nil, errNotWhole
	}
	// A length that was changed must not take all memory: read as it comes.
	u.buf = u.buf[:0]
	for len(u.buf) < int(n) {
		step := min(int(n)-len(u.buf), max(1<<20, len(u.buf)))
		from := len(u.buf)
		u.buf = append(u.buf, make([]byte, step)...)
		if _, err := io.ReadFull(u.in, u.buf[from:]); err != nil {
			return 0, nil, cut(err)
		}
	}
	if head[0] != frameLast {
		u.hash.Write(head[:])
		u.hash.Write(u.buf)
	}
	return head[0], u.buf, nil
}

// said reads a frame of one kind.
func (u *unarchive) said(kind byte, into any) error {
	got, payload, err := u.next()
	if err != nil {
		return err
	}
	if got != kind {
		return errNotWhole
	}
	return hear(payload, into)
}

func hear(payload []byte, into any) error {
	if err := json.Unmarshal(payload, into); err != nil {
		return fmt.Errorf("%w: %w", errNotWhole, err)
	}
	return nil
}

// header reads the beginning.
func (u *unarchive) header() (Header, error) {
	var h Header
	begins := make([]byte, len(magic))
	if _, err := io.ReadFull(u.in, begins); err != nil {
		return h, cut(err)
	}
	if string(begins) != magic {
		return h, errNotWhole
	}
	u.hash.Write(begins)
	return h, u.said(frameHeader, &h)
}

// done sees that nothing is missing and that nothing follows.
func (u *unarchive) done(payload []byte, rows int64) error {
	var z last
	if err := hear(payload, &z); err != nil {
		return err
	}
	if z.Rows != rows || z.SHA256 != hex.EncodeToString(u.hash.Sum(nil)) {
		return errNotWhole
	}
	if _, err := u.in.ReadByte(); !errors.Is(err, io.EOF) {
		return errors.Join(errNotWhole, err)
	}
	return nil
}

func cut(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
