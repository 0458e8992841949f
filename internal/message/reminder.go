package message

import (
	"context"
	"slices"

	"waymark/internal/access"
	"waymark/internal/db"
	"waymark/internal/id"
	"waymark/internal/notify"
)

// reminder is the template of a reminder of leaver notices in the words of the
// program, which every register has (notify.Reminder).
func reminder(ref id.Ref) (Template, []string, bool) {
	for _, one := range notify.Reminders() {
		if one.Ref == ref {
			return Template{Ref: ref, Channel: notify.Email, Name: one.Name, Basis: one.Basis, Subject: one.Subject, Body: one.Body}, one.Placeholders, true
		}
	}
	return Template{}, nil, false
}

// IsReminder says that the template is one of the two reminders.
func (t Template) IsReminder() bool {
	_, _, ok := reminder(t.Ref)
	return ok
}

// Bases are the lawful bases that the template may name.
func (t Template) Bases() []string {
	if t.IsReminder() {
		return notify.ReminderBases()
	}
	return Bases()
}

// Placeholders are those that the template may hold.
func (t Template) Placeholders() []string {
	if _, known, ok := reminder(t.Ref); ok {
		return known
	}
	return Placeholders()
}

// reminderVersions are all of a reminder, the newest first and the words of the
// program last, whose Version is 0.
func reminderVersions(tx *db.Tx, r id.Register, ref id.Ref) ([]Template, error) {
	own, _, _ := reminder(ref)
	all, err := templates(tx, sqlTemplateThen, int64(r), string(ref))
	return append(all, own), err
}

// Reminders are both in use. It needs access.SendMessage.
func (s *Service) Reminders(ctx context.Context, by access.Actor) (out []Template, err error) {
	if err := access.Decide(by, access.SendMessage, access.Subject{Register: by.Register}); err != nil {
		return nil, err
	}
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		out = nil
		for _, one := range notify.Reminders() {
			all, err := reminderVersions(tx, by.Register, one.Ref)
			if err != nil {
				return err
			}
			out = append(out, slices.Clone(all[:1])...)
		}
		return nil
	})
	return out, err
}
