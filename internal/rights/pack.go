package rights

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/db"
	"waymark/internal/field"
	"waymark/internal/id"
	"waymark/internal/sealed"
)

// States of a pack.
const (
	DraftPack    = "draft"
	ReleasedPack = "released"
	DroppedPack  = "dropped"
)

// Decisions about an item.
const (
	Keep     = "keep"
	Withhold = "withhold"
)

// Pack is the answer to a request for access: everything that is held, and what
// of it goes out.
type Pack struct {
	Ref                   id.Ref
	State, MadeBy         string
	Items, Kept, Withheld int
	// Waiting is how many items somebody must still decide about.
	Waiting int
	// SHA256 is of the file that was released, "" before.
	SHA256 string
	key    int64
}

const (
	sqlPacks   = `SELECT id, ref, state, made_by, items, kept, withheld, sha256 FROM access_pack`
	sqlWaiting = `SELECT count(*) FROM access_item WHERE register = $1 AND pack = $2 AND review <> '' AND decision = ''`
	sqlAddPack = `INSERT INTO access_pack (register, id, ref, request, state, known_at, made_by, items, kept, withheld, sha256, act)
		VALUES ($1, $2, $3, $4, 'draft', $5, $6, $7, 0, 0, '', $8)`
	sqlDropPacks = `UPDATE access_pack SET state = 'dropped' WHERE register = $1 AND request = $2 AND state = 'draft'`
	sqlDropItems = `DELETE FROM access_item WHERE register = $1 AND pack IN (SELECT id FROM access_pack WHERE register = $1 AND request = $2 AND state = 'dropped')`
)

// packOf is the pack of a request that is not dropped, nil where there is none.
func packOf(tx *db.Tx, register id.Register, request int64) (*Pack, error) {
	rows, err := tx.Query(sqlPacks+" WHERE register = $1 AND request = $2 AND state <> 'dropped' ORDER BY id DESC LIMIT 1", int64(register), request)
	if err != nil {
		return nil, fmt.Errorf("read the pack: %w", err)
	}
	defer rows.Close()
	var p *Pack
	for rows.Next() {
		p = &Pack{}
		if err := rows.Scan(&p.key, (*string)(&p.Ref), &p.State, &p.MadeBy, &p.Items, &p.Kept, &p.Withheld, &p.SHA256); err != nil {
			return nil, fmt.Errorf("read the pack: %w", err)
		}
	}
	if err := rows.Err(); err != nil || p == nil {
		return nil, err
	}
	rows.Close()
	return p, tx.QueryRow(sqlWaiting, int64(register), p.key).Scan(&p.Waiting)
}

// Draft gathers everything that is held about the person, in the place of a
// draft made before. It needs access.KeepRequests and the right to see the log,
// and returns field.Errors where the request is not one for access, is closed,
// or was answered.
func (s *Service) Draft(ctx context.Context, by access.Actor, request id.Ref, key string) error {
	r, err := s.Get(ctx, by, request)
	if err != nil {
		return err
	}
	if r.Kind != Access || !r.Open() {
		return field.Errors{{Field: "pack", Message: "A pack is made for an open request for access"}}
	}
	var roles map[string]string
	if err := s.DB.Read(ctx, func(tx *db.Tx) (err error) { roles, err = staffRoles(tx, by.Register); return err }); err != nil {
		return err
	}
	log, err := s.logged(ctx, by, r, roles)
	if err != nil {
		return err
	}
	return s.DB.InTx(ctx, func(tx *db.Tx) error {
		if held, err := packOf(tx, by.Register, r.key); err != nil {
			return err
		} else if held != nil && held.State == ReleasedPack {
			return field.Errors{{Field: "pack", Message: "The pack of this request is released already"}}
		}
		a, err := act.Begin(tx, by, access.KeepRequests, r.person, act.Request{Reason: "Draft of what is held", Key: key})
		if err != nil {
			return err
		}
		items, err := s.gather(tx, by, r)
		if err != nil {
			return err
		}
		return s.keepDraft(tx, a, r, append(items, log...))
	})
}

func (s *Service) keepDraft(tx *db.Tx, a *act.Act, r *Request, items []Item) error {
	for _, query := range []string{sqlDropPacks, sqlDropItems} {
		if _, err := tx.Exec(query, int64(a.Register), r.key); err != nil {
			return fmt.Errorf("drop the draft before: %w", err)
		}
	}
	pack, err := a.Keys(1)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(sqlAddPack, int64(a.Register), pack, string(id.NewRef()), r.key, int64(a.Number), a.By.Name, len(items), int64(a.Number)); err != nil {
		return fmt.Errorf("keep the draft: %w", err)
	}
	keys, err := sealed.Read(tx, a.Register, []id.YoungPerson{r.person})
	if err != nil {
		return err
	}
	rows := make([][]any, len(items))
	for n, i := range items {
		words, err := keys.Seal(tx, r.person, place(a.Register, "words", pack, n+1), i.Words)
		if err != nil {
			return err
		}
		machine, err := keys.Seal(tx, r.person, place(a.Register, "machine", pack, n+1), i.Machine)
		if err != nil {
			return err
		}
		rows[n] = []any{int64(a.Register), pack, int64(n + 1), i.Section, i.Title, words, i.Source, i.Happened, i.Held, machine, i.Review, "", "", ""}
	}
	return db.BulkInsert(tx, "access_item", []string{"register", "pack", "position", "section", "title", "words", "source", "happened", "known", "machine", "review", "decision", "reason", "decided_by"}, rows)
}

