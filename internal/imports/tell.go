package imports

import (
	"slices"

	"waymark/internal/civil"
	"waymark/internal/cohort"
	"waymark/internal/fact"
	"waymark/internal/guarantee"
	"waymark/internal/id"
	"waymark/internal/life"
	"waymark/internal/nccis"
	"waymark/internal/need"
	"waymark/internal/youngperson"
)

// telling tells one record of a source to one life, held in memory. It is
// three-way: base is what the source said last, in what it says now, and only
// where the two differ does the life change. What it does is the inverse of
// life.On, which states the record again.
type telling struct {
	l        *life.Life
	base, in *nccis.Record
	// on is the file's period end.
	on civil.Date
	// spell is the fact that holds what the source says of the activity, 0 where
	// it has said nothing.
	spell id.Fact
	// byImport says that an act was the loading of a file.
	byImport func(id.Act) bool
	// next hands out a key.
	next     func() id.Fact
	evidence id.Evidence
	clashes  []clash
	// scope is that of the opt-out in force against the supplier, "" where there
	// is none.
	scope string
}

// clash is an item that the source has changed and somebody here too.
type clash struct{ field, theirs, ours string }

// noItem stands where a column of a fact is no item of the record.
const noItem = nccis.FieldCount

// basics are what a supplier may go on telling of whoever said no more (Education
// and Skills Act 2008, sections 14 and 72): of the rest it is as if the file said
// what it said last.
func basics() []nccis.Field {
	return []nccis.Field{nccis.GivenName, nccis.MiddleName, nccis.FamilyName, nccis.DOB, nccis.AddressLine1, nccis.AddressLine2, nccis.AddressLine3,
		nccis.AddressLine4, nccis.Town, nccis.County, nccis.Postcode}
}

func (t *telling) tell() {
	switch t.scope {
	case "":
	case youngperson.OptOutAll:
		return
	default:
		in := *t.base
		for _, f := range basics() {
			in.Values[f] = t.in.Values[f]
		}
		t.in = &in
		t.person()
		return
	}
	t.person()
	t.cohort()
	t.needs()
	t.guarantee()
	t.carried()
	t.activity()
}

// newer is the value to hold of one item: ours, unless the source has changed
// its own.
func (t *telling) newer(f nccis.Field, ours string) string {
	now, before := t.in.Values[f], t.base.Values[f]
	if now == before || ours == now {
		return ours
	}
	return t.change(f.String(), now, before, ours)
}

func (t *telling) change(field, now, before, ours string) string {
	if now == before || ours == now {
		return ours
	}
	if ours != before {
		t.clashes = append(t.clashes, clash{field, now, ours})
	}
	return now
}

// version is that of a new fact.
func (t *telling) version() fact.Version {
	return fact.Version{YoungPerson: t.l.Person.ID, ID: t.next(), Evidence: t.evidence}
}

// merge holds the items of one fact against the record: list[i], or a new fact
// like blank where i is -1. A fact of which nothing is left is taken away.
func merge[T comparable](t *telling, table fact.Table[T], list *[]fact.Of[T], i int, blank T, items ...nccis.Field) {
	is := blank
	if i >= 0 {
		is = (*list)[i].Is
	}
	was, empty := is, true
	for k, p := range table.Fields(&is) {
		if items[k] == noItem {
			continue
		}
		s := p.(*string) // every item of a record is text
		*s = t.newer(items[k], *s)
		empty = empty && *s == ""
	}
	switch {
	case i < 0 && empty, is == was && i >= 0:
	case i < 0:
		*list = append(*list, fact.Of[T]{Version: t.version(), Is: is})
	case empty:
		*list = slices.Delete(*list, i, i+1)
	default:
		(*list)[i].Is = is
	}
}

// place is the index of the fact that life.On takes, -1 where it takes none.
func place[T any](t *telling, list []fact.Of[T], keep func(*T) bool) int {
	f := life.InForceOf(list, t.on, keep)
	if f == nil {
		return -1
	}
	return slices.IndexFunc(list, func(o fact.Of[T]) bool { return o.ID == f.ID })
}

