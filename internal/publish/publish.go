package publish

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/field"
	"waymark/internal/id"
	"waymark/internal/report"
)

// Service makes, freezes and gives out publications.
type Service struct {
	DB      *db.DB
	Figures *report.Service
}

// States of a publication.
const (
	Draft  = "draft"
	Frozen = "frozen"
)

// Publication is the figures of one month for the public.
type Publication struct {
	Ref   id.Ref
	State string
	Content
	MadeBy, FrozenBy string
	MadeAt, FrozenAt time.Time
	// SHA256 is of the content, in hexadecimal.
	SHA256 string
}

// Content is what is published, and nothing besides: the same for ever once it
// is frozen.
type Content struct {
	Register string   `json:"register"`
	Period   string   `json:"period"`
	KnownAt  id.Act   `json:"known_at"`
	Statuses []Status `json:"statuses"`
	Tables   []Table  `json:"tables"`
	Rules    []string `json:"rules"`
}

// Month is the month of which the figures are.
func (c *Content) Month() civil.Month {
	m, err := civil.ParseMonth(c.Period)
	if err != nil {
		return civil.Month{}
	}
	return m
}

// Kinds are the kinds of groups that can be published: each puts everybody into
// one group. Schools and advisers are not among them, because their groups are
// people whom many know.
func Kinds() []string { return []string{"age", "sex", "ethnicity", "send", "vulnerable", "ward"} }

// statuses are the columns: the cohort, and how it is made up.
func statuses() []Status {
	return []Status{
		{"cohort", "Everybody of academic age 16 and 17", -1},
		{"eet", "In education, employment or training", 0},
		{"participation", "of these, in education or training", 1},
		{"work_without_training", "of these, in work without training", 1},
		{"combined", "Not in education, employment or training, or not known", 0},
		{"neet", "of these, not in education, employment or training", 4},
		{"not_known", "of these, not known", 4},
	}
}

// Rules say in words how a publication is to be read.
func Rules() []string {
	return []string{
		"c: withheld. It stands for 1 to 5, or for a number from which one of 1 to 5 could be worked out. 0 is shown, unless a total of which it is a part is withheld.",
		"All other numbers are rounded to the nearest 5, so they may not add up.",
		"Percentages are of everybody in the group, from the numbers before rounding, to one decimal place. z: not applicable, because the group has fewer than 30.",
		"Young adults in custody are left out, as in the Department’s figures.",
		"These figures are of one day and do not change when more is learned.",
	}
}

const sqlKnownAt = `SELECT known_at FROM monthly_return WHERE register = $1 AND period = $2 AND state IN ('signed', 'sent', 'accepted') ORDER BY id DESC LIMIT 1`

// moment is the act after which a month is counted: the one at which its return
// was frozen, so that what is published is what was sent; the latest where
// there is none.
func moment(tx *db.Tx, r id.Register, m civil.Month) (id.Act, error) {
	var at id.Act
	err := tx.QueryRow(sqlKnownAt, int64(r), m.String()).Scan((*int64)(&at))
	if errors.Is(err, sql.ErrNoRows) {
		err = tx.QueryRow(`SELECT last_act FROM register WHERE id = $1`, int64(r)).Scan((*int64)(&at))
	}
	if err != nil {
		return 0, fmt.Errorf("find the moment of a publication: %w", err)
	}
	return at, nil
}

// Published says that a month is published already: it is published once.
type Published struct {
	Month civil.Month
	Ref   id.Ref
}

func (p Published) Error() string {
	return p.Month.Words() + " is published already. A month is published once, because two answers would give away by subtraction what each withholds."
}

// Make counts a month that has ended, by groups of the kinds, and keeps it as a
// draft. It needs access.PublishFigures, and returns field.Errors, Published, or
// what report.Service.Run returns.
func (s *Service) Make(ctx context.Context, by access.Actor, m civil.Month, kinds []string, key string) (*Publication, error) {
	if err := access.Decide(by, access.PublishFigures, access.Subject{Register: by.Register}); err != nil {
		return nil, err
	}
	if wrong := s.check(m, kinds); wrong != nil {
		return nil, wrong
	}
	var at id.Act
	err := s.DB.Read(ctx, func(tx *db.Tx) error {
		if err := unpublished(tx, by.Register, m); err != nil {
			return err
		}
		var err error
		at, err = moment(tx, by.Register, m)
		return err
	})
	if err != nil {
		return nil, err
	}
	c, err := s.count(ctx, by, m, kinds, at)
	if err != nil {
		return nil, err
	}
	p := &Publication{Ref: id.NewRef(), State: Draft, Content: *c, MadeBy: by.Name}
	return p, s.DB.InTx(ctx, func(tx *db.Tx) error { return p.store(tx, by, kinds, key) })
}

