package campaign

import (
	"context"
	"slices"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/contact"
	"waymark/internal/db"
	"waymark/internal/field"
	"waymark/internal/id"
	"waymark/internal/planner"
)

// anHour is how many tries one caller makes in an hour: 60 in a morning, with the
// writing (peers.md 4.1).
const anHour = 15

// Shift is who works a campaign and when, as somebody asks for a plan.
type Shift struct {
	Hands int
	// From and To are times of day, like 16:00.
	From, To string
}

// Planned is one try of a plan.
type Planned struct {
	Row     Row
	Band    string
	Channel string
	// Rate is how likely somebody is reached, from 0 to 1, by Tries like this one.
	Rate  float64
	Tries int
}

// Plan is a shift of a campaign.
type Plan struct {
	Campaign Campaign
	Steps    []Planned
	Room     int
	// Expected is how many the plan reaches if things go as they went; ByList how
	// many the same number of tries from the top of the list would.
	Expected, ByList float64
	// Rates are what has worked in this register, one for each channel, band and
	// number of tries before; Overall is that of all of them.
	Rates   []Rate
	Overall float64
	All     int
}

// Rate is what share of tries of one kind reached somebody.
type Rate struct {
	Channel, Band string
	Before, Tries int
	Rate          float64
}

// mostSteps is how many tries one plan names.
const mostSteps = 200

// Plan says whom to try in a shift, in which hours and how, from what has worked
// in this register. It returns field.Errors where there is no such shift, and as
// Page does, and records who was shown.
func (s *Service) Plan(ctx context.Context, by access.Actor, ref id.Ref, shift Shift) (Plan, error) {
	at, err := shift.read()
	if err != nil {
		return Plan{}, err
	}
	if err := s.freezeDue(ctx, by.Register); err != nil {
		return Plan{}, err
	}
	var p Plan
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		c, err := s.get(tx, by, ref)
		if err != nil {
			return err
		}
		p.Campaign = *c
		rows, err := s.rows(tx, by, c)
		if err != nil {
			return err
		}
		past, err := s.past(tx, by)
		if err == nil {
			p.fill(c.Rules.within(at), rows, planner.Learn(past), civil.On(tx.Now, civil.London()))
		}
		return err
	})
	if err != nil {
		return p, err
	}
	var shown []id.YoungPerson
	for _, step := range p.Steps {
		shown = append(shown, step.Row.Person)
	}
	return p, s.Sights.See(ctx, act.Sight{By: by, Kind: access.SeePerson, People: shown, Page: "plan of a shift"})
}

func (sh Shift) read() (planner.Shift, error) {
	var wrong field.Errors
	from, ok := minutes(sh.From)
	if !ok {
		wrong.Add("from", "Enter when the shift begins, like 16:00")
	}
	to, ok2 := minutes(sh.To)
	if !ok2 || ok && to <= from {
		wrong.Add("to", "Enter when the shift ends, later than it begins, like 19:00")
	}
	if sh.Hands < 1 || sh.Hands > 50 {
		wrong.Add("callers", "Enter how many people call, from 1 to 50")
	}
	return planner.Shift{Hands: sh.Hands, From: from, To: to, AnHour: anHour}, wrong.Err()
}

// within leaves of a shift what the rules allow.
func (r Rules) within(s planner.Shift) planner.Shift {
	from, _ := minutes(r.From)
	to, _ := minutes(r.To)
	s.From, s.To = max(s.From, from), min(s.To, to)
	return s
}

func (p *Plan) fill(s planner.Shift, rows []*Row, rates planner.Rates, today civil.Date) {
	var free []*Row
	var candidates []planner.Candidate
	for _, r := range rows {
		if r.Due.State != ToDo || r.Worker != "" || r.Due.Number == nil {
			continue
		}
		c := planner.Candidate{Channels: []string{r.Due.Number.Channel}, Left: min(p.Campaign.Rules.ADay, p.Campaign.Rules.Tries-r.Due.Tries)}
		for _, t := range r.tries {
			if t.On == today && !t.Theirs {
				c.Left--
			}
			if band := bandOf(t); band >= 0 && !t.Theirs {
				c.InBand[band]++
			}
		}
		free, candidates = append(free, r), append(candidates, c)
	}
	room := s.Room()
	for _, n := range room {
		p.Room += n
	}
	steps := planner.Plan(rates, candidates, room)
	p.Expected = planner.Expected(steps)
	p.ByList = byList(rates, candidates, room, len(steps))
	bands := planner.Bands()
	for _, step := range steps[:min(len(steps), mostSteps)] {
		p.Steps = append(p.Steps, Planned{Row: *free[step.Who], Band: bands[step.Band].Words, Channel: step.Channel, Rate: step.Rate, Tries: step.Tries})
	}
	p.Overall, p.All = rates.Overall(), rates.All
	for _, channel := range p.Campaign.Rules.Channels {
		for band := range bands {
			for before := range planner.Most + 1 {
				if rate, tries := rates.Of(channel, band, before); tries > 0 {
					p.Rates = append(p.Rates, Rate{channel, bands[band].Words, before, tries, rate})
				}
			}
		}
	}
}

// byList is how many so many tries from the top of the list would reach.
func byList(rates planner.Rates, all []planner.Candidate, room [4]int, tries int) float64 {
	sum, who := 0.0, 0
	for band, n := range room {
		for ; n > 0 && tries > 0 && who < len(all); who++ {
			if all[who].Left < 1 {
				continue
			}
			rate, _ := rates.Of(all[who].Channels[0], band, all[who].InBand[band])
			sum, n, tries = sum+rate, n-1, tries-1
		}
	}
	return sum
}

func bandOf(t Try) int {
	at, ok := minutes(t.At)
	if !ok {
		return -1
	}
	return planner.BandOf(at)
}

const sqlPast = `SELECT c.young_person, c.how, c.at_time, c.outcome FROM contact c`

// past are the tries of the last year with those whom the actor may know of, each
// with how often the same person had been tried in the same hours.
func (s *Service) past(tx *db.Tx, by access.Actor) ([]planner.Past, error) {
	var w db.Where
	access.ScopeLines(&w, by, access.SeePerson, "c")
	w.And("c.known_to IS NULL AND c.direction <> $1 AND c.at_time <> '' AND c.started >= $2", contact.In, civil.On(tx.Now, civil.London()).AddDays(-longAgo).String())
	rows, err := tx.Query(sqlPast+w.SQL()+" ORDER BY c.young_person, c.started, c.at_time, c.id", w.Args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []planner.Past
	var before [4]int
	var last id.YoungPerson
	for rows.Next() {
		var yp id.YoungPerson
		var how, at, outcome string
		if err := rows.Scan((*int64)(&yp), &how, &at, &outcome); err != nil {
			return nil, err
		}
		if yp != last {
			before, last = [4]int{}, yp
		}
		band := bandOf(Try{At: at})
		if band < 0 || !slices.Contains([]string{contact.Phone, contact.Text, contact.Email}, how) {
			continue
		}
		out = append(out, planner.Past{Channel: how, Band: band, Before: before[band], Reached: contact.Substantive(outcome)})
		before[band]++
	}
	return out, rows.Err()
}
