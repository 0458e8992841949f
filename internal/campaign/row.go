package campaign

import (
	"context"
	"fmt"
	"strings"
	"time"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/contact"
	"waymark/internal/db"
	"waymark/internal/id"
	"waymark/internal/nccis"
	"waymark/internal/record"
	"waymark/internal/youngperson"
)

// Row is one young person in a campaign, as one reader may see them.
type Row struct {
	Person id.YoungPerson
	Ref    id.Ref
	Place  int
	// Locked says that the reader may know no more than that there is a record.
	Locked                                       bool
	Given, Family                                string
	Born                                         civil.Date
	Activity, Establishment, Adviser, YoungPerID string
	// Then and Now are how they counted when the list was frozen, and today.
	Then, Now nccis.Status
	Due       Due
	// Last is what came of them last in this campaign, "" where nothing has.
	Last   string
	LastOn civil.Date
	LastBy string
	// Worker is who has the row until Until; "" where nobody has. Mine says that it
	// is the reader.
	Worker string
	Until  time.Time
	Mine   bool
	// Undo is until when the reader can take back what they saved; the zero time
	// where they cannot.
	Undo time.Time
	// Seen is the version of their current activity, 0 for none, and Since the day
	// on which it began, where that is known.
	Seen  id.Act
	Since civil.Date
	// SameSince is the day since which "the same" is said to be so, none where that
	// is today alone (record.SameSince).
	SameSince civil.Date
	// Reached says that somebody was reached in this campaign.
	Reached bool

	tries    []Try
	lastAct  id.Act
	lastUser string
	lastAt   time.Time
}

// Name is given and family name.
func (r Row) Name() string {
	if r.Given == "" || r.Family == "" {
		return r.Given + r.Family
	}
	return r.Given + " " + r.Family
}

const (
	sqlRows = `SELECT r.young_person, r.place, r.status_then, r.cohort_then, r.last_act, r.last_by, r.last_at,
		y.ref, CASE WHEN y.known_to IS NULL THEN 1 ELSE 0 END, COALESCE(s.young_persons_id, ''), COALESCE(s.given, ''), COALESCE(s.family, ''), s.dob, COALESCE(s.activity, ''),
		COALESCE(s.establishment_name, ''), COALESCE(s.lapses_on, ''), COALESCE(s.verified_on, ''), COALESCE(s.cohort_status, ''), COALESCE(s.adviser_name, '')
		FROM campaign_row r JOIN young_person y ON y.register = r.register AND y.id = r.young_person
		LEFT JOIN standing s ON s.register = r.register AND s.young_person = r.young_person`
	sqlReaches = `SELECT x.young_person, x.id, x.kind, x.value, x.note, x.known_from FROM campaign_row r JOIN reach x ON x.register = r.register AND x.young_person = r.young_person AND x.known_to IS NULL`
	sqlCarers  = `SELECT x.young_person, x.id, x.name, x.relationship, x.telephone, x.email, x.known_from FROM campaign_row r JOIN carer x ON x.register = r.register AND x.young_person = r.young_person AND x.known_to IS NULL`
	// What is told at a door is found by who stood at it then: the record may have
	// been put together with another since.
	sqlTries = `SELECT x.young_person, x.started, x.at_time, x.how, x.outcome, x.reach, x.direction, CASE WHEN x.behind = 'campaign' AND x.behind_id = r.campaign OR b.campaign = c.ref
			OR x.behind = 'visit' AND EXISTS (SELECT 1 FROM visit_stop s WHERE s.register = x.register AND s.round = x.behind_id AND s.campaign = c.ref
				AND (s.young_person = x.young_person OR s.young_person IN (SELECT m.young_person FROM merged m WHERE m.register = x.register AND m.into_person = x.young_person AND m.known_to IS NULL)))
			THEN 1 ELSE 0 END, x.next_on, x.by_name
		FROM campaign_row r JOIN campaign c ON c.register = r.register AND c.id = r.campaign
		JOIN contact x ON x.register = r.register AND x.young_person = r.young_person AND x.known_to IS NULL
		LEFT JOIN message m ON x.behind = 'message' AND m.register = x.register AND m.id = x.behind_id
		LEFT JOIN message_batch b ON b.register = m.register AND b.ref = m.batch`
	sqlSpells = `SELECT x.young_person, x.started, x.known_from FROM campaign_row r JOIN spell x ON x.register = r.register AND x.young_person = r.young_person AND x.known_to IS NULL`
	// Contacts of long ago tell neither how often somebody was tried nor, but for
	// wrong numbers, which number holds.
	longAgo = 400
)

