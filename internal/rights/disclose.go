package rights

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/field"
	"waymark/internal/id"
	"waymark/internal/sealed"
)

// reviewDWP marks what section 15 of the Education and Skills Act 2008 protects:
// passing it on outside the purposes listed there is an offence.
const reviewDWP = "It came from the Department for Work and Pensions, or under a restriction: disclose it on a ground alone"

// Disclosure is that something about a young person was told to somebody outside.
type Disclosure struct {
	// What was told, and ToWhom, in words; both are sealed.
	What, ToWhom string
	// Recipient is one of Recipients and How one of Ways, "" where a pack was
	// released.
	Recipient, How string
	// Ground is the purpose in the law for which it may be.
	Ground string
	// DecidedBy is the name of whoever decided that it may.
	DecidedBy string
	On        civil.Date
	// OfClaims says that some of it came from the Department for Work and
	// Pensions, so that section 15 protects it.
	OfClaims bool
}

// Recipients are the kinds of those to whom something is told.
func Recipients() []string {
	return []string{"police", "court", "another authority", "social care", "health", "school, college or provider", "family", "somebody else"}
}

// Ways are how something is told where no file is sent by Waymark.
func Ways() []string { return []string{"telephone", "letter", "e-mail", "in person"} }

// Grounds are those that are mostly given for telling somebody something: UK
// GDPR, article 6; Data Protection Act 2018, schedules 1 and 2; Education and
// Skills Act 2008, section 68.
func Grounds() []string {
	return []string{"to help them take part in education or training (Education and Skills Act 2008, section 68)",
		"to safeguard a child or somebody at risk (Data Protection Act 2018, schedule 1, paragraph 18)",
		"to prevent or find out a crime (Data Protection Act 2018, schedule 2, paragraph 2)",
		"a court or the law demands it (Data Protection Act 2018, schedule 2, paragraph 5)",
		"to save a life (UK GDPR, article 6(1)(d))", "they agreed to it (UK GDPR, article 6(1)(a))"}
}

const (
	sqlDisclose = `INSERT INTO disclosure (register, act, young_person, what, to_whom, ground, on_day, recipient, how, decided_by, of_claims)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`
	disclosureColumns = `d.act, d.young_person, d.what, d.to_whom, d.ground, d.on_day, d.recipient, d.how, d.decided_by, d.of_claims`
	sqlDisclosures    = `SELECT ` + disclosureColumns + ` FROM disclosure d WHERE d.register = $1 AND d.young_person = $2 ORDER BY d.act`
)

// stored is a disclosure as it stands in the database: its words are sealed.
type stored struct {
	Disclosure
	act    id.Act
	person id.YoungPerson
}

func (d *stored) into() []any {
	return []any{(*int64)(&d.act), (*int64)(&d.person), &d.What, &d.ToWhom, &d.Ground, &d.On, &d.Recipient, &d.How, &d.DecidedBy, &d.OfClaims}
}

// open opens the words.
func (d *stored) open(tx *db.Tx, r id.Register, keys *sealed.Keys) (err error) {
	for column, words := range map[string]*string{"what": &d.What, "to_whom": &d.ToWhom} {
		if *words, err = keys.Open(tx, disclosedAt(r, column, d.act), *words); err != nil {
			return fmt.Errorf("open a disclosure: %w", err)
		}
	}
	return nil
}

func disclosedAt(r id.Register, column string, a id.Act) sealed.Place {
	return sealed.Place{Register: r, Table: "disclosure", Column: column, Row: int64(a)}
}

// AddDisclosure logs a disclosure under an act: once for each act and person.
func AddDisclosure(tx *db.Tx, a *act.Act, yp id.YoungPerson, d Disclosure) error {
	keys, err := sealed.Read(tx, a.Register, []id.YoungPerson{yp})
	if err != nil {
		return err
	}
	what, err := keys.Seal(tx, yp, disclosedAt(a.Register, "what", a.Number), d.What)
	if err != nil {
		return err
	}
	toWhom, err := keys.Seal(tx, yp, disclosedAt(a.Register, "to_whom", a.Number), d.ToWhom)
	if err != nil {
		return err
	}
	ofClaims := 0
	if d.OfClaims {
		ofClaims = 1
	}
	if _, err := tx.Exec(sqlDisclose, int64(a.Register), int64(a.Number), int64(yp), what, toWhom, d.Ground, d.On.String(), d.Recipient, d.How, d.DecidedBy, ofClaims); err != nil {
		return fmt.Errorf("log the disclosure: %w", err)
	}
	return nil
}

