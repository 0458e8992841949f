package merge

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"waymark/internal/access"
	"waymark/internal/db"
	"waymark/internal/id"
	"waymark/internal/life"
	"waymark/internal/match"
	"waymark/internal/record"
	"waymark/internal/register"
)

// Likelihood is how likely it is that two records are of one person, in a word.
type Likelihood string

// The likelihoods.
const (
	Likely   Likelihood = "likely"
	Possible Likelihood = "possible"
	Unlikely Likelihood = "unlikely"
)

// LikelihoodOf says a weight in a word: likely from the weight at which a row of
// a file would be met without asking, unlikely below even odds, or where the
// first names are those of two people (match.VetoGiven).
func LikelihoodOf(bits float64, veto match.Veto) Likelihood {
	switch {
	case veto&match.VetoGiven != 0 || bits < 0:
		return Unlikely
	case bits >= match.ForRegister().Sure:
		return Likely
	}
	return Possible
}

// Said is what somebody said of a pair.
type Said struct {
	Answer     Answer
	By, Reason string
	At         time.Time
}

// Offered is a pair that a search found.
type Offered struct {
	Ref id.Ref
	Pair
	// People are the two, as lists show them.
	People   [2]record.Row
	Bits     float64
	Veto     match.Veto
	Sentence string
	// Since says from where and since when each is held.
	Since [2]string
	Said  Said
}

// Likelihood is that of its weight.
func (o Offered) Likelihood() Likelihood { return LikelihoodOf(o.Bits, o.Veto) }

// Probability is that the two are one, by the weight alone.
func (o Offered) Probability() float64 { return match.Probability(o.Bits) }

// List is a page of pairs.
type List struct {
	// Search is the last finished one, nil where there is none; Newer is one that
	// is under way, or was stopped, after it.
	Search, Newer *Search
	Pairs         []Offered
	// From is how many of Total stand before the first of Pairs.
	From, Total int
	// Apart counts the pairs of whom somebody has said that they are different.
	Apart int
}

const (
	sqlOffered = `SELECT d.ref, d.first, d.second, d.weight, d.veto, d.sentence, COALESCE(p.answer, ''), COALESCE(a.actor_name, ''), COALESCE(a.reason, ''), COALESCE(a.at, '')
		FROM duplicate_pair d
		JOIN standing f ON f.register = d.register AND f.young_person = d.first
		JOIN standing s ON s.register = d.register AND s.young_person = d.second
		LEFT JOIN pair_answer p ON p.register = d.register AND p.first = d.first AND p.second = d.second AND p.known_to IS NULL
		LEFT JOIN act a ON a.register = p.register AND a.number = p.known_from`
	sqlCountOffered = `SELECT count(*) FROM duplicate_pair d
		JOIN standing f ON f.register = d.register AND f.young_person = d.first
		JOIN standing s ON s.register = d.register AND s.young_person = d.second
		LEFT JOIN pair_answer p ON p.register = d.register AND p.first = d.first AND p.second = d.second AND p.known_to IS NULL`
	sqlCameFrom = `SELECT y.id, a.at, a.actor_name, a.kind, COALESCE(i.file_name, '') FROM young_person y
		JOIN act a ON a.register = y.register AND a.number = y.known_from
		LEFT JOIN import i ON i.register = y.register AND i.act = y.known_from`
	sqlPair = `SELECT first, second, weight, veto, sentence, reasons, search FROM duplicate_pair WHERE register = $1 AND ref = $2`
)

// Which pairs a list shows.
type Which struct {
	// Apart shows those of whom somebody has said that they are different people;
	// otherwise they are left out.
	Apart bool
	// From is how many are passed over, at most to the last page; Limit is how many
	// are shown.
	From, Limit int
}

// Pairs are the pairs that the last search found, the heaviest first, without
// those that have been put together since. It needs access.MergePeople and logs
// who was shown.
func (s *Service) Pairs(ctx context.Context, by access.Actor, which Which) (*List, error) {
	if err := decide(by); err != nil {
		return nil, err
	}
	out := &List{}
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		var err error
		if out.Search, out.Newer, err = s.last(tx, by.Register); err != nil && !errors.Is(err, errNone) {
			return err
		}
		if out.Apart, err = countApart(tx, by); err != nil {
			return err
		}
		if out.Search == nil && !which.Apart {
			return nil
		}
		if err := s.stale(tx, by.Register, out.Search); err != nil {
			return err
		}
		return offered(tx, by, which, out)
	})
	if err != nil {
		return nil, err
	}
	return out, s.show(ctx, by, out.Pairs)
}

