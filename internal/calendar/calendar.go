package calendar

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/field"
	"waymark/internal/id"
)

// Entry is one day, or the days from one to another, of an authority's year.
type Entry struct {
	// Key names what the law or the Department has fixed; "" is the authority's
	// own. A return's has its month at the end.
	Key string
	// Ref and Version name what the authority has written: its own entry, or that
	// it has moved one. Both are empty where it has not.
	Ref     id.Ref
	Version int64
	// Year is the academic year in which it opens.
	Year civil.AcademicYear
	// Words say what happens, in the words of the team.
	Words string
	// Opens and Closes are the first and the last day; the same for one day.
	Opens, Closes civil.Date
	// Roles are those to whom it is due; nobody where it is only to be known.
	Roles []access.Role
	// Href is the page where the work is done, "" where there is none.
	Href string
	// Campaign is the kind of campaign that opens and closes with it, "" for none.
	Campaign string
	// Movable says that the authority may choose other days.
	Movable bool
	// Mark and Source say where the day comes from: S seen, I inferred, GK general
	// knowledge (nccis.md 0). Both are empty of the authority's own.
	Mark, Source string
}

// Opening names what opens a campaign by itself, "" where nothing does: a fixed
// point of one academic year, wherever it was moved to, or a day of the
// authority's own.
func (e Entry) Opening() string {
	switch {
	case e.Campaign == "":
		return ""
	case e.Key != "":
		return e.Key + " " + e.Year.String()
	}
	return string(e.Ref)
}

// Statutory says that the entry stands in every authority's year.
func (e Entry) Statutory() bool { return e.Key != "" }

// Moved says that the authority chose other days for it than the rule.
func (e Entry) Moved() bool { return e.Key != "" && e.Ref != "" }

// OneDay says that it opens and closes on the same day.
func (e Entry) OneDay() bool { return e.Opens == e.Closes }

// For says that it is due to one of the actor's roles.
func (e Entry) For(by access.Actor) bool { return slices.ContainsFunc(e.Roles, by.Holds) }

// Service keeps the calendar of registers.
type Service struct {
	DB *db.DB
	// Done tells, by the key of an entry (a return's without its month), whether
	// its work is done, so that it is due no longer; what has none is done when it
	// closes. app fills it in with what the rooms above know.
	Done map[string]func(ctx context.Context, by access.Actor, e Entry) (bool, error)
}

const (
	sqlEntries = `SELECT id, ref, year, key, words, opens_on, closes_on, roles, href, campaign FROM calendar_date
		WHERE register = $1 AND known_to IS NULL AND year BETWEEN $2 AND $3 ORDER BY id`
	sqlAddEntry = `INSERT INTO calendar_date (register, id, ref, year, key, words, opens_on, closes_on, roles, href, campaign, known_from)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`
	sqlCloseEntry = `UPDATE calendar_date SET known_to = $1 WHERE register = $2 AND ref = $3 AND id = $4 AND known_to IS NULL`
	sqlOneEntry   = `SELECT id, ref, year, key, words, opens_on, closes_on, roles, href, campaign FROM calendar_date
		WHERE register = $1 AND ref = $2 AND known_to IS NULL`
)

// Year is the authority's academic year: all that opens in it, and what opened in
// the one before and is still open, by the day on which it closes. It needs
// access.SeeCalendar.
func (s *Service) Year(ctx context.Context, by access.Actor, year civil.AcademicYear) ([]Entry, error) {
	all, err := s.between(ctx, by, year-1, year)
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(e Entry) bool { return e.Closes.Before(year.Start()) || e.Opens.After(year.End()) })
	slices.SortStableFunc(all, func(a, b Entry) int {
		return cmp.Or(cmp.Compare(a.Opens.String(), b.Opens.String()), cmp.Compare(a.Closes.String(), b.Closes.String()))
	})
	return all, nil
}

