package imports

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/id"
	"waymark/internal/life"
	"waymark/internal/nccis"
	"waymark/internal/register"
	"waymark/internal/youngperson"
)

// stretch is how many records are worked on at once.
const stretch = 1000

// planner reads a file and works out, stretch by stretch, what it comes to. In
// the first step it has no act: it checks the file whole, counts, and finds out
// whether there is anything to do. In the second it prepares what is written.
type planner struct {
	s       *Service
	reg     register.Register
	tx      *db.Tx // for reading
	ix      *index
	names   *[nccis.FieldCount]string
	header  nccis.Header
	on      civil.Date
	edition *nccis.Edition
	counts  Counts
	// seen are the first places in the file of what its records are called: in
	// the first step of those met so far, in the second of the whole file. A
	// file of all England is held in it, so it keeps digests and no words.
	seen map[digest]int32
	// work is how many records are new or say something new.
	work int
	// notes are those of the first step, as long as there is no work.
	notes []Note

	// Of the second step.
	act  *act.Act
	imp  id.Import
	key  int64
	out  *load
	body []byte
	told []pending
	from string // what the evidence says of who said it
}

// pending is a record that says something new of somebody known.
type pending struct {
	at     int // in the stretch
	m      meeting
	source string
	key    string
	hash   digest
	was    *stated
}

