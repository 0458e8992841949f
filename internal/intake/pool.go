package intake

import (
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/id"
	"waymark/internal/life"
	"waymark/internal/match"
	"waymark/internal/register"
)

// pool is a register's people ready to be matched, as they were after an act. To
// read and index them takes a second for 30,000, so the last pool is kept, and
// serves until somebody's identity changes.
type pool struct {
	r       id.Register
	after   id.Act
	day     civil.Date // what holds today may not tomorrow
	people  *people
	lexicon *match.Lexicon
	matcher *match.Matcher
	ours    []string // the codes of the register's authorities
	// added is how many rows of files have left their words in the lexicon.
	added int
}

const (
	// mostPooled is how many people are kept in memory: some 300 bytes each.
	mostPooled = 400_000
	// mostAdded is how many rows of files a pool takes before it is made anew.
	mostAdded = 400_000
	// mostTouched is of how many people it is asked whether acts changed who they
	// are. Beyond them everybody is read.
	mostTouched = 500
)

// newPool reads and indexes the register.
func (s *Service) newPool(tx *db.Tx, r id.Register) (*pool, error) {
	variants, err := s.forms()
	if err != nil {
		return nil, err
	}
	p := &pool{r: r, day: civil.On(tx.Now, civil.London()), lexicon: match.NewLexicon(variants)}
	if err := tx.QueryRow(sqlLastAct, int64(r)).Scan((*int64)(&p.after)); err != nil {
		return nil, fmt.Errorf("look at the register: %w", err)
	}
	book, err := register.Of(tx, r)
	if err != nil {
		return nil, err
	}
	p.ours = book.Codes()
	if p.people, err = readPeople(tx, r, p.lexicon); err != nil {
		return nil, err
	}
	p.matcher = match.NewMatcher(p.people.table, match.ForRegister(), s.cores())
	return p, nil
}

// taken takes what was matched last out of its place, so that nobody else uses it
// meanwhile; retain puts it back. It is nil where there is none that still holds.
func (s *Service) taken(tx *db.Tx, r id.Register) (*matching, error) {
	s.mu.Lock()
	m := s.kept
	if m != nil && m.pool.r == r {
		s.kept = nil
	}
	s.mu.Unlock()
	if m == nil || m.pool.r != r {
		return nil, nil
	}
	ok, err := m.pool.holds(tx)
	if err != nil || !ok {
		return nil, err
	}
	return m, nil
}

func (s *Service) retain(m *matching) {
	if m == nil || m.people.table.Len() > mostPooled || m.pool.added > mostAdded {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kept = m
}

// reread has the rows of a file read again by whoever matches them next.
func (s *Service) reread(r id.Register, file id.Import) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.kept != nil && s.kept.r == r && s.kept.file == file {
		s.kept.stamp = [32]byte{}
	}
}

// holds says whether the people are who they were, and if so moves on to the
// register's last act.
func (p *pool) holds(tx *db.Tx) (bool, error) {
	var last id.Act
	if err := tx.QueryRow(sqlLastAct, int64(p.r)).Scan((*int64)(&last)); err != nil {
		return false, fmt.Errorf("look at the register: %w", err)
	}
	if p.day != civil.On(tx.Now, civil.London()) || last < p.after {
		return false, nil
	}
	if now, err := sheltered(tx, p.r); err != nil || !maps.Equal(now, p.people.sheltered) {
		return false, err
	}
	if last == p.after {
		return true, nil
	}
	touched, known, err := life.Since(tx, p.r, p.after, last)
	if err != nil || !known || len(touched) > mostTouched {
		return false, err
	}
	same, err := p.sameIdentity(tx, touched)
	if same {
		p.after = last
	}
	return same, err
}

// identityTables are where who somebody is, is held.
var identityTables = []string{"name", "particulars", "address", "identifier", "reach", "young_person", "merged"}

// sameIdentity says that the acts since changed nothing by which these people are
// matched.
func (p *pool) sameIdentity(tx *db.Tx, touched []id.YoungPerson) (bool, error) {
	for _, yp := range touched {
		if _, held := p.people.at[yp]; !held {
			return false, nil
		}
		for _, table := range identityTables {
			column := "young_person"
			if table == "young_person" {
				column = "id"
			}
			var n int
			if err := tx.QueryRow("SELECT count(*) FROM "+table+" WHERE register = $1 AND "+column+" = $2 AND (known_from > $3 OR known_to > $3)",
				int64(p.r), int64(yp), int64(p.after)).Scan(&n); err != nil {
				return false, fmt.Errorf("look for who has changed: %w", err)
			}
			if n > 0 {
				return false, nil
			}
		}
		same := false
		err := eachRow(tx, strings.Replace(sqlPeople, "ORDER BY", "AND y.id = $2 ORDER BY", 1), p.r, func(rows *sql.Rows) error {
			_, cells, err := scanPerson(rows)
			same = sumOf(cells) == p.people.sums[p.people.at[yp]]
			return err
		}, int64(yp))
		if err != nil || !same {
			return false, err
		}
	}
	return true, nil
}

// stamp is what the rows of a file are matched by, besides the register: where it
// is the same, so are they.
func stamp(tx *db.Tx, r id.Register, in *Intake) ([32]byte, error) {
	mapping, err := json.Marshal(in.Mapping)
	if err != nil {
		return [32]byte{}, err
	}
	var taught int64
	if err := tx.QueryRow(sqlTaughtLast, int64(r)).Scan(&taught); err != nil {
		return [32]byte{}, fmt.Errorf("look for what was taught: %w", err)
	}
	mended, err := fixes(tx, r, in)
	if err != nil {
		return [32]byte{}, err
	}
	var said []string
	for number, items := range mended {
		for item, value := range items {
			said = append(said, fmt.Sprintf("%d %s %q", number, item, value))
		}
	}
	slices.Sort(said)
	return sha256.Sum256(fmt.Appendf(nil, "%d %d %s %s %s %d %s %q", r, in.ID, in.Kind, in.AsAt, mapping, taught, in.SHA256, said)), nil
}

const sqlTaughtLast = `SELECT COALESCE(max(act), 0) FROM sender_word WHERE register = $1`
