package list

import (
	"strconv"
	"strings"
	"time"

	"waymark/internal/access"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/nccis"
	"waymark/internal/standing"
	"waymark/internal/youngperson"
)

// sqlAsking is a question asked of the standings by SQL: a second opinion about
// who fits, made by other hands and of other stuff than the roll.
type sqlAsking struct {
	Question
	by      access.Actor
	edition *nccis.Edition
	today   civil.Date
}

// alternatives are conditions of which one must hold: each gets its own parameters.
type alternatives struct {
	parts []string
	args  []any
}

func (a *alternatives) or(condition string, args ...any) {
	for i := len(args); i >= 1; i-- {
		condition = strings.ReplaceAll(condition, "$"+strconv.Itoa(i), "$\x00"+strconv.Itoa(len(a.args)+i))
	}
	a.parts = append(a.parts, "("+strings.ReplaceAll(condition, "\x00", "")+")")
	a.args = append(a.args, args...)
}

func (a *alternatives) in(column string, values []string) {
	if len(values) == 0 {
		return
	}
	args := make([]any, len(values))
	for i, v := range values {
		args[i] = v
	}
	a.or(column+" IN ("+db.Params(1, len(values))+")", args...)
}

// where are the conditions that leave who fits and whom the actor may see.
func (q sqlAsking) where() db.Where {
	var w db.Where
	access.ScopeLines(&w, q.by, access.SeePerson, "s")
	for _, f := range Filters() { // in an order, so that equal questions are equal texts
		values := q.Filters[f]
		if len(values) == 0 {
			continue
		}
		var a alternatives
		for _, value := range values {
			q.one(&a, f, value)
		}
		if len(a.parts) == 0 {
			w.And("1 = 0") // a value that nobody can have
			continue
		}
		w.And(strings.Join(a.parts, " OR "), a.args...)
	}
	return w
}

// sqlPlain are the filters that ask for the value of a column.
var sqlPlain = map[Filter]string{Lead: "s.lead_la", Level: "s.level", Gender: "s.gender", Ethnicity: "s.ethnicity"}

// days are the filters that compare a column with a day.
var days = map[Filter]string{
	ReviewBy: "s.review_on <= $1", LapsesFrom: "s.lapses_on >= $1", LapsesBy: "s.lapses_on <= $1", NEETBefore: "s.neet_since <= $1", NEETAfter: "s.neet_since >= $1",
	ContactAfter: "s.last_contact_on >= $1", ContactBefore: "s.last_contact_on < $1 OR s.last_contact_on IS NULL",
}

const (
	characteristicHeld = `EXISTS (SELECT 1 FROM characteristic c WHERE c.register = s.register AND c.young_person = s.young_person
		AND c.known_to IS NULL AND c.ended = '' AND c.code = $1)`
	telephoneHeld = `EXISTS (SELECT 1 FROM reach r WHERE r.register = s.register AND r.young_person = s.young_person
		AND r.known_to IS NULL AND r.ended = '' AND r.kind = $1)`
)

func (q sqlAsking) one(a *alternatives, f Filter, value string) {
	if column, ok := sqlPlain[f]; ok {
		a.or(column+" = $1", value)
		return
	}
	if condition, ok := days[f]; ok {
		a.or(condition, value)
		return
	}
	switch f {
	case Status:
		q.status(a, value)
	case Activity:
		codes := []string{}
		for _, one := range q.edition.Activities() {
			if one.Code == value || one.Group == value {
				codes = append(codes, one.Code)
			}
		}
		if value == "none" {
			codes = []string{""}
		}
		if len(codes) == 0 {
			codes = []string{value} // a code of another year that somebody still has
		}
		a.in("s.activity", codes)
	case Returned:
		year := int(q.today.AcademicYear())
		in := `((s.cohort_status IN ('P', 'G') OR (s.cohort_status = '' AND EXISTS
			(SELECT 1 FROM register_authority ra WHERE ra.register = s.register AND ra.la_code = s.lead_la)))
			AND (s.dob IS NULL OR s.cohort_status = 'G' OR (s.dob <= $1 AND (s.dob >= $2 OR (s.dob >= $3 AND s.send = 'Y')))))`
		if value != "yes" {
			in = "NOT " + in
		}
		a.or(in, civil.Must(year-15, time.August, 31).String(), civil.Must(year-18, time.September, 1).String(), civil.Must(year-25, time.September, 1).String())
	case School:
		if value == "none" {
			a.or("s.establishment_number = '' AND s.establishment_name = ''")
		} else if strings.Trim(value, "0123456789") == "" {
			a.or("s.establishment_number = $1", value)
		} else { // a place without a number
			a.or("s.establishment_number = '' AND s.establishment_name = $1", value)
		}
	case Age:
		age, err := strconv.Atoi(value)
		if err == nil {
			year := int(q.today.AcademicYear())
			a.or("s.dob >= $1 AND s.dob <= $2", civil.Must(year-age-1, time.September, 1).String(), civil.Must(year-age, time.August, 31).String())
		}
	case Cohort:
		a.or("s.cohort_status = $1", strings.TrimPrefix(value, "none"))
	case SEND:
		q.send(a, value)
	case Vulnerable:
		a.or("s.vulnerable = $1", value == "yes")
	case Characteristic:
		a.or(characteristicHeld, value)
	case Adviser:
		q.adviser(a, value)
	case Area:
		// The second half is three signs long.
		key := standing.Fold(value)
		a.or("s.postcode_key >= $1 AND s.postcode_key < $2 AND LENGTH(s.postcode_key) = $3", key, key+"\U0010FFFF", len(key)+3)
	case Telephone:
		if value == "none" {
			a.or("NOT "+telephoneHeld, youngperson.Telephone)
		} else {
			a.or(telephoneHeld, youngperson.Telephone)
		}
	case Intended:
		a.or(map[string]string{"none": "NOT "}[value] + `EXISTS (SELECT 1 FROM destination d WHERE d.register = s.register AND d.young_person = s.young_person AND d.known_to IS NULL AND d.code <> '')`)
	case Enrolled:
		a.or(map[string]string{"none": "NOT "}[value]+`EXISTS (SELECT 1 FROM enrolment_named e JOIN intake n ON n.register = e.register AND n.id = e.intake
			WHERE e.register = s.register AND e.young_person = s.young_person AND n.state = 'applied' AND n.as_at BETWEEN $1 AND $2)`, q.today.AcademicYear().Start().String(), q.today.String())
	case Left:
		a.or(`s.establishment_number <> $1 AND EXISTS (SELECT 1 FROM spell l WHERE l.register = s.register AND l.young_person = s.young_person AND l.known_to IS NULL
			AND l.establishment_number = $1 AND l.ended <> '' AND l.ended >= $2 AND l.ended <= $3)`, value, (q.today.AcademicYear() - 1).Start().String(), q.today.String())
	case EthnicityGroup:
		codes := []string{}
		for _, c := range q.edition.Codes(nccis.Ethnicities) {
			if c.Group == value {
				codes = append(codes, c.Code)
			}
		}
		a.in("s.ethnicity", codes)
	}
}

