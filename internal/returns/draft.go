package returns

import (
	"cmp"
	"slices"
	"strings"

	"waymark/internal/civil"
	"waymark/internal/id"
	"waymark/internal/nccis"
	"waymark/internal/register"
)

// Draft is a return stated from the facts and checked, not yet signed. It never
// changes once Build has returned it, and many may read it at once.
type Draft struct {
	Register    register.Register
	Period      civil.Month
	Authorities []string
	// KnownAt is the act after which the facts are stated.
	KnownAt id.Act
	Header  nccis.Header
	Edition *nccis.Edition
	// StandIn tells that the edition stands in for another year's; "" where it
	// does not.
	StandIn string
	// People are those in the file, by YoungPersonsID. The position of a record
	// is its place here, from 1.
	People []*Person
	// LeftOut are those whom the register holds and the file does not.
	LeftOut []LeftOut
	// Findings are all that the checks say, in the order of the file; those on
	// the whole file come last.
	Findings []nccis.Finding
	// Groups are the checks that found something, the serious ones first.
	Groups []Group
	// Totals are counted from the register's facts.
	Totals Totals

	key         draftKey
	requirement *nccis.Requirement
	reported    map[id.YoungPerson]civil.Month
	byCheck     map[string][]int32 // places in Findings
	mendable    *mendable
}

// Person is one young person in the file.
type Person struct {
	Key    id.YoungPerson
	Ref    id.Ref
	Record nccis.Record
	// Why says why they are in, in words for a data officer.
	Why string
	// Leaver is that they have left the cohort and are reported this once.
	Leaver bool
	// CountsAs is where they stand at the period end.
	CountsAs nccis.Status
	// Lapses is the last day on which the activity counts; no date where it
	// does not lapse.
	Lapses civil.Date
	// Age is the academic age at the period end, -1 where it is not known.
	Age int
}

// Name is the given and family name.
func (p *Person) Name() string {
	return strings.TrimSpace(p.Record.Values[nccis.GivenName] + " " + p.Record.Values[nccis.FamilyName])
}

// LeftOut is somebody whom the register holds and the file does not.
type LeftOut struct {
	Key id.YoungPerson
	Ref id.Ref
	// Why says why, in words for a data officer.
	Why string
}

// Group is what one check found.
type Group struct {
	Check nccis.CheckRow
	// Findings counts what it found, People whom it is about.
	Findings, People int
}

// Problem is one finding with whom it is about.
type Problem struct {
	nccis.Finding
	Person *Person
	// Fix is the part of the young person's page where it is mended.
	Fix string
}

// tidy leaves what the file will hold: nothing that the edition has no place
// for, and no outer white space, which no reader keeps.
func (p *Person) tidy(held *[nccis.FieldCount]bool) {
	for f := range p.Record.Values {
		v := &p.Record.Values[f]
		if *v == "" {
			continue
		}
		if c, d := (*v)[0], (*v)[len(*v)-1]; c <= ' ' || d <= ' ' {
			*v = strings.TrimSpace(*v)
		}
		if !held[f] {
			*v = ""
		}
	}
}

func birth(r *nccis.Record) civil.Date { return readDate(r.Values[nccis.DOB]) }

func readDate(s string) civil.Date {
	d, err := civil.Parse(s)
	if err != nil {
		return civil.Date{}
	}
	return d
}

// order puts those stated in the order of the file.
func (b *builder) order() {
	slices.SortFunc(b.people, func(a, b *Person) int {
		if d := strings.Compare(a.Record.Values[nccis.YoungPersonsID], b.Record.Values[nccis.YoungPersonsID]); d != 0 {
			return d
		}
		return cmp.Compare(a.Key, b.Key)
	})
	sortLeftOut(b.out)
}

// draft is the file of these people, who stand in order, not yet checked.
func (b *builder) draft(people []*Person, out []LeftOut) *Draft {
	return &Draft{
		Register: b.register, Period: b.period, Authorities: b.authorities, KnownAt: b.at,
		Header:  b.header(),
		Edition: b.edition, StandIn: b.edition.StandInNote(b.periodEnd),
		People: people, LeftOut: out,
		key: b.key, requirement: b.requirement, reported: b.reported, mendable: &mendable{known: map[string]bool{}},
	}
}

