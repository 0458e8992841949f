package border

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"strings"

	"waymark/internal/access"
	"waymark/internal/db"
	"waymark/internal/id"
	"waymark/internal/match"
	"waymark/internal/nccis"
	"waymark/internal/youngperson"
)

// The kinds of token.
const (
	byNumber = "number"
	byName   = "name"
)

// OpenKey reads the house's key from a file, or makes it. Whoever has it and
// the tokens can try numbers until one fits, so it stands apart from the
// database and no backup holds it: tokens are made again with another.
func OpenKey(file string) ([]byte, error) {
	text, err := os.ReadFile(file)
	if errors.Is(err, os.ErrNotExist) {
		var key [32]byte
		rand.Read(key[:]) // never fails: crypto/rand ends the program instead
		f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if errors.Is(err, os.ErrExist) { // another server was first
			return OpenKey(file)
		}
		if err != nil {
			return nil, fmt.Errorf("make the key of the border: %w", err)
		}
		_, err = f.WriteString(hex.EncodeToString(key[:]) + "\n")
		return key[:], errors.Join(err, f.Sync(), f.Close())
	}
	if err != nil {
		return nil, fmt.Errorf("read the key of the border: %w", err)
	}
	key, err := hex.DecodeString(strings.TrimSpace(string(text)))
	if err != nil || len(key) != 32 {
		return nil, fmt.Errorf("%s does not hold a key of 32 bytes in hexadecimal: delete it, and another is made", file)
	}
	return key, nil
}

// token is what is given instead of a number or a name.
func (s *Service) token(scheme, value string) string {
	m := hmac.New(sha256.New, s.Key)
	m.Write([]byte(scheme + "\x00" + value))
	return base64.RawURLEncoding.EncodeToString(m.Sum(nil))
}

// number is a certain identifier in the one way in which it is compared, "" for
// what is none. A YoungPersonsID and the one that somebody had in the register
// they came from are one kind: that is how a mover is known on both sides.
func number(scheme, value string) (string, string) {
	value = strings.ToUpper(strings.Join(strings.Fields(value), ""))
	switch scheme {
	case youngperson.ULN:
		if len(value) == 10 && strings.Trim(value, "0123456789") == "" && value != "9999999999" {
			return "uln", value
		}
	case youngperson.UPN:
		if len(value) == 13 && value[0] >= 'A' && value[0] <= 'Z' && strings.Trim(value[1:12], "0123456789") == "" {
			return "upn", value
		}
	case youngperson.Previous, "id":
		if nccis.ValidYoungPersonsID(value) {
			return "id", value
		}
	}
	return "", ""
}

// row is one token of one young person.
type row struct {
	token  string
	person id.YoungPerson
}

// Who gives tokens on day $2 and by what.
var (
	sqlPeople  = `SELECT p.young_person, p.young_persons_id, p.given, p.family, COALESCE(p.dob, '') FROM standing p WHERE p.register = $1 AND ` + access.Tellable("p", "$2")
	sqlNumbers = `SELECT p.young_person, p.scheme, p.value FROM identifier p WHERE p.register = $1 AND p.known_to IS NULL AND ` + access.Tellable("p", "$2")
)

const (
	sqlGiven      = `SELECT token, young_person, kind FROM same_person WHERE register = $1`
	sqlTakeBack   = `DELETE FROM same_person WHERE register = $1 AND token = $2 AND young_person = $3`
	sqlTakeAll    = `DELETE FROM same_person WHERE register = $1`
	sqlTakePerson = `DELETE FROM same_person WHERE register = $1 AND young_person = $2`
)

// Give brings the register's tokens up to date with its facts. Where no
// agreement with another register of the house is in force on both sides, there
// are none. It returns how many are given.
func (s *Service) Give(ctx context.Context) (int, error) {
	some := false
	err := s.DB.EveryRegister().Read(ctx, func(tx *db.Tx) error {
		list, err := s.open(tx)
		some = len(list) > 0
		return err
	})
	if err != nil {
		return 0, err
	}
	n := 0
	err = s.DB.InTx(ctx, func(tx *db.Tx) error {
		if n = 0; !some {
			_, err := tx.Exec(sqlTakeAll, int64(s.Register))
			return err
		}
		want, err := s.tokens(tx)
		if err != nil {
			return err
		}
		n = len(want)
		return s.put(tx, want)
	})
	if err != nil {
		return 0, fmt.Errorf("give tokens across the border: %w", err)
	}
	return n, nil
}

// Withhold takes back what was given of one young person, at once: whoever
// restricts a record calls it in the same transaction.
func Withhold(tx *db.Tx, r id.Register, yp id.YoungPerson) error {
	if _, err := tx.Exec(sqlTakePerson, int64(r), int64(yp)); err != nil {
		return fmt.Errorf("take back what is given across the border: %w", err)
	}
	return nil
}

// tokens are those that the facts say, with their kind.
func (s *Service) tokens(tx *db.Tx) (map[row]string, error) {
	want := map[row]string{}
	here := map[id.YoungPerson]bool{}
	err := each(tx, sqlPeople, []any{int64(s.Register), day(tx.Now)}, func(scan func(...any) error) error {
		var yp id.YoungPerson
		var key, given, family, dob string
		if err := scan((*int64)(&yp), &key, &given, &family, &dob); err != nil {
			return err
		}
		here[yp] = true
		if scheme, value := number("id", key); scheme != "" {
			want[row{s.token(scheme, value), yp}] = byNumber
		}
		if g, f := match.Fold(given), match.Fold(family); g != "" && f != "" && dob != "" {
			want[row{s.token("name", g+"\x00"+f+"\x00"+dob), yp}] = byName
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return want, each(tx, sqlNumbers, []any{int64(s.Register), day(tx.Now)}, func(scan func(...any) error) error {
		var yp id.YoungPerson
		var scheme, value string
		if err := scan((*int64)(&yp), &scheme, &value); err != nil {
			return err
		}
		if scheme, value = number(scheme, value); scheme != "" && here[yp] {
			want[row{s.token(scheme, value), yp}] = byNumber
		}
		return nil
	})
}

// put stores what is wanted and not given, and takes back what is given and not
// wanted.
func (s *Service) put(tx *db.Tx, want map[row]string) error {
	var gone []row
	err := each(tx, sqlGiven, []any{int64(s.Register)}, func(scan func(...any) error) error {
		var one row
		var kind string
		if err := scan(&one.token, (*int64)(&one.person), &kind); err != nil {
			return err
		}
		if want[one] == kind {
			delete(want, one)
		} else {
			gone = append(gone, one)
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, one := range gone {
		if _, err := tx.Exec(sqlTakeBack, int64(s.Register), one.token, int64(one.person)); err != nil {
			return err
		}
	}
	var rows [][]any
	for one, kind := range want {
		rows = append(rows, []any{int64(s.Register), one.token, int64(one.person), kind})
	}
	return db.BulkInsert(tx, "same_person", []string{"register", "token", "young_person", "kind"}, rows)
}

func each(tx *db.Tx, query string, args []any, fn func(scan func(...any) error) error) error {
	rows, err := tx.Query(query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := fn(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}
