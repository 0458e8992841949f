package intake

import (
	"context"
	"fmt"
	"math"
	"strings"

	"waymark/internal/access"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/id"
	"waymark/internal/layout"
	"waymark/internal/match"
)

// The answers to whom a row is about.
const (
	// Same is somebody whom the register holds.
	Same = "same"
	// New is somebody whom it does not hold, to be added.
	New = "new"
	// Undecided is that a person must say.
	Undecided = "decide"
	// Nobody is somebody whom it does not hold and who is not added.
	Nobody = "nobody"
)

// matching is all rows of a file matched with a register.
type matching struct {
	s       *Service
	r       id.Register
	in      *Intake
	file    id.Import
	stamp   [32]byte
	pool    *pool
	kind    layout.Kind
	people  *people
	table   *match.Table
	matcher *match.Matcher
	numbers []int // by row of the table, its number in the file
	blockOf []int // by row of the table
	keys    []string
	whos    []string
	parts   map[int]partly // by row of the table, what rows that say too little of identity say of it
	whole   []bool         // the row says enough to add somebody
	outside []bool         // of an age that the register does not hold
	away    []string       // the code of another authority that the row is of
	found   match.Outcome
	before  map[string]decided
	after   id.Act
	rows    *blocks
	// veil is what a stranger may know; aside are the rows of the table that met a
	// restricted record, with whose.
	veil  *access.Veil
	aside map[int]id.YoungPerson
}

// decided is what was decided of a row of an earlier file of this sender.
type decided struct {
	who string
	yp  id.YoungPerson
}

const (
	sqlLastAct = `SELECT last_act FROM register WHERE id = $1`
	sqlDecided = `SELECT their_key, who, young_person FROM sender_person WHERE register = $1 AND sender = $2`
)

func (s *Service) cores() int {
	if s.Cores > 0 {
		return s.Cores
	}
	return 2
}

// forms knows nicknames and other forms of names.
func (s *Service) forms() (*match.Variants, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.variants == nil {
		v, err := match.NewVariants()
		if err != nil {
			return nil, err
		}
		s.variants = v
	}
	return s.variants, nil
}

// matching links the staged rows with the register, by what was kept of it where
// that still holds. Whoever is done gives it to keep.
func (s *Service) matching(tx *db.Tx, r id.Register, in *Intake) (*matching, error) {
	stamped, err := stamp(tx, r, in)
	if err != nil {
		return nil, err
	}
	held, err := s.taken(tx, r)
	if err != nil {
		return nil, err
	}
	veil, err := stranger(tx, r)
	if err != nil {
		return nil, err
	}
	if held != nil && held.stamp == stamped {
		held.in, held.after, held.veil = in, held.pool.after, veil
		return held, held.readDecided(tx)
	}
	m := &matching{s: s, r: r, in: in, file: in.ID, stamp: stamped, before: map[string]decided{}, parts: map[int]partly{}, veil: veil}
	m.kind, _ = layout.FindKind(in.Kind)
	if held != nil {
		m.pool = held.pool
		m.pool.matcher.Use(nil) // each file teaches its own weights
	} else if m.pool, err = s.newPool(tx, r); err != nil {
		return nil, err
	}
	m.people, m.matcher, m.after = m.pool.people, m.pool.matcher, m.pool.after
	if m.table, err = match.NewTable(m.pool.lexicon, rowSchema()); err != nil {
		return nil, err
	}
	if err := m.read(tx); err != nil {
		return nil, err
	}
	m.pool.added += len(m.numbers)
	if err := m.readDecided(tx); err != nil {
		return nil, err
	}
	m.found = m.matcher.Link(m.table)
	return m, nil
}

