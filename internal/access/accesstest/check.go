package accesstest

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"waymark/internal/access"
	"waymark/internal/db"
	"waymark/internal/id"
)

// account is the key of the account that asks, in every world; the people have
// the keys from 1, and the account one of theirs, so that keys mistaken for one
// another are found out.
const account = 2

// table gathers the rows of one table.
type table struct {
	name    string
	columns []string
	rows    [][]any
}

// Store writes worlds into registers that follow one another from the first.
func Store(tx *db.Tx, first id.Register, worlds []World) error {
	tables := []*table{
		{name: "register", columns: []string{"id", "ref", "name", "database_id", "supplier_name"}},
		{name: "young_person", columns: []string{"register", "id", "ref", "young_persons_id", "known_from"}},
		{name: "particulars", columns: []string{"register", "young_person", "id", "dob", "gender", "ethnicity", "started", "ended", "known_from", "evidence"}},
		{name: "spell", columns: []string{"register", "young_person", "id", "activity", "ascertained", "review", "predicted_end", "neet_start",
			"establishment_number", "establishment_name", "ukprn", "started", "ended", "known_from", "known_to", "evidence"}},
		{name: "allocation", columns: []string{"register", "young_person", "id", "adviser", "adviser_name", "team", "started", "ended", "known_from", "known_to", "evidence"}},
		{name: "account", columns: []string{"register", "id", "ref", "sign_in", "full_name", "password", "disabled", "starts_on", "ends_on", "created_by"}},
		{name: "organisation", columns: []string{"register", "id", "ref", "name", "kind", "urn", "number", "ukprn", "la_code"}},
		{name: "agreement", columns: []string{"register", "id", "ref", "organisation", "purpose", "document", "owner", "people", "fields", "started", "ends",
			"added_by", "approved_by", "suspended_by", "why_suspended", "ended_by", "changed_by"}},
		{name: "agreement_person", columns: []string{"register", "agreement", "young_person", "known_from", "known_to"}},
		{name: "partner_account", columns: []string{"register", "account", "organisation", "known_from", "known_to"}},
		{name: "opt_out", columns: []string{"register", "young_person", "id", "scope", "feed", "said_by", "said_name", "competence", "started", "ended", "known_from", "known_to", "evidence"}},
		{name: "processing_restriction", columns: []string{"register", "young_person", "id", "ground", "reason", "request", "started", "ended", "known_from", "known_to", "evidence"}},
		{name: "restriction", columns: []string{"register", "id", "ref", "young_person", "kind", "ground", "owner", "review_on", "lift_by", "known_from", "known_to"}},
		{name: "restriction_named", columns: []string{"register", "restriction", "account", "known_from", "known_to"}},
		{name: "restriction_break", columns: []string{"register", "act", "ref", "restriction", "account", "reason", "until", "finding"}},
		{name: "own_record", columns: []string{"register", "account", "young_person", "relation", "known_from", "known_to"}},
	}
	for i, w := range worlds {
		w.rows(int64(first)+int64(i), func(at int, row ...any) { tables[at].rows = append(tables[at].rows, row) })
	}
	for _, t := range tables {
		if err := db.BulkInsert(tx, t.name, t.columns, t.rows); err != nil {
			return err
		}
	}
	names := make([]string, len(tables))
	for i, t := range tables {
		names[i] = t.name
	}
	return db.Measure(tx, names...)
}

