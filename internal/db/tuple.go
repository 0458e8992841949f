package db

import (
	"database/sql/driver"
	"encoding/binary"
	"errors"
	"fmt"
)

// A row is copied as PostgreSQL's COPY writes it in binary: how many fields in
// two bytes, then each field as its length in four and its bytes, -1 for NULL.
// A number is eight bytes, a truth one, a text itself. It is the same for both
// engines, so that rows can be moved and compared between them.

var errTuple = errors.New("a row is cut or was changed")

// appendTuple adds one row to b.
func appendTuple(b []byte, columns []Column, row []driver.Value) ([]byte, error) {
	b = binary.BigEndian.AppendUint16(b, uint16(len(row)))
	for i, v := range row {
		if v == nil {
			b = append(b, 0xff, 0xff, 0xff, 0xff)
			continue
		}
		ok := false
		switch columns[i].Type {
		case "BIGINT":
			var n int64
			if n, ok = v.(int64); ok {
				b = binary.BigEndian.AppendUint64(append(b, 0, 0, 0, 8), uint64(n))
			}
		case "BOOLEAN":
			var yes byte
			if yes, ok = truth(v); ok {
				b = append(b, 0, 0, 0, 1, yes)
			}
		case "TEXT":
			var s string
			if s, ok = v.(string); ok {
				b = append(binary.BigEndian.AppendUint32(b, uint32(len(s))), s...)
			}
		case "BYTEA":
			var s []byte
			if s, ok = v.([]byte); ok {
				b = append(binary.BigEndian.AppendUint32(b, uint32(len(s))), s...)
			}
		}
		if !ok {
			return nil, fmt.Errorf("column %s holds a %T where a %s belongs", columns[i].Name, v, columns[i].Type)
		}
	}
	return b, nil
}

func truth(v driver.Value) (byte, bool) {
	switch v {
	case true, int64(1):
		return 1, true
	case false, int64(0):
		return 0, true
	}
	return 0, false
}

// tupleLen is how long the first row of b is, 0 where b does not hold the
// whole of it.
func tupleLen(b []byte, columns int) (int, error) {
	if len(b) < 2 {
		return 0, nil
	}
	if int(binary.BigEndian.Uint16(b)) != columns {
		return 0, errTuple
	}
	at := 2
	for range columns {
		if len(b) < at+4 {
			return 0, nil
		}
		n := int32(binary.BigEndian.Uint32(b[at:]))
		at += 4
		if n < -1 {
			return 0, errTuple
		}
		if n > 0 {
			at += int(n)
		}
	}
	if len(b) < at {
		return 0, nil
	}
	return at, nil
}

// EachTuple calls fn with each row of a piece that holds whole rows.
func EachTuple(piece []byte, t Table, fn func(row []byte) error) error {
	for len(piece) > 0 {
		n, err := tupleLen(piece, len(t.Columns))
		if err != nil || n == 0 {
			return errTuple
		}
		if err := fn(piece[:n]); err != nil {
			return err
		}
		piece = piece[n:]
	}
	return nil
}

// readTuple reads one row into values for the driver of SQLite.
func readTuple(row []byte, columns []Column, into []driver.NamedValue) error {
	at := 2
	for i, c := range columns {
		n := int32(binary.BigEndian.Uint32(row[at:]))
		at += 4
		if n < 0 {
			into[i].Value = nil
			continue
		}
		v := row[at : at+int(n)]
		at += int(n)
		switch {
		case c.Type == "BIGINT" && n == 8:
			into[i].Value = int64(binary.BigEndian.Uint64(v))
		case c.Type == "BOOLEAN" && n == 1:
			into[i].Value = v[0] == 1
		case c.Type == "TEXT":
			into[i].Value = string(v)
		case c.Type == "BYTEA":
			into[i].Value = append([]byte{}, v...)
		default:
			return fmt.Errorf("column %s: %w", c.Name, errTuple)
		}
	}
	return nil
}