func (s *Service) check(m civil.Month, kinds []string) error {
	var wrong field.Errors
	if m.IsZero() || !m.End().Before(civil.On(s.DB.Now(), civil.London())) {
		wrong.Add("period", "Choose a month that has ended")
	}
	if len(kinds) == 0 {
		wrong.Add("kinds", "Select at least one kind of group")
	}
	for _, k := range kinds {
		if !slices.Contains(Kinds(), k) {
			wrong.Add("kinds", fmt.Sprintf("%q cannot be published: select from the list", k))
		}
	}
	return wrong.Err()
}

const sqlFrozenOf = `SELECT ref FROM publication WHERE register = $1 AND period = $2 AND state = 'frozen'`

func unpublished(tx *db.Tx, r id.Register, m civil.Month) error {
	var ref id.Ref
	err := tx.QueryRow(sqlFrozenOf, int64(r), m.String()).Scan((*string)(&ref))
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look whether a month is published: %w", err)
	}
	return Published{m, ref}
}

// count asks for the figures and withholds what must be.
func (s *Service) count(ctx context.Context, by access.Actor, m civil.Month, kinds []string, at id.Act) (*Content, error) {
	period := report.Month(m)
	r, err := s.Figures.Run(ctx, by, report.Question{Periods: []report.Period{period}, KnownAt: at, By: append([]string{"all"}, kinds...)})
	if err != nil {
		return nil, err
	}
	all, err := line(r, period, report.All, "Everybody")
	if err != nil {
		return nil, err
	}
	var tables []counted
	for _, kind := range Kinds() {
		if !slices.Contains(kinds, kind) {
			continue
		}
		t := counted{kind: kind, words: r.KindInWords(kind), lines: []countedLine{*all}}
		for _, row := range r.Groups(period, "neet", kind) {
			if row.Group == "age:18" { // of nobody's cohort
				continue
			}
			l, err := line(r, period, row.Group, row.Label)
			if err != nil {
				return nil, err
			}
			t.lines = append(t.lines, *l)
		}
		if err := t.fill(); err != nil {
			return nil, err
		}
		tables = append(tables, t)
	}
	shown, ok := publishTables(statuses(), tables)
	if !ok {
		return nil, field.Errors{{Field: "kinds", Message: "These tables cannot be published together without giving small numbers away. Choose fewer kinds of groups"}}
	}
	return &Content{Register: r.Register.Name, Period: m.String(), KnownAt: at, Statuses: statuses(), Tables: shown, Rules: Rules()}, nil
}

// line is the numbers of one group.
func line(r *report.Result, p report.Period, g report.Group, label string) (*countedLine, error) {
	of := map[string]int{}
	for _, measure := range []string{"neet", "not_known", "participation"} {
		row, ok := r.Row(p, measure, g)
		if !ok {
			return nil, report.NoFigures{Period: p, Words: "Nobody is counted for " + p.Words() + ", so there is nothing to publish."}
		}
		of[measure], of["cohort"] = row.People(), row.Among()
	}
	both := of["neet"] + of["not_known"]
	eet := of["cohort"] - both
	l := &countedLine{group: string(g), label: label, numbers: []int{of["cohort"], eet, of["participation"], eet - of["participation"], both, of["neet"], of["not_known"]}}
	return l, l.check()
}

func (l *countedLine) check() error {
	for _, n := range l.numbers {
		if n < 0 {
			return fmt.Errorf("publish: the figures of %s do not add up: %v", l.group, l.numbers)
		}
	}
	return nil
}