// stale says of a search whether anybody has changed since.
func (s *Service) stale(tx *db.Tx, r id.Register, search *Search) error {
	if search == nil {
		return nil
	}
	book, err := register.Of(tx, r)
	if err != nil || book.LastAct == search.After {
		return err
	}
	touched, known, err := life.Since(tx, r, search.After, book.LastAct)
	search.Stale = !known || len(touched) > 0
	return err
}

func offered(tx *db.Tx, by access.Actor, which Which, out *List) error {
	var w db.Where
	w.And("d.register = $1", int64(by.Register))
	access.Scope(&w, by, access.MergePeople, "f")
	access.Scope(&w, by, access.MergePeople, "s")
	if which.Apart {
		w.And("p.answer = $1", string(Different))
	} else {
		// What somebody was not sure of is passed on, though no search found it again.
		w.And("d.search = $1 OR p.answer = $2", out.Search.Number, string(NotSure))
		w.And("p.answer IS NULL OR p.answer <> $1", string(Different))
	}
	if err := tx.QueryRow(sqlCountOffered+w.SQL(), w.Args...).Scan(&out.Total); err != nil {
		return fmt.Errorf("count the pairs: %w", err)
	}
	if out.From = which.From; out.From >= out.Total {
		out.From = max(0, out.Total-1) / which.Limit * which.Limit
	}
	rows, err := tx.Query(sqlOffered+w.SQL()+" ORDER BY d.weight DESC, d.first, d.second LIMIT "+w.Param(which.Limit)+" OFFSET "+w.Param(out.From), w.Args...)
	if err != nil {
		return fmt.Errorf("read the pairs: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var o Offered
		var weight, veto int64
		var at string
		if err := rows.Scan((*string)(&o.Ref), (*int64)(&o.First), (*int64)(&o.Second), &weight, &veto, &o.Sentence, (*string)(&o.Said.Answer), &o.Said.By, &o.Said.Reason, &at); err != nil {
			return fmt.Errorf("read the pairs: %w", err)
		}
		o.Bits, o.Veto = float64(weight)/1000, match.Veto(veto)
		if o.Said.At, err = instant(at); err != nil {
			return err
		}
		out.Pairs = append(out.Pairs, o)
	}
	return rows.Err()
}

func instant(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	var at db.Instant
	err := at.Scan(text)
	return at.Time, err
}

// show fills in who the pairs are, and logs that they were shown.
func (s *Service) show(ctx context.Context, by access.Actor, pairs []Offered) error {
	var people []id.YoungPerson
	for _, p := range pairs {
		people = append(people, p.First, p.Second)
	}
	rows, err := s.records.Shown(ctx, by, access.MergePeople, people, "duplicates")
	if err != nil {
		return err
	}
	of := map[id.YoungPerson]record.Row{}
	for _, r := range rows {
		of[r.Person] = r
	}
	var from map[id.YoungPerson]string
	if err := s.db.Read(ctx, func(tx *db.Tx) error {
		from, err = cameFrom(tx, by.Register, people)
		return err
	}); err != nil {
		return err
	}
	for i := range pairs {
		p := &pairs[i]
		p.People, p.Since = [2]record.Row{of[p.First], of[p.Second]}, [2]string{from[p.First], from[p.Second]}
	}
	return nil
}

// cameFrom says of people how each came into the register.
func cameFrom(tx *db.Tx, r id.Register, people []id.YoungPerson) (map[id.YoungPerson]string, error) {
	var w db.Where
	w.And("y.register = $1", int64(r))
	values := make([]any, len(people))
	for i, p := range people {
		values[i] = int64(p)
	}
	w.In("y.id", values...)
	rows, err := tx.Query(sqlCameFrom+w.SQL(), w.Args...)
	if err != nil {
		return nil, fmt.Errorf("read where people came from: %w", err)
	}
	defer rows.Close()
	out := map[id.YoungPerson]string{}
	for rows.Next() {
		var yp int64
		var at db.Instant
		var by, kind, file string
		if err := rows.Scan(&yp, &at, &by, &kind, &file); err != nil {
			return nil, fmt.Errorf("read where people came from: %w", err)
		}
		words := "added by " + by
		switch {
		case file != "":
			words = "from the file " + file
		case access.Action(kind) == access.ImportFile:
			words = "from a file"
		}
		out[id.YoungPerson(yp)] = words + " on " + dayWords(at.Time)
	}
	return out, rows.Err()
}

// Compared is one pair with why it weighs what it does.
type Compared struct {
	Offered
	Sums    [2]*record.Summary
	Prior   float64
	Reasons []match.Reason
	// Changed says that one of the two records was changed since they were
	// compared.
	Changed bool
}

func pairRow(tx *db.Tx, r id.Register, ref id.Ref) (Pair, *Compared, error) {
	c := &Compared{Offered: Offered{Ref: ref}}
	var weight, veto, search int64
	var reasons string
	err := tx.QueryRow(sqlPair, int64(r), string(ref)).Scan((*int64)(&c.First), (*int64)(&c.Second), &weight, &veto, &c.Sentence, &reasons, &search)
	if errors.Is(err, sql.ErrNoRows) {
		return Pair{}, nil, db.NotFound
	}
	if err != nil {
		return Pair{}, nil, fmt.Errorf("read the pair: %w", err)
	}
	var w weighed
	if err := json.Unmarshal([]byte(reasons), &w); err != nil {
		return Pair{}, nil, fmt.Errorf("read the pair: %w", err)
	}
	c.Bits, c.Veto, c.Prior, c.Reasons = float64(weight)/1000, match.Veto(veto), w.Prior, w.Reasons
	return c.Pair, c, nil
}

const (
	sqlRefs        = `SELECT id, ref FROM young_person WHERE register = $1 AND id IN ($2, $3) AND known_to IS NULL`
	sqlSearchedAct = `SELECT s.after_act FROM duplicate_pair d JOIN duplicate_search s ON s.register = d.register AND s.number = d.search WHERE d.register = $1 AND d.ref = $2`
	sqlTogether    = `m.register = $1 AND m.known_to IS NULL AND ((m.young_person = $2 AND m.into_person = $3) OR (m.young_person = $3 AND m.into_person = $2))`
)

// Compare shows one pair: both records whole, and why they weigh what they do.
// It needs access.MergePeople and access.SeePerson and logs who was shown. It
// returns Together where the two have been put together, and db.NotFound where
// either is held no longer.
func (s *Service) Compare(ctx context.Context, by access.Actor, ref id.Ref) (*Compared, error) {
	if err := decide(by); err != nil {
		return nil, err
	}
	var c *Compared
	refs := map[id.YoungPerson]id.Ref{}
	var searched id.Act
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		p, found, err := pairRow(tx, by.Register, ref)
		if err != nil {
			return err
		}
		if err := decideOn(tx, by, p.First, p.Second); err != nil {
			return err
		}
		c = found
		if err := together(tx, by.Register, p); err != nil {
			return err
		}
		if err := tx.QueryRow(sqlSearchedAct, int64(by.Register), string(ref)).Scan((*int64)(&searched)); err != nil {
			return fmt.Errorf("read the pair: %w", err)
		}
		all, err := answers(tx, by.Register)
		if err != nil {
			return err
		}
		c.Said = all[p]
		from, err := cameFrom(tx, by.Register, []id.YoungPerson{p.First, p.Second})
		c.Since = [2]string{from[p.First], from[p.Second]}
		if err != nil {
			return err
		}
		return refsOf(tx, by.Register, p, refs)
	})
	if err != nil {
		return nil, err
	}
	for i, yp := range []id.YoungPerson{c.First, c.Second} {
		if refs[yp] == "" {
			return nil, db.NotFound
		}
		if c.Sums[i], err = s.records.Summary(ctx, by, refs[yp]); err != nil {
			return nil, err
		}
	}
	c.Changed = Seen(c.Sums[0].Life, c.Sums[1].Life) > searched
	return c, nil
}

func refsOf(tx *db.Tx, r id.Register, p Pair, to map[id.YoungPerson]id.Ref) error {
	rows, err := tx.Query(sqlRefs, int64(r), int64(p.First), int64(p.Second))
	if err != nil {
		return fmt.Errorf("read the pair: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var yp int64
		var ref string
		if err := rows.Scan(&yp, &ref); err != nil {
			return err
		}
		to[id.YoungPerson(yp)] = id.Ref(ref)
	}
	return rows.Err()
}

// Together says that a pair has been put together already, by that merge.
type Together struct{ Merged }

func (t Together) Error() string { return "these two records have been put together" }

func together(tx *db.Tx, r id.Register, p Pair) error {
	var w db.Where
	w.And(sqlTogether, int64(r), int64(p.First), int64(p.Second))
	merges, err := mergesWhere(tx, w)
	if err == nil && len(merges) > 0 {
		err = Together{merges[0]}
	}
	return err
}