// rows calls add with each row of a world and which of Store's tables it is of.
func (w World) rows(reg int64, add func(at int, row ...any)) {
	ref := func(what string, n int) string { return fmt.Sprintf("%s%d", what, n) }
	add(0, reg, ref("register", int(reg)), "World", "991", "Waymark")
	for p := 1; p <= w.People; p++ {
		add(1, reg, int64(p), ref("person", p), ref("", p), int64(1))
		add(2, reg, int64(p), int64(100+p), "2009-03-27", "9", "", "", "", int64(1), int64(1))
	}
	for i, s := range w.Spells {
		add(3, reg, int64(s.Person), int64(200+i), "210", "", "", "", "", s.Number, "", s.UKPRN, "2026-09-01", s.Ended, int64(1), until(s.Held), int64(1))
	}
	for i, a := range w.Allocations {
		add(4, reg, int64(a.Person), int64(300+i), a.Adviser, a.Adviser, a.Team, "", a.Ended, int64(1), until(a.Held), int64(1))
	}
	add(5, reg, int64(account), "me", fmt.Sprint("me", reg), "Opal Quarrie", "", w.Disabled, w.Begins.String(), w.Expires.String(), int64(1))
	for i, o := range w.Organisation {
		add(6, reg, int64(i+1), ref("organisation", i), ref("Organisation ", i), "college", o.URN, o.Number, o.UKPRN, "")
	}
	for i, g := range w.Agreements {
		people := "enrolled"
		if g.Named {
			people = "named"
		}
		add(7, reg, int64(i+1), ref("agreement", i), int64(g.With+1), "", "", "", people, g.Fields.String(), g.Started.String(), g.Ends.String(),
			int64(1), by(g.Approved), by(g.Suspended), "", by(g.Ended), int64(1))
		for _, n := range g.People {
			add(8, reg, int64(i+1), int64(n.Person), int64(1), until(n.Held))
		}
	}
	for i, b := range w.Bound {
		add(9, reg, int64(account), int64(b.To+1), int64(i+1), until(b.Held))
	}
	w.protection(reg, add)
}

// protection are the rows of opt-outs and restrictions.
func (w World) protection(reg int64, add func(at int, row ...any)) {
	for i, o := range w.OptOuts {
		scope, feed := "all but name, birth date, address and parent", ""
		if o.All {
			scope = "everything"
		}
		if o.To >= 0 {
			feed = fmt.Sprintf("Organisation %d", o.To)
		}
		add(10, reg, int64(o.Person), int64(400+i), scope, feed, "", "", "", o.Started, o.Ended, int64(1), until(o.Held), int64(1))
	}
	for i, k := range w.Kept {
		add(11, reg, int64(k.Person), int64(500+i), "", "", "", k.Started, k.Ended, int64(1), until(k.Held), int64(1))
	}
	add(5, reg, int64(account+1), "other", fmt.Sprint("other", reg), "Osric Vane", "", false, "", "", int64(1))
	for i, one := range w.Restrictions {
		owner := int64(account + 1)
		if one.Mine {
			owner = account
		}
		add(12, reg, int64(600+i), fmt.Sprint("restriction", i), int64(one.Person), string(one.Kind), "", owner, one.Review.String(), int64(0), int64(1), until(one.Held))
		if one.Named {
			add(13, reg, int64(600+i), int64(account), int64(1), until(one.NamedStill))
		}
		// Somebody else has opened every locked record: that opens it to nobody.
		add(14, reg, int64(800+i), fmt.Sprint("break", i), int64(600+i), int64(account+1), "", db.Instant{Time: Now().Add(time.Hour)}, "")
		if one.Broken != 0 {
			add(14, reg, int64(700+i), fmt.Sprint("own break", i), int64(600+i), int64(account), "", db.Instant{Time: Now().Add(time.Duration(one.Broken) * time.Minute)}, "")
		}
	}
	for i, own := range w.Own {
		add(15, reg, int64(account), int64(own.Person), "relative", int64(i+1), until(own.Held))
	}
}

// until is known_to of what is held, or no longer.
func until(held bool) any { return by(!held) }

// by is an act that was done, or none.
func by(done bool) any {
	if done {
		return int64(9)
	}
	return nil
}

// Actor is the account that asks in a register.
func (w World) Actor(r id.Register) access.Actor {
	return access.Actor{Register: r, Ref: "account:me", Account: account, Name: "Opal Quarrie", Roles: w.Roles, Today: w.Today, Now: Now()}
}

// Counts are what was compared.
type Counts struct{ People, Let int }

// Check asks the world in a register by Scope, by Look and by Decide, and
// returns an error that shows the world where one of them differs from the
// model.
func (w World) Check(tx *db.Tx, r id.Register) (Counts, error) {
	everybody := make([]int, w.People)
	for i := range everybody {
		everybody[i] = i + 1
	}
	count, err := w.check(tx, r, everybody)
	if err != nil {
		return count, err
	}
	return count, w.checkLines(tx, r)
}

