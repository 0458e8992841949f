package returns

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/field"
	"waymark/internal/id"
)

// Declaration is what each of the two people states with their signature.
const Declaration = "I have looked at the totals and the findings of this return. As far as I know it states truly where each young person stood on the last day of the month, and it may be sent to the Department for Education."

// Position is how far a month's return has come.
type Position struct {
	// Draft is the whole return, which is signed; Shown what of it the actor sees.
	Draft, Shown *Draft
	// SHA256 is of the file that a signature would now stand under.
	SHA256 string
	// Latest is the last version stored, nil where nobody has signed yet.
	Latest *Return
	// Outdated says that somebody signed once, and the facts have changed since:
	// the return must be signed anew.
	Outdated bool
	// Blocked says in words why nobody can sign now; "" where somebody can.
	Blocked string
	// Second says that the next signature is the second one.
	Second bool
}

// Position tells how far a month has come, for the whole register or some of
// its authorities. It needs SeeReturn.
func (s *Service) Position(ctx context.Context, by access.Actor, period civil.Month, authorities []string) (*Position, error) {
	d, err := s.build(ctx, by, period, Options{Authorities: authorities})
	if err != nil {
		return nil, err
	}
	p := &Position{Draft: d}
	if p.Shown, err = s.shown(ctx, by, d); err != nil {
		return nil, err
	}
	if err := s.DB.Read(ctx, func(tx *db.Tx) error {
		p.Latest, err = latest(tx, d.key)
		return err
	}); err != nil {
		return nil, err
	}
	return p, p.weigh()
}

// weigh compares the draft with the first signature, where there is one. The
// file keeps the date of the day of that signature.
func (p *Position) weigh() error {
	var err error
	switch {
	case p.Latest != nil && p.Latest.State == SignedOnce:
		as := p.Draft.dated(p.Latest.DateOfSend)
		if p.SHA256, err = as.SHA256(); err != nil {
			return err
		}
		if p.SHA256 == p.Latest.SHA256 {
			p.Draft, p.Second = as, true
		} else {
			p.Outdated = true
			p.SHA256, err = p.Draft.SHA256()
		}
	default:
		p.SHA256, err = p.Draft.SHA256()
	}
	switch n := p.Draft.Serious(); {
	case p.Latest != nil && p.Latest.State.Standing():
		p.Blocked = fmt.Sprintf("The return for %s is %s. Before another can be signed, note that it was rejected or that another takes its place.", p.Latest.Period.Words(), p.Latest.State)
	case n == 1:
		p.Blocked = "One finding of priority 1 stands. Mend it first."
	case n > 1:
		p.Blocked = fmt.Sprintf("%d findings of priority 1 stand. Mend them first.", n)
	}
	return err
}

// dated is the draft with another day in its header.
func (d *Draft) dated(on civil.Date) *Draft {
	out := *d
	out.Header.DateOfSend = on.String()
	return &out
}

// Signature is one person's.
type Signature struct {
	// SHA256 is Position.SHA256 as it was shown to whoever signs.
	SHA256 string
	// Declared is that they made the Declaration.
	Declared bool
	// Anew is that they know the first signature no longer counts.
	Anew bool
	// Key is the one-use key of the form.
	Key string
}

// Sign adds a signature to a month's return. The first must be a data
// officer's; the second, by somebody else, freezes the file. It needs
// SignReturn. Complaints come as field.Errors: "declaration", "sign" for what
// stands in the way, "anew" where the first signature no longer fits; Miscount
// where the file does not say what the register says.
func (s *Service) Sign(ctx context.Context, by access.Actor, period civil.Month, authorities []string, sig Signature) (*Return, error) {
	if err := access.Decide(by, access.SignReturn, access.Subject{Register: by.Register}); err != nil {
		return nil, err
	}
	if by.Account == 0 {
		return nil, access.Denied{Action: access.SignReturn, Reason: "a return is signed by somebody who is signed in, not by a command"}
	}
	if !sig.Declared {
		return nil, field.Errors{{Field: "declaration", Message: "Tick the declaration to sign"}}
	}
	p, err := s.Position(ctx, by, period, authorities)
	if err != nil {
		return nil, err
	}
	if err := p.mayBeSigned(by, sig); err != nil {
		return nil, err
	}
	file, err := p.Draft.pack()
	if err != nil {
		return nil, err
	}
	back, err := file.open()
	if err != nil {
		return nil, err
	}
	if err := p.Draft.Verify(back); err != nil {
		return nil, err
	}
	var ref id.Ref
	err = s.DB.InTx(ctx, func(tx *db.Tx) error {
		ref, err = sign(tx, by, p, file, sig)
		return err
	})
	if err != nil {
		return nil, err
	}
	return s.Get(ctx, by, ref)
}

func (p *Position) mayBeSigned(by access.Actor, sig Signature) error {
	refuse := func(name, message string) error { return field.Errors{{Field: name, Message: message}} }
	switch {
	case p.Blocked != "":
		return refuse("sign", p.Blocked)
	case p.Outdated && !sig.Anew:
		return refuse("anew", fmt.Sprintf("%s signed this return, and facts have changed since. Their signature no longer fits: sign anew as the first of two, after looking at the totals again.", p.Latest.FirstSigner().Name))
	case sig.SHA256 != p.SHA256:
		return refuse("sign", "Facts have changed since you opened this page. Look at the totals again, then sign.")
	case p.Second && p.Latest.FirstSigner().By == by.Ref:
		return refuse("sign", "You signed first. The second signature must be somebody else's.")
	case !p.Second && !by.Holds(access.DataOfficer):
		return refuse("sign", "A data officer signs first.")
	}
	return nil
}

