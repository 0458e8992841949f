package record

import (
	"context"
	"slices"
	"strings"
	"time"

	"waymark/internal/access"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/id"
	"waymark/internal/register"
	"waymark/internal/standing"
)

// OwnAdviser is the key of the actor as an adviser.
func OwnAdviser(by access.Actor) string {
	// An allocation names the account by its reference.
	_, ref, _ := strings.Cut(by.Ref, ":")
	return ref
}

// InReturn says of the lines of a roll who is in the return on a day and not on
// the way out of it: stated P or G, or led here where nothing is stated, and by
// age as nccis.CohortOn has it. Whoever has no readable birth date counts by
// what was stated.
func InReturn(roll *standing.Roll, book register.Book, on civil.Date) func(*standing.Line) bool {
	returned, unstated, general := make([]bool, roll.Words()), make([]bool, roll.Words()), make([]bool, roll.Words())
	for w := range roll.Words() {
		text := roll.Text(standing.Word(w))
		returned[w], unstated[w], general[w] = text == "P" || text == "G", text == "" || book.Authorities[text], text == "G"
	}
	year := int(on.AcademicYear())
	youngest, oldest, oldestPlanned := civil.Must(year-15, time.August, 31), civil.Must(year-18, time.September, 1), civil.Must(year-25, time.September, 1)
	return func(l *standing.Line) bool {
		if !returned[l.Cohort] && (l.Cohort != 0 || l.Lead == 0 || !unstated[l.Lead]) {
			return false
		}
		if l.Born.IsZero() || general[l.Cohort] {
			return true
		}
		return !l.Born.After(youngest) && !l.Born.Before(oldestPlanned) && (!l.Born.Before(oldest) || l.SEND)
	}
}

// Some lists given young people in the order of the list, and records who was
// shown, on which page. Whoever is not held any more is left out. It needs
// access.SeePerson; it is for a page of a list at a time.
func (s *Service) Some(ctx context.Context, by access.Actor, people []id.YoungPerson, page string) ([]Row, error) {
	return s.Shown(ctx, by, access.SeePerson, people, page)
}

// Shown is Some for those who may do the action, which is what is recorded.
func (s *Service) Shown(ctx context.Context, by access.Actor, action access.Action, people []id.YoungPerson, page string) ([]Row, error) {
	if err := access.Decide(by, action, access.Subject{Register: by.Register}); err != nil {
		return nil, err
	}
	found := map[id.YoungPerson]Row{}
	for some := range slices.Chunk(people, 200) {
		var w db.Where
		access.ScopeLines(&w, by, action, "s")
		keys := make([]any, len(some))
		for i, p := range some {
			keys[i] = int64(p)
		}
		w.In("s.young_person", keys...)
		part, err := s.rows(ctx, by, w, byKey, len(some))
		if err != nil {
			return nil, err
		}
		for _, r := range part.Rows {
			found[r.Person] = r
		}
	}
	var out []Row
	for _, p := range people {
		if r, ok := found[p]; ok {
			out = append(out, r)
		}
	}
	return out, s.seen(ctx, by, action, page, out)
}