// reading is a campaign's rows as they are read, all or those of some people. It
// looks for nobody: who may see what of them is told by shown.
type reading struct {
	s     *Service
	tx    *db.Tx
	r     id.Register
	c     *Campaign
	only  []id.YoungPerson
	today civil.Date
	rows  []*Row
	cases []Case
	at    map[id.YoungPerson]int
}

// readRows are the rows of a campaign in their order; only those of some people
// where they are named.
func (s *Service) readRows(tx *db.Tx, r id.Register, c *Campaign, only []id.YoungPerson) ([]*Row, error) {
	g := &reading{s: s, tx: tx, r: r, c: c, only: only, today: civil.On(tx.Now, civil.London()), at: map[id.YoungPerson]int{}}
	for _, step := range []func() error{g.people, g.bars, g.reaches, g.carers, g.contacts, g.spells} {
		if err := step(); err != nil {
			return nil, fmt.Errorf("read the rows of a campaign: %w", err)
		}
	}
	for i, r := range g.rows {
		r.tries = g.cases[i].Tries
		r.Due = c.Rules.Of(g.cases[i], g.today)
		for _, t := range r.tries {
			if t.Here {
				r.Last, r.LastOn, r.LastBy = t.Outcome, t.On, t.By
				r.Reached = r.Reached || contact.Substantive(t.Outcome)
			}
		}
	}
	return g.rows, nil
}

// where is the condition of all that is read, by the rows r of the campaign.
func (g *reading) where() db.Where {
	var w db.Where
	w.And("r.register = $1 AND r.campaign = $2", int64(g.r), g.c.key)
	if g.only != nil {
		keys := make([]any, len(g.only))
		for i, yp := range g.only {
			keys[i] = int64(yp)
		}
		w.In("r.young_person", keys...)
	}
	return w
}

