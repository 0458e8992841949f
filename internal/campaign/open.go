package campaign

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/calendar"
	"waymark/internal/db"
	"waymark/internal/id"
	"waymark/internal/list"
)

// Kind is a kind of campaign that a day of the calendar opens by itself.
type Kind struct {
	// Name is what the calendar calls it, Words what a campaign of it is called
	// before its year.
	Name, Words string
	// Target is what it is for.
	Target string
	asks   map[list.Filter][]string
}

// Kinds are all, in the order of the year.
func Kinds() []Kind {
	now := func(f list.Filter, values ...string) map[list.Filter][]string {
		return map[list.Filter][]string{list.Returned: {"yes"}, f: values}
	}
	older := func(asks map[list.Filter][]string) map[list.Filter][]string {
		asks[list.Age] = []string{"16", "17"}
		return asks
	}
	enrolment := older(now(list.Status, "nk"))
	enrolment[list.Enrolled] = []string{"none"}
	survey := now(list.Status, "nk")
	survey[list.Age] = []string{"16"}
	destinations := now(list.Intended, "none")
	destinations[list.Age] = []string{"15"}
	return []Kind{
		{"enrolment season", "Enrolment season", "To know who turned up where: they are not known, and on no list of enrolments yet.", enrolment},
		{"survey", "Annual Activity Survey", "To know what last summer’s Year 11 do before the survey is returned.", survey},
		{"year 11 destinations", "Year 11 destinations", "To ask where they intend to go after the summer.", destinations},
		{"not known", "Not known in the winter", "To know what they do in the three months whose mean is published.", older(now(list.Status, "nk"))},
		{"no offer", "September Guarantee: without an offer", "To find an offer for everybody who has none, or of whom none is recorded.", map[list.Filter][]string{list.Guarantee: {"gap"}}},
	}
}

// KindOf is the kind that the calendar calls so, and whether there is one.
func KindOf(name string) (Kind, bool) {
	all := Kinds()
	i := slices.IndexFunc(all, func(k Kind) bool { return k.Name == name })
	if i < 0 {
		return Kind{}, false
	}
	return all[i], true
}

// waymark is who opens and freezes: nobody's hand.
func waymark(r id.Register) access.Actor {
	return access.Actor{Register: r, Ref: "system", Name: "Waymark", Roles: []access.Role{access.Operator}}
}

// OpenDue makes a campaign of each day of the calendar that carries a kind of one
// and has come, by the usual rules and for all who call (advisers and the contact centre), freezes what is to
// be frozen, and says how many it made. A day opens one once, whoever asks and
// however often: also one that was closed since. It is for the job that serve runs;
// no right is asked, for nobody asks it.
func (s *Service) OpenDue(ctx context.Context, r id.Register) (int, error) {
	by, today := waymark(r), s.Today()
	days, err := s.Calendar.Year(ctx, by, today.AcademicYear())
	if err != nil {
		return 0, err
	}
	opened, err := s.opened(ctx, r)
	if err != nil {
		return 0, err
	}
	made := 0
	for _, day := range days {
		kind, ok := KindOf(day.Campaign)
		if _, there := opened[day.Opening()]; !ok || there || day.Opens.After(today) || day.Closes.Before(today) {
			continue
		}
		switch err := s.openFor(ctx, by, day, kind); {
		case err == nil:
			made++
		case !errors.Is(err, errOpened):
			return made, err
		}
	}
	return made, s.freezeDue(ctx, r)
}

// errOpened ends an act that would open a campaign a second time, or for nobody.
var errOpened = errors.New("campaign: there is nothing to open")

func (s *Service) openFor(ctx context.Context, by access.Actor, day calendar.Entry, kind Kind) error {
	n := New{Name: kind.Words + " " + strconv.Itoa(day.Opens.Year()), Target: kind.Target, Goal: 80, Opens: day.Opens, Closes: day.Closes, Rules: Usual(),
		Asks: list.Question{Filters: kind.asks, Sort: list.ByName}}
	return s.DB.InTx(ctx, func(tx *db.Tx) error {
		hands, err := canWork(tx, by.Register)
		if err != nil {
			return err
		}
		n.Hands = nil
		for _, h := range hands {
			if h.Role == access.Adviser || h.Role == access.ContactCentre {
				n.Hands = append(n.Hands, h.Ref)
			}
		}
		if len(n.Hands) == 0 {
			return errOpened // until somebody can work it
		}
		a, err := act.Begin(tx, by, access.KeepCampaign, 0, act.Request{Reason: "the calendar opened a campaign: " + day.Words})
		if err != nil {
			return err
		}
		return s.add(tx, a, id.NewRef(), n, day.Opening())
	})
}

const sqlOpened = `SELECT opened_by, ref FROM campaign WHERE register = $1 AND opened_by <> ''`

// opened are the campaigns that days have opened, by the days' names.
func (s *Service) opened(ctx context.Context, r id.Register) (map[string]id.Ref, error) {
	out := map[string]id.Ref{}
	err := s.DB.Read(ctx, func(tx *db.Tx) error {
		rows, err := tx.Query(sqlOpened, int64(r))
		if err != nil {
			return fmt.Errorf("read what the calendar has opened: %w", err)
		}
		defer rows.Close()
		for rows.Next() {
			var day string
			var ref id.Ref
			if err := rows.Scan(&day, &ref); err != nil {
				return err
			}
			out[day] = ref
		}
		return rows.Err()
	})
	return out, err
}

// Opened are the campaigns that days of the calendar have opened and that the
// actor may look at, by calendar.Entry.Opening. It is empty for whoever may work
// none.
func (s *Service) Opened(ctx context.Context, by access.Actor) (map[string]Campaign, error) {
	out := map[string]Campaign{}
	if !access.May(by, access.WorkCampaign) {
		return out, nil
	}
	days, err := s.opened(ctx, by.Register)
	if err != nil || len(days) == 0 {
		return out, err
	}
	all, err := s.All(ctx, by)
	for day, ref := range days {
		if i := slices.IndexFunc(all, func(c Campaign) bool { return c.Ref == ref }); i >= 0 {
			out[day] = all[i]
		}
	}
	return out, err
}