// run reads the records; emit takes each stretch.
func (p *planner) run(ctx context.Context, rd *nccis.Reader, bytes func() int64, emit func(*load) error) error {
	if p.seen == nil {
		p.seen = map[digest]int32{}
	}
	records := make([]nccis.Record, stretch)
	for more := true; more; {
		n := 0
		for ; n < stretch; n++ {
			if err := rd.Next(&records[n]); errors.Is(err, io.EOF) {
				more = false
				break
			} else if err != nil {
				return err
			}
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		p.out = newLoad()
		if err := p.records(records[:n]); err != nil {
			return err
		}
		if !more {
			if err := p.absent(); err != nil {
				return err
			}
		}
		if p.act == nil && p.work == 0 {
			p.notes = append(p.notes, p.out.notes...)
		}
		p.out.done = Progress{Records: p.counts.Records, Bytes: bytes()}
		if err := emit(p.out); err != nil {
			return err
		}
	}
	return nil
}

func (p *planner) records(records []nccis.Record) error {
	p.told = p.told[:0]
	for i := range records {
		if err := p.record(i, &records[i]); err != nil {
			return fmt.Errorf("record %d: %w", records[i].Position, err)
		}
	}
	if p.act == nil {
		return nil
	}
	return p.tellKnown(records)
}

// record decides about one record whom it is about and whether it says
// anything new.
func (p *planner) record(at int, r *nccis.Record) error {
	p.counts.Records++
	if !loadable(r) {
		p.aside(r, "The record has no identifier, and no name with a birth date. Add one in your system and export again.")
		return nil
	}
	key := recordKey(r)
	source := p.sourceOf(r)
	place := placeOf(source, key)
	if first, ok := p.seen[place]; ok && int(first) != r.Position {
		p.aside(r, fmt.Sprintf("Record %d of this file is of the same young person, and was loaded. Correct this one in your system and export again.", first))
		return nil
	}
	p.seen[place] = int32(r.Position)
	p.body = encode(p.body[:0], r, p.names)
	hash := digestOf(p.body)
	m, err := p.meet(r, source, key, hash)
	if err != nil {
		return err
	}
	if m.aside != "" {
		p.aside(r, m.aside)
		return nil
	}
	from := len(p.out.notes)
	if m.two != "" {
		p.note(Note{Kind: TwoPeople, Field: nccis.UniqueLearnerNo.String(), Theirs: m.number, Ours: m.two,
			Words: "The young person " + m.two + " has the same " + m.number + ", but the YoungPersonsIDs say that they are two people. One of the numbers is wrong (907)."}, r, 0)
	}
	p.lookAt(r)
	if m.who < 0 {
		p.work++
		p.counts.Added++
		if p.act != nil {
			p.about(from, p.addNew(r, source, key, hash))
		}
		return nil
	}
	p.about(from, p.ix.people[m.who].person)
	p.ix.people[m.who].met = true
	if m.words != "" {
		p.note(Note{Kind: Met, Words: m.words}, r, p.ix.people[m.who].person)
	}
	was := p.ix.from(m.who, source, key)
	if p.ix.sheltered[p.ix.people[m.who].person] {
		if err := p.holdBack(r, m.who, source, was); err != nil {
			return err
		}
		p.body = encode(p.body[:0], r, p.names)
		hash = digestOf(p.body)
	}
	if was != nil && was.hash == hash && p.standsStill(r, was) {
		p.counts.Unchanged++
		return nil
	}
	p.work++
	if p.act != nil {
		p.told = append(p.told, pending{at, m, source, key, hash, was})
	}
	return nil
}

// standsStill says that a record which says the same as before needs nothing
// told: its status and its guarantee are still those of the same year.
func (p *planner) standsStill(r *nccis.Record, was *stated) bool {
	v := &r.Values
	guarantee := v[nccis.Year11GuaranteeStatus] + v[nccis.Year11LEACode] + v[nccis.Year12GuaranteeStatus] + v[nccis.Year12LEACode]
	return !stale(v[nccis.CohortStatus], v[nccis.TransferredToLACode], was.periodEnd, p.on) &&
		(guarantee == "" || life.Season(was.periodEnd) == life.Season(p.on))
}

// sourceOf is the database that a record comes from: that of its
// YoungPersonsID where the header has it, else the header's first.
func (p *planner) sourceOf(r *nccis.Record) string {
	if ypid := r.Values[nccis.YoungPersonsID]; nccis.ValidYoungPersonsID(ypid) {
		for _, d := range p.header.DatabaseIDs {
			if d == database(ypid) {
				return d
			}
		}
	}
	return p.header.DatabaseIDs[0]
}

// placeOf stands for what one source calls one young person.
func placeOf(source, key string) digest { return digestOf([]byte(source + " " + key)) }

// named says that a record anywhere in the file has the YoungPersonsID. The
// first step does not know yet, and says no.
func (p *planner) named(ypid string) bool {
	if p.act == nil || !nccis.ValidYoungPersonsID(ypid) {
		return false
	}
	return slices.ContainsFunc(p.header.DatabaseIDs, func(source string) bool { _, ok := p.seen[placeOf(source, ypid)]; return ok })
}

func (p *planner) aside(r *nccis.Record, why string) {
	p.counts.KeptAside++
	v := &r.Values
	p.note(Note{Kind: KeptAside, Field: nccis.YoungPersonsID.String(), Theirs: v[nccis.YoungPersonsID],
		Words: strings.TrimSpace(why)}, r, 0)
}

func (p *planner) note(n Note, r *nccis.Record, yp id.YoungPerson) {
	n.YoungPerson = yp
	if r != nil {
		n.Position, n.YoungPersonsID = r.Position, r.Values[nccis.YoungPersonsID]
	}
	p.out.notes = append(p.out.notes, n)
}

// about says of the notes from one on whom they are about, so that each leads
// to the page where it is mended.
func (p *planner) about(from int, yp id.YoungPerson) {
	for i := range p.out.notes[from:] {
		p.out.notes[from+i].YoungPerson = yp
	}
}

// nextKey hands out a key; the act takes them all at its end.
func (p *planner) nextKey() id.Fact {
	p.key++
	return id.Fact(p.key - 1)
}

// addNew adds somebody whom the register did not hold, and gives their key.
func (p *planner) addNew(r *nccis.Record, source, key string, hash digest) id.YoungPerson {
	l := &life.Life{Person: youngperson.Person{ID: id.YoungPerson(p.nextKey()), Ref: id.NewRef(),
		YoungPersonsID: r.Values[nccis.YoungPersonsID], KnownFrom: p.act.Number}}
	p.out.Person(p.act, l.Person)
	evidence := p.evidence(r)
	t := telling{l: l, base: &nccis.Record{}, in: r, on: p.on, byImport: p.byImport, next: p.nextKey, evidence: evidence}
	t.tell()
	p.out.Life(p.act, evidence, &life.Life{}, l)
	p.out.Stand(p.s.Standing, p.reg.ID, l)
	p.remember(r, l.Person.ID, source, key, hash, t.spell, false)
	return l.Person.ID
}

func (p *planner) evidence(r *nccis.Record) id.Evidence {
	e := id.Evidence(p.nextKey())
	p.evidenceAt(e, r)
	return e
}

func (p *planner) evidenceAt(e id.Evidence, r *nccis.Record) {
	p.out.Evidence(p.act, e, act.Evidence{Kind: act.MigratedFile, SaidBy: p.from, Import: p.imp, Position: r.Position})
}

func (p *planner) byImport(a id.Act) bool { return p.ix.imports[a] }

// remember keeps what the source said.
func (p *planner) remember(r *nccis.Record, yp id.YoungPerson, source, key string, hash digest, spell id.Fact, gave bool) {
	p.body = encode(p.body[:0], r, p.names)
	p.out.Add("source_record", sourceColumns, []any{int64(p.reg.ID), int64(yp), source, key, p.on.String(),
		r.Values[nccis.CohortStatus], hash.String(), string(p.body), int64(spell), gave, int64(p.act.Number)})
}

func sourceColumns() []string {
	return []string{"register", "young_person", "source", "record_key", "period_end", "cohort_status", "hash", "content", "spell", "gave_id", "known_from"}
}

// absent lists whom an earlier file of the same databases held, who have not
// left, and who are not in this one. In a joint service, the file of one
// authority says nothing of those whom another leads.
func (p *planner) absent() error {
	elsewhere, err := ledElsewhere(p.tx, p.reg, p.header.LEACodes)
	if err != nil {
		return err
	}
	for i := range p.ix.stated {
		s := &p.ix.stated[i]
		k := &p.ix.people[s.who]
		if k.met || s.leaver || s.person != k.person || !p.has(s.source) || elsewhere[k.person] {
			continue
		}
		p.counts.Absent++
		p.note(Note{Kind: Absent, YoungPersonsID: k.ypid,
			Words: "In an earlier file of database " + s.source + ", and not in this one. Nothing was changed. Find out whether they have left, and how."}, nil, k.person)
	}
	return nil
}

func (p *planner) has(source string) bool {
	for _, d := range p.header.DatabaseIDs {
		if d == source {
			return true
		}
	}
	return false
}

// lookAt notes what somebody should know of a record that loads: a lapse date
// that is not ours, values that nobody can read, elements of other editions.
func (p *planner) lookAt(r *nccis.Record) {
	v := &r.Values
	if !r.NoActivities {
		due, _ := p.edition.Lapse(nccis.ActivityFacts{Code: v[nccis.ActivityCode], Verified: readDate(v[nccis.DateVerified]),
			Ascertained: readDate(v[nccis.DateAscertained]), Started: readDate(v[nccis.StartDate]), Review: readDate(v[nccis.ReviewDate]),
			PredictedEnd: readDate(v[nccis.PredictedEndDate])})
		if ours := due.String(); ours != v[nccis.DueToLapseDate] {
			p.counts.LapseDifferences++
			words := "Ours counts: it follows from the activity and its dates by the requirement for " + p.edition.Name + "."
			if ours == "" {
				words = "Ours counts: by the requirement for " + p.edition.Name + " no lapse date follows from this activity and its dates."
			}
			p.note(Note{Kind: Lapse, Field: nccis.DueToLapseDate.String(), Theirs: v[nccis.DueToLapseDate], Ours: ours, Words: words}, r, 0)
		}
	}
	p.unreadable(r)
	for _, u := range r.Unknown {
		if u.Value != "" {
			p.note(Note{Kind: Older, Field: u.Name, Theirs: u.Value, Words: "An element of other editions (" + u.Editions + "). It is kept, and no return of today holds it."}, r, 0)
		}
	}
}

func (p *planner) unreadable(r *nccis.Record) {
	bad := func(f nccis.Field, value, words string) {
		p.counts.Unreadable++
		p.note(Note{Kind: Unreadable, Field: f.String(), Theirs: value, Words: words}, r, 0)
	}
	for _, f := range dateItems() {
		if v := r.Values[f]; v != "" && readDate(v).IsZero() {
			bad(f, v, "This is "+civil.ErrDate.Error()+". It is kept as it came; correct it on the young person's page.")
		}
	}
	const noCode = "No code of the requirement. It is kept as it came; choose the right one on the young person's page."
	for _, c := range codeItems() {
		if v := r.Values[c.item]; v != "" {
			if _, ok := p.edition.Code(c.list, v); !ok {
				bad(c.item, v, noCode)
			}
		}
	}
	if v := r.Values[nccis.ActivityCode]; v != "" {
		if _, ok := p.edition.Activity(v); !ok {
			bad(nccis.ActivityCode, v, noCode)
		}
	}
	for _, v := range r.Characteristics {
		if _, ok := p.edition.Code(nccis.Characteristics, v); !ok {
			bad(nccis.CharacteristicCode, v, noCode)
		}
	}
}

// dateItems are the dates that are kept; the lapse date is ours.
func dateItems() [8]nccis.Field {
	return [...]nccis.Field{nccis.DOB, nccis.StartDate, nccis.DateAscertained, nccis.DateVerified, nccis.ReviewDate,
		nccis.NEETStartDate, nccis.PredictedEndDate, nccis.YouthContractStartDate}
}

type codeItem struct {
	item nccis.Field
	list nccis.List
}

func codeItems() [7]codeItem {
	return [...]codeItem{{nccis.CohortStatus, nccis.CohortStatuses}, {nccis.Gender, nccis.Genders}, {nccis.Ethnicity, nccis.Ethnicities},
		{nccis.LevelOfNeedCode, nccis.LevelsOfNeed}, {nccis.Year11GuaranteeStatus, nccis.GuaranteeStatuses},
		{nccis.Year12GuaranteeStatus, nccis.GuaranteeStatuses}, {nccis.IntendedDestinationYr11, nccis.IntendedDestinations}}
}
