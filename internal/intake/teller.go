package intake

import (
	"fmt"
	"slices"

	"waymark/internal/act"
	"waymark/internal/change"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/fact"
	"waymark/internal/id"
	"waymark/internal/layout"
	"waymark/internal/life"
	"waymark/internal/match"
	"waymark/internal/nccis"
	"waymark/internal/provider"
	"waymark/internal/record"
	"waymark/internal/register"
	"waymark/internal/sealed"
	"waymark/internal/youngperson"
)

// subject is one young person and the rows of the file that are about them, in
// its order.
type subject struct {
	yp   id.YoungPerson // 0 for somebody new
	rows []int
	// gone says that there is no row: the full roll no longer names them, and
	// somebody decided that they have left.
	gone bool
}

// told is one subject before and after the rows were told.
type told struct {
	subject
	before, after *life.Life
	said          []saidRow
	// stood is where they stand in the month's figures, before and after.
	stood int
}

// saidRow is what one row came to.
type saidRow struct {
	number   int
	outcome  string
	clashes  int
	changes  []Change
	evidence id.Evidence
	words    string // what the evidence says of who said it
}

// teller tells the rows of a file to lives, some at a time.
type teller struct {
	tx       *db.Tx
	r        id.Register
	in       *Intake
	kind     layout.Kind
	edition  *nccis.Edition
	month    *nccis.Edition
	end      civil.Date
	book     register.Register
	words    *layout.Words
	variants *match.Variants
	rows     *blocks
	choices  map[int]map[string]string
	known    map[id.Evidence]source
	// sheltered are those whose address is protected.
	sheltered map[id.YoungPerson]bool
	lock      sealed.Lock
	// places are the establishments that offers of this file named by a number.
	places         map[[3]string]provider.Establishment
	establishments *provider.Book
	first          int64 // keys from here on are of this file
	key            int64
}

// foretold is where keys begin that are only for looking.
const foretold = int64(1) << 60

func (s *Service) teller(tx *db.Tx, r id.Register, in *Intake, first int64) (*teller, error) {
	t := &teller{tx: tx, r: r, in: in, rows: &blocks{tx: tx, r: r, in: in}, known: map[id.Evidence]source{}, first: first, key: first}
	var err error
	if t.sheltered, err = sheltered(tx, r); err != nil {
		return nil, err
	}
	if t.lock, err = sealed.OfRegister(tx, r); err != nil {
		return nil, err
	}
	if t.variants, err = s.forms(); err != nil {
		return nil, err
	}
	if t.book, err = register.Of(tx, r); err != nil {
		return nil, err
	}
	t.kind, _ = layout.FindKind(in.Kind)
	req := s.Requirement.WithInvented(t.book.Invented())
	t.edition, _ = req.EditionOn(in.AsAt)
	t.end = civil.On(tx.Now, civil.London()).InMonth().End()
	t.month, _ = req.EditionOn(t.end)
	if t.words, err = s.words(tx, r, in.AsAt); err != nil {
		return nil, err
	}
	return t, nil
}

func (t *teller) next() id.Fact {
	t.key++
	return id.Fact(t.key - 1)
}

const sqlEvidence = `SELECT kind, said_by, grade, COALESCE(received_on, '') FROM evidence WHERE register = $1 AND id = $2`

// held says how well a fact is known, by its evidence.
func (t *teller) held(e id.Evidence) source {
	if int64(e) >= t.first {
		return source{day: t.in.AsAt, grade: rank(t.kind.Grade), words: "by another row of this file"}
	}
	if s, ok := t.known[e]; ok {
		return s
	}
	s := source{grade: rank("")}
	var kind, by, grade, on string
	if err := t.tx.QueryRow(sqlEvidence, int64(t.r), int64(e)).Scan(&kind, &by, &grade, &on); err == nil {
		s = source{day: readDate(on), grade: rank(grade), words: grade + " (" + joined(", ", kind, by) + ")"}
	}
	t.known[e] = s
	return s
}

// some is how many subjects are told at once.
const some = 500

// each tells the subjects, some at a time, and gives each to fn.
func (t *teller) each(all []subject, fn func(*told) error) error {
	for part := range slices.Chunk(all, some) {
		lives, err := t.load(part)
		if err != nil {
			return err
		}
		for i := range part {
			o, err := t.tell(part[i], lives[part[i].yp])
			if err != nil {
				return err
			}
			if err := fn(o); err != nil {
				return err
			}
		}
	}
	return nil
}

