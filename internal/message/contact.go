package message

import (
	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/contact"
	"waymark/internal/db"
	"waymark/internal/id"
	"waymark/internal/notify"
	"waymark/internal/record"
)

// contact writes a message that went as a contact on the record of who it went
// to.
func (s *Service) contact(tx *db.Tx, a *act.Act, yp id.YoungPerson, m *one) error {
	how := map[notify.Channel]string{notify.Text: contact.Text, notify.Email: contact.Email, notify.Letter: contact.Letter}[notify.Channel(m.channel)]
	return s.Record.RecordContacts(tx, a, []record.Spoken{{Made: contact.Made{YoungPerson: yp, On: civil.On(tx.Now, civil.London()),
		Contact: contact.Contact{How: how, WithWhom: contact.Person, Outcome: contact.Sent, Note: m.body, ByName: m.byName, By: m.byRef, Direction: contact.Out,
			At: tx.Now.In(civil.London()).Format("15:04"), Reach: m.reach, Behind: contact.Message, BehindID: m.id}}}})
}
