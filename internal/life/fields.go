package life

import "waymark/internal/access"

// Keep leaves of a life only the fields given: what a reader may not see is
// emptied before anything is made of it, so that no page has to remember to
// leave it out.
func (l *Life) Keep(f access.Fields) {
	if f.Has(access.AllFields) {
		return
	}
	clear := func(field access.Fields, empty func()) {
		if !f.Has(field) {
			empty()
		}
	}
	clear(access.Names, func() { l.Names = nil })
	clear(access.Numbers, func() { l.Identifiers, l.Person.YoungPersonsID = nil, "" })
	clear(access.Address, func() { l.Addresses = nil })
	clear(access.Reaches, func() { l.Reaches = nil })
	clear(access.Carers, func() { l.Carers = nil })
	clear(access.Reaches, func() {
		for i := range l.Carers {
			c := &l.Carers[i].Is
			c.Telephone, c.Email = "", ""
		}
	})
	clear(access.AdviserOf, func() { l.Allocations = nil })
	clear(access.Cohort, func() { l.Statuses = nil })
	clear(access.Characteristics, func() { l.Characteristics = nil })
	clear(access.Activities, func() { l.Spells, l.Verifications = nil, nil })
	clear(access.Guarantees, func() { l.Guarantees, l.Destinations, l.Offers = nil, nil, nil })
	clear(access.Contacts, func() { l.Contacts = nil })
	clear(access.OptOuts, func() { l.OptOuts, l.Restrictions, l.NoMessages, l.Disagreements = nil, nil, nil, nil })
	clear(access.Signals, func() { l.Signals = nil })
	l.Carried = nil // items of older editions: nobody's but those who see everything
	for i := range l.Particulars {
		p := &l.Particulars[i].Is
		clear(access.Birth, func() { p.DOB = "" })
		clear(access.Gender, func() { p.Gender = "" })
		clear(access.Ethnicity, func() { p.Ethnicity = "" })
	}
	for i := range l.Needs {
		n := &l.Needs[i].Is
		clear(access.Need, func() { n.Level = "" })
		clear(access.SEND, func() { n.SEND, n.SENSupport = "", "" })
	}
	clear(access.Notes, func() {
		l.Safety = nil
		for i := range l.Contacts {
			c := &l.Contacts[i].Is
			c.Note, c.Words, c.NextStep = "", "", ""
		}
		for i := range l.Reaches {
			l.Reaches[i].Is.Note = ""
		}
	})
}
