package contact

import (
	"fmt"
	"strings"

	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/fact"
	"waymark/internal/field"
	"waymark/internal/id"
)

// Made is a contact as whoever made it tells it.
type Made struct {
	YoungPerson id.YoungPerson
	// On is the day it was made.
	On civil.Date
	Contact
	// SaidBy says who spoke, in words, where WithWhom does not say enough.
	SaidBy string
}

// Check returns field.Errors where something of it is missing or wrong. before
// is what it corrects, the zero value for a new one.
func (m Made) Check(today civil.Date, before Contact) error {
	var wrong field.Errors
	m.Contact.check(m.On, today, before, &wrong)
	return wrong.Err()
}

// RecordMany stores contacts inside an act, each with evidence of its own, and
// returns them in their order. It returns field.Errors where one of them is
// wrong. Who made them is the act's actor where a contact names nobody. The
// standings are the caller's to rewrite: record.Service.RecordContacts does that,
// and what follows from an outcome.
func RecordMany(tx *db.Tx, a *act.Act, made []Made) ([]fact.Of[Contact], error) {
	if len(made) == 0 {
		return nil, nil
	}
	today := civil.On(tx.Now, civil.London())
	evidence := make([]act.Evidence, len(made))
	for i := range made {
		m := &made[i]
		m.tidy(a)
		if err := m.Check(today, Contact{}); err != nil {
			return nil, err
		}
		evidence[i] = m.Evidence(m.On, m.SaidBy)
	}
	first, err := a.AddEvidence(evidence)
	if err != nil {
		return nil, fmt.Errorf("say where a contact came from: %w", err)
	}
	keys, err := a.Keys(len(made))
	if err != nil {
		return nil, err
	}
	out := make([]fact.Of[Contact], len(made))
	for i, m := range made {
		out[i] = fact.Of[Contact]{Version: fact.Version{YoungPerson: m.YoungPerson, ID: id.Fact(keys + int64(i)), Started: m.On.String(),
			KnownFrom: a.Number, Evidence: first + id.Evidence(i)}, Is: m.Contact}
	}
	return out, Contacts.Add(tx, a, out)
}

// Correct replaces a contact that was recorded wrongly: both versions are kept.
// seen is the version that was shown; where another is held by now it returns
// db.Conflict, and field.Errors where the new one is wrong. Who made it, and what
// stands behind it, stay.
func Correct(tx *db.Tx, a *act.Act, old fact.Of[Contact], seen id.Act, m Made) error {
	if old.KnownFrom != seen {
		return db.Conflict{What: "this contact"}
	}
	m.tidy(a)
	m.ByName, m.By, m.Behind, m.BehindID = old.Is.ByName, old.Is.By, old.Is.Behind, old.Is.BehindID
	if err := m.Check(civil.On(tx.Now, civil.London()), old.Is); err != nil {
		return err
	}
	if m.Contact == old.Is && m.On.String() == old.Started {
		return nil
	}
	first, err := a.AddEvidence([]act.Evidence{m.Evidence(m.On, m.SaidBy)})
	if err != nil {
		return err
	}
	a.Evidence = first
	next := old
	next.Started, next.Is = m.On.String(), m.Contact
	return Contacts.Replace(tx, a, old.Version, next)
}

func (m *Made) tidy(a *act.Act) {
	m.Note, m.Words, m.NextStep = strings.TrimSpace(m.Note), strings.TrimSpace(m.Words), strings.TrimSpace(m.NextStep)
	if m.ByName == "" && m.By == "" {
		m.ByName, m.By = a.By.Name, a.By.Ref
	}
}
