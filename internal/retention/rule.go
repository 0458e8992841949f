package retention

import (
	"context"
	"fmt"
	"strings"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/field"
	"waymark/internal/id"
)

// Category is to whom a rule applies.
type Category string

// The categories of young people, and that of files. Whoever was in one once is
// in it for good.
const (
	Everyone       Category = "everybody"
	HadPlan        Category = "ever had an EHC plan"
	WasInCare      Category = "ever in care"
	CareLeaver     Category = "ever a care leaver"
	YouthOffending Category = "ever supervised by the youth offending team"
	// Files is what files held, word for word, and what was found odd in them.
	Files Category = "files as they came"
)

// Categories are all, in the order in which forms offer them.
func Categories() []Category {
	return []Category{Everyone, HadPlan, WasInCare, CareLeaver, YouthOffending, Files}
}

// codes are the characteristics that put somebody into a category (nccis.md
// 6.1, list IC01).
func (c Category) codes() []string {
	switch c {
	case WasInCare:
		return []string{"110", "160"} // a care leaver was in care
	case CareLeaver:
		return []string{"160"}
	case YouthOffending:
		return []string{"170"}
	}
	return nil
}

// Trigger is the day from which a period is counted.
type Trigger string

// The triggers.
const (
	Birth Trigger = "date of birth"
	// End18 and End25 are the 31 August on or after that birthday: how long a
	// young person may be in the cohort without and with a plan.
	End18 Trigger = "end of the academic year of age 18"
	End25 Trigger = "end of the academic year of age 25"
	// LastChange is the day of the last act that told anything of them.
	LastChange Trigger = "last change to the record"
	// Received is the day a file came.
	Received Trigger = "day the file came"
)

// Triggers are all, in the order in which forms offer them.
func Triggers() []Trigger { return []Trigger{Birth, End18, End25, LastChange, Received} }

// endOfYearOf is the 31 August on or after a birthday.
func endOfYearOf(born civil.Date, age int) civil.Date {
	return born.AddYears(age).AcademicYear().End()
}

// Rule is one line of an authority's schedule.
type Rule struct {
	Ref      id.Ref
	Category Category
	From     Trigger
	// Months is the period, counted from the trigger's day.
	Months int
	// Basis says why: the schedule, the law.
	Basis string
}

// DefaultFileDays is for how many days files are kept as they came where no
// rule says otherwise (ux-security.md 5.9).
const DefaultFileDays = 90