// Longest is how many characters what was told may have.
const Longest = 2000

// checked is the disclosure without blanks, and what is wrong with it.
func (d Disclosure) checked(today civil.Date) (Disclosure, field.Errors) {
	d.What, d.ToWhom, d.Ground, d.DecidedBy = strings.TrimSpace(d.What), strings.TrimSpace(d.ToWhom), strings.TrimSpace(d.Ground), strings.TrimSpace(d.DecidedBy)
	var wrong field.Errors
	if !slices.Contains(Recipients(), d.Recipient) {
		wrong.Add("disclosed-recipient", "Select who was told")
	}
	if d.ToWhom == "" {
		wrong.Add("disclosed-to", "Write whom it was told")
	}
	if d.What == "" {
		wrong.Add("disclosed-what", "Write what was told")
	}
	if utf8.RuneCountInString(d.What) > Longest {
		wrong.Add("disclosed-what", fmt.Sprintf("What was told may have %d characters", Longest))
	}
	if d.Ground == "" {
		wrong.Add("disclosed-ground", "Say on what ground: without one it is an offence")
	}
	if !slices.Contains(Ways(), d.How) {
		wrong.Add("disclosed-how", "Select how it was told")
	}
	if d.On.IsZero() || d.On.After(today) {
		wrong.Add("disclosed-on", "Enter the day, today or earlier")
	}
	if d.DecidedBy == "" {
		wrong.Add("disclosed-by", "Write who decided it")
	}
	return d, wrong
}

// Disclose logs that something was told to somebody, by whatever way. It needs
// access.LogDisclosure and returns field.Errors.
func (s *Service) Disclose(ctx context.Context, by access.Actor, about id.Ref, d Disclosure, key string) error {
	d, wrong := d.checked(s.Today())
	if wrong != nil {
		return wrong
	}
	return s.DB.InTx(ctx, func(tx *db.Tx) error {
		yp, err := person(tx, by, about)
		if err != nil {
			return err
		}
		reason := d.Ground
		if !slices.Contains(Grounds(), reason) {
			reason = "another ground" // its words are sealed, and the log is not
		}
		a, err := act.Begin(tx, by, access.LogDisclosure, yp, act.Request{Reason: reason, Key: key})
		if err != nil {
			return err
		}
		return AddDisclosure(tx, a, yp, d)
	})
}

// Disclosures are those about one young person, the earliest first. It needs
// access.LogDisclosure.
func (s *Service) Disclosures(ctx context.Context, by access.Actor, about id.Ref) (all []Disclosure, err error) {
	if err := access.Decide(by, access.LogDisclosure, access.Subject{Register: by.Register}); err != nil {
		return nil, err
	}
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		yp, err := person(tx, by, about)
		if err != nil {
			return err
		}
		all, err = disclosures(tx, by.Register, yp)
		return err
	})
	return all, err
}

// disclosures are those about one young person, opened.
func disclosures(tx *db.Tx, r id.Register, yp id.YoungPerson) (all []Disclosure, err error) {
	found, err := readDisclosures(tx, sqlDisclosures, int64(r), int64(yp))
	if err != nil || len(found) == 0 {
		return nil, err
	}
	keys, err := sealed.Read(tx, r, []id.YoungPerson{yp})
	for i := range found {
		if err == nil {
			err = found[i].open(tx, r, keys)
		}
		all = append(all, found[i].Disclosure)
	}
	return all, err
}

func readDisclosures(tx *db.Tx, query string, args ...any) (all []stored, err error) {
	rows, err := tx.Query(query, args...)
	if err != nil {
		return nil, fmt.Errorf("read disclosures: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var one stored
		if err := rows.Scan(one.into()...); err != nil {
			return nil, fmt.Errorf("read disclosures: %w", err)
		}
		all = append(all, one)
	}
	return all, rows.Err()
}

// changed says whether one row was.
func changed(done sql.Result, err error) error {
	if err != nil {
		return fmt.Errorf("change the pack: %w", err)
	}
	if n, err := done.RowsAffected(); err != nil || n == 1 {
		return err
	}
	return db.Conflict{What: "the pack of this request"}
}