const (
	sqlAddReturn = `INSERT INTO monthly_return (register, id, ref, period, authorities, version, state, edition, known_at, date_of_send, sha256, size, totals)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`
	sqlSetState = `UPDATE monthly_return SET state = $1 WHERE register = $2 AND id = $3 AND state = $4`
	sqlAddStep  = `INSERT INTO monthly_return_step (register, monthly_return, act, state, because) VALUES ($1, $2, $3, $4, $5)`
)

func sign(tx *db.Tx, by access.Actor, p *Position, file *packed, sig Signature) (id.Ref, error) {
	d := p.Draft
	a, err := act.Begin(tx, by, access.SignReturn, 0, act.Request{Key: sig.Key,
		Reason: fmt.Sprintf("return for %s of %s, %s", d.Period, strings.Join(d.Authorities, " "), file.sha256)})
	if err != nil {
		return "", err
	}
	now, err := latest(tx, d.key)
	if err != nil {
		return "", err
	}
	if !same(now, p.Latest) {
		return "", db.Conflict{What: "the return for " + d.Period.Words()}
	}
	if p.Second {
		return now.Ref, freeze(tx, a, now, d, file)
	}
	version := 1
	if now != nil {
		version = now.Version + 1
		if now.State == SignedOnce {
			if err := step(tx, a, now, Lapsed, "facts changed before the second signature"); err != nil {
				return "", err
			}
		}
	}
	return first(tx, a, d, file, version)
}

func same(a, b *Return) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.ID == b.ID && a.State == b.State
}

// first stores a return with its first signature.
func first(tx *db.Tx, a *act.Act, d *Draft, file *packed, version int) (id.Ref, error) {
	key, err := a.Keys(1)
	if err != nil {
		return "", err
	}
	totals, err := json.Marshal(d.Totals)
	if err != nil {
		return "", err
	}
	ref := id.NewRef()
	if _, err := tx.Exec(sqlAddReturn, int64(a.Register), key, string(ref), d.Period.String(), strings.Join(d.Authorities, " "), version, string(SignedOnce),
		d.Edition.Name, int64(d.KnownAt), d.Header.DateOfSend, file.sha256, file.size, string(totals)); err != nil {
		return "", fmt.Errorf("store the return: %w", err)
	}
	if _, err := tx.Exec(sqlAddStep, int64(a.Register), key, int64(a.Number), string(SignedOnce), ""); err != nil {
		return "", fmt.Errorf("store the signature: %w", err)
	}
	return ref, nil
}

// freeze keeps the bytes of the file and who stands in it.
func freeze(tx *db.Tx, a *act.Act, r *Return, d *Draft, file *packed) error {
	if err := step(tx, a, r, Signed, ""); err != nil {
		return err
	}
	rows := make([][]any, len(file.pieces))
	for i, b := range file.pieces {
		rows[i] = []any{int64(a.Register), int64(r.ID), int64(i + 1), b}
	}
	if err := db.BulkInsert(tx, "monthly_return_piece", []string{"register", "monthly_return", "position", "bytes"}, rows); err != nil {
		return err
	}
	rows = make([][]any, len(d.People))
	for i, p := range d.People {
		v := p.Record.Get
		rows[i] = []any{int64(a.Register), int64(r.ID), int64(p.Key), int64(i + 1), v(cohortStatus), p.Leaver, int64(p.Age), v(activityCode), string(p.CountsAs)}
	}
	return db.BulkInsert(tx, "monthly_return_person", []string{"register", "monthly_return", "young_person", "position",
		"cohort_status", "leaver", "academic_age", "activity", "counts_as"}, rows)
}

// step brings a return from the state it is in to another, or is a Conflict.
func step(tx *db.Tx, a *act.Act, r *Return, to State, because string) error {
	done, err := tx.Exec(sqlSetState, string(to), int64(a.Register), int64(r.ID), string(r.State))
	if err != nil {
		return fmt.Errorf("store what became of the return: %w", err)
	}
	if n, err := done.RowsAffected(); err != nil {
		return err
	} else if n != 1 {
		return db.Conflict{What: "the return for " + r.Period.Words()}
	}
	if _, err := tx.Exec(sqlAddStep, int64(a.Register), int64(r.ID), int64(a.Number), string(to), because); err != nil {
		return fmt.Errorf("store what became of the return: %w", err)
	}
	return nil
}

// Next are the states to which Record can bring a return.
func (r *Return) Next() []State {
	switch r.State {
	case Signed:
		return []State{Sent, Superseded}
	case Sent:
		return []State{Accepted, Rejected, Superseded}
	case Accepted:
		return []State{Superseded}
	}
	return nil
}

// Record notes what became of a frozen return. Rejected and superseded need a
// reason. It needs SendReturn; complaints come as field.Errors: "state",
// "because".
func (s *Service) Record(ctx context.Context, by access.Actor, ref id.Ref, to State, because, key string) (*Return, error) {
	because = strings.TrimSpace(because)
	if because == "" && (to == Rejected || to == Superseded) {
		return nil, field.Errors{{Field: "because", Message: "Say why it was " + string(to)}}
	}
	err := s.DB.InTx(ctx, func(tx *db.Tx) error {
		r, err := find(tx, by.Register, ref)
		if err != nil {
			return err
		}
		allowed := false
		for _, next := range r.Next() {
			allowed = allowed || next == to
		}
		if !allowed {
			return field.Errors{{Field: "state", Message: fmt.Sprintf("The return for %s is %s, so it cannot become %s", r.Period.Words(), r.State, to)}}
		}
		a, err := act.Begin(tx, by, access.SendReturn, 0, act.Request{Key: key, Reason: strings.TrimSpace(string(to) + " " + because)})
		if err != nil {
			return err
		}
		return step(tx, a, r, to, because)
	})
	if err != nil {
		return nil, err
	}
	return s.Get(ctx, by, ref)
}