// place is where the words of an item stand. A pack never has a million of them.
func place(r id.Register, column string, pack int64, position int) sealed.Place {
	return sealed.Place{Register: r, Table: "access_item", Column: column, Row: pack*1_000_000 + int64(position)}
}

const sqlItems = `SELECT position, section, title, words, source, happened, known, machine, review, decision, reason, decided_by FROM access_item`

// eachItem calls fn with the items of a pack, in their order.
func eachItem(tx *db.Tx, register id.Register, r *Request, pack int64, only string, fn func(Item) error) error {
	keys, err := sealed.Read(tx, register, []id.YoungPerson{r.person})
	if err != nil {
		return err
	}
	var w db.Where
	w.And("register = $1 AND pack = $2", int64(register), pack)
	if only != "" {
		w.And(only)
	}
	var items []Item
	rows, err := tx.Query(sqlItems+w.SQL()+" ORDER BY position", w.Args...)
	if err != nil {
		return fmt.Errorf("read the pack: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var i Item
		if err := rows.Scan(&i.Position, &i.Section, &i.Title, &i.Words, &i.Source, &i.Happened, &i.Held, &i.Machine, &i.Review, &i.Decision, &i.Reason, &i.DecidedBy); err != nil {
			return fmt.Errorf("read the pack: %w", err)
		}
		items = append(items, i)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	rows.Close()
	for _, i := range items {
		if i.Words, err = keys.Open(tx, place(register, "words", pack, i.Position), i.Words); err != nil {
			return err
		}
		if i.Machine, err = keys.Open(tx, place(register, "machine", pack, i.Position), i.Machine); err != nil {
			return err
		}
		if err := fn(i); err != nil {
			return err
		}
	}
	return nil
}

// Look is the pack of a request, nil where none was made, and the items that
// somebody must decide about, or has. It needs access.KeepRequests.
func (s *Service) Look(ctx context.Context, by access.Actor, r *Request) (p *Pack, reviewed []Item, err error) {
	if err := access.Decide(by, access.KeepRequests, access.Subject{Register: by.Register}); err != nil {
		return nil, nil, err
	}
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		if p, err = packOf(tx, by.Register, r.key); err != nil || p == nil {
			return err
		}
		veil, err := access.VeilOf(tx, by)
		if err != nil {
			return err
		}
		return eachItem(tx, by.Register, r, p.key, "review <> ''", func(i Item) error {
			if i.isAddress() && veil.Protects(r.person) {
				i.Words, i.Happened, i.Machine = protectedWords, "", ""
			}
			reviewed = append(reviewed, i)
			return nil
		})
	})
	return p, reviewed, err
}

// Choice is what somebody decided about an item.
type Choice struct {
	Position         int
	Decision, Reason string
}

const sqlDecide = `UPDATE access_item SET decision = $4, reason = $5, decided_by = $6 WHERE register = $1 AND pack = $2 AND position = $3 AND review <> ''`

// Decide keeps decisions about items. It needs access.KeepRequests, and returns
// field.Errors for what is withheld without a reason.
func (s *Service) Decide(ctx context.Context, by access.Actor, request id.Ref, choices []Choice, key string) error {
	var wrong field.Errors
	for i := range choices {
		c := &choices[i]
		c.Reason = strings.TrimSpace(c.Reason)
		if !slices.Contains([]string{Keep, Withhold}, c.Decision) {
			wrong.Add(fmt.Sprintf("decision-%d", c.Position), "Select whether it goes out")
		} else if c.Decision == Withhold && c.Reason == "" {
			wrong.Add(fmt.Sprintf("reason-%d", c.Position), "Say why it is withheld: it is counted in the pack, and the reason is kept")
		}
	}
	if wrong != nil {
		return wrong
	}
	return s.DB.InTx(ctx, func(tx *db.Tx) error {
		r, p, err := s.draftOf(tx, by, request)
		if err != nil {
			return err
		}
		a, err := act.Begin(tx, by, access.KeepRequests, r.person, act.Request{Reason: fmt.Sprintf("Decided about %d items of what is held", len(choices)), Key: key})
		if err != nil {
			return err
		}
		for _, c := range choices {
			if _, err := tx.Exec(sqlDecide, int64(a.Register), p.key, c.Position, c.Decision, c.Reason, by.Name); err != nil {
				return fmt.Errorf("keep a decision: %w", err)
			}
		}
		return nil
	})
}

// draftOf is the request and its draft.
func (s *Service) draftOf(tx *db.Tx, by access.Actor, request id.Ref) (*Request, *Pack, error) {
	r, err := s.one(tx, by, request)
	if err != nil {
		return nil, nil, err
	}
	p, err := packOf(tx, by.Register, r.key)
	if err != nil {
		return nil, nil, err
	}
	if p == nil || p.State != DraftPack {
		return nil, nil, db.Conflict{What: "the pack of this request, which is no draft"}
	}
	return r, p, nil
}
