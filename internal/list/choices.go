package list

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"

	"waymark/internal/access"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/provider"
	"waymark/internal/standing"
)

// Choice is one value of a filter that somebody in the register has.
type Choice struct {
	Value, Words string
	People       int
}

// Choices are what can be chosen of what differs from register to register.
type Choices struct{ Schools, Advisers, Areas, Leads []Choice }

// Choices are what the register has to choose from now, or as known on a day.
// It needs access.ListPeople and shows nobody; it returns act.BeforeBegan as
// Page does.
func (s *Service) Choices(ctx context.Context, by access.Actor, knownOn civil.Date) (Choices, error) {
	if err := access.Decide(by, access.ListPeople, access.Subject{Register: by.Register}); err != nil {
		return Choices{}, err
	}
	veil, err := s.Rolls.Veiled(ctx, by, access.SeePerson)
	if err != nil {
		return Choices{}, err
	}
	ro, release, err := s.Rolls.On(ctx, by.Register, knownOn)
	if err != nil {
		return Choices{}, err
	}
	defer release()
	schools, advisers, areas, leads := make([]int, ro.Words()), make([]int, ro.Words()), make([]int, ro.Words()), make([]int, ro.Words())
	ro.Each(func(l *standing.Line) {
		if !veil.Allows(l) {
			return
		}
		schools[l.School]++
		advisers[l.Adviser]++
		leads[l.Lead]++
		if !veil.Protects(l.Person) {
			areas[l.Area]++
		}
	})
	return Choices{Schools: named(ro, schools), Advisers: named(ro, advisers), Areas: plainly(ro, areas), Leads: plainly(ro, leads)}, nil
}

// named adds up those of one number or account, whose name may be written in
// several ways, and takes the commonest. Whoever has none is known by the name.
func named(ro *standing.Roll, people []int) []Choice {
	at := map[string]int{}
	var out []Choice
	var most []int
	for w, n := range people {
		value, words := ro.Halves(standing.Word(w))
		if n == 0 || words == "" {
			continue
		}
		if value == "" {
			value = words
		}
		i, ok := at[value]
		if !ok {
			at[value] = len(out)
			out, most = append(out, Choice{value, words, n}), append(most, n)
			continue
		}
		if n > most[i] || n == most[i] && words < out[i].Words {
			out[i].Words, most[i] = words, n
		}
		out[i].People += n
	}
	return inWords(out)
}

// plainly are values that are their own words.
func plainly(ro *standing.Roll, people []int) []Choice {
	var out []Choice
	for w, n := range people {
		if text := strings.ToUpper(ro.Text(standing.Word(w))); n > 0 && text != "" {
			out = append(out, Choice{text, text, n})
		}
	}
	return inWords(out)
}

func inWords(out []Choice) []Choice {
	slices.SortFunc(out, func(a, b Choice) int {
		return cmp.Or(strings.Compare(a.Words, b.Words), strings.Compare(a.Value, b.Value))
	})
	return out
}

// InstitutionWords is what an institution is called that has an establishment
// number or a UKPRN: as the list of establishments has it, else as SchoolWords
// does.
func (s *Service) InstitutionWords(ctx context.Context, by access.Actor, c Choices, value string) (words string, err error) {
	if err := access.Decide(by, access.ListPeople, access.Subject{Register: by.Register}); err != nil {
		return "", err
	}
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		book, err := provider.Read(tx, by.Register, 0)
		if err != nil {
			return err
		}
		if words, err = book.NameOf(value, civil.Date{}); err == nil && words == "" {
			words, err = book.ProviderName(value, civil.Date{})
		}
		return err
	})
	if err == nil && words == "" {
		words, _, err = s.SchoolWords(ctx, by, c, value)
	}
	return words, err
}

const sqlSchoolOnce = `SELECT f.establishment_name FROM spell f WHERE f.register = $1 AND f.establishment_number = $2 AND f.establishment_name <> '' ORDER BY f.started DESC LIMIT 1`

// SchoolWords is what a school is called, and whether anybody is there by the
// choices: a school that has closed is known by those who were there.
func (s *Service) SchoolWords(ctx context.Context, by access.Actor, c Choices, value string) (words string, now bool, err error) {
	if err := access.Decide(by, access.ListPeople, access.Subject{Register: by.Register}); err != nil {
		return "", false, err
	}
	if i := slices.IndexFunc(c.Schools, func(one Choice) bool { return one.Value == value }); i >= 0 {
		return c.Schools[i].Words, true, nil
	}
	err = s.DB.Read(ctx, func(tx *db.Tx) error { return tx.QueryRow(sqlSchoolOnce, int64(by.Register), value).Scan(&words) })
	if errors.Is(err, sql.ErrNoRows) {
		return value, false, nil
	}
	return words, false, err
}
