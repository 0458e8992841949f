package record

import (
	"slices"

	"waymark/internal/access"
	"waymark/internal/life"
	"waymark/internal/nccis"
	"waymark/internal/youngperson"
)

// RestrictedWords stand in the place of the name in a line of a locked record.
const RestrictedWords = "Restricted record"

// Veiled is the row as the veil lets it be shown: of a locked record that there is
// one and who answers for it, of a protected address that it is.
func (r Row) Veiled(v *access.Veil) Row {
	switch {
	case v.Locks(r.Person):
		ask := v.Owner(r.Person)
		if v.Own(r.Person) {
			ask = ""
		}
		return Row{Person: r.Person, Ref: r.Ref, Family: RestrictedWords, Locked: true, Ask: ask}
	case v.Protects(r.Person):
		r.Postcode = access.Protected
	}
	return r
}

// addressItems are the items of a return that say where somebody lives.
var addressItems = []nccis.Field{nccis.AddressLine1, nccis.AddressLine2, nccis.AddressLine3, nccis.AddressLine4, nccis.Town, nccis.County, nccis.Postcode}

// IsAddress says that an item of a return says where somebody lives.
func IsAddress(f nccis.Field) bool { return slices.Contains(addressItems, f) }

// protect takes the addresses out of what the page shows, once everything that
// follows from them has been worked out.
func (s *Summary) protect() {
	s.AddressProtected = true
	protectLife(s.Life)
	for _, f := range addressItems {
		if s.View.Record.Values[f] != "" {
			s.View.Record.Values[f] = access.Protected
		}
	}
	s.Findings = slices.DeleteFunc(s.Findings, func(f nccis.Finding) bool { return IsAddress(f.Field) })
}

func protectLife(l *life.Life) {
	for i := range l.Addresses {
		l.Addresses[i].Is = youngperson.Address{Line1: access.Protected}
	}
}

// protectTold takes the addresses out of a history.
func protectTold(told []life.Told) {
	for i := range told {
		if t := &told[i]; t.Table == youngperson.Addresses.Name {
			t.Values = make([]string, len(t.Columns))
			if len(t.Values) > 0 {
				t.Values[0] = access.Protected
			}
			t.Started, t.Ended = "", ""
		}
	}
}
