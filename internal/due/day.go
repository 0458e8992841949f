package due

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"waymark/internal/access"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/id"
	"waymark/internal/list"
	"waymark/internal/record"
)

// Section is one part of somebody's day, in the order in which it is shown.
type Section string

// The sections of a day (ux-security.md, screen 2).
const (
	Today    Section = "today"
	Late     Section = "overdue"
	ThisWeek Section = "week"
	// NotRecorded is what was done, or is known, and was not written up.
	NotRecorded Section = "not-recorded"
	NewToYou    Section = "new"
)

// Sections are all, in their order.
func Sections() []Section { return []Section{Today, Late, ThisWeek, NotRecorded, NewToYou} }

// Words head a section.
func (s Section) Words() string {
	return map[Section]string{Today: "Today", Late: "Overdue", ThisWeek: "Due this week", NotRecorded: "Not recorded yet", NewToYou: "New to you"}[s]
}

// Task is one line of a day: about whom, why, and the one thing to do.
type Task struct {
	// Ref and Name are the young person's; a task about nobody in particular, a
	// round or a campaign, has a Name and an Href alone.
	Ref    id.Ref
	Name   string
	Locked bool
	// Why says in words why it is there; When orders it, At is the time of day,
	// like 14:30, "" for none.
	Why  string
	When civil.Date
	At   string
	// Do is the quick action and Href its address on the pages; "" for none.
	Do, Href string
}

// Tasks are what one source has for one section.
type Tasks struct {
	Section Section
	// Tasks are the first of Total. All is the address of them all, "" where
	// there is none.
	Tasks []Task
	Total int
	All   string
}

// Source gives what somebody has to do on a day, at most so many tasks for each
// section. A room that wants to stand in people's days gives the pages one of
// these; it asks access itself, and records whom it shows.
type Source func(ctx context.Context, by access.Actor, today civil.Date, most int) ([]Tasks, error)

// Day puts together what several sources give for a day, section by section, by
// day, time and name; sections with nothing are left out.
func Day(ctx context.Context, by access.Actor, today civil.Date, most int, sources ...Source) ([]Tasks, error) {
	found := map[Section]*Tasks{}
	for _, source := range sources {
		list, err := source(ctx, by, today, most)
		if err != nil {
			return nil, err
		}
		for _, one := range list {
			if one.Total == 0 {
				continue
			}
			t := found[one.Section]
			if t == nil {
				t = &Tasks{Section: one.Section}
				found[one.Section] = t
			}
			t.Tasks, t.Total = append(t.Tasks, one.Tasks...), t.Total+one.Total
			t.All = cmp.Or(t.All, one.All)
		}
	}
	var out []Tasks
	for _, section := range Sections() {
		t := found[section]
		if t == nil {
			continue
		}
		slices.SortStableFunc(t.Tasks, func(a, b Task) int {
			return cmp.Or(cmp.Compare(a.When.String(), b.When.String()), cmp.Compare(a.At, b.At), cmp.Compare(a.Name, b.Name))
		})
		t.Tasks = t.Tasks[:min(most, len(t.Tasks))]
		out = append(out, *t)
	}
	return out, nil
}

// newFor is how many days somebody is new to their adviser.
const newFor = 14

const (
	// A next step is done with when there has been a contact since.
	sqlSteps = `SELECT c.young_person, c.next_on, c.started, c.how FROM contact c
		WHERE c.register = $1 AND c.by_actor = $2 AND c.known_to IS NULL AND c.next_on <> '' AND c.next_on <= $3
			AND NOT EXISTS (SELECT 1 FROM contact l WHERE l.register = c.register AND l.young_person = c.young_person AND l.known_to IS NULL
				AND (l.started > c.started OR (l.started = c.started AND l.id > c.id)))
		ORDER BY c.next_on, c.young_person`
	sqlNew = `SELECT a.young_person, a.started FROM allocation a
		WHERE a.register = $1 AND a.adviser = $2 AND a.known_to IS NULL AND a.ended = '' AND a.started >= $3 AND a.started <= $4
		ORDER BY a.started DESC, a.young_person`
)