// fill adds everybody who is in none of the groups as a group of their own, so
// that the groups add up: whoever reads the table can work it out anyway.
func (t *counted) fill() error {
	rest := countedLine{group: t.kind + ":others", label: "Everybody else", numbers: slices.Clone(t.lines[0].numbers)}
	for _, l := range t.lines[1:] {
		for s, n := range l.numbers {
			rest.numbers[s] -= n
		}
	}
	if err := rest.check(); err != nil {
		return err
	}
	if rest.numbers[0] > 0 {
		t.lines = append(t.lines, rest)
	}
	return nil
}

// hash is the content as it is stored, and its hash.
func (c *Content) hash() (text, sum string, err error) {
	out, err := json.Marshal(c)
	if err != nil {
		return "", "", err
	}
	digest := sha256.Sum256(out)
	return string(out), hex.EncodeToString(digest[:]), nil
}

const sqlAddPublication = `INSERT INTO publication (register, id, ref, period, kinds, known_at, state, made_by, made_at, frozen_by, frozen_at, sha256, content)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, '', NULL, $10, $11)`

func (p *Publication) store(tx *db.Tx, by access.Actor, kinds []string, key string) error {
	a, err := act.Begin(tx, by, access.PublishFigures, 0, act.Request{Reason: "Draft of the figures for " + p.Month().Words(), Key: key})
	if err != nil {
		return err
	}
	if err := unpublished(tx, by.Register, p.Month()); err != nil {
		return err
	}
	next, err := a.Keys(1)
	if err != nil {
		return err
	}
	text, sum, err := p.Content.hash()
	if err != nil {
		return err
	}
	p.SHA256, p.MadeAt = sum, tx.Now
	_, err = tx.Exec(sqlAddPublication, int64(by.Register), next, string(p.Ref), p.Period, strings.Join(kinds, " "), int64(p.KnownAt), p.State, p.MadeBy, db.Instant{Time: tx.Now}, sum, text)
	if err != nil {
		return fmt.Errorf("keep the draft of a publication: %w", err)
	}
	return nil
}

const sqlFreeze = `UPDATE publication SET state = 'frozen', frozen_by = $3, frozen_at = $4 WHERE register = $1 AND ref = $2 AND state = 'draft'`

// Freeze makes a draft the publication of its month, for ever. It needs
// access.FreezeFigures, and returns db.NotFound, Published, or db.Conflict where
// somebody dropped it.
func (s *Service) Freeze(ctx context.Context, by access.Actor, ref id.Ref, key string) error {
	return s.DB.InTx(ctx, func(tx *db.Tx) error {
		p, err := one(tx, by.Register, ref)
		if err != nil {
			return err
		}
		a, err := act.Begin(tx, by, access.FreezeFigures, 0, act.Request{Reason: "Figures for " + p.Month().Words() + ", " + p.SHA256, Key: key})
		if err != nil {
			return err
		}
		if err := unpublished(tx, a.Register, p.Month()); err != nil {
			return err
		}
		return changed(tx.Exec(sqlFreeze, int64(a.Register), string(ref), by.Name, db.Instant{Time: tx.Now}))
	})
}

const sqlDrop = `DELETE FROM publication WHERE register = $1 AND ref = $2 AND state = 'draft'`

// Drop takes a draft away. It needs access.PublishFigures, and returns db.NotFound,
// or db.Conflict for what is published.
func (s *Service) Drop(ctx context.Context, by access.Actor, ref id.Ref, key string) error {
	return s.DB.InTx(ctx, func(tx *db.Tx) error {
		if err := access.Decide(by, access.PublishFigures, access.Subject{Register: by.Register}); err != nil {
			return err
		}
		if _, err := one(tx, by.Register, ref); err != nil {
			return err
		}
		if _, err := act.Begin(tx, by, access.PublishFigures, 0, act.Request{Reason: "Draft dropped", Key: key}); err != nil {
			return err
		}
		return changed(tx.Exec(sqlDrop, int64(by.Register), string(ref)))
	})
}

func changed(done sql.Result, err error) error {
	if err != nil {
		return fmt.Errorf("change a publication: %w", err)
	}
	if n, err := done.RowsAffected(); err != nil || n == 1 {
		return err
	}
	return db.Conflict{What: "this publication"}
}