// CheckSome is Check for a campaign of very many worlds: Decide is asked about
// one of the people, the nth, and lists in which locked records are lines in one
// world of four.
func (w World) CheckSome(tx *db.Tx, r id.Register, n int) (Counts, error) {
	count, err := w.check(tx, r, []int{1 + n%w.People})
	if err != nil || n%4 > 0 {
		return count, err
	}
	return count, w.checkLines(tx, r)
}

// checkLines holds ScopeLines and LookLines equal to the model.
func (w World) checkLines(tx *db.Tx, r id.Register) error {
	a := w.Actor(r)
	lines, err := scoped(tx, a, w.Action, access.ScopeLines)
	if err != nil {
		return err
	}
	lets, err := access.LookLines(tx, a, w.Action)
	if err != nil {
		return err
	}
	for p := 1; p <= w.People; p++ {
		yp := id.YoungPerson(p)
		if want := w.Lists(p); lines[yp] != want || lets.Lets(yp) != want {
			return w.differs(p, "listed", want, "not asked", lines[yp], lets.Lets(yp))
		}
	}
	return nil
}

// check holds Scope and Look equal to the model for everybody, and Decide for the
// people asked about.
func (w World) check(tx *db.Tx, r id.Register, asked []int) (Counts, error) {
	a := w.Actor(r)
	tx.Now = Now()
	listed, err := scoped(tx, a, w.Action, access.Scope)
	if err != nil {
		return Counts{}, err
	}
	sieve, err := access.Look(tx, a, w.Action)
	if err != nil {
		return Counts{}, err
	}
	var count Counts
	for p := 1; p <= w.People; p++ {
		yp := id.YoungPerson(p)
		want := w.Lets(p)
		count.People++
		if want {
			count.Let++
		}
		if listed[yp] != want || sieve.Lets(yp) != want {
			return count, w.differs(p, "let", want, "not asked yet", listed[yp], sieve.Lets(yp))
		}
		delete(listed, yp)
	}
	if len(listed) > 0 {
		return count, w.differs(0, "of other registers or nobody", slices.Collect(maps.Keys(listed)))
	}
	for _, p := range asked {
		yp := id.YoungPerson(p)
		s, err := access.About(tx, a, yp)
		if err != nil {
			return count, err
		}
		want, decided := w.Lets(p), access.Decide(a, w.Action, s) == nil
		if decided != want {
			return count, w.differs(p, "let", want, decided)
		}
		if got, want := s.Relations, w.Relations(p); got != want {
			return count, w.differs(p, "relations", want, got)
		}
		if want && sieve.Fields(yp) != s.Fields(a) || want && s.Fields(a) != w.fields(p) {
			return count, w.differs(p, "fields", w.fields(p), s.Fields(a), sieve.Fields(yp))
		}
	}
	return count, nil
}

func (w World) differs(person int, what string, values ...any) error {
	return fmt.Errorf("person %d, %s: the model, then Decide, Scope and Look: %v\n%+v", person, what, values, w)
}

// fields is the model of what the account sees of somebody.
func (w World) fields(person int) access.Fields {
	given, _ := w.Agreed(person)
	var f access.Fields
	for _, r := range w.Roles {
		switch r {
		case access.Adviser, access.TeamManager, access.DataOfficer, access.InformationGovernance:
			return access.AllFields
		case access.Partner, access.CarePartner:
			f |= r.Fields() & given
		default:
			f |= r.Fields()
		}
	}
	return f
}

// scoped are the people whom Scope leaves.
func scoped(tx *db.Tx, a access.Actor, action access.Action, scope func(*db.Where, access.Actor, access.Action, string)) (map[id.YoungPerson]bool, error) {
	var w db.Where
	scope(&w, a, action, "s")
	rows, err := tx.Query("SELECT s.young_person FROM particulars s"+w.SQL(), w.Args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[id.YoungPerson]bool{}
	for rows.Next() {
		var yp int64
		if err := rows.Scan(&yp); err != nil {
			return nil, err
		}
		out[id.YoungPerson(yp)] = true
	}
	return out, rows.Err()
}
