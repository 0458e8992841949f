// Package campaign is working a list: a few people who try to reach everybody on
// it, by rules, until they know.
//
// In the trade a campaign is what a tracking team does in September and October,
// and before each return: everybody who is not known in Year 12, rung one after
// another. Its list is frozen on its day, so that all see the same, and what
// became of each is written as a contact. Whoever has left since, or has been put
// together with another record, or has asked for it, is shown as such and not
// tried.
package campaign

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/calendar"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/field"
	"waymark/internal/id"
	"waymark/internal/list"
	"waymark/internal/nccis"
	"waymark/internal/record"
)

// Service plans campaigns and works them.
type Service struct {
	DB          *db.DB
	Requirement *nccis.Requirement
	Lists       *list.Service
	Record      *record.Service
	Sights      *act.Recorder
	// Calendar has the days that open campaigns by themselves.
	Calendar *calendar.Service

	kept kept
}

// New is a campaign as somebody plans it.
type New struct {
	Name string
	// Asks is whom it is about.
	Asks list.Question
	// Target is what it is for, in words; Goal how many of a hundred are to be
	// settled.
	Target string
	Goal   int
	// Opens is the day on which its list is frozen, Closes its last day.
	Opens, Closes civil.Date
	Rules         Rules
	// Hands are the references of the accounts that work it.
	Hands []id.Ref
}

// Campaign is one campaign.
type Campaign struct {
	Ref          id.Ref
	Name, Target string
	Asks         url.Values
	Goal         int
	Opens        civil.Date
	Closes       civil.Date
	Rules        Rules
	// Frozen is the day on which its list was frozen; none for one that is planned.
	Frozen civil.Date
	// Closed says that it was closed before its last day.
	Closed bool
	Hands  []Hand
	// Version is raised by each change.
	Version int64
	key     int64
	// today is the day in London on which it was read.
	today civil.Date
}

// Hand is somebody who works a campaign, or who could.
type Hand struct {
	Ref  id.Ref
	Name string
	Role access.Role
}

// Stage is where a campaign stands, in words.
type Stage string

// The stages, in their order.
const (
	StagePlanned  Stage = "Planned"
	StageUnderWay Stage = "Under way"
	StageClosed   Stage = "Closed"
)

// Stage is where it stands on the day it was read.
func (c Campaign) Stage() Stage {
	switch {
	case c.Closed || c.today.After(c.Closes):
		return StageClosed
	case c.Frozen.IsZero():
		return StagePlanned
	}
	return StageUnderWay
}

// Running says that it can be worked.
func (c Campaign) Running() bool { return c.Stage() == StageUnderWay }

// Works says that the actor is one of its hands.
func (c Campaign) Works(by access.Actor) bool {
	_, ref, _ := strings.Cut(by.Ref, ":")
	return slices.ContainsFunc(c.Hands, func(h Hand) bool { return string(h.Ref) == ref })
}

// Today is the day in London.
func (s *Service) Today() civil.Date { return civil.On(s.DB.Now(), civil.London()) }

func (n *New) check(today civil.Date) error {
	n.Name, n.Target = strings.Join(strings.Fields(n.Name), " "), strings.TrimSpace(n.Target)
	var wrong field.Errors
	if n.Name == "" || len([]rune(n.Name)) > 100 {
		wrong.Add("name", "Enter a name of 100 letters or fewer, like Year 12 not known")
	}
	if len(n.Asks.Filters) == 0 {
		wrong.Add("asks", "Choose whom the campaign is about: begin with a list")
	}
	if len([]rune(n.Target)) > 300 {
		wrong.Add("target", "Say what it is for in 300 letters or fewer")
	}
	if n.Goal < 1 || n.Goal > 100 {
		wrong.Add("goal", "Enter how many of a hundred are to be settled, from 1 to 100")
	}
	if n.Opens.IsZero() {
		wrong.Add("opens", "Enter the day on which it opens, like 1 9 2027")
	}
	if n.Closes.IsZero() || n.Closes.Before(n.Opens) || n.Closes.Before(today) {
		wrong.Add("closes", "Enter its last day, today or later and not before it opens")
	}
	if len(n.Hands) == 0 {
		wrong.Add("hands", "Select who works it")
	}
	n.Rules.check(&wrong)
	return wrong.Err()
}