// status is where somebody stands on the day, as nccis.StatusOn has it: a code
// that lapses counts as not known once it has, and so does one that the edition
// does not have.
func (q sqlAsking) status(a *alternatives, value string) {
	want := map[string]nccis.Status{"eet": nccis.EET, "neet": nccis.NEET}[value]
	var lapses, lasts, all []any // codes: that lapse, that do not, and that are not known at all
	var lapsing []any
	for _, one := range q.edition.Activities() {
		does := one.Lapse.Lapses()
		if does {
			lapsing = append(lapsing, one.Code)
		}
		switch {
		case value == "nk" && one.Status == nccis.NotKnown, value != "nk" && one.Status != want:
		case does:
			lapses, all = append(lapses, one.Code), append(all, one.Code)
		default:
			lasts, all = append(lasts, one.Code), append(all, one.Code)
		}
	}
	today := []any{q.today.String()}
	current := "(s.lapses_on IS NULL OR s.lapses_on >= $1)"
	switch value {
	case "lapsed":
		a.or("s.lapses_on < $1 AND s.activity IN ("+db.Params(2, len(lapsing))+")", append(today, lapsing...)...)
	case "nk":
		// Whoever is not somewhere else: one look at the code for most people.
		if len(lasts) > 0 {
			current = "(" + current + " OR s.activity IN (" + db.Params(2+len(all), len(lasts)) + "))"
		}
		a.or("NOT (s.activity IN ("+db.Params(2, len(all))+") AND "+current+")", append(append(today, all...), lasts...)...)
	case "eet", "neet":
		if len(lapses) > 0 {
			a.or(current+" AND s.activity IN ("+db.Params(2, len(lapses))+")", append(today, lapses...)...)
		}
		if len(lasts) > 0 {
			a.or("s.activity IN ("+db.Params(1, len(lasts))+")", lasts...)
		}
	}
}

func (q sqlAsking) send(a *alternatives, value string) {
	switch value {
	case "ehcp":
		a.or("s.send = 'Y'")
	case "support":
		a.or("s.send <> 'Y' AND s.sen_support = 'Y'")
	case "none":
		a.or("s.send <> 'Y' AND s.sen_support <> 'Y'")
	}
}

func (q sqlAsking) adviser(a *alternatives, value string) {
	switch value {
	case "none":
		a.or("s.adviser = '' AND s.adviser_name = ''")
	case "me":
		_, ref, _ := strings.Cut(q.by.Ref, ":")
		a.or("s.adviser = $1", ref)
	default:
		a.or("s.adviser = $1 OR (s.adviser = '' AND s.adviser_name = $1)", value)
	}
}

// orders are the columns by which a list can be sorted.
var orders = map[Column]string{
	ByName: "s.family_key, s.given_key", ColBorn: "s.dob", ColArea: "s.postcode_key", ColSituation: "s.activity", ColAdviser: "s.adviser_name",
	ColContact: "s.last_contact_on", ColVerified: "s.verified_on", ColLapses: "s.lapses_on", ColNEET: "s.neet_since", ColCohort: "s.cohort_status",
	ColLevel: "s.level",
}

// order is the ORDER BY: who has nothing there stands last.
func (q sqlAsking) order() string {
	down := ""
	if q.Down {
		down = " DESC"
	}
	if q.Sort == ByName {
		return " ORDER BY s.family_key" + down + ", s.given_key" + down + ", s.young_person"
	}
	return " ORDER BY " + orders[q.Sort] + down + " NULLS LAST, s.family_key, s.given_key, s.young_person"
}