func any1[T any](*T) bool { return true }

func (t *telling) person() {
	l := t.l
	merge(t, youngperson.Names, &l.Names, place(t, l.Names, func(n *youngperson.Name) bool { return n.Kind == youngperson.Legal }),
		youngperson.Name{Kind: youngperson.Legal}, noItem, nccis.GivenName, nccis.MiddleName, nccis.FamilyName)
	merge(t, youngperson.ParticularsTable, &l.Particulars, place(t, l.Particulars, any1), youngperson.Particulars{},
		nccis.DOB, nccis.Gender, nccis.Ethnicity)
	merge(t, youngperson.Addresses, &l.Addresses, place(t, l.Addresses, any1), youngperson.Address{},
		nccis.AddressLine1, nccis.AddressLine2, nccis.AddressLine3, nccis.AddressLine4, nccis.Town, nccis.County, nccis.Postcode)
	for _, n := range []struct {
		scheme string
		item   nccis.Field
	}{{youngperson.ULN, nccis.UniqueLearnerNo}, {youngperson.UPN, nccis.UniquePupilNumber}, {youngperson.Previous, nccis.PreviousYPIDIdentifier}} {
		merge(t, youngperson.Identifiers, &l.Identifiers, place(t, l.Identifiers, func(i *youngperson.Identifier) bool { return i.Scheme == n.scheme }),
			youngperson.Identifier{Scheme: n.scheme}, noItem, n.item)
	}
}

// cohort holds the status and the authorities. A status stands for the academic
// year in which it was stated, so the same status is stated anew only where
// that year, or a move since, would make it another. A move to another
// authority than the one already reported is a new one, and is reported too.
func (t *telling) cohort() {
	l := t.l
	i := place(t, l.Statuses, any1)
	if i < 0 {
		l.Statuses = append(l.Statuses, fact.Of[cohort.Status]{Version: t.version()})
		i = len(l.Statuses) - 1
		l.Statuses[i].Is.StatedOn = t.on.String()
	}
	s := &l.Statuses[i].Is
	status := t.newer(nccis.CohortStatus, s.Status)
	changed := status != s.Status
	s.Status = status
	s.LeadLA = t.newer(nccis.LeadLEA, s.LeadLA)
	s.EducatedLA = t.newer(nccis.EducatedLEA, s.EducatedLA)
	s.LAAtYear11 = t.newer(nccis.LEACodeAtYear11, s.LAAtYear11)
	to := t.newer(nccis.TransferredToLACode, s.TransferredTo)
	changed = changed || leaver(status) && to != s.TransferredTo
	s.TransferredTo = to
	s.GuaranteeIndicator = t.newer(nccis.GuaranteeStatusIndicator, s.GuaranteeIndicator)
	if changed || (status == t.in.Values[nccis.CohortStatus] && stale(status, s.TransferredTo, readDate(s.StatedOn), t.on)) {
		s.StatedOn = t.on.String()
	}
}

// stale says that a status stated for one day would not stand on another, later
// one as it did then.
func stale(status, transferredTo string, stated, on civil.Date) bool {
	if leaver(status) || stated.After(on) || stated == on {
		return false
	}
	return stated.IsZero() || stated.AcademicYear() != on.AcademicYear() || transferredTo != ""
}

// leaver says that with this status somebody leaves the return, for good.
func leaver(status string) bool {
	switch status {
	case "A", "T", "E", "M", "D", "L":
		return true
	}
	return false
}

