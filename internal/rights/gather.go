package rights

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"waymark/internal/access"
	"waymark/internal/audit"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/fact"
	"waymark/internal/id"
	"waymark/internal/life"
	"waymark/internal/nccis"
	"waymark/internal/signal"
	"waymark/internal/youngperson"
)

// Item is one thing that is held, as the pack tells it.
type Item struct {
	Position               int
	Section, Title, Words  string
	Source, Happened, Held string
	// Machine is the same as names and values, JSON.
	Machine string
	// Review says why somebody must look at it before it goes out; "" where
	// nobody need.
	Review string
	// Decision is Keep or Withhold, "" where none was needed or made.
	Decision, Reason, DecidedBy string
}

// Waits says that somebody must decide about it.
func (i Item) Waits() bool { return i.Review != "" && i.Decision == "" }

// The sections of a pack.
const (
	Facts    = "What we hold"
	Sent     = "Returns to the Department for Education"
	Files    = "Files in which you stood"
	Accessed = "Who did and saw what"
	Asked    = "What you asked us"
	Told     = "Whom we told about you"
)

// gatherer puts together all that is held of one person.
type gatherer struct {
	tx      *db.Tx
	by      access.Actor
	r       *Request
	edition *nccis.Edition
	items   []Item
	acts    map[id.Act]time.Time
	sources map[id.Evidence]source
	// protected says that their address is protected, and unseen that it is from
	// whoever gathers too.
	protected, unseen bool
}

// source is where facts came from. Its words name no member of staff.
type source struct {
	words, saidBy string
	dwp           bool
}

// gather reads everything but the log, which is asked apart.
func (s *Service) gather(tx *db.Tx, by access.Actor, r *Request) ([]Item, error) {
	e, _ := s.Record.Requirement.EditionOn(s.Today())
	g := &gatherer{tx: tx, by: by, r: r, edition: e, acts: map[id.Act]time.Time{}, sources: map[id.Evidence]source{}}
	if err := g.protection(); err != nil {
		return nil, err
	}
	told, err := life.History(tx, by.Register, r.person)
	if err != nil {
		return nil, err
	}
	if err := everVersion(g, signal.Signals, &told); err != nil {
		return nil, err
	}
	if err := everVersion(g, youngperson.CarriedItems, &told); err != nil {
		return nil, err
	}
	for _, part := range []func() error{func() error { return g.readSources(told) },
		func() error { return g.facts(told) }, g.files, g.returns, g.told, g.requests} {
		if err := part(); err != nil {
			return nil, err
		}
	}
	return g.items, nil
}

// protection reads whether their address is protected. Whoever asks may be the one
// from whom it is, so somebody decides about it before it goes out.
func (g *gatherer) protection() error {
	stranger, err := access.VeilOf(g.tx, access.Actor{Register: g.by.Register})
	if err != nil {
		return err
	}
	veil, err := access.VeilOf(g.tx, g.by)
	if err != nil {
		return err
	}
	g.protected, g.unseen = stranger.Protects(g.r.person), veil.Protects(g.r.person)
	return nil
}

func everVersion[T any](g *gatherer, t fact.Table[T], told *[]life.Told) error {
	return t.History(g.tx, g.by.Register, g.r.person, func(f *fact.Of[T]) error {
		*told = append(*told, life.Told{Table: t.Name, What: t.What, Version: f.Version, Columns: t.Columns, Values: t.Texts(&f.Is)})
		return nil
	})
}

const (
	sqlSources = `SELECT e.id, e.kind, e.said_by, e.grade, e.received_on, a.number, a.at FROM evidence e JOIN act a ON a.register = e.register AND a.number = e.act`
	sqlActs    = `SELECT number, at FROM act`
)

