// Package standing keeps one row per young person of what is derived and true
// as known now: the current activity, when its confirmation lapses, since when
// they have been NEET, and what lists and finding need.
//
// The row is rewritten in the transaction of each act and depends on no day:
// whether a confirmation has lapsed is asked by comparing lapses_on with a
// date. Earlier moments are computed from the facts by the same functions.
package standing

import (
	"fmt"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/fact"
	"waymark/internal/id"
	"waymark/internal/life"
	"waymark/internal/nccis"
	"waymark/internal/register"
)

// farOff is the day on which a standing is taken: later than any spell, so that
// it is the newest that counts.
var farOff = civil.Must(9999, 12, 31)

// Keeper rewrites standings.
type Keeper struct{ Requirement *nccis.Requirement }

// Columns are the table's, in the order of Row.
var Columns = []string{"register", "young_person", "ref", "young_persons_id", "given", "family", "given_key", "family_key", "postcode_key",
	"dob", "gender", "ethnicity", "lead_la", "educated_la", "cohort_status", "stated_on", "send", "sen_support", "level", "vulnerable",
	"activity", "activity_started", "establishment_number", "establishment_name", "verified_on", "lapses_on", "neet_since", "review_on",
	"adviser", "adviser_name", "last_contact_on"}

// Row is the standing of one life, ready to store.
func (k Keeper) Row(r id.Register, l *life.Life) []any {
	e := k.edition()
	v := l.On(register.Book{}, e, farOff)
	get := v.Record.Get
	status, stated := "", ""
	if s := life.InForce(l.Statuses, farOff); s != nil {
		status, stated = s.Is.Status, s.Is.StatedOn
	}
	adviser, adviserName := "", ""
	if a := life.InForce(l.Allocations, farOff); a != nil {
		adviser, adviserName = a.Is.Adviser, a.Is.AdviserName
	}
	lastContact := ""
	for i := range l.Contacts {
		lastContact = max(lastContact, l.Contacts[i].Started)
	}
	return []any{int64(r), int64(l.Person.ID), string(l.Person.Ref), l.Person.YoungPersonsID,
		get(nccis.GivenName), get(nccis.FamilyName), Fold(get(nccis.GivenName)), Fold(get(nccis.FamilyName)), Fold(get(nccis.Postcode)),
		day(get(nccis.DOB)), get(nccis.Gender), get(nccis.Ethnicity), get(nccis.LeadLEA), get(nccis.EducatedLEA), status, day(stated),
		get(nccis.SENDFlag), get(nccis.SENSupportFlag), get(nccis.LevelOfNeedCode), k.vulnerable(e, v.Record.Characteristics),
		get(nccis.ActivityCode), day(get(nccis.StartDate)), get(nccis.EstablishmentNumber), get(nccis.EstablishmentName),
		day(get(nccis.DateVerified)), date(v.Lapses), k.neetSince(e, v, get(nccis.NEETStartDate)), day(get(nccis.ReviewDate)),
		adviser, adviserName, day(lastContact)}
}

func (k Keeper) edition() *nccis.Edition {
	all := k.Requirement.Editions()
	return all[len(all)-1]
}

func (k Keeper) vulnerable(e *nccis.Edition, characteristics []string) bool {
	for _, c := range characteristics {
		if code, ok := e.Code(nccis.Characteristics, c); ok && code.Vulnerable {
			return true
		}
	}
	return false
}

func (k Keeper) neetSince(e *nccis.Edition, v life.View, stated string) any {
	if v.Status != nccis.NEET {
		return nil
	}
	return day(stated)
}

// Rewrite stores the standing of the people as known now. A person who is no
// longer held loses theirs.
func (k Keeper) Rewrite(tx *db.Tx, a *act.Act, people ...id.YoungPerson) error {
	const some = 200 // a wide IN is slow on SQLite
	for len(people) > 0 {
		n := min(some, len(people))
		if err := k.rewrite(tx, a.Register, people[:n]); err != nil {
			return err
		}
		people = people[n:]
	}
	return nil
}

func (k Keeper) rewrite(tx *db.Tx, r id.Register, people []id.YoungPerson) error {
	lives, err := life.Load(tx, fact.Known{Register: r, People: people})
	if err != nil {
		return err
	}
	var w db.Where
	w.And("register = $1", int64(r))
	values := make([]any, len(people))
	for i, p := range people {
		values[i] = int64(p)
	}
	w.In("young_person", values...)
	if _, err := tx.Exec("DELETE FROM standing"+w.SQL(), w.Args...); err != nil {
		return fmt.Errorf("rewrite standings: %w", err)
	}
	return k.Add(tx, r, lives)
}

// Add stores the standings of lives that have none yet.
func (k Keeper) Add(tx *db.Tx, r id.Register, lives []*life.Life) error {
	rows := make([][]any, len(lives))
	for i, l := range lives {
		rows[i] = k.Row(r, l)
	}
	return db.BulkInsert(tx, "standing", Columns, rows)
}

// Fold writes a name or postcode as it is looked for: lower case, no accents,
// letters and digits only.
func Fold(s string) string {
	plain := true
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < '0' || (c > '9' && c < 'a') || c > 'z' {
			plain = false
			break
		}
	}
	if plain {
		return s
	}
	var b strings.Builder
	for _, c := range norm.NFD.String(s) {
		if unicode.IsLetter(c) || unicode.IsDigit(c) {
			b.WriteRune(unicode.ToLower(c))
		}
	}
	return b.String()
}

func day(s string) any {
	d, err := civil.Parse(s)
	if err != nil {
		return nil
	}
	return date(d)
}

func date(d civil.Date) any {
	if d.IsZero() {
		return nil
	}
	return d.String()
}