// Mine is a Source: the actor's own young people whose situation has lapsed or
// lapses this week, whose review has come, to whom something was promised, of
// whom nothing is recorded, and who are new to them. It needs access.ListPeople.
func (s *Service) Mine(ctx context.Context, by access.Actor, today civil.Date, most int) ([]Tasks, error) {
	if err := s.may(by); err != nil {
		return nil, err
	}
	overdue, err := s.dueTasks(ctx, by, Question{On: today, Window: Overdue, Adviser: "me"}, Late, most)
	if err != nil {
		return nil, err
	}
	week, err := s.dueTasks(ctx, by, Question{On: today, Window: Week, Adviser: "me"}, ThisWeek, most)
	if err != nil {
		return nil, err
	}
	reviews, err := s.reviewTasks(ctx, by, today, most)
	if err != nil {
		return nil, err
	}
	none, err := s.unrecorded(ctx, by, most)
	if err != nil {
		return nil, err
	}
	steps, err := s.steps(ctx, by, today, most)
	if err != nil {
		return nil, err
	}
	fresh, err := s.newToYou(ctx, by, today, most)
	if err != nil {
		return nil, err
	}
	return append(append([]Tasks{overdue, week}, append(reviews, steps...)...), none, fresh), nil
}

func personHref(ref id.Ref, to string) string { return "/young-people/" + string(ref) + to }

func (s *Service) dueTasks(ctx context.Context, by access.Actor, q Question, section Section, most int) (Tasks, error) {
	p, err := s.Page(ctx, by, q, 0, most)
	if err != nil {
		return Tasks{}, err
	}
	t := Tasks{Section: section, Total: p.Total, All: "/due?adviser=me&window=" + string(q.Window)}
	for _, one := range p.Items {
		t.Tasks = append(t.Tasks, Task{Ref: one.Ref, Name: one.Name(), Locked: one.Locked, Why: one.Reason, When: one.LapsesOn, Do: "Confirm", Href: personHref(one.Ref, "/activity/confirm")})
	}
	return t, nil
}

// reviewTasks are those whose review has come, or comes this week, and who do
// not lapse this week: those stand there already.
func (s *Service) reviewTasks(ctx context.Context, by access.Actor, today civil.Date, most int) ([]Tasks, error) {
	sunday := Week.Until(today)
	q := list.Question{Filters: map[list.Filter][]string{list.Returned: {"yes"}, list.Adviser: {"me"}, list.ReviewBy: {sunday.String()}, list.LapsesFrom: {sunday.AddDays(1).String()}}, Sort: list.ColLapses}
	found, err := s.Lists.Page(ctx, by, q, 0, most)
	if err != nil || found.Total == 0 {
		return nil, err
	}
	items, err := s.items(ctx, by, Question{On: today}, found.Rows)
	if err != nil {
		return nil, err
	}
	t := Tasks{Section: ThisWeek, Total: found.Total, All: "/lists?adviser=me&in-return=yes&review-by=" + sunday.String()}
	for _, one := range items {
		why := "Its review is due on " + one.ReviewOn.Words()
		if one.ReviewOn.Before(today) {
			why = "Its review was due on " + one.ReviewOn.Words() + "; it lapses on " + one.LapsesOn.Words()
		}
		if one.Locked {
			why = ""
		}
		t.Tasks = append(t.Tasks, Task{Ref: one.Ref, Name: one.Name(), Locked: one.Locked, Why: why, When: one.ReviewOn, Do: "Confirm", Href: personHref(one.Ref, "/activity/confirm")})
	}
	return []Tasks{t}, nil
}

func (s *Service) unrecorded(ctx context.Context, by access.Actor, most int) (Tasks, error) {
	q := list.Question{Filters: map[list.Filter][]string{list.Returned: {"yes"}, list.Adviser: {"me"}, list.Activity: {"none"}}, Sort: list.ByName}
	found, err := s.Lists.Page(ctx, by, q, 0, most)
	t := Tasks{Section: NotRecorded, Total: found.Total, All: "/lists?adviser=me&in-return=yes&activity=none"}
	for _, one := range found.Rows {
		t.Tasks = append(t.Tasks, Task{Ref: one.Ref, Name: one.Name(), Locked: one.Locked, Why: "Nothing is recorded of what they do, so they count as not known", Do: "Record", Href: personHref(one.Ref, "/activity/new")})
	}
	return t, err
}