func (g *gatherer) readSources(told []life.Told) error {
	var evidence, acts []any
	seen := map[any]bool{}
	for _, t := range told {
		for _, v := range []struct {
			list *[]any
			key  any
		}{{&evidence, t.Evidence}, {&acts, t.KnownFrom}, {&acts, t.KnownTo}} {
			if !seen[v.key] {
				seen[v.key] = true
				switch k := v.key.(type) {
				case id.Evidence:
					*v.list = append(*v.list, int64(k))
				case id.Act:
					*v.list = append(*v.list, int64(k))
				}
			}
		}
	}
	for some := range slices.Chunk(evidence, 200) {
		if err := g.each(sqlSources, "e.register = $1", "e.id", some, func(scan func(...any) error) error {
			var key, act int64
			var kind, saidBy, grade string
			var on civil.Date
			var at db.Instant
			if err := scan(&key, &kind, &saidBy, &grade, &on, &act, &at); err != nil {
				return err
			}
			g.acts[id.Act(act)] = at.Time
			g.sources[id.Evidence(key)] = source{words: joined(", ", kind, grade, on.Words()), saidBy: saidBy, dwp: kind == "DWP"}
			return nil
		}); err != nil {
			return err
		}
	}
	for some := range slices.Chunk(acts, 200) {
		if err := g.each(sqlActs, "register = $1", "number", some, func(scan func(...any) error) error {
			var number int64
			var at db.Instant
			err := scan(&number, &at)
			g.acts[id.Act(number)] = at.Time
			return err
		}); err != nil {
			return err
		}
	}
	return nil
}

// each reads rows of the register whose column is one of some.
func (g *gatherer) each(query, ofRegister, column string, some []any, fn func(scan func(...any) error) error) error {
	var w db.Where
	w.And(ofRegister, int64(g.by.Register))
	if column != "" {
		w.In(column, some...)
	}
	rows, err := g.tx.Query(query+w.SQL(), w.Args...)
	if err != nil {
		return fmt.Errorf("gather what is held: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := fn(rows.Scan); err != nil {
			return fmt.Errorf("gather what is held: %w", err)
		}
	}
	return rows.Err()
}

func (g *gatherer) add(i Item, machine map[string]string) error {
	text, err := json.Marshal(machine)
	i.Machine, i.Position = string(text), len(g.items)+1
	g.items = append(g.items, i)
	return err
}

// facts are all versions of all facts, with the days of which they were so, and
// the moments between which we held them.
func (g *gatherer) facts(told []life.Told) error {
	for _, t := range told {
		s := g.sources[t.Evidence]
		i := Item{Section: Facts, Title: capital(t.What), Happened: stretch(t.Started, t.Ended), Source: s.words, Review: review(t, s)}
		i.Held = "From " + moment(g.acts[t.KnownFrom])
		if t.KnownTo != 0 {
			i.Held += " to " + moment(g.acts[t.KnownTo])
		}
		if s.saidBy != "" {
			i.Source = joined(", ", i.Source, "said by "+s.saidBy)
		}
		machine := map[string]string{"kind": t.Table, "started": t.Started, "ended": t.Ended, "source": i.Source}
		var parts []string
		for k, column := range t.Columns {
			value := t.Values[k]
			if value == "" || ours(t.Table, column) {
				continue
			}
			machine[column] = value
			parts = append(parts, label(column)+": "+g.inWords(t.Table, column, value))
		}
		if t.Table == youngperson.Addresses.Name && g.protected {
			i.Review = reviewAddress
			if g.unseen {
				i.Happened = ""
				machine, parts = map[string]string{"kind": t.Table, "value": access.Protected}, []string{protectedWords}
			}
		}
		if i.Words = strings.Join(parts, "; "); i.Words == "" {
			i.Words = "Nothing: it was left empty"
		}
		if err := g.add(i, machine); err != nil {
			return err
		}
	}
	return nil
}