const (
	sqlAdd = `INSERT INTO campaign (register, id, ref, name, asks, target, goal, opens_on, closes_on, rules, made_by, opened_by)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT DO NOTHING`
	sqlMadeWith = `SELECT c.ref FROM campaign c JOIN act a ON a.register = c.register AND a.number = c.made_by WHERE c.register = $1 AND a.one_use_key = $2`
)

// Add plans a campaign; where its day has come its list is frozen when it is
// first asked for. key is the form's one-use key. It needs access.KeepCampaign,
// and returns field.Errors; with act.ErrRepeated the reference is that of the
// first press.
func (s *Service) Add(ctx context.Context, by access.Actor, n New, key string) (id.Ref, error) {
	if err := n.check(s.Today()); err != nil {
		return "", err
	}
	n.Asks = own(n.Asks, by)
	ref := id.NewRef()
	err := s.DB.InTx(ctx, func(tx *db.Tx) error {
		a, err := act.Begin(tx, by, access.KeepCampaign, 0, act.Request{Reason: "planned a campaign", Key: key})
		if errors.Is(err, act.ErrRepeated) {
			return errors.Join(err, tx.QueryRow(sqlMadeWith, int64(by.Register), key).Scan(&ref))
		}
		if err != nil {
			return err
		}
		return s.add(tx, a, ref, n, "")
	})
	return ref, err
}

// add writes a campaign, and the day of the calendar that opens it, if any. It
// returns errOpened where that day has opened one.
func (s *Service) add(tx *db.Tx, a *act.Act, ref id.Ref, n New, openedBy string) error {
	rules, err := json.Marshal(n.Rules)
	if err != nil {
		return err
	}
	number, err := a.Keys(1)
	if err != nil {
		return err
	}
	done, err := tx.Exec(sqlAdd, int64(a.Register), number, string(ref), n.Name, n.Asks.Values().Encode(), n.Target, n.Goal,
		n.Opens.String(), n.Closes.String(), string(rules), int64(a.Number), openedBy)
	if err != nil {
		return fmt.Errorf("plan a campaign: %w", err)
	}
	if n, err := done.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, errOpened)
	}
	return s.hire(tx, a, number, n.Hands)
}

// own replaces "me" by who it is: the list is frozen on another's behalf.
func own(q list.Question, by access.Actor) list.Question {
	_, ref, _ := strings.Cut(by.Ref, ":")
	next := q
	next.Filters = map[list.Filter][]string{}
	for f, values := range q.Filters {
		next.Filters[f] = slices.Clone(values)
	}
	if i := slices.Index(next.Filters[list.Adviser], "me"); i >= 0 {
		next.Filters[list.Adviser][i] = ref
	}
	return next
}

const sqlCampaigns = `SELECT c.id, c.ref, c.name, c.asks, c.target, c.goal, c.opens_on, c.closes_on, c.rules, c.frozen_on, CASE WHEN c.closed_by IS NULL THEN 0 ELSE 1 END, c.version FROM campaign c`

