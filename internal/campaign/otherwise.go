package campaign

import (
	"context"
	"errors"
	"fmt"

	"waymark/internal/access"
	"waymark/internal/db"
	"waymark/internal/field"
	"waymark/internal/id"
	"waymark/internal/visit"
)

const sqlOnTheirWay = `SELECT m.young_person FROM message m JOIN message_batch b ON b.register = m.register AND b.ref = m.batch
	WHERE b.register = $1 AND b.campaign = $2 AND m.state = 'queued'`

// Otherwise are those of a campaign under way whom its rules still let be reached
// by a visit or a message: who may be tried today, and who could be but for a
// number. Whoever is being tried at this moment, or has a message of this campaign
// on its way, is not among them. It shows nobody by itself. It needs
// access.WorkCampaign and one's own campaign, or access.KeepCampaign, and returns
// db.NotFound, or Barred where it is not under way.
func (s *Service) Otherwise(ctx context.Context, by access.Actor, ref id.Ref) (out []Row, err error) {
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		out = nil
		c, err := s.workable(tx, by, ref)
		if err != nil {
			return err
		}
		coming, err := db.Values[int64](tx, sqlOnTheirWay, int64(by.Register), string(ref))
		if err != nil {
			return fmt.Errorf("read which messages of a campaign are on their way: %w", err)
		}
		queued := map[id.YoungPerson]bool{}
		for _, yp := range coming {
			queued[id.YoungPerson(yp)] = true
		}
		rows, err := s.rows(tx, by, c)
		for _, r := range rows {
			if (r.Due.State == ToDo || r.Due.NoNumber) && r.Worker == "" && !queued[r.Person] {
				out = append(out, *r)
			}
		}
		return err
	})
	return out, err
}

// PlanVisits makes rounds of visits of some of a campaign's list: of those of them
// whom Otherwise still names. What comes of the visits counts as tries of the
// campaign. It returns as visit.Service.Plan does, field.Errors where the campaign
// is not under way, and db.NotFound.
func (s *Service) PlanVisits(ctx context.Context, by access.Actor, ref id.Ref, visits *visit.Service, p visit.Plan) ([]id.Ref, error) {
	rows, err := s.Otherwise(ctx, by, ref)
	var barred Barred
	if errors.As(err, &barred) {
		return nil, field.Errors{{Field: "person", Message: barred.Why}}
	}
	if err != nil {
		return nil, err
	}
	may := map[id.Ref]bool{}
	for _, r := range rows {
		may[r.Ref] = true
	}
	chosen := p.People
	p.People, p.Campaign = nil, ref
	for _, one := range chosen {
		if may[one] {
			p.People = append(p.People, one)
		}
	}
	if len(chosen) > 0 && len(p.People) == 0 {
		return nil, field.Errors{{Field: "person", Message: "The rules of the campaign let nobody whom you selected be visited now: look at its list again"}}
	}
	return visits.Plan(ctx, by, p)
}