func (t *telling) needs() {
	l := t.l
	merge(t, need.Needs, &l.Needs, place(t, l.Needs, any1), need.Need{}, nccis.LevelOfNeedCode, nccis.SENDFlag, nccis.SENSupportFlag)
	for _, code := range without(t.base.Characteristics, t.in.Characteristics) {
		if i := slices.IndexFunc(l.Characteristics, func(c fact.Of[need.Characteristic]) bool { return c.Is.Code == code }); i >= 0 {
			l.Characteristics = slices.Delete(l.Characteristics, i, i+1)
		}
	}
	for _, code := range without(t.in.Characteristics, t.base.Characteristics) {
		if count(t.in.Characteristics, code) > t.held(code) {
			l.Characteristics = append(l.Characteristics, fact.Of[need.Characteristic]{Version: t.version(), Is: need.Characteristic{Code: code}})
		}
	}
}

func (t *telling) held(code string) int {
	n := 0
	for i := range t.l.Characteristics {
		if t.l.Characteristics[i].Is.Code == code {
			n++
		}
	}
	return n
}

// without is what stands in a and not in b, each as often as it does.
func without(a, b []string) []string {
	if slices.Equal(a, b) {
		return nil
	}
	b = slices.Clone(b)
	var out []string
	for _, code := range a {
		if i := slices.Index(b, code); i >= 0 {
			b = slices.Delete(b, i, i+1)
		} else {
			out = append(out, code)
		}
	}
	return out
}

func count(list []string, code string) int {
	n := 0
	for _, c := range list {
		if c == code {
			n++
		}
	}
	return n
}

func (t *telling) guarantee() {
	l, season := t.l, life.Season(t.on)
	for _, n := range []struct {
		node       string
		status, la nccis.Field
	}{{guarantee.Year11, nccis.Year11GuaranteeStatus, nccis.Year11LEACode}, {guarantee.Year12, nccis.Year12GuaranteeStatus, nccis.Year12LEACode}} {
		i := len(l.Guarantees) - 1
		for i >= 0 && (l.Guarantees[i].Is.Season != season || l.Guarantees[i].Is.Node != n.node) {
			i--
		}
		merge(t, guarantee.Guarantees, &l.Guarantees, i, guarantee.Guarantee{Node: n.node, Season: season}, noItem, noItem, n.status, n.la)
	}
	merge(t, guarantee.Destinations, &l.Destinations, place(t, l.Destinations, any1), guarantee.Destination{}, nccis.IntendedDestinationYr11)
}

// carried holds what has no room of its own: the Youth Contract, and elements
// of editions before those that the register knows.
func (t *telling) carried() {
	for _, f := range []nccis.Field{nccis.YouthContractIndicator, nccis.YouthContractStartDate} {
		t.carry(f.String(), t.in.Values[f], t.base.Values[f])
	}
	if len(t.in.Unknown) == 0 && len(t.base.Unknown) == 0 {
		return
	}
	now, before := values(t.in.Unknown), values(t.base.Unknown)
	for _, u := range t.in.Unknown {
		t.carry(u.Name, now[u.Name], before[u.Name])
	}
	for _, u := range t.base.Unknown {
		if _, ok := now[u.Name]; !ok {
			t.carry(u.Name, "", u.Value)
		}
	}
}

func values(list []nccis.UnknownElement) map[string]string {
	out := make(map[string]string, len(list))
	for _, u := range list {
		out[u.Name] = u.Value
	}
	return out
}

func (t *telling) carry(item, now, before string) {
	l := t.l
	i := slices.IndexFunc(l.Carried, func(c fact.Of[youngperson.Carried]) bool { return c.Is.Item == item })
	ours := ""
	if i >= 0 {
		ours = l.Carried[i].Is.Value
	}
	switch value := t.change(item, now, before, ours); {
	case value == ours:
	case i < 0:
		l.Carried = append(l.Carried, fact.Of[youngperson.Carried]{Version: t.version(), Is: youngperson.Carried{Item: item, Value: value}})
	case value == "":
		l.Carried = slices.Delete(l.Carried, i, i+1)
	default:
		l.Carried[i].Is.Value = value
	}
}

// readDate is the date a text states, none where it cannot be read.
func readDate(s string) civil.Date {
	d, err := civil.Parse(s)
	if err != nil {
		return civil.Date{}
	}
	return d
}