func sortLeftOut(list []LeftOut) {
	slices.SortFunc(list, func(a, b LeftOut) int { return cmp.Compare(a.Key, b.Key) })
}

// header is the file's (nccis.md 1.2). It names the register's own database
// alone: a record that came from another one shows as a finding (903).
func (b *builder) header() nccis.Header {
	version := b.s.Version
	if version == "" {
		version = "0"
	}
	return nccis.Header{
		DatabaseIDs: []string{b.register.DatabaseID}, LEACodes: b.authorities,
		DateOfSend: b.dateOfSend.String(), PeriodEnd: b.periodEnd.String(),
		SupplierName: b.register.SupplierName, SupplierXMLVersion: version, XMLSchemaVersion: "1",
	}
}

// check runs every check over the draft and counts.
func (d *Draft) check() {
	checker := d.requirement.NewChecker(d.Edition, d.Header)
	count := newCounter(d.Edition, d.Period.End())
	note := func(f nccis.Finding) {
		d.Findings = append(d.Findings, f)
		count.finding(f)
	}
	var rec nccis.Record
	for i, p := range d.People {
		rec = p.Record
		rec.Position = i + 1
		checker.Record(&rec, note)
		count.person(p)
	}
	checker.Finish(note)
	d.Totals = count.Totals
	d.group()
}

// adopt takes over what the checks said of the very same people.
func (d *Draft) adopt(old *Draft) {
	d.Findings, d.Groups, d.Totals, d.byCheck = old.Findings, old.Groups, old.Totals, old.byCheck
}

func (d *Draft) group() {
	d.byCheck = map[string][]int32{}
	for i := range d.Findings {
		id := d.Findings[i].Check
		d.byCheck[id] = append(d.byCheck[id], int32(i))
	}
	for _, row := range d.Edition.Checks() {
		places := d.byCheck[row.ID]
		if len(places) == 0 {
			continue
		}
		people := map[int]bool{}
		for _, i := range places {
			people[d.Findings[i].Position] = true
		}
		d.Groups = append(d.Groups, Group{row, len(places), len(people)})
	}
	slices.SortStableFunc(d.Groups, func(a, b Group) int { return a.Check.Priority - b.Check.Priority })
}

// Group is what one check found; ok is false where it found nothing.
func (d *Draft) Group(check string) (g Group, ok bool) {
	for _, g := range d.Groups {
		if g.Check.ID == check {
			return g, true
		}
	}
	return Group{}, false
}

// Problems are what one check found, in the order of the file, from place
// first on, at most n of them; n 0 is all.
func (d *Draft) Problems(check string, first, n int) []Problem {
	places := d.byCheck[check]
	if first < 0 || first >= len(places) {
		return nil
	}
	places = places[first:]
	if n > 0 && n < len(places) {
		places = places[:n]
	}
	out := make([]Problem, len(places))
	for i, place := range places {
		out[i] = d.Problem(d.Findings[place])
	}
	return out
}

// ProblemsOf are what all checks found about one young person.
func (d *Draft) ProblemsOf(ref id.Ref) []Problem {
	var out []Problem
	for _, f := range d.Findings {
		if f.Position > 0 && d.People[f.Position-1].Ref == ref {
			out = append(out, d.Problem(f))
		}
	}
	return out
}

// Problem tells whom a finding of this draft is about and where it is mended.
func (d *Draft) Problem(f nccis.Finding) Problem {
	p := Problem{Finding: f}
	if f.Position > 0 && f.Position <= len(d.People) {
		p.Person = d.People[f.Position-1]
	}
	if row, ok := d.Edition.Check(f.Check); ok {
		p.Fix = row.Fix
	}
	return p
}

// Serious counts the findings of priority 1, which stand in the way of signing.
func (d *Draft) Serious() int { return d.Totals.Priority[1] }

// Leavers are those reported in this file as having left.
func (d *Draft) Leavers() []*Person {
	var out []*Person
	for _, p := range d.People {
		if p.Leaver {
			out = append(out, p)
		}
	}
	return out
}