// read are campaigns that a condition leaves.
func read(tx *db.Tx, w db.Where) ([]*Campaign, error) {
	rows, err := tx.Query(sqlCampaigns+w.SQL()+" ORDER BY c.opens_on, c.id", w.Args...)
	if err != nil {
		return nil, fmt.Errorf("read campaigns: %w", err)
	}
	var out []*Campaign
	defer rows.Close()
	for rows.Next() {
		c := &Campaign{today: civil.On(tx.Now, civil.London())}
		var asks, opens, closes, rules, frozen string
		var closed int
		if err := rows.Scan(&c.key, &c.Ref, &c.Name, &asks, &c.Target, &c.Goal, &opens, &closes, &rules, &frozen, &closed, &c.Version); err != nil {
			return nil, err
		}
		if c.Asks, err = url.ParseQuery(asks); err != nil {
			return nil, err
		}
		if err := json.Unmarshal([]byte(rules), &c.Rules); err != nil {
			return nil, err
		}
		c.Opens, c.Closes, c.Closed = civil.MustParse(opens), civil.MustParse(closes), closed == 1
		if frozen != "" {
			c.Frozen = civil.MustParse(frozen)
		}
		out = append(out, c)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	return out, nil
}

const sqlHands = `SELECT campaign, account, name FROM campaign_hand WHERE register = $1 AND known_to IS NULL ORDER BY name, account`

// withHands reads who works each.
func withHands(tx *db.Tx, r id.Register, all []*Campaign) error {
	rows, err := tx.Query(sqlHands, int64(r))
	if err != nil {
		return fmt.Errorf("read who works campaigns: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var key int64
		var h Hand
		if err := rows.Scan(&key, &h.Ref, &h.Name); err != nil {
			return err
		}
		if i := slices.IndexFunc(all, func(c *Campaign) bool { return c.key == key }); i >= 0 {
			all[i].Hands = append(all[i].Hands, h)
		}
	}
	return rows.Err()
}

// one is the campaign behind a reference, with its hands, or db.NotFound.
func one(tx *db.Tx, r id.Register, ref id.Ref) (*Campaign, error) {
	var w db.Where
	w.And("c.register = $1 AND c.ref = $2", int64(r), string(ref))
	all, err := read(tx, w)
	if err == nil && len(all) == 0 {
		err = db.NotFound
	}
	if err != nil {
		return nil, err
	}
	return all[0], withHands(tx, r, all)
}

// All are the campaigns of the register, with whom works them, by the day on which
// they open. One whose day has come is frozen first. It needs access.WorkCampaign:
// whoever keeps campaigns sees all, others those that they work.
func (s *Service) All(ctx context.Context, by access.Actor) ([]Campaign, error) {
	if err := access.Decide(by, access.WorkCampaign, access.Subject{Register: by.Register}); err != nil {
		return nil, err
	}
	if err := s.freezeDue(ctx, by.Register); err != nil {
		return nil, err
	}
	var all []*Campaign
	err := s.DB.Read(ctx, func(tx *db.Tx) error {
		var w db.Where
		w.And("c.register = $1", int64(by.Register))
		var err error
		if all, err = read(tx, w); err != nil {
			return err
		}
		return withHands(tx, by.Register, all)
	})
	var out []Campaign
	for _, c := range all {
		if access.May(by, access.KeepCampaign) || c.Works(by) {
			out = append(out, *c)
		}
	}
	return out, err
}

// Get is one campaign, with whom works it. It needs access.WorkCampaign and one's
// own campaign, or access.KeepCampaign; else it returns db.NotFound.
func (s *Service) Get(ctx context.Context, by access.Actor, ref id.Ref) (Campaign, error) {
	var c *Campaign
	err := s.DB.Read(ctx, func(tx *db.Tx) (err error) { c, err = s.get(tx, by, ref); return err })
	if err != nil {
		return Campaign{}, err
	}
	return *c, nil
}

// get is the campaign that the actor may work or keep.
func (s *Service) get(tx *db.Tx, by access.Actor, ref id.Ref) (*Campaign, error) {
	if err := access.Decide(by, access.WorkCampaign, access.Subject{Register: by.Register}); err != nil {
		return nil, err
	}
	c, err := one(tx, by.Register, ref)
	if err == nil && !access.May(by, access.KeepCampaign) && !c.Works(by) {
		err = db.NotFound
	}
	return c, err
}

const (
	sqlFreeze = `UPDATE campaign SET frozen_on = $1, frozen_by = $2 WHERE register = $3 AND id = $4 AND frozen_by IS NULL`
	sqlClose  = `UPDATE campaign SET closed_by = $1 WHERE register = $2 AND id = $3 AND closed_by IS NULL`
)

// freezeDue freezes the list of each campaign whose day has come. It is done for
// the register and not for whoever happens to ask: each reader is then shown of
// it what they may see.
func (s *Service) freezeDue(ctx context.Context, r id.Register) error {
	var due []*Campaign
	err := s.DB.Read(ctx, func(tx *db.Tx) error {
		today := civil.On(tx.Now, civil.London()).String()
		var w db.Where
		w.And("c.register = $1 AND c.frozen_by IS NULL AND c.closed_by IS NULL AND c.opens_on <= $2 AND c.closes_on >= $2", int64(r), today)
		var err error
		due, err = read(tx, w)
		return err
	})
	for _, c := range due {
		if err == nil {
			err = s.freeze(ctx, r, c)
		}
	}
	return err
}

func (s *Service) freeze(ctx context.Context, r id.Register, c *Campaign) error {
	by := waymark(r)
	q, _ := list.Parse(c.Asks)
	people, err := s.Lists.Who(ctx, by, q)
	if err != nil {
		return err
	}
	return s.DB.InTx(ctx, func(tx *db.Tx) error {
		a, err := act.Begin(tx, by, access.KeepCampaign, 0, act.Request{Reason: "froze the list of a campaign"})
		if err != nil {
			return err
		}
		done, err := tx.Exec(sqlFreeze, s.Today().String(), int64(a.Number), int64(r), c.key)
		if err != nil {
			return fmt.Errorf("freeze a list: %w", err)
		}
		if n, err := done.RowsAffected(); err != nil || n == 0 {
			return err // somebody else was first
		}
		then, err := s.standsOf(tx, r)
		if err != nil {
			return err
		}
		rows := make([][]any, 0, len(people))
		for i, yp := range people {
			if t, ok := then[yp]; ok {
				rows = append(rows, []any{int64(r), c.key, int64(yp), int64(i + 1), t[0], t[1]})
			}
		}
		return db.BulkInsert(tx, "campaign_row", []string{"register", "campaign", "young_person", "place", "status_then", "cohort_then"}, rows)
	})
}

const sqlStands = `SELECT young_person, activity, COALESCE(lapses_on, ''), cohort_status FROM standing WHERE register = $1`

// standsOf is how each person of the register counts today, and their cohort
// status.
func (s *Service) standsOf(tx *db.Tx, r id.Register) (map[id.YoungPerson][2]string, error) {
	rows, err := tx.Query(sqlStands, int64(r))
	if err != nil {
		return nil, fmt.Errorf("read standings: %w", err)
	}
	defer rows.Close()
	today := civil.On(tx.Now, civil.London())
	e, _ := s.Requirement.EditionOn(today.InMonth().End())
	out := map[id.YoungPerson][2]string{}
	for rows.Next() {
		var yp id.YoungPerson
		var code, lapses, cohort string
		if err := rows.Scan((*int64)(&yp), &code, &lapses, &cohort); err != nil {
			return nil, err
		}
		out[yp] = [2]string{statusOn(e, code, lapses, today), cohort}
	}
	return out, rows.Err()
}

// statusOn is how an activity counts on a day: the text of an nccis.Status.
func statusOn(e *nccis.Edition, code, lapses string, today civil.Date) string {
	due := today
	if d, err := civil.Parse(lapses); err == nil {
		due = d
	}
	return string(e.StatusOn(code, due, today))
}

// Close ends a campaign before its last day. It needs access.KeepCampaign, and
// returns db.NotFound, db.Conflict where it is closed, or act.ErrRepeated.
func (s *Service) Close(ctx context.Context, by access.Actor, ref id.Ref, key string) error {
	return s.DB.InTx(ctx, func(tx *db.Tx) error {
		a, err := act.Begin(tx, by, access.KeepCampaign, 0, act.Request{Reason: "closed a campaign", Key: key})
		if err != nil {
			return err
		}
		c, err := one(tx, by.Register, ref)
		if err != nil {
			return err
		}
		done, err := tx.Exec(sqlClose, int64(a.Number), int64(by.Register), c.key)
		if err != nil {
			return fmt.Errorf("close a campaign: %w", err)
		}
		if n, err := done.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, db.Conflict{What: "this campaign"})
		}
		return nil
	})
}

// timeOf is a moment that a row of a campaign keeps as text, the zero time for "".
func timeOf(text string) time.Time {
	var at db.Instant
	if text == "" || at.Scan(text) != nil {
		return time.Time{}
	}
	return at.Time
}

// noRow says that a question for one row found none.
func noRow(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return db.NotFound
	}
	return err
}
