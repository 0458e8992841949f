package intake

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	"waymark/internal/db"
	"waymark/internal/id"
	"waymark/internal/sealed"
)

// What a partner sent names many people and stands in the database for months.
// Its bytes, the rows understood of them, what is wrong with a row, what somebody
// mended in it and what it would change are sealed under the register's key; they are forgotten
// by being deleted.

func chunkAt(in id.Import, chunk int64) string {
	return fmt.Sprintf("intake_content.bytes %d %d", in, chunk)
}

func blockAt(in id.Import, at int64) string { return fmt.Sprintf("intake_block.content %d %d", in, at) }

func fixAt(in id.Import, row int64, item string) string {
	return fmt.Sprintf("intake_fix.value %d %d %s", in, row, item)
}

func changesAt(in id.Import, row int64) string {
	return fmt.Sprintf("intake_outcome.changes %d %d", in, row)
}

func problemAt(in id.Import, row, line int64, column string) string {
	return fmt.Sprintf("intake_problem.%s %d %d %d", column, in, row, line)
}

// sealedProblems are problems as they are stored: the cell that cannot be read, and
// what is said of it, sealed.
func sealedProblems(lock sealed.Lock, in id.Import, problems [][]any) [][]any {
	of := func(column string) int { return slices.Index(problemColumns, column) }
	number, line := of("row_number"), of("line")
	stored := make([][]any, len(problems))
	for i, p := range problems {
		stored[i] = slices.Clone(p)
		for _, column := range []string{"value", "words"} {
			stored[i][of(column)] = lock.Words(p[of(column)].(string), problemAt(in, p[number].(int64), p[line].(int64), column))
		}
	}
	return stored
}

// keepOutcomes stores what rows came to, with what they change sealed.
func keepOutcomes(tx *db.Tx, r id.Register, in id.Import, rows [][]any) error {
	lock, err := sealed.OfRegister(tx, r)
	if err != nil {
		return err
	}
	number, changes := slices.Index(outcomeColumns, "row_number"), slices.Index(outcomeColumns, "changes")
	stored := make([][]any, len(rows))
	for i, row := range rows {
		stored[i] = slices.Clone(row)
		stored[i][changes] = lock.Words(row[changes].(string), changesAt(in, row[number].(int64)))
	}
	return db.BulkInsert(tx, "intake_outcome", outcomeColumns, stored)
}

const (
	sqlPlainChunks = `SELECT intake, chunk FROM intake_content WHERE register = $1 AND sealed_by = '' ORDER BY intake, chunk LIMIT $2`
	sqlPlainBlocks = `SELECT intake, block FROM intake_block WHERE register = $1 AND sealed_by = '' ORDER BY intake, block LIMIT $2`
	sqlSealChunk   = `UPDATE intake_content SET bytes = $4, sealed_by = $5 WHERE register = $1 AND intake = $2 AND chunk = $3`
	sqlSealBlock   = `UPDATE intake_block SET content = $4, sealed_by = $5 WHERE register = $1 AND intake = $2 AND block = $3`
	sqlPlainChunk  = `SELECT bytes FROM intake_content WHERE register = $1 AND intake = $2 AND chunk = $3`
	sqlPlainBlock  = `SELECT content FROM intake_block WHERE register = $1 AND intake = $2 AND block = $3`
)

type plainPiece struct {
	in id.Import
	at int64
}

// SealPlain seals files that an older version kept as they came, a few megabytes
// a transaction, and says how many pieces it sealed.
func (s *Service) SealPlain(ctx context.Context, r id.Register) (int, error) {
	done := 0
	for _, k := range []struct {
		which, read, write string
		where              func(id.Import, int64) string
	}{{sqlPlainChunks, sqlPlainChunk, sqlSealChunk, chunkAt}, {sqlPlainBlocks, sqlPlainBlock, sqlSealBlock, blockAt}} {
		for {
			n := 0
			err := s.DB.InTx(ctx, func(tx *db.Tx) error {
				pieces, err := plainPieces(tx, r, k.which)
				if n = len(pieces); err != nil || n == 0 {
					return err
				}
				lock, err := sealed.OfRegister(tx, r)
				if err != nil {
					return err
				}
				for _, p := range pieces {
					var b []byte
					if err := tx.QueryRow(k.read, int64(r), int64(p.in), p.at).Scan(&b); err != nil {
						return err
					}
					if _, err := tx.Exec(k.write, int64(r), int64(p.in), p.at, lock.Bytes(b, k.where(p.in, p.at)), lock.Key()); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				return done, fmt.Errorf("seal the files that were kept: %w", err)
			}
			if n == 0 {
				break
			}
			done += n
		}
	}
	return done, nil
}

func plainPieces(tx *db.Tx, r id.Register, which string) ([]plainPiece, error) {
	rows, err := tx.Query(which, int64(r), chunksAtAll)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []plainPiece
	for rows.Next() {
		var p plainPiece
		if err := rows.Scan((*int64)(&p.in), &p.at); err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, rows.Err()
}

const sqlKeptChunks = `SELECT chunk, bytes, sealed_by FROM intake_content WHERE register = $1 AND intake = $2 AND chunk = $3`

// Hash is the SHA-256 of what is kept of a file, in hex digits, and how many
// bytes that is: 0 where the file was deleted after its time. It returns
// seal.ErrWrongKey where a piece was changed.
func Hash(tx *db.Tx, r id.Register, in id.Import) (hash string, size int64, err error) {
	sum := sha256.New()
	for at := int64(0); ; at++ {
		b, err := keptChunk(tx, r, in, at)
		if err != nil {
			return "", size, fmt.Errorf("read the file that was kept: %w", err)
		}
		if b == nil {
			return hex.EncodeToString(sum.Sum(nil)), size, nil
		}
		sum.Write(b)
		size += int64(len(b))
	}
}

func keptChunk(tx *db.Tx, r id.Register, in id.Import, at int64) ([]byte, error) {
	rows, err := tx.Query(sqlKeptChunks, int64(r), int64(in), at)
	if err != nil {
		return nil, err
	}
	var b []byte
	var key string
	found := rows.Next()
	if found {
		err = rows.Scan(&at, &b, &key)
	}
	if err == nil {
		err = rows.Err()
	}
	rows.Close()
	if err != nil || !found {
		return nil, err
	}
	return sealed.Bytes(tx, r, key, b, chunkAt(in, at))
}