// Period is the rule's in words.
func (r Rule) Period() string {
	years, months := r.Months/12, r.Months%12
	switch {
	case months == 0:
		return count(years, "year")
	case years == 0:
		return count(months, "month")
	}
	return count(years, "year") + " and " + count(months, "month")
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// Words are the rule in one line.
func (r Rule) Words() string {
	return fmt.Sprintf("%s: %s after the %s", r.Category, r.Period(), r.From)
}

// Practices are what other authorities were found to do (ux-security.md 5.12):
// proposals, none of which is in force until somebody adds it.
func Practices() []Rule {
	return []Rule{
		{Category: Everyone, From: End18, Months: 36, Basis: "Barnet: deleted within 36 months of the end of the cohort"},
		{Category: Everyone, From: Birth, Months: 25 * 12, Basis: "Derbyshire, Lancashire: date of birth and 25 years"},
		{Category: Everyone, From: LastChange, Months: 5 * 12, Basis: "Darlington: 5 years"},
		{Category: HadPlan, From: Birth, Months: 31 * 12, Basis: "Lancashire: date of birth and 31 years, or 45"},
		{Category: WasInCare, From: Birth, Months: 75 * 12, Basis: "Lancashire: date of birth and 75 years"},
		{Category: CareLeaver, From: Birth, Months: 75 * 12, Basis: "Blackpool: after-care, 75 years"},
		{Category: Files, From: Received, Months: 3, Basis: "Kept until what they say was checked"},
	}
}

func (r *Rule) check() error {
	var wrong field.Errors
	known := func(c Category) bool {
		for _, one := range Categories() {
			if one == c {
				return true
			}
		}
		return false
	}
	if !known(r.Category) {
		wrong.Add("category", "Select whose records it is about")
	}
	from := false
	for _, one := range Triggers() {
		from = from || one == r.From
	}
	switch {
	case !from:
		wrong.Add("from", "Select the day from which it is counted")
	case known(r.Category) && (r.Category == Files) != (r.From == Received):
		wrong.Add("from", "Files are counted from the day they came, and people from a day in their lives: select another day")
	}
	if r.Months < 1 || r.Months > 1200 {
		wrong.Add("years", "Enter for how long, from 1 month to 100 years")
	}
	if r.Basis = strings.TrimSpace(r.Basis); r.Basis == "" {
		wrong.Add("basis", "Say why: the line of your retention schedule, or the law")
	}
	return wrong.Err()
}

const (
	sqlRules    = `SELECT ref, category, counted_from, months, basis FROM retention_rule WHERE register = $1 AND known_to IS NULL ORDER BY category, months DESC, ref`
	sqlAddRule  = `INSERT INTO retention_rule (register, ref, category, counted_from, months, basis, known_from) VALUES ($1, $2, $3, $4, $5, $6, $7)`
	sqlDropRule = `UPDATE retention_rule SET known_to = $1 WHERE register = $2 AND ref = $3 AND known_to IS NULL`
)

func rules(tx *db.Tx, r id.Register) ([]Rule, error) {
	rows, err := tx.Query(sqlRules, int64(r))
	if err != nil {
		return nil, fmt.Errorf("read the rules of retention: %w", err)
	}
	defer rows.Close()
	var out []Rule
	for rows.Next() {
		var one Rule
		if err := rows.Scan((*string)(&one.Ref), (*string)(&one.Category), (*string)(&one.From), &one.Months, &one.Basis); err != nil {
			return nil, fmt.Errorf("read the rules of retention: %w", err)
		}
		out = append(out, one)
	}
	return out, rows.Err()
}

// Rules are those in force. It needs access.SeeRetention.
func (s *Service) Rules(ctx context.Context, by access.Actor) ([]Rule, error) {
	if err := access.Decide(by, access.SeeRetention, access.Subject{Register: by.Register}); err != nil {
		return nil, err
	}
	var out []Rule
	err := s.DB.Read(ctx, func(tx *db.Tx) (err error) { out, err = rules(tx, by.Register); return err })
	return out, err
}

// AddRule puts a rule in force. It needs access.KeepRetention and returns
// field.Errors.
func (s *Service) AddRule(ctx context.Context, by access.Actor, r Rule, key string) error {
	if err := r.check(); err != nil {
		return err
	}
	return s.do(ctx, by, access.KeepRetention, 0, act.Request{Key: key, Reason: "rule added: " + r.Words()}, func(tx *db.Tx, a *act.Act) error {
		if _, err := tx.Exec(sqlAddRule, int64(a.Register), string(id.NewRef()), string(r.Category), string(r.From), r.Months, r.Basis, int64(a.Number)); err != nil {
			return fmt.Errorf("add a rule of retention: %w", err)
		}
		return nil
	})
}

// DropRule ends a rule. It needs access.KeepRetention and returns db.NotFound.
func (s *Service) DropRule(ctx context.Context, by access.Actor, ref id.Ref, key string) error {
	var words string
	if err := s.DB.Read(ctx, func(tx *db.Tx) error {
		all, err := rules(tx, by.Register)
		for _, one := range all {
			if one.Ref == ref {
				words = one.Words()
			}
		}
		return err
	}); err != nil {
		return err
	}
	return s.do(ctx, by, access.KeepRetention, 0, act.Request{Key: key, Reason: "rule ended: " + words}, func(tx *db.Tx, a *act.Act) error {
		return one(tx.Exec(sqlDropRule, int64(a.Number), int64(a.Register), string(ref)))
	})
}