// load reads the lives of those who are held.
func (t *teller) load(part []subject) (map[id.YoungPerson]*life.Life, error) {
	var people []id.YoungPerson
	for _, s := range part {
		if s.yp != 0 {
			people = append(people, s.yp)
		}
	}
	lives := map[id.YoungPerson]*life.Life{}
	for _, k := range ranges(t.r, people) {
		list, err := life.Load(t.tx, k)
		if err != nil {
			return nil, err
		}
		for _, l := range list {
			lives[l.Person.ID] = l
		}
	}
	return lives, nil
}

// ranges asks for people by key: from the first to the last where they lie
// close together, else two hundred at a time.
func ranges(r id.Register, people []id.YoungPerson) []fact.Known {
	if len(people) == 0 {
		return nil
	}
	const apart = 60
	if lowest, highest := slices.Min(people), slices.Max(people); int(highest-lowest) <= apart*len(people) {
		return []fact.Known{{Register: r, From: lowest, To: highest}}
	}
	var out []fact.Known
	for part := range slices.Chunk(people, 200) {
		out = append(out, fact.Known{Register: r, People: part})
	}
	return out
}

// tell tells one subject its rows.
func (t *teller) tell(s subject, held *life.Life) (*told, error) {
	o := &told{subject: s}
	switch {
	case s.yp == 0:
		o.before = &life.Life{}
		o.after = &life.Life{Person: youngperson.Person{ID: id.YoungPerson(t.next()), Ref: id.NewRef()}}
	case held == nil:
		return nil, fmt.Errorf("somebody whom row %v is about is gone: %w", s.rows, db.NotFound)
	default:
		o.before, o.after = held, change.Copy(held)
	}
	if s.gone {
		o.said = append(o.said, t.one(o.after, nil, false))
	}
	rows := make([]*staged, len(s.rows))
	for i, number := range s.rows {
		row, err := t.rows.row(number)
		if err != nil {
			return nil, err
		}
		if row, err = t.whereOffered(row); err != nil {
			return nil, err
		}
		if rows[i] = row; !t.kind.RowsAreEvents() {
			o.said = append(o.said, t.one(o.after, row, s.yp == 0 && i == 0))
		}
	}
	if t.kind.RowsAreEvents() {
		for i, row := range countUp(rows) {
			o.said = append(o.said, t.one(o.after, row, s.yp == 0 && i == 0))
		}
	}
	o.stood = 10*t.stands(o.before) + t.stands(o.after)
	return o, nil
}

// one tells one row to a life; no row tells that they have left.
func (t *teller) one(l *life.Life, row *staged, added bool) saidRow {
	kind := t.kind
	said := layout.Row{}
	out := saidRow{words: t.in.Sender.Name}
	choices, counted := map[string]string{fieldActivity: Theirs}, 0
	if row != nil {
		said.Number, said.Values = row.number, row.values
		out.number, choices = row.number, t.choices[row.number]
		counted = row.with
	} else {
		said.Values[layout.End] = t.in.AsAt.String()
		kind.May, kind.Grade = []string{"activity"}, act.Inferred
		out.words += ": no longer on the full roll"
	}
	keyBefore := t.key
	out.evidence = id.Evidence(t.next())
	one := telling{l: l, row: &said, kind: &kind, sender: &t.in.Sender, edition: t.edition, book: &t.book, variants: t.variants, translate: t.words,
		asAt: t.in.AsAt, held: t.held, choices: choices, next: t.next, evidence: out.evidence, added: added, sheltered: t.sheltered[l.Person.ID], countedWith: counted,
		chosen: func(yp id.YoungPerson, words string) string { return shelteredOf(t.lock, t.in.ID, yp, words) }}
	if day := readDate(said.Values[layout.CheckedOn]); !day.IsZero() && !day.After(t.in.AsAt) {
		one.asAt = day
	}
	one.tell()
	changed, clashes := one.does()
	out.changes, out.clashes = one.changes, clashes
	switch {
	case added:
		out.outcome = OutcomeNew
	case changed:
		out.outcome = OutcomeChanged
	default:
		out.outcome = OutcomeUnchanged
		t.key = keyBefore
	}
	if reason := said.Values[layout.LeavingReason]; reason != "" {
		out.words += ": " + t.words.Label(layout.LeavingReasons, reason)
	}
	return out
}

// stands is where somebody stands in the figures of the month: 0 not in the
// rates, 1 EET, 2 NEET, 3 not known, 4 left out.
func (t *teller) stands(l *life.Life) int {
	if l.Person.ID == 0 {
		return 0
	}
	v := l.On(t.book.Book(), t.month, t.end)
	if !record.InRates(&v.Record, t.end) {
		return 0
	}
	return slices.Index([]nccis.Status{"", nccis.EET, nccis.NEET, nccis.NotKnown, nccis.OutOfRates}, v.Status)
}
