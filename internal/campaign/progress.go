package campaign

import (
	"context"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/contact"
	"waymark/internal/db"
	"waymark/internal/id"
	"waymark/internal/nccis"
)

// Progress is how far a campaign is, of those whom its reader may see.
type Progress struct {
	Campaign Campaign
	// People are on the list; Tried at least once; Reached somebody was.
	People, Tried, Reached int
	// Tries are all contacts tried in it.
	Tries int
	In    map[State]int
	// Last counts people by what came of them last, in the order of
	// contact.Outcomes.
	Last []Count
	// Then and Now count people not known when the list was frozen and today.
	Then, Now int
	// Why counts those who are not tried, by why.
	Why []Count
}

// Count is how many there are of something.
type Count struct {
	Words string
	N     int
}

// SettledShare is how many of a hundred of those who can be tried are settled.
func (p Progress) SettledShare() int {
	if p.People == 0 {
		return 0
	}
	return 100 * p.In[Settled] / p.People
}

// Progress counts a campaign. It returns as Page does, and shows nobody.
func (s *Service) Progress(ctx context.Context, by access.Actor, ref id.Ref) (Progress, error) {
	if err := s.freezeDue(ctx, by.Register); err != nil {
		return Progress{}, err
	}
	var p Progress
	err := s.DB.Read(ctx, func(tx *db.Tx) error {
		c, err := s.get(tx, by, ref)
		if err != nil {
			return err
		}
		rows, err := s.rows(tx, by, c)
		if err == nil {
			p = progressOf(c, rows)
		}
		return err
	})
	if err != nil {
		return p, err
	}
	return p, s.Sights.See(ctx, act.Sight{By: by, Kind: access.WorkCampaign, Page: "progress of a campaign"})
}

func progressOf(c *Campaign, rows []*Row) Progress {
	p := Progress{Campaign: *c, People: len(rows), In: map[State]int{}}
	last, why := map[string]int{}, map[string]int{}
	var order []string
	for _, r := range rows {
		p.In[r.Due.State]++
		p.Tries += r.Due.Tries
		if r.Due.Tries > 0 {
			p.Tried++
			last[r.Last]++
		}
		if r.Reached {
			p.Reached++
		}
		if r.Then == nccis.NotKnown {
			p.Then++
		}
		if r.Now == nccis.NotKnown {
			p.Now++
		}
		if r.Due.State == Stopped {
			if why[r.Due.Why] == 0 {
				order = append(order, r.Due.Why)
			}
			why[r.Due.Why]++
		}
	}
	for _, outcome := range contact.Outcomes() {
		if last[outcome] > 0 {
			p.Last = append(p.Last, Count{outcome, last[outcome]})
		}
	}
	for _, words := range order {
		p.Why = append(p.Why, Count{words, why[words]})
	}
	return p
}

// Mine is a campaign that the actor works, with how many of it are to do now.
type Mine struct {
	Ref  id.Ref
	Name string
	// ToDo are those who may be tried today, Waiting those who wait for another
	// day, of People in all.
	ToDo, Waiting, People int
	Words                 string
}

// Own are the campaigns under way that the actor works, with their counts: what
// their day begins with. It is empty for whoever may work none.
func (s *Service) Own(ctx context.Context, by access.Actor) ([]Mine, error) {
	if !access.May(by, access.WorkCampaign) {
		return nil, nil
	}
	all, err := s.count(ctx, by, func(c *Campaign) bool { return c.Running() && c.Works(by) })
	var out []Mine
	for _, p := range all {
		out = append(out, Mine{Ref: p.Campaign.Ref, Name: p.Campaign.Name, ToDo: p.In[ToDo], Waiting: p.In[Waiting], People: p.People, Words: "until " + p.Campaign.Closes.Words()})
	}
	return out, err
}

// AllProgress counts each campaign that All returns; one that is planned has
// nobody yet. It returns as All does, and shows nobody.
func (s *Service) AllProgress(ctx context.Context, by access.Actor) ([]Progress, error) {
	out, err := s.count(ctx, by, func(*Campaign) bool { return true })
	if err != nil || len(out) == 0 {
		return out, err
	}
	return out, s.Sights.See(ctx, act.Sight{By: by, Kind: access.WorkCampaign, Page: "progress of campaigns"})
}

// count counts those of the campaigns that All returns which are wanted, on one
// view of the register.
func (s *Service) count(ctx context.Context, by access.Actor, wanted func(*Campaign) bool) ([]Progress, error) {
	all, err := s.All(ctx, by)
	if err != nil {
		return nil, err
	}
	var out []Progress
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		out = nil
		to, err := readerOf(tx, by)
		if err != nil {
			return err
		}
		for i := range all {
			c := &all[i]
			if !wanted(c) {
				continue
			}
			rows, err := s.whole(tx, by.Register, c)
			if err == nil {
				rows, err = to.shown(tx, c, rows)
			}
			if err != nil {
				return err
			}
			out = append(out, progressOf(c, rows))
		}
		return nil
	})
	return out, err
}