func (m *matching) read(tx *db.Tx) error {
	cells := make([]string, len(rowColumns))
	for at := range m.in.Of {
		if err := tx.Context().Err(); err != nil {
			return err
		}
		rows, err := block(tx, m.r, m.in, at)
		if err != nil {
			return err
		}
		for i := range rows {
			row := &rows[i]
			if row.unusable {
				continue // nobody is met by a row that cannot be used
			}
			addRow(m.table, row, cells)
			m.numbers, m.blockOf = append(m.numbers, row.number), append(m.blockOf, at)
			m.keys, m.whos = append(m.keys, row.theirKey()), append(m.whos, row.who())
			if row.who() == "" {
				m.parts[len(m.whos)-1] = row.partly()
			}
			m.whole = append(m.whole, row.who() != "")
			born := readDate(row.values[layout.DOB])
			age := civil.AcademicAge(born, m.in.AsAt)
			_, code := row.elsewhere(m.pool.ours)
			m.away = append(m.away, code)
			m.outside = append(m.outside, !born.IsZero() && (age < 12 || age > 25))
		}
	}
	return nil
}

func (m *matching) readDecided(tx *db.Tx) error {
	clear(m.before)
	one, err := together(tx, m.r)
	if err != nil {
		return err
	}
	rows, err := tx.Query(sqlDecided, int64(m.r), int64(m.in.Sender.Key))
	if err != nil {
		return fmt.Errorf("read what was decided before: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var key string
		var d decided
		if err := rows.Scan(&key, &d.who, (*int64)(&d.yp)); err != nil {
			return err
		}
		d.yp = one.now(d.yp)
		if _, held := m.people.at[d.yp]; held { // whoever came by a file that was undone is gone
			m.before[key] = d
		}
	}
	return rows.Err()
}

// answer is whom one row is about.
type answer struct {
	said     string
	yp       id.YoungPerson
	with     int // the number of a row above
	bits     float64
	sentence string
}

// answers say of each row whom it is about, in the order of the file.
func (m *matching) answers() ([]answer, error) {
	out := make([]answer, len(m.numbers))
	m.aside = map[int]id.YoungPerson{}
	taken := map[id.YoungPerson]int{} // whose identity a row has settled already
	for i := range m.numbers {
		out[i] = m.setAside(i, m.answer(i))
		if out[i].said == Same {
			if _, seen := taken[out[i].yp]; !seen {
				taken[out[i].yp] = i
			}
		}
	}
	m.again(out, taken)
	return out, m.newcomers(out)
}

func (m *matching) answer(i int) answer {
	l := m.found.Links[i]
	a := answer{bits: float64(l.Bits)}
	if l.Answer != match.Different {
		a.yp = m.people.who[l.Person]
		a.sentence = m.matcher.Explain(m.table, i, l.Person).Sentence
	}
	d, ok := m.before[m.keys[i]]
	if ok && m.keys[i] != "" && d.who == m.whos[i] {
		if a.said, a.yp = Same, d.yp; l.Answer != match.Same || m.people.who[l.Person] != d.yp {
			a.sentence = "This was decided for an earlier file of " + m.in.Sender.Name + ": the same reference, name and birth date."
		}
		return a
	}
	if ok && m.byNumber(i, d) {
		if l.Answer == match.Same && a.yp != d.yp {
			a.said = Undecided
			a.sentence += " By the sender's own number it is somebody else."
			return a
		}
		return answer{said: Same, yp: d.yp, bits: a.bits, sentence: "The same number of " + m.in.Sender.Name + " as in an earlier list, which named them."}
	}
	switch l.Answer {
	case match.Same:
		a.said = Same
	case match.Decide:
		a.said = Undecided
	default:
		a.said, a.bits = m.newAnswer(i, &a.sentence), 0
	}
	return a
}

// partly is what a row says of identity that does not say enough of it: given name,
// family name and birth date, folded, each "" where it is left out.
type partly struct{ given, family, born string }

func (row *staged) partly() partly {
	return partly{foldName(row.values[layout.Given]), foldName(row.values[layout.Family]), row.values[layout.DOB]}
}

// byNumber says that a row which does not say who it is about, as outcomes of the
// ILR do not, is of whom the sender's own number stood for in an earlier list: a list
// that said who it was, and that nothing in the row speaks against.
func (m *matching) byNumber(i int, d decided) bool {
	p, little := m.parts[i]
	if !little || d.who == "" || !strings.HasPrefix(m.keys[i], "their ") {
		return false
	}
	name, born, ok := cutLast(d.who)
	return ok && (p.born == "" || p.born == born) && (p.given == "" || strings.HasPrefix(name+" ", p.given+" ")) && (p.family == "" || strings.HasSuffix(" "+name, " "+p.family))
}

// cutLast parts a text at its last space.
func cutLast(s string) (before, after string, found bool) {
	at := strings.LastIndexByte(s, ' ')
	if at < 0 {
		return s, "", false
	}
	return s[:at], s[at+1:], true
}

// newAnswer says what becomes of a row that fits nobody.
func (m *matching) newAnswer(i int, sentence *string) string {
	switch {
	case !m.kind.MayChange("names"):
		*sentence = "Nobody of the register. A list of this kind adds nobody."
		return Nobody
	case m.outside[i]:
		*sentence = "Nobody of the register, and by the birth date not of an age that it holds (13 to 25)."
		return Nobody
	case m.away[i] != "" && m.whole[i]:
		*sentence = "Nobody of the register, and the row is of authority " + m.away[i] + ", not of this register's. Add them only if they live here."
		return Undecided
	case !m.whole[i]:
		*sentence = "Nobody of the register, and too little is said to add somebody: it takes a given name, a family name and a birth date. Mend the row, say whom it is about, or leave it out."
		return Undecided
	}
	*sentence = "Nobody of the register is like this: to be added."
	return New
}

// again settles rows of one file that are about one person: where name and
// birth date (or a number) are the same they are, and no two others may be.
func (m *matching) again(out []answer, taken map[id.YoungPerson]int) {
	first := map[id.YoungPerson]map[string]int{}
	for i := range out {
		if out[i].yp == 0 || m.whos[i] == "" {
			continue
		}
		if first[out[i].yp] == nil {
			first[out[i].yp] = map[string]int{}
		}
		if _, seen := first[out[i].yp][m.whos[i]]; !seen {
			first[out[i].yp][m.whos[i]] = i
		}
	}
	for i := range out {
		a := &out[i]
		if a.yp == 0 {
			continue
		}
		twice := m.found.Links[i].Veto == match.VetoTwice && a.said == Undecided && float64(m.found.Links[i].Bits) >= m.found.Sure
		if twice && len(first[a.yp]) == 1 && m.whos[i] != "" {
			a.said = Same
			if f := first[a.yp][m.whos[i]]; f != i {
				a.sentence = fmt.Sprintf("About the same person as row %d: the same name and birth date.", m.numbers[f])
			}
			continue
		}
		if f, seen := taken[a.yp]; seen && f != i && a.said == Same && (m.whos[f] != m.whos[i] || m.whos[i] == "" && m.keys[f] != m.keys[i]) {
			a.said = Undecided
			a.sentence += fmt.Sprintf(" Row %d is about this person too, with another name or birth date.", m.numbers[f])
		}
	}
}

// newcomers joins rows of one file that are of one new person, and has somebody
// look at those that may be.
func (m *matching) newcomers(out []answer) error {
	byWho := map[string]int{}
	var some []int
	for i := range out {
		if out[i].said != New {
			continue
		}
		if f, seen := byWho[m.whos[i]]; seen {
			out[i].with = m.numbers[f]
			out[i].sentence = fmt.Sprintf("The same new person as row %d: the same name and birth date.", m.numbers[f])
			continue
		}
		byWho[m.whos[i]] = i
		some = append(some, i)
	}
	if len(some) < 2 || len(some) > mostCompared {
		return nil
	}
	return m.alike(out, some)
}

// mostCompared is how many new people of one file are compared with each other.
const mostCompared = 50_000

// alike has somebody look at new people who may be one.
func (m *matching) alike(out []answer, some []int) error {
	list, err := match.NewTable(m.table.Lexicon(), rowSchema())
	if err != nil {
		return err
	}
	cells := make([]string, len(rowColumns))
	for _, i := range some {
		row, err := m.rows.row(m.numbers[i])
		if err != nil {
			return err
		}
		addRow(list, row, cells)
	}
	for _, p := range m.pairsAmong(list) {
		later, earlier := some[max(p.Left, p.Right)], some[min(p.Left, p.Right)]
		if p.Veto&(match.VetoGiven|match.VetoNumber|match.VetoBirth) != 0 || out[later].said != New || p.Bits < 0 {
			continue
		}
		out[later].said = Undecided
		out[later].sentence = fmt.Sprintf("Nobody of the register, but much like row %d, who is new too. Are they one?", m.numbers[earlier])
	}
	return nil
}

// pairsAmong are the new people who may be one: by the weights that the file
// was linked with, unless the register has fewer people than came new and so
// had little to teach.
func (m *matching) pairsAmong(list *match.Table) []match.Pair {
	if m.people.table.Len() < list.Len() {
		return match.Dedupe(list, match.ForRegister(), m.s.cores()).Pairs
	}
	return m.found.Model.Among(list, match.ForRegister(), m.s.cores())
}

var rowColumnsOfIntakeRow = []string{"register", "intake", "row_number", "answer", "young_person", "with_row", "bits", "sentence"}

// match meets each row with the young person it is about, from where it was
// broken off.
func (s *Service) match(ctx context.Context, r id.Register, in *Intake, told func()) error {
	var m *matching
	var answers []answer
	if err := s.DB.Read(ctx, func(tx *db.Tx) error {
		var err error
		if m, err = s.matching(tx, r, in); err != nil {
			return err
		}
		m.rows = &blocks{tx: tx, r: r, in: in}
		answers, err = m.answers()
		m.rows = nil
		return err
	}); err != nil {
		return err
	}
	defer s.retain(m)
	if in.Done > 0 && in.after != m.after {
		// Half was written of another register: begin again.
		if err := s.DB.InTx(ctx, func(tx *db.Tx) error {
			if err := s.unmoved(tx, r, in); err != nil {
				return err
			}
			return rematch(tx, r, in)
		}); err != nil {
			return err
		}
	}
	for in.Done < in.Of {
		if err := s.writeAnswers(ctx, m, answers); err != nil {
			return err
		}
		told()
	}
	return s.forward(ctx, r, in, Matched)
}

// writeAnswers stores the answers of the next blocks.
func (s *Service) writeAnswers(ctx context.Context, m *matching, answers []answer) error {
	next := *m.in
	err := s.DB.InTx(ctx, func(tx *db.Tx) error {
		if err := s.unmoved(tx, m.r, m.in); err != nil {
			return err
		}
		next = *m.in
		next.after = m.after
		next.Counts.ExpectedWrong = math.Round(m.found.ExpectedWrong*1e4) / 1e4
		next.Done = min(next.Of, next.Done+blocksAtAll)
		var rows [][]any
		for i, a := range answers {
			if m.blockOf[i] < m.in.Done || m.blockOf[i] >= next.Done {
				continue
			}
			rows = append(rows, []any{int64(m.r), int64(m.in.ID), int64(m.numbers[i]), a.said, int64(a.yp), int64(a.with), int64(math.Round(max(-100, a.bits) * 100)), a.sentence})
		}
		if err := db.BulkInsert(tx, "intake_row", rowColumnsOfIntakeRow, rows); err != nil {
			return err
		}
		if err := m.keepAside(tx, m.in.Done, next.Done); err != nil {
			return err
		}
		return save(tx, m.r, &next)
	})
	if err == nil {
		*m.in = next
	}
	return err
}
