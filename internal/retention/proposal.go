package retention

import (
	"context"
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
	"waymark/internal/record"
)

// State is how far a proposal has come.
type State string

// The states.
const (
	Proposed State = "proposed"
	// Agreed: one person has said yes.
	Agreed State = "agreed"
	// Released: a second has; erasure is under way, or waits for the server.
	Released State = "released"
	// Done: everybody in it was worked on, and there is a certificate.
	Done      State = "done"
	Withdrawn State = "withdrawn"
)

// What became of one young person of a proposal.
const (
	Erased      = "erased"
	KeptHeld    = "kept: held"
	KeptNotDue  = "kept: no longer due"
	KeptInFile  = "kept: in a file under way"
	KeptNotHere = "kept: not a record of its own"
)

// Step is who did one thing with a proposal, and when.
type Step struct {
	Act  id.Act
	At   time.Time
	By   string
	Name string
}

// Proposal is a list of records put before two people.
type Proposal struct {
	Ref   id.Ref
	State State
	// Request says that a young person asked for it: no rule made it due.
	Request bool
	Reason  string
	Made    Step
	Agreed  Step
	Release Step
	Ended   Step
	// People counts those in it, and By what became of them ("" is not worked
	// on yet).
	People int
	By     map[string]int
	// Certificate is its text, "" until it is done.
	Certificate string
}

// Waiting are those not worked on yet.
func (p *Proposal) Waiting() int { return p.By[""] }

// Case is one young person of a proposal.
type Case struct {
	Person id.YoungPerson
	// Rule are the words of the rule, and On the last day it kept the record.
	Rule string
	On   civil.Date
	// CameTo is "" until they were worked on.
	CameTo string
	// Row is nil for whoever is erased.
	Row *record.Row
}

const (
	sqlAddProposal = `INSERT INTO retention_proposal (register, ref, state, request, made_by, certificate) VALUES ($1, $2, $3, $4, $5, '')`
	sqlProposals   = `SELECT p.ref, p.state, p.request, p.certificate, p.made_by, COALESCE(p.agreed_by, 0), COALESCE(p.released_by, 0), COALESCE(p.ended_by, 0) FROM retention_proposal p`
	sqlCounts      = `SELECT came_to, count(*) FROM retention_case WHERE register = $1 AND proposal = $2 GROUP BY came_to`
	sqlStep        = `SELECT at, actor, actor_name, reason FROM act WHERE register = $1 AND number = $2`
	sqlWaitingFor  = `SELECT c.young_person FROM retention_case c JOIN retention_proposal p ON p.register = c.register AND p.ref = c.proposal
		WHERE c.register = $1 AND c.came_to = '' AND p.state IN ('proposed', 'agreed', 'released')`
	sqlAgree    = `UPDATE retention_proposal SET state = $1, agreed_by = $2 WHERE register = $3 AND ref = $4 AND state = $5`
	sqlRelease  = `UPDATE retention_proposal SET state = $1, released_by = $2 WHERE register = $3 AND ref = $4 AND state = $5`
	sqlWithdraw = `UPDATE retention_proposal SET state = $1, ended_by = $2 WHERE register = $3 AND ref = $4 AND state IN ('proposed', 'agreed')`
	sqlCases    = `SELECT c.young_person, c.due_on, c.came_to, COALESCE(r.category, ''), COALESCE(r.counted_from, ''), COALESCE(r.months, 0)
		FROM retention_case c LEFT JOIN (SELECT register, ref, MAX(category) AS category, MAX(counted_from) AS counted_from, MAX(months) AS months FROM retention_rule GROUP BY register, ref) r
		ON r.register = c.register AND r.ref = c.rule WHERE c.register = $1 AND c.proposal = $2 ORDER BY c.due_on, c.young_person LIMIT $3 OFFSET $4`
)

// Reckon says what the rules come to today, and changes nothing: a dry run. It
// needs access.SeeRetention; it names nobody by itself.
func (s *Service) Reckon(ctx context.Context, by access.Actor) (*Tally, error) {
	if err := access.Decide(by, access.SeeRetention, access.Subject{Register: by.Register}); err != nil {
		return nil, err
	}
	var t *Tally
	err := s.DB.Read(ctx, func(tx *db.Tx) (err error) {
		t, err = reckon(tx, by.Register, nil)
		return err
	})
	return t, err
}

// Named are the rows of some of the people of a tally or a proposal, in their
// order; whoever is shown is logged. It needs access.SeeRetention.
func (s *Service) Named(ctx context.Context, by access.Actor, people []id.YoungPerson, page string) ([]record.Row, error) {
	return s.Record.Shown(ctx, by, access.SeeRetention, people, page)
}