// dated is one young person with a day and words.
type dated struct {
	person  id.YoungPerson
	on, had civil.Date
	how     string
}

// steps are what the actor promised, due by Sunday or overdue.
func (s *Service) steps(ctx context.Context, by access.Actor, today civil.Date, most int) ([]Tasks, error) {
	var all []dated
	err := s.DB.Read(ctx, func(tx *db.Tx) error {
		rows, err := tx.Query(sqlSteps, int64(by.Register), by.Ref, Week.Until(today).String())
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var one dated
			var on, had string
			if err := rows.Scan((*int64)(&one.person), &on, &had, &one.how); err != nil {
				return err
			}
			one.on, one.had = record.Day(on), record.Day(had)
			all = append(all, one)
		}
		return rows.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("read what was promised: %w", err)
	}
	sections := map[Section][]dated{}
	for _, one := range all {
		section := ThisWeek
		switch {
		case one.on.Before(today):
			section = Late
		case one.on == today:
			section = Today
		}
		sections[section] = append(sections[section], one)
	}
	var out []Tasks
	for _, section := range []Section{Today, Late, ThisWeek} {
		t, err := s.named(ctx, by, section, sections[section], most, func(d dated) (string, string, string) {
			return "Next step agreed on " + d.had.Words() + " (" + d.how + "), for " + d.on.Words(), "Record", "/contact/new"
		})
		if err != nil {
			return nil, err
		}
		out = append(out, t)
	}
	return out, nil
}

// newToYou are those who were allocated to the actor in the last days.
func (s *Service) newToYou(ctx context.Context, by access.Actor, today civil.Date, most int) (Tasks, error) {
	var all []dated
	err := s.DB.Read(ctx, func(tx *db.Tx) error {
		rows, err := tx.Query(sqlNew, int64(by.Register), record.OwnAdviser(by), today.AddDays(-newFor).String(), today.String())
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var one dated
			var on string
			if err := rows.Scan((*int64)(&one.person), &on); err != nil {
				return err
			}
			one.on = record.Day(on)
			all = append(all, one)
		}
		return rows.Err()
	})
	if err != nil {
		return Tasks{}, fmt.Errorf("read who is new: %w", err)
	}
	return s.named(ctx, by, NewToYou, all, most, func(d dated) (string, string, string) {
		return "Allocated to you on " + d.on.Words(), "", ""
	})
}

// named are tasks about given young people, with their names. Whoever may not be
// shown is left out, and of the total too.
func (s *Service) named(ctx context.Context, by access.Actor, section Section, all []dated, most int, words func(dated) (why, do, to string)) (Tasks, error) {
	t := Tasks{Section: section, Total: len(all)}
	if len(all) == 0 {
		return t, nil
	}
	people := make([]id.YoungPerson, 0, len(all))
	for _, one := range all {
		people = append(people, one.person)
	}
	rows, err := s.Records.Some(ctx, by, people, "my day")
	if err != nil {
		return t, err
	}
	t.Total = len(rows)
	of := map[id.YoungPerson]record.Row{}
	for _, r := range rows {
		of[r.Person] = r
	}
	for _, one := range all {
		r, ok := of[one.person]
		if !ok || len(t.Tasks) == most {
			continue
		}
		task := Task{Ref: r.Ref, Name: r.Name(), Locked: r.Locked, When: one.on}
		if !r.Locked {
			var to string
			task.Why, task.Do, to = words(one)
			if task.Do != "" {
				task.Href = personHref(r.Ref, to)
			}
		}
		t.Tasks = append(t.Tasks, task)
	}
	return t, nil
}

// MonthAhead says how many of the actor's own lapse by the end of the month, for which
// the return is made, and in how many days that is.
func (s *Service) MonthAhead(ctx context.Context, by access.Actor, today civil.Date) (lapse, days int, err error) {
	q := Question{On: today, Adviser: "me"}
	all, _, err := s.Counts(ctx, by, q, ByAdviser)
	if err != nil {
		return 0, 0, err
	}
	return all.Due[slices.Index(Windows(), Month)], q.On.InMonth().End().DaysSince(q.On), nil
}