func (g *reading) each(query string, w db.Where, order string, fn func(scan func(...any) error) error) error {
	rows, err := g.tx.Query(query+w.SQL()+order, w.Args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := fn(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}

// people reads who is on the list.
func (g *reading) people() error {
	e, _ := g.s.Requirement.EditionOn(g.today.InMonth().End())
	return g.each(sqlRows, g.where(), " ORDER BY r.place", func(scan func(...any) error) error {
		r := &Row{}
		var then, cohortThen, lastAt, lapses, verified, cohort string
		var held int
		if err := scan((*int64)(&r.Person), &r.Place, &then, &cohortThen, (*int64)(&r.lastAct), &r.lastUser, &lastAt,
			&r.Ref, &held, &r.YoungPerID, &r.Given, &r.Family, &r.Born, &r.Activity, &r.Establishment, &lapses, &verified, &cohort, &r.Adviser); err != nil {
			return err
		}
		r.Then, r.Now, r.lastAt = nccis.Status(then), nccis.Status(statusOn(e, r.Activity, lapses, g.today)), timeOf(lastAt)
		c := Case{Barred: barred(held == 1, cohort, cohortThen)}
		c.Elsewhere = elsewhere(verified, g.c.Frozen, r)
		g.at[r.Person] = len(g.rows)
		g.rows, g.cases = append(g.rows, r), append(g.cases, c)
		return nil
	})
}

// elsewhere is the day on which what they do was confirmed since the list was
// frozen. A confirmation of that very day came after it where they have counted
// otherwise since.
func elsewhere(verified string, frozen civil.Date, r *Row) civil.Date {
	d, err := civil.Parse(verified)
	if err != nil || r.Now == nccis.NotKnown || d.Before(frozen) || d == frozen && r.Now == r.Then {
		return civil.Date{}
	}
	return d
}

// barred says in words why somebody who was on the list is not tried: they are
// not held by themselves any more, or have left. Who was out of the cohort when
// the list was frozen, an 18-year-old, may be tried.
func barred(held bool, cohort, then string) string {
	if !held {
		return "The record is not held by itself any more: it was put together with another, or taken back"
	}
	switch cohort {
	case "T":
		return "Has moved to another authority"
	case "E":
		return "Has left England"
	case "M":
		return "Was found to be a duplicate"
	case "D":
		return "Has died"
	case "A", "L", "X":
		if cohort != then {
			return "Has left the cohort since the list was made"
		}
	}
	return ""
}

// bars reads whose processing is restricted and who has told us no.
func (g *reading) bars() error {
	var people []id.YoungPerson
	for _, r := range g.rows {
		people = append(people, r.Person)
	}
	for len(people) > 0 {
		some := people[:min(200, len(people))]
		people = people[len(some):]
		restricted, err := youngperson.Restricted(g.tx, g.r, some, g.today)
		if err != nil {
			return err
		}
		out, err := youngperson.OptedOut(g.tx, g.r, some, "", g.today)
		if err != nil {
			return err
		}
		for yp := range restricted {
			g.cases[g.at[yp]].Barred = "Their record is restricted: it goes into no list for contact"
		}
		for yp, scope := range out {
			if c := &g.cases[g.at[yp]]; scope == youngperson.OptOutAll && c.Barred == "" {
				c.Barred = "They have opted out of everything"
			}
		}
	}
	return nil
}

func (g *reading) add(yp id.YoungPerson, n Number) {
	if i, ok := g.at[yp]; ok && n.Value != "" {
		g.cases[i].Numbers = append(g.cases[i].Numbers, n)
	}
}

func (g *reading) reaches() error {
	return g.each(sqlReaches, g.where(), " ORDER BY x.young_person, x.id", func(scan func(...any) error) error {
		var yp id.YoungPerson
		var n Number
		if err := scan((*int64)(&yp), (*int64)(&n.Fact), &n.Channel, &n.Value, &n.Note, (*int64)(&n.Told)); err != nil {
			return err
		}
		n.Channel = map[string]string{youngperson.Telephone: contact.Phone, youngperson.Email: contact.Email}[n.Channel]
		g.add(yp, n)
		return nil
	})
}

func (g *reading) carers() error {
	return g.each(sqlCarers, g.where(), " ORDER BY x.young_person, x.id", func(scan func(...any) error) error {
		var yp id.YoungPerson
		var n Number
		var name, relationship, telephone, email string
		if err := scan((*int64)(&yp), (*int64)(&n.Fact), &name, &relationship, &telephone, &email, (*int64)(&n.Told)); err != nil {
			return err
		}
		if n.Whose = strings.ToLower(relationship); n.Whose == "" {
			n.Whose = "parent or carer"
		}
		for channel, value := range map[string]string{contact.Phone: telephone, contact.Email: email} {
			n.Channel, n.Value = channel, value
			g.add(yp, n)
		}
		return nil
	})
}

func (g *reading) contacts() error {
	w := g.where()
	w.And("x.started >= $1 OR x.outcome = $2", g.today.AddDays(-longAgo).String(), contact.WrongNumber)
	return g.each(sqlTries, w, " ORDER BY x.young_person, x.started, x.at_time, x.id", func(scan func(...any) error) error {
		var yp id.YoungPerson
		var on, direction, next string
		var here int
		t := Try{}
		if err := scan((*int64)(&yp), &on, &t.At, &t.How, &t.Outcome, (*int64)(&t.Number), &direction, &here, &next, &t.By); err != nil {
			return err
		}
		t.Here, t.Theirs = here == 1, direction == contact.In
		var err error
		if t.On, err = civil.Parse(on); err != nil {
			return nil // a day that came and is none counts against nobody
		}
		if d, err := civil.Parse(next); err == nil {
			t.NextOn = d
		}
		if i, ok := g.at[yp]; ok {
			g.cases[i].Tries = append(g.cases[i].Tries, t)
		}
		return nil
	})
}

// spells reads the version of each one's current activity: the one in force that
// started last.
func (g *reading) spells() error {
	w := g.where()
	w.And("x.ended = '' OR x.ended >= $1", g.today.String())
	today := g.today.String()
	latest := map[id.YoungPerson]string{}
	return g.each(sqlSpells, w, " ORDER BY x.young_person, x.id", func(scan func(...any) error) error {
		var yp id.YoungPerson
		var started string
		var known id.Act
		if err := scan((*int64)(&yp), &started, (*int64)(&known)); err != nil {
			return err
		}
		i, ok := g.at[yp]
		before, some := latest[yp]
		// As life.CurrentSpell chooses: the last that has begun; else one of which
		// nobody said when; else the next to begin.
		if ok && (!some || started <= today && (started >= before || before > today) || started > today && before > started) {
			latest[yp], g.rows[i].Seen = started, known
			g.rows[i].Since = record.Day(started)
		}
		return nil
	})
}

// Page is some of a campaign: its rows, how many it has in each state, and those
// that the reader saved in the last minutes.
type Page struct {
	Campaign Campaign
	Rows     []Row
	// In are how many stand in each state.
	In map[State]int
	// Shown is how many rows are of the state asked for.
	Total int
	// Lately are those whose outcome the reader can take back.
	Lately []Row
	// Open says that the rules let people be tried now; Shut says why not.
	Open bool
	Shut string
}

// Page is some of a campaign's rows of one state, from the row skip on, and
// records who was shown. Those whom the reader works stand among them whatever
// their state. It needs access.WorkCampaign and one's own campaign, or
// access.KeepCampaign; else it returns db.NotFound.
func (s *Service) Page(ctx context.Context, by access.Actor, ref id.Ref, state State, skip, size int) (Page, error) {
	if err := s.freezeDue(ctx, by.Register); err != nil {
		return Page{}, err
	}
	p := Page{In: map[State]int{}}
	var shown []id.YoungPerson
	err := s.DB.Read(ctx, func(tx *db.Tx) error {
		c, err := s.get(tx, by, ref)
		if err != nil {
			return err
		}
		p.Campaign = *c
		p.Open, p.Shut = c.Rules.Open(tx.Now)
		rows, err := s.rows(tx, by, c)
		if err != nil {
			return err
		}
		last, err := record.LastDayOpen(tx, by.Register)
		if err != nil {
			return err
		}
		for _, r := range rows {
			r.SameSince = record.SameSince(last, r.Since)
			p.In[r.Due.State]++
			if !r.Undo.IsZero() {
				p.Lately = append(p.Lately, *r)
				shown = append(shown, r.Person)
			}
			if r.Due.State != state && !r.Mine {
				continue
			}
			if p.Total++; p.Total > skip && len(p.Rows) < size {
				p.Rows = append(p.Rows, *r)
				shown = append(shown, r.Person)
			}
		}
		return nil
	})
	if err != nil || len(shown) == 0 {
		return p, err
	}
	return p, s.Sights.See(ctx, act.Sight{By: by, Kind: access.SeePerson, People: shown, Page: "campaign"})
}

// One is one row, with the life of the young person as the reader may see it, and
// records that it was shown. It returns as Page does, and access.ErrLocked.
func (s *Service) One(ctx context.Context, by access.Actor, ref, person id.Ref) (Campaign, Row, error) {
	var c *Campaign
	var r *Row
	err := s.DB.Read(ctx, func(tx *db.Tx) error {
		var err error
		if c, err = s.get(tx, by, ref); err != nil {
			return err
		}
		r, err = s.row(tx, by, c, person)
		return err
	})
	if err != nil {
		return Campaign{}, Row{}, err
	}
	return *c, *r, s.Sights.See(ctx, act.Sight{By: by, Kind: access.SeePerson, People: []id.YoungPerson{r.Person}, Page: "campaign"})
}

const sqlRowOf = `SELECT r.young_person FROM campaign_row r JOIN young_person y ON y.register = r.register AND y.id = r.young_person
	WHERE r.register = $1 AND r.campaign = $2 AND y.ref = $3`

// row is the row of the young person with a reference, read in the transaction
// that may be about to change it.
func (s *Service) row(tx *db.Tx, by access.Actor, c *Campaign, person id.Ref) (*Row, error) {
	to, err := readerOf(tx, by)
	if err != nil {
		return nil, err
	}
	var yp id.YoungPerson
	if err := tx.QueryRow(sqlRowOf, int64(by.Register), c.key, string(person)).Scan((*int64)(&yp)); err != nil {
		return nil, noRow(err)
	}
	if err := to.veil.Refuses(yp); err != nil {
		return nil, err
	}
	read, err := s.readRows(tx, by.Register, c, []id.YoungPerson{yp})
	if err != nil {
		return nil, err
	}
	rows, err := to.shown(tx, c, read)
	if err == nil && len(rows) != 1 {
		err = db.NotFound
	}
	if err != nil {
		return nil, err
	}
	return rows[0], nil
}
