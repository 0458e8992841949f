package intake

import (
	"encoding/binary"
	"errors"
	"fmt"

	"waymark/internal/db"
	"waymark/internal/id"
	"waymark/internal/layout"
	"waymark/internal/sealed"
)

// blockRows is how many rows a block holds.
const blockRows = 1000

// staged is one row of a block.
type staged struct {
	number int
	// unusable says that a fatal problem was found in it.
	unusable bool
	values   [layout.Count]string
	// with is the row with which this one is counted, 0 where it speaks for itself.
	with int
}

// A block begins with the names of the items that its rows hold, because the
// numbers of items may change from one version of the product to the next. Each
// row is its number, a mark, and the values of those items; every text goes
// behind its length.

func encode(rows []staged) []byte {
	var used []layout.Item
	for _, i := range layout.Items() {
		for r := range rows {
			if rows[r].values[i] != "" {
				used = append(used, i)
				break
			}
		}
	}
	b := binary.AppendUvarint(make([]byte, 0, 128*len(rows)), uint64(len(used)))
	text := func(s string) {
		b = binary.AppendUvarint(b, uint64(len(s)))
		b = append(b, s...)
	}
	for _, i := range used {
		text(i.String())
	}
	b = binary.AppendUvarint(b, uint64(len(rows)))
	for r := range rows {
		mark := uint64(0)
		if rows[r].unusable {
			mark = 1
		}
		b = binary.AppendUvarint(binary.AppendUvarint(b, uint64(rows[r].number)), mark)
		for _, i := range used {
			text(rows[r].values[i])
		}
	}
	return b
}

var errBlock = errors.New("a staged block cannot be read: it is damaged")

func decode(b []byte) ([]staged, error) {
	bad := false
	number := func() uint64 {
		n, size := binary.Uvarint(b)
		if size <= 0 {
			bad = true
			return 0
		}
		b = b[size:]
		return n
	}
	text := func() string {
		n := number()
		if n > uint64(len(b)) {
			bad = true
			return ""
		}
		s := string(b[:n])
		b = b[n:]
		return s
	}
	used := make([]layout.Item, number())
	for k := range used {
		name := text()
		item, ok := layout.ParseItem(name)
		if bad {
			return nil, errBlock
		}
		if ok {
			used[k] = item // an item that is no more is read and forgotten
		}
	}
	count := number()
	if bad || count > blockRows {
		return nil, errBlock
	}
	rows := make([]staged, count)
	for r := range rows {
		rows[r].number, rows[r].unusable = int(number()), number() == 1
		for _, i := range used {
			v := text()
			rows[r].values[i] = v
		}
		rows[r].values[layout.None] = ""
		if bad {
			return nil, errBlock
		}
	}
	return rows, nil
}

const (
	sqlBlock   = `SELECT content, sealed_by FROM intake_block WHERE register = $1 AND intake = $2 AND block = $3`
	sqlBlockOf = `SELECT block FROM intake_block WHERE register = $1 AND intake = $2 AND first_row <= $3 AND last_row >= $3`
)

// block reads one block of staged rows.
func block(tx *db.Tx, r id.Register, in *Intake, at int) ([]staged, error) {
	var content []byte
	var key string
	err := tx.QueryRow(sqlBlock, int64(r), int64(in.ID), int64(at)).Scan(&content, &key)
	if err == nil {
		content, err = sealed.Bytes(tx, r, key, content, blockAt(in.ID, int64(at)))
	}
	if err != nil {
		return nil, fmt.Errorf("read staged rows: %w", err)
	}
	return decode(content)
}

// blocks hold the blocks read last, for rows that are asked for in some order.
type blocks struct {
	tx   *db.Tx
	r    id.Register
	in   *Intake
	held map[int][]staged
	old  []int
}

// row is a staged row of the file.
func (b *blocks) row(number int) (*staged, error) {
	for _, rows := range b.held {
		if len(rows) > 0 && number >= rows[0].number && number <= rows[len(rows)-1].number {
			return inBlock(rows, number)
		}
	}
	var at int
	if err := b.tx.QueryRow(sqlBlockOf, int64(b.r), int64(b.in.ID), int64(number)).Scan(&at); err != nil {
		return nil, fmt.Errorf("find row %d: %w", number, db.NotFound)
	}
	rows, err := block(b.tx, b.r, b.in, at)
	if err != nil {
		return nil, err
	}
	if b.held == nil {
		b.held = map[int][]staged{}
	}
	const most = 12
	if len(b.old) == most {
		delete(b.held, b.old[0])
		b.old = b.old[1:]
	}
	b.held[at], b.old = rows, append(b.old, at)
	return inBlock(rows, number)
}

func inBlock(rows []staged, number int) (*staged, error) {
	for i := range rows {
		if rows[i].number == number {
			return &rows[i], nil
		}
	}
	return nil, db.NotFound
}