// between are the entries that open in the academic years, as they are now.
func (s *Service) between(ctx context.Context, by access.Actor, from, to civil.AcademicYear) ([]Entry, error) {
	if err := access.Decide(by, access.SeeCalendar, access.Subject{Register: by.Register}); err != nil {
		return nil, err
	}
	var all []Entry
	for y := from; y <= to; y++ {
		fixed, err := statutory(y)
		if err != nil {
			return nil, err
		}
		all = append(all, fixed...)
	}
	err := s.DB.Read(ctx, func(tx *db.Tx) error {
		own, err := read(tx, sqlEntries, int64(by.Register), int(from), int(to))
		for _, e := range own {
			i := slices.IndexFunc(all, func(f Entry) bool { return e.Key != "" && f.Key == e.Key && f.Year == e.Year })
			switch {
			case e.Key == "":
				all = append(all, e)
			case i >= 0 && all[i].Movable: // a rule that was taken out since moves nothing
				all[i].Ref, all[i].Version, all[i].Opens, all[i].Closes = e.Ref, e.Version, e.Opens, e.Closes
			}
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the calendar: %w", err)
	}
	return all, nil
}

func read(tx *db.Tx, query string, args ...any) ([]Entry, error) {
	rows, err := tx.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []Entry
	for rows.Next() {
		var e Entry
		var year int
		var roles string
		if err := rows.Scan(&e.Version, (*string)(&e.Ref), &year, &e.Key, &e.Words, &e.Opens, &e.Closes, &roles, &e.Href, &e.Campaign); err != nil {
			return nil, err
		}
		e.Year, e.Movable = civil.AcademicYear(year), true
		if e.Roles, err = readRoles(roles); err != nil {
			return nil, err
		}
		out = append(out, e)
	}
	return out, rows.Err()
}

// Find is one entry: by the key of a fixed point and its academic year, or by the
// reference of one of the authority's own. It returns db.NotFound, and needs
// access.SeeCalendar.
func (s *Service) Find(ctx context.Context, by access.Actor, key string, year civil.AcademicYear, ref id.Ref) (Entry, error) {
	if ref != "" {
		err := s.DB.Read(ctx, func(tx *db.Tx) error {
			own, err := read(tx, sqlOneEntry, int64(by.Register), string(ref))
			if err == nil && len(own) == 0 {
				err = db.NotFound
			}
			if err == nil {
				key, year = own[0].Key, own[0].Year
			}
			return err
		})
		if err != nil {
			return Entry{}, err
		}
	}
	all, err := s.between(ctx, by, year, year)
	for _, e := range all {
		if ref != "" && e.Ref == ref || ref == "" && key != "" && e.Key == key {
			return e, nil
		}
	}
	if err == nil {
		err = db.NotFound
	}
	return Entry{}, err
}

// mostWords is how long the words of an entry may be.
const mostWords = 150

func (e *Entry) check() error {
	var wrong field.Errors
	e.Words, e.Href = strings.TrimSpace(e.Words), strings.TrimSpace(e.Href)
	if e.Key == "" {
		switch {
		case e.Words == "":
			wrong.Add("words", "Say what happens, like Enrolment lists from the colleges are due")
		case len([]rune(e.Words)) > mostWords:
			wrong.Add("words", fmt.Sprintf("Say it in at most %d letters", mostWords))
		}
		if e.Href != "" && (!strings.HasPrefix(e.Href, "/") || strings.HasPrefix(e.Href, "//") || strings.ContainsAny(e.Href, "\\ \t")) {
			wrong.Add("href", "Give an address of this system, like /lists, or leave it empty")
		}
	}
	if e.Opens.IsZero() {
		wrong.Add("opens", "Enter the first day, like 1 9 2026")
	}
	if e.Closes.IsZero() {
		e.Closes = e.Opens
	}
	if e.Closes.Before(e.Opens) {
		wrong.Add("closes", "The last day must be the first day or a later one")
	}
	if !e.Opens.IsZero() && e.Closes.DaysSince(e.Opens) > 366 {
		wrong.Add("closes", "The last day must be within a year of the first")
	}
	return wrong.Err()
}

// Add writes an entry of the authority's own, or moves one whose Key is given. It
// needs access.KeepCalendar, and returns field.Errors, act.ErrRepeated, or
// db.NotFound for a key that cannot be moved.
func (s *Service) Add(ctx context.Context, by access.Actor, e Entry, key string) (id.Ref, error) {
	if err := e.check(); err != nil {
		return "", err
	}
	words := "a day of the authority's own: " + e.Words
	if e.Key != "" {
		fixed, err := s.Find(ctx, by, e.Key, e.Year, "")
		switch {
		case err != nil:
			return "", err
		case !fixed.Movable:
			return "", field.Errors{{Field: "opens", Message: "This day is fixed for every authority. Add one of your own beside it"}}
		case fixed.Ref != "":
			return "", db.Conflict{What: "this day"}
		}
		words = "moved: " + fixed.Words
	} else {
		e.Year = e.Opens.AcademicYear()
	}
	e.Ref = id.NewRef()
	err := s.keep(ctx, by, key, words, nil, &e)
	return e.Ref, err
}

// Change replaces an entry, which must be as it was seen (Version). It needs
// access.KeepCalendar, and returns field.Errors, act.ErrRepeated, or db.Conflict
// where somebody else was first.
func (s *Service) Change(ctx context.Context, by access.Actor, e Entry, key string) error {
	if err := e.check(); err != nil {
		return err
	}
	was, err := s.Find(ctx, by, "", 0, e.Ref)
	if err != nil {
		return err
	}
	if e.Key = was.Key; e.Key == "" {
		e.Year = e.Opens.AcademicYear()
	} else {
		e.Year = was.Year
	}
	return s.keep(ctx, by, key, "changed: "+was.Words, &e, &e)
}

// Remove takes an entry of the authority's own out of the calendar, and a fixed
// point back to its own days. It needs access.KeepCalendar, and returns
// db.NotFound, act.ErrRepeated, or db.Conflict.
func (s *Service) Remove(ctx context.Context, by access.Actor, ref id.Ref, seen int64, key string) error {
	was, err := s.Find(ctx, by, "", 0, ref)
	if err != nil {
		return err
	}
	was.Version = seen
	return s.keep(ctx, by, key, "taken out: "+was.Words, &was, nil)
}

// keep is the one act of the room: it closes a version and opens another.
func (s *Service) keep(ctx context.Context, by access.Actor, key, reason string, old, next *Entry) error {
	err := s.DB.InTx(ctx, func(tx *db.Tx) error {
		a, err := act.Begin(tx, by, access.KeepCalendar, 0, act.Request{Key: key, Reason: reason})
		if err != nil {
			return err
		}
		if old != nil {
			if err := db.ExecEachOne(tx, "this day", sqlCloseEntry, [][]any{{int64(a.Number), int64(a.Register), string(old.Ref), old.Version}}); err != nil {
				return err
			}
		}
		if next == nil {
			return nil
		}
		version, err := a.Keys(1)
		if err != nil {
			return err
		}
		_, err = tx.Exec(sqlAddEntry, int64(a.Register), version, string(next.Ref), int(next.Year), next.Key, next.Words, next.Opens, next.Closes,
			writeRoles(next.Roles), next.Href, next.Campaign, int64(a.Number))
		return err
	})
	if err != nil {
		return fmt.Errorf("keep the calendar: %w", err)
	}
	return nil
}
