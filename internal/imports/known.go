package imports

import (
	"fmt"
	"slices"

	"waymark/internal/change"
	"waymark/internal/db"
	"waymark/internal/fact"
	"waymark/internal/id"
	"waymark/internal/life"
	"waymark/internal/nccis"
	"waymark/internal/register"
	"waymark/internal/youngperson"
)

// tellKnown tells the records of a stretch that say something new of people
// whom the register holds.
func (p *planner) tellKnown(records []nccis.Record) error {
	if len(p.told) == 0 {
		return nil
	}
	people := make([]id.YoungPerson, len(p.told))
	for i, t := range p.told {
		people[i] = p.ix.people[t.m.who].person
	}
	lives := map[id.YoungPerson]*life.Life{}
	said := map[sourceOf]string{}
	if err := readSaidOfJoined(p.tx, p.reg.ID, p.told, people, said); err != nil {
		return err
	}
	for _, k := range ranges(p.reg.ID, people) {
		list, err := life.Load(p.tx, k)
		if err != nil {
			return err
		}
		for _, l := range list {
			lives[l.Person.ID] = l
		}
		if err := readSaid(p.tx, k, said); err != nil {
			return err
		}
	}
	for i, t := range p.told {
		l := lives[people[i]]
		if l == nil {
			return fmt.Errorf("somebody whom record %d is about is gone: %w", records[t.at].Position, db.NotFound)
		}
		p.tellOne(&records[t.at], t, l, said)
	}
	return nil
}

// ranges asks for the people by key: from the first to the last where they lie
// close together, as those of one earlier file do, else two hundred at a time.
func ranges(r id.Register, people []id.YoungPerson) []fact.Known {
	const some, apart = 200, 60
	lowest, highest := people[0], people[0]
	for _, yp := range people {
		lowest, highest = min(lowest, yp), max(highest, yp)
	}
	if int(highest-lowest) <= apart*len(people) {
		return []fact.Known{{Register: r, From: lowest, To: highest}}
	}
	var out []fact.Known
	for len(people) > 0 {
		n := min(some, len(people))
		out = append(out, fact.Known{Register: r, People: people[:n]})
		people = people[n:]
	}
	return out
}

// readSaidOfJoined reads what was said of records that have been put together
// with those of the people since.
func readSaidOfJoined(tx *db.Tx, r id.Register, told []pending, people []id.YoungPerson, said map[sourceOf]string) error {
	var joined []id.YoungPerson
	for i, t := range told {
		if t.was != nil && t.was.person != people[i] {
			joined = append(joined, t.was.person)
		}
	}
	if len(joined) == 0 {
		return nil
	}
	return readSaid(tx, fact.Known{Register: r, People: joined}, said)
}

func readSaid(tx *db.Tx, k fact.Known, said map[sourceOf]string) error {
	w := k.Where()
	k.Narrow(&w, "young_person")
	rows, err := tx.Query("SELECT young_person, source, content FROM source_record"+w.SQL(), w.Args...)
	if err != nil {
		return fmt.Errorf("read what files said before: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var yp int64
		var source, content string
		if err := rows.Scan(&yp, &source, &content); err != nil {
			return fmt.Errorf("read what files said before: %w", err)
		}
		said[sourceOf{id.YoungPerson(yp), source}] = content
	}
	return rows.Err()
}

// tellOne tells one record to one life, and prepares what that changes.
func (p *planner) tellOne(r *nccis.Record, o pending, l *life.Life, said map[sourceOf]string) {
	yp, of := l.Person.ID, l.Person.ID
	if o.was != nil {
		of = o.was.person
	}
	base, spell := nccis.Record{}, id.Fact(0)
	if o.was != nil {
		base, spell = decode(said[sourceOf{of, o.source}]), o.was.spell
		if life.Season(o.was.periodEnd) != life.Season(p.on) {
			// What was said then was of another September.
			for _, f := range []nccis.Field{nccis.Year11GuaranteeStatus, nccis.Year11LEACode, nccis.Year12GuaranteeStatus, nccis.Year12LEACode} {
				base.Values[f] = ""
			}
		}
	}
	was, keyBefore := change.Copy(l), p.key
	evidence := id.Evidence(p.nextKey())
	t := telling{l: l, base: &base, in: r, on: p.on, spell: spell, byImport: p.byImport, next: p.nextKey, evidence: evidence,
		scope: youngperson.Strongest(l.OptOuts, p.header.SupplierName, p.on)}
	t.tell()
	if t.scope != "" {
		p.note(Note{Kind: OptedOut, Words: "The young person or a parent has told us to take over " + scopeWords(t.scope) + ". The record was followed no further than that."}, r, yp)
	}
	words := "Changed here and by the source. The file is newer and was followed; look whether ours was right."
	if o.was == nil {
		words = "The register held another value before this source first spoke of the person. The file was followed; look whether ours was right."
	}
	for _, c := range t.clashes {
		p.counts.Clashes++
		p.note(Note{Kind: Clash, Field: c.field, Theirs: c.theirs, Ours: c.ours, Words: words}, r, yp)
	}
	gave := l.Person.YoungPersonsID == "" && r.Values[nccis.YoungPersonsID] != ""
	if gave {
		l.Person.YoungPersonsID = r.Values[nccis.YoungPersonsID]
		p.out.ids = append(p.out.ids, givenID{yp, l.Person.YoungPersonsID})
	}
	if changed := p.out.Life(p.act, evidence, was, l); changed || gave {
		p.counts.Changed++
		p.evidenceAt(evidence, r)
		p.out.Restand(p.s.Standing, p.reg.ID, l)
	} else {
		p.counts.Unchanged++
		p.key = keyBefore
	}
	if o.was == nil || o.was.hash != o.hash || o.was.periodEnd != p.on {
		if o.was != nil {
			p.out.sources = append(p.out.sources, sourceOf{of, o.source})
		}
		p.remember(r, of, o.source, o.key, o.hash, t.spell, gave)
	}
}

// scopeWords say what an opt-out leaves.
func scopeWords(scope string) string {
	if scope == youngperson.OptOutAll {
		return "nothing"
	}
	return "no more than name, birth date and address"
}

// ledElsewhere are the young people whom an authority of the register leads
// that the file is not for.
func ledElsewhere(tx *db.Tx, reg register.Register, codes []string) (map[id.YoungPerson]bool, error) {
	var others []any
	for _, code := range reg.Codes() {
		if !slices.Contains(codes, code) {
			others = append(others, code)
		}
	}
	if len(others) == 0 {
		return nil, nil
	}
	var w db.Where
	w.And("register = $1", int64(reg.ID))
	w.In("lead_la", others...)
	rows, err := tx.Query("SELECT young_person FROM standing"+w.SQL(), w.Args...)
	if err != nil {
		return nil, fmt.Errorf("ask whom other authorities lead: %w", err)
	}
	defer rows.Close()
	found := map[id.YoungPerson]bool{}
	for rows.Next() {
		var yp int64
		if err := rows.Scan(&yp); err != nil {
			return nil, err
		}
		found[id.YoungPerson(yp)] = true
	}
	return found, rows.Err()
}