// Propose puts those whose time is over before two people, but for whoever
// waits in another proposal. Where there is nobody it returns a Refusal. It
// needs access.KeepRetention.
func (s *Service) Propose(ctx context.Context, by access.Actor, key string) (id.Ref, error) {
	ref := id.NewRef()
	err := s.DB.InTx(ctx, func(tx *db.Tx) error {
		t, err := reckon(tx, by.Register, nil)
		if err != nil {
			return err
		}
		waits, err := waiting(tx, by.Register)
		if err != nil {
			return err
		}
		due := slices.DeleteFunc(t.Due, func(d Due) bool { return waits[d.Person] })
		if len(due) == 0 {
			return Refusal{"Nobody’s time is over who is not held and does not wait in a proposal already."}
		}
		return propose(tx, by, ref, due, false, act.Request{Key: key, Reason: fmt.Sprintf("%d records whose time is over put forward to be erased, proposal %s", len(due), ref)})
	})
	return ref, err
}

// ProposeOne puts one record forward because the young person asked for its
// erasure and that was granted. It needs access.KeepRetention and returns
// field.Errors, Refusal or db.NotFound.
func (s *Service) ProposeOne(ctx context.Context, by access.Actor, person id.Ref, reason, key string) (id.Ref, error) {
	if reason = strings.TrimSpace(reason); reason == "" {
		return "", field.Errors{{Field: "reason", Message: "Say why the record is to be erased, like the number of the request"}}
	}
	ref := id.NewRef()
	err := s.DB.InTx(ctx, func(tx *db.Tx) error {
		yp, err := personOf(tx, by.Register, person)
		if err != nil {
			return err
		}
		waits, err := waiting(tx, by.Register)
		if err != nil {
			return err
		}
		if waits[yp] {
			return Refusal{"This record waits in a proposal already."}
		}
		return propose(tx, by, ref, []Due{{Person: yp, On: today(tx)}}, true, act.Request{Key: key, Reason: reason})
	})
	return ref, err
}

func propose(tx *db.Tx, by access.Actor, ref id.Ref, due []Due, request bool, q act.Request) error {
	var about id.YoungPerson
	asked := ""
	if request {
		about, asked = due[0].Person, "yes"
	}
	a, err := act.Begin(tx, by, access.KeepRetention, about, q)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(sqlAddProposal, int64(a.Register), string(ref), string(Proposed), asked, int64(a.Number)); err != nil {
		return fmt.Errorf("propose: %w", err)
	}
	rows := make([][]any, len(due))
	for i, d := range due {
		rows[i] = []any{int64(a.Register), string(ref), int64(d.Person), string(d.Rule), d.On.String(), ""}
	}
	return db.BulkInsert(tx, "retention_case", []string{"register", "proposal", "young_person", "rule", "due_on", "came_to"}, rows)
}

// waiting says who waits in a proposal.
func waiting(tx *db.Tx, r id.Register) (map[id.YoungPerson]bool, error) {
	return whom(tx, sqlWaitingFor, int64(r))
}

// Proposals are all, the last made first. It needs access.SeeRetention.
func (s *Service) Proposals(ctx context.Context, by access.Actor) ([]*Proposal, error) {
	if err := access.Decide(by, access.SeeRetention, access.Subject{Register: by.Register}); err != nil {
		return nil, err
	}
	var out []*Proposal
	err := s.DB.Read(ctx, func(tx *db.Tx) (err error) {
		var w db.Where
		w.And("p.register = $1", int64(by.Register))
		out, err = proposals(tx, by.Register, w)
		return err
	})
	return out, err
}

// Proposal is one, or db.NotFound. It needs access.SeeRetention.
func (s *Service) Proposal(ctx context.Context, by access.Actor, ref id.Ref) (*Proposal, error) {
	if err := access.Decide(by, access.SeeRetention, access.Subject{Register: by.Register}); err != nil {
		return nil, err
	}
	var p *Proposal
	err := s.DB.Read(ctx, func(tx *db.Tx) (err error) { p, err = proposal(tx, by.Register, ref); return err })
	return p, err
}

func proposal(tx *db.Tx, r id.Register, ref id.Ref) (*Proposal, error) {
	var w db.Where
	w.And("p.register = $1 AND p.ref = $2", int64(r), string(ref))
	list, err := proposals(tx, r, w)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, db.NotFound
	}
	return list[0], nil
}