// ours are columns that name a member of staff or a key of the house. Staff are
// told by what they do and not by name: who looked after the record is not asked
// for, what was done with it is.
func ours(table, column string) bool {
	return column == "by_name" || table == "contact" && slices.Contains([]string{"by_actor", "reach", "behind_id"}, column) || table == "allocation" && (column == "adviser" || column == "adviser_name") || table == "verification" && column == "spell"
}

const (
	reviewAddress  = "Their address is protected: whoever asks may be the one from whom. Ask whoever answers for it"
	protectedWords = "The address is protected: whoever answers for it can give it"
)

// isAddress says that the item is one of where they live.
func (i Item) isAddress() bool {
	return i.Section == Facts && i.Title == capital(youngperson.Addresses.What)
}

// review says why somebody must look at a fact before it goes out: it may be
// about somebody else too.
func review(t life.Told, s source) string {
	switch {
	case t.Table == "carer":
		return "It names a parent or carer"
	case t.Table == "contact" && t.Value("note")+t.Value("said")+t.Value("next_step") != "":
		return "A note may speak of other people"
	case s.dwp || t.Table == "signal" && t.Value("restriction") != "":
		return reviewDWP
	case s.saidBy != "" && !strings.EqualFold(s.saidBy, "the young person"):
		return "It says who told us"
	}
	return ""
}

const (
	sqlNCCISFiles = `SELECT DISTINCT i.file_name, i.received_at, i.period_end FROM evidence e JOIN import i ON i.register = e.register AND i.id = e.import`
	sqlLists      = `SELECT DISTINCT i.file_name, i.received_at, i.as_at FROM evidence e JOIN intake i ON i.register = e.register AND i.id = e.import`
)

func (g *gatherer) files() error {
	var evidence []any
	for key := range g.sources {
		evidence = append(evidence, int64(key))
	}
	seen := map[string]bool{}
	for some := range slices.Chunk(evidence, 200) {
		for _, query := range []string{sqlNCCISFiles, sqlLists} {
			if err := g.each(query, "e.register = $1", "e.id", some, func(scan func(...any) error) error {
				var name, of string
				var at db.Instant
				if err := scan(&name, &at, &of); err != nil || seen[name+of+at.String()] {
					return err
				}
				seen[name+of+at.String()] = true
				return g.add(Item{Section: Files, Title: "A file that named you", Words: name, Happened: dayWords(of), Held: "Received " + moment(at.Time)},
					map[string]string{"kind": "file", "name": name, "of": of, "received": at.UTC().Format(time.RFC3339)})
			}); err != nil {
				return err
			}
		}
	}
	return nil
}

const sqlReturns = `SELECT m.period, m.version, m.state, p.activity, p.counts_as, p.cohort_status FROM monthly_return_person p
	JOIN monthly_return m ON m.register = p.register AND m.id = p.monthly_return`

func (g *gatherer) returns() error {
	return g.each(sqlReturns, "p.register = $1", "p.young_person", []any{int64(g.r.person)}, func(scan func(...any) error) error {
		var period, state, activity, counts, status string
		var version int
		if err := scan(&period, &version, &state, &activity, &counts, &status); err != nil {
			return err
		}
		words := map[string]string{"EET": "in education, employment or training", "NEET": "not in education, employment or training", "NK": "as not known"}[counts]
		if words == "" {
			words = "outside the rates"
		}
		return g.add(Item{Section: Sent, Title: "The return for " + period, Happened: period,
			Words: fmt.Sprintf("Counted %s. Activity: %s; cohort status: %s. The return was %s.", words, g.inWords("spell", "activity", activity), g.inWords("cohort", "status", status), state)},
			map[string]string{"kind": "return", "period": period, "version": fmt.Sprint(version), "state": state, "activity": activity, "counts_as": counts, "cohort_status": status})
	})
}

