package list

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/fact"
	"waymark/internal/guarantee"
	"waymark/internal/id"
	"waymark/internal/provider"
	"waymark/internal/season"
	"waymark/internal/standing"
)

// beside is what no line of the roll says: the tests of filters that look
// elsewhere, by their values, and who has left an institution. Only what a
// question asks is read, for everybody at once.
type beside struct {
	tests map[Filter]map[string]test
	left  map[string]leavers
}

// besideThe reads what a question asks beside the roll, as known on its day.
func (s *Service) besideThe(ctx context.Context, r id.Register, q Question, today civil.Date) (beside, error) {
	out := beside{map[Filter]map[string]test{}, map[string]leavers{}}
	if len(q.Filters[Guarantee])+len(q.Filters[GuaranteeYear]) > 0 {
		if err := s.owed(ctx, r, q, out); err != nil {
			return out, err
		}
	}
	if len(q.Filters[Enrolled])+len(q.Filters[Intended])+len(q.Filters[Left]) == 0 {
		return out, nil
	}
	err := s.DB.Read(ctx, func(tx *db.Tx) error {
		at, err := act.AsKnown(tx, r, q.KnownOn)
		if err != nil {
			return err
		}
		k := fact.Known{Register: r, At: at}
		if len(q.Filters[Enrolled]) > 0 {
			named, err := enrolled(tx, k, today)
			if err != nil {
				return err
			}
			out.tests[Enrolled] = named.yesOrNone()
		}
		if len(q.Filters[Intended]) > 0 {
			said := keys{}
			if err := guarantee.Destinations.Each(tx, k, func(f *fact.Of[guarantee.Destination]) error { said[f.YoungPerson] = f.Is.Code != ""; return nil }); err != nil {
				return err
			}
			out.tests[Intended] = said.yesOrNone()
		}
		for _, value := range q.Filters[Left] {
			if out.left[value], err = left(tx, k, value, today); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return out, fmt.Errorf("read what a list asks beside the roll: %w", err)
	}
	return out, nil
}

// keys are a set of young people.
type keys map[id.YoungPerson]bool

func (p keys) yesOrNone() map[string]test {
	return map[string]test{"yes": func(l *standing.Line) bool { return p[l.Person] }, "none": func(l *standing.Line) bool { return !p[l.Person] }}
}

// owed are those to whom the September Guarantee is owed in the season that
// opened last, by how they stand in it. Whoever is owed none fits no value. A
// season that closed before the register began has nobody.
func (s *Service) owed(ctx context.Context, r id.Register, q Question, out beside) error {
	st, err := s.Season.Running(ctx, r, q.KnownOn)
	if q.KnownOn.IsZero() && errors.As(err, new(act.BeforeBegan)) {
		st, err = &season.State{}, nil
	}
	if err != nil {
		return err
	}
	type stands struct {
		outcome season.Outcome
		node    string
	}
	of := make(map[id.YoungPerson]stands, len(st.People))
	for i := range st.People {
		if p := &st.People[i]; p.Owed {
			of[p.Person] = stands{p.Outcome, p.Node}
		}
	}
	is := func(outcomes ...season.Outcome) test {
		return func(l *standing.Line) bool { return slices.Contains(outcomes, of[l.Person].outcome) }
	}
	out.tests[Guarantee] = map[string]test{"gap": is(season.NoOffer, season.NotRecorded), "no-offer": is(season.NoOffer), "not-recorded": is(season.NotRecorded), "made": is(season.Made),
		"not-appropriate": is(season.NotAppropriate)}
	out.tests[GuaranteeYear] = map[string]test{"11": func(l *standing.Line) bool { return of[l.Person].node == guarantee.Year11 },
		"12": func(l *standing.Line) bool { return of[l.Person].node == guarantee.Year12 }}
	return nil
}

const (
	sqlEnrolled = `SELECT e.young_person FROM enrolment_named e JOIN intake n ON n.register = e.register AND n.id = e.intake
		WHERE e.register = $1 AND n.as_at >= $2 AND n.as_at <= $3 AND n.received_at < $4 AND (n.act IS NULL OR n.act <= $5) AND (n.undone_by IS NULL OR n.undone_by > $5)`
	sqlMerged = `SELECT young_person, into_person FROM merged WHERE register = $1 AND known_from <= $2 AND (known_to IS NULL OR known_to > $2)`
)

// enrolled are those whom a partner has named in a list of enrolments that speaks
// of a day of this academic year, was received by the end of the day, and is
// applied: rolls of schools and colleges, lists of enrolments, of starters and
// leavers, of learners, of apprentices (layout.Kind.Enrols). What was said of a
// record that has been put together with another was said of that.
func enrolled(tx *db.Tx, k fact.Known, today civil.Date) (keys, error) {
	at := int64(k.At)
	if at == 0 {
		at = math.MaxInt64
	}
	named, into := keys{}, map[id.YoungPerson]id.YoungPerson{}
	y, month, day := today.YMD()
	until := time.Date(y, month, day+1, 0, 0, 0, 0, civil.London())
	if err := eachPair(tx, sqlMerged, func(yp, other int64) { into[id.YoungPerson(yp)] = id.YoungPerson(other) }, true, int64(k.Register), at); err != nil {
		return nil, err
	}
	err := eachPair(tx, sqlEnrolled, func(yp, _ int64) {
		who := id.YoungPerson(yp)
		for range len(into) {
			next, ok := into[who]
			if !ok {
				break
			}
			who = next
		}
		named[who] = true
	}, false, int64(k.Register), today.AcademicYear().Start().String(), today.String(), db.Instant{Time: until}, at)
	return named, err
}

// eachPair calls fn with each row of one key, or of two.
func eachPair(tx *db.Tx, query string, fn func(a, b int64), two bool, args ...any) error {
	rows, err := tx.Query(query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	var a, b int64
	dest := []any{&a}
	if two {
		dest = append(dest, &b)
	}
	for rows.Next() {
		if err := rows.Scan(dest...); err != nil {
			return err
		}
		fn(a, b)
	}
	return rows.Err()
}

const sqlLeft = `SELECT f.young_person, f.establishment_name FROM spell f`

// leavers are those who were at an institution until a day since the first of
// the academic year before this one. Whoever came back is among them: the roll
// says who is there (asking.left). The institution is known by its establishment
// number or its UKPRN; what came with neither number, or with a UKPRN alone, counts
// where it also has the name that the list of establishments gives.
type leavers struct {
	people keys
	// number is that of the institution, and names those of it that came without.
	number string
	names  map[string]bool
}

// left reads who has left an institution.
func left(tx *db.Tx, k fact.Known, value string, today civil.Date) (leavers, error) {
	book, err := provider.Read(tx, k.Register, k.At)
	if err != nil {
		return leavers{}, err
	}
	of := book.ByNumber
	if len(value) == len("10001234") {
		of = book.ByUKPRN
	}
	e, known, err := of(value, today)
	if err != nil {
		return leavers{}, err
	}
	number, ukprn := value, ""
	if known {
		number, ukprn = e.Number, e.UKPRN
	} else if len(value) == len("10001234") {
		number, ukprn = "", value
	}
	out := leavers{keys{}, number, map[string]bool{}}
	read := func(whole bool, condition string, args ...any) error {
		w := k.Where()
		w.And("f.ended <> '' AND f.ended >= $1 AND f.ended <= $2", (today.AcademicYear() - 1).Start().String(), today.String())
		w.And(condition, args...)
		rows, err := tx.Query(sqlLeft+w.SQL(), w.Args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var yp int64
			var name string
			if err := rows.Scan(&yp, &name); err != nil {
				return err
			}
			if !whole && provider.Fold(name) != provider.Fold(e.Name) {
				continue
			}
			out.people[id.YoungPerson(yp)], out.names[provider.Fold(name)] = true, true
		}
		return rows.Err()
	}
	if number != "" {
		err = read(true, "f.establishment_number = $1", number)
	}
	if err == nil && ukprn != "" {
		err = read(ukprn == value, "f.establishment_number = '' AND f.ukprn = $1", ukprn)
	}
	if err == nil && e.Name != "" {
		err = read(false, "f.establishment_number = '' AND f.ukprn = ''")
	}
	delete(out.names, "")
	return out, err
}