func proposals(tx *db.Tx, r id.Register, w db.Where) ([]*Proposal, error) {
	rows, err := tx.Query(sqlProposals+w.SQL()+" ORDER BY p.made_by DESC", w.Args...)
	if err != nil {
		return nil, fmt.Errorf("read the proposals: %w", err)
	}
	defer rows.Close()
	var out []*Proposal
	for rows.Next() {
		p := &Proposal{By: map[string]int{}}
		var asked string
		if err := rows.Scan((*string)(&p.Ref), (*string)(&p.State), &asked, &p.Certificate, (*int64)(&p.Made.Act), (*int64)(&p.Agreed.Act), (*int64)(&p.Release.Act), (*int64)(&p.Ended.Act)); err != nil {
			return nil, fmt.Errorf("read the proposals: %w", err)
		}
		p.Request = asked != ""
		out = append(out, p)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	for _, p := range out {
		for _, step := range []*Step{&p.Made, &p.Agreed, &p.Release, &p.Ended} {
			reason, err := step.read(tx, r)
			if err != nil {
				return nil, err
			}
			if step == &p.Made {
				p.Reason = reason
			}
		}
		if err := p.count(tx, r); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (st *Step) read(tx *db.Tx, r id.Register) (reason string, err error) {
	if st.Act == 0 {
		return "", nil
	}
	var at db.Instant
	if err := tx.QueryRow(sqlStep, int64(r), int64(st.Act)).Scan(&at, &st.By, &st.Name, &reason); err != nil {
		return "", fmt.Errorf("read who released records: %w", err)
	}
	st.At = at.Time
	return reason, nil
}

func (p *Proposal) count(tx *db.Tx, r id.Register) error {
	rows, err := tx.Query(sqlCounts, int64(r), string(p.Ref))
	if err != nil {
		return fmt.Errorf("count who is in a proposal: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var what string
		var n int
		if err := rows.Scan(&what, &n); err != nil {
			return err
		}
		p.By[what] = n
		p.People += n
	}
	return rows.Err()
}

// Cases are some of the people of a proposal, with the names of those who are
// there; whoever is shown is logged. It needs access.SeeRetention.
func (s *Service) Cases(ctx context.Context, by access.Actor, ref id.Ref, from, most int) ([]Case, error) {
	if err := access.Decide(by, access.SeeRetention, access.Subject{Register: by.Register}); err != nil {
		return nil, err
	}
	var out []Case
	var people []id.YoungPerson
	if err := s.DB.Read(ctx, func(tx *db.Tx) error {
		rows, err := tx.Query(sqlCases, int64(by.Register), string(ref), most, from)
		if err != nil {
			return fmt.Errorf("read who is in a proposal: %w", err)
		}
		defer rows.Close()
		for rows.Next() {
			var c Case
			var r Rule
			var on string
			if err := rows.Scan((*int64)(&c.Person), &on, &c.CameTo, (*string)(&r.Category), (*string)(&r.From), &r.Months); err != nil {
				return fmt.Errorf("read who is in a proposal: %w", err)
			}
			if c.On, err = civil.Parse(on); err != nil {
				return err
			}
			if r.Category != "" {
				c.Rule = r.Words()
			}
			if out = append(out, c); c.CameTo != Erased {
				people = append(people, c.Person)
			}
		}
		return rows.Err()
	}); err != nil || len(people) == 0 {
		return out, err
	}
	named, err := s.Named(ctx, by, people, "records to be erased")
	for i := range named {
		for j := range out {
			if out[j].Person == named[i].Person {
				out[j].Row = &named[i]
			}
		}
	}
	return out, err
}

// Agree is the first person's yes. It needs access.ReleaseErasure and returns
// db.Conflict where the proposal is no longer as it was shown.
func (s *Service) Agree(ctx context.Context, by access.Actor, ref id.Ref, key string) error {
	return s.step(ctx, by, access.ReleaseErasure, ref, key, "agreed to the erasure of proposal "+string(ref), func(tx *db.Tx, a *act.Act, p *Proposal) error {
		return changed(tx, sqlAgree, string(Agreed), int64(a.Number), int64(a.Register), string(ref), string(Proposed))
	})
}

// Release is the second person's, who may not be the first: from now on the
// records are erased. It needs access.ReleaseErasure and returns Refusal, or
// db.Conflict where the proposal is no longer as it was shown.
func (s *Service) Release(ctx context.Context, by access.Actor, ref id.Ref, key string) error {
	err := s.step(ctx, by, access.ReleaseErasure, ref, key, "released the erasure of proposal "+string(ref), func(tx *db.Tx, a *act.Act, p *Proposal) error {
		if p.State == Agreed && p.Agreed.By == by.Ref {
			return Refusal{"You agreed to this yourself. Another person must release it."}
		}
		return changed(tx, sqlRelease, string(Released), int64(a.Number), int64(a.Register), string(ref), string(Agreed))
	})
	if err == nil {
		select {
		case s.Wake <- struct{}{}:
		default: // somebody looks already, or nobody keeps the work here
		}
	}
	return err
}

// Withdraw ends a proposal before it was released; nothing is erased. It needs
// access.KeepRetention.
func (s *Service) Withdraw(ctx context.Context, by access.Actor, ref id.Ref, key string) error {
	return s.step(ctx, by, access.KeepRetention, ref, key, "withdrew proposal "+string(ref), func(tx *db.Tx, a *act.Act, p *Proposal) error {
		return changed(tx, sqlWithdraw, string(Withdrawn), int64(a.Number), int64(a.Register), string(ref))
	})
}

func (s *Service) step(ctx context.Context, by access.Actor, action access.Action, ref id.Ref, key, words string, fn func(tx *db.Tx, a *act.Act, p *Proposal) error) error {
	return s.do(ctx, by, action, 0, act.Request{Key: key, Reason: words}, func(tx *db.Tx, a *act.Act) error {
		p, err := proposal(tx, by.Register, ref)
		if err != nil {
			return err
		}
		return fn(tx, a, p)
	})
}

func changed(tx *db.Tx, query string, args ...any) error {
	done, err := tx.Exec(query, args...)
	if err != nil {
		return fmt.Errorf("change a proposal: %w", err)
	}
	if n, err := done.RowsAffected(); err != nil || n == 1 {
		return err
	}
	return db.Conflict{What: "this proposal"}
}