func (g *gatherer) requests() error {
	for _, step := range append([]Step{{Kind: StepKind(g.r.Kind), On: g.r.ReceivedOn, Words: g.r.Words}}, g.r.Steps...) {
		if err := g.add(Item{Section: Asked, Title: capital(string(step.Kind)), Words: joined(". ", step.Choice, step.Words), Happened: step.On.Words()},
			map[string]string{"kind": "request", "step": string(step.Kind), "on": step.On.String(), "words": step.Words}); err != nil {
			return err
		}
	}
	return nil
}

// told is to whom something was told. Somebody looks at each before it goes out:
// what the police or a court do may be harmed by it (Data Protection Act 2018,
// schedule 2, paragraphs 2 and 5).
func (g *gatherer) told() error {
	all, err := disclosures(g.tx, g.by.Register, g.r.person)
	for _, d := range all {
		if err == nil {
			err = g.add(Item{Section: Told, Title: toWhom(d), Words: joined(". ", "To "+d.ToWhom, d.What, "Ground: "+d.Ground), Happened: d.On.Words(), Review: "It says what was told to whom: it may name others, or harm what the police or a court do"},
				map[string]string{"kind": "disclosure", "to": joined(": ", d.Recipient, d.ToWhom), "how": d.How, "what": d.What, "ground": d.Ground, "on": d.On.String()})
		}
	}
	return err
}

// toWhom says in a few words to whom something was told.
func toWhom(d Disclosure) string {
	if d.Recipient == "" {
		return "A pack that was released"
	}
	return "Told to: " + joined(", ", d.Recipient, d.How)
}

// logged is who did and saw what, from the log: by role, not by name.
func (s *Service) logged(ctx context.Context, by access.Actor, r *Request, roles map[string]string) ([]Item, error) {
	log := &audit.Service{DB: s.DB, Sights: s.Sights}
	var out []Item
	for skip := 0; ; skip += atOnce {
		found, err := log.Page(ctx, by, audit.Question{Person: r.Person}, skip, atOnce)
		if err != nil {
			return nil, err
		}
		for _, e := range found.Events {
			who := roleWords(e.Actor, roles)
			i := Item{Section: Accessed, Title: who, Words: capital(string(e.Kind)), Happened: moment(e.At)}
			if e.Seen && e.Page != "" {
				i.Words += " (" + e.Page + ")"
			}
			if e.Reason != "" {
				i.Words += ". Reason: " + e.Reason
				i.Review = "The reason was typed in, and may name somebody"
			}
			machine, err := json.Marshal(map[string]string{"kind": "log", "at": e.At.UTC().Format(time.RFC3339), "who": who, "what": string(e.Kind), "page": e.Page, "reason": e.Reason})
			if err != nil {
				return nil, err
			}
			i.Machine = string(machine)
			out = append(out, i)
		}
		if skip+atOnce >= found.Total {
			return out, nil
		}
	}
}

// atOnce is how many entries of the log are read together.
const atOnce = 500

const sqlRoles = `SELECT a.ref, r.role FROM account a JOIN account_role r ON r.register = a.register AND r.account = a.id WHERE a.register = $1 ORDER BY a.ref, r.role`

// staffRoles are what the staff do, by the reference of their account.
func staffRoles(tx *db.Tx, register id.Register) (map[string]string, error) {
	rows, err := tx.Query(sqlRoles, int64(register))
	if err != nil {
		return nil, fmt.Errorf("read what staff do: %w", err)
	}
	defer rows.Close()
	out := map[string]string{}
	for rows.Next() {
		var ref, role string
		if err := rows.Scan(&ref, &role); err != nil {
			return nil, err
		}
		if !strings.Contains(out["account:"+ref], role) {
			out["account:"+ref] = joined(", ", out["account:"+ref], role)
		}
	}
	return out, rows.Err()
}

func roleWords(actor string, roles map[string]string) string {
	if role := roles[actor]; role != "" {
		return "A member of staff: " + role
	}
	if strings.HasPrefix(actor, "account:") {
		return "A member of staff"
	}
	return "Whoever runs the system"
}
