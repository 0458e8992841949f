package message

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/db"
	"waymark/internal/field"
	"waymark/internal/id"
	"waymark/internal/notify"
)

// Template is what messages of a kind say.
type Template struct {
	Ref     id.Ref
	Channel notify.Channel
	Name    string
	// Basis is the lawful basis on which they are sent: one of Template.Bases.
	Basis string
	// Subject is for e-mails and letters. Subject and Body may hold Placeholders.
	Subject, Body string
	// Version is the act that wrote it.
	Version id.Act
}

// Bases are the lawful bases of messages (UK GDPR article 6, with the duty that
// it rests on): context.md 1.
func Bases() []string {
	return []string{
		"Public task: finding out who is taking part (Education and Skills Act 2008, sections 12 and 68)",
		"Public task: an offer of a place, the September Guarantee (Education Act 1996, section 15ZA)",
		"Consent: they have asked us for messages like this",
	}
}

// HasLink says that each message holds the young person's own link.
func (t Template) HasLink() bool { return holds(t.Body, Link) }

func (t *Template) check() error {
	t.Name, t.Subject, t.Body = strings.Join(strings.Fields(t.Name), " "), strings.Join(strings.Fields(t.Subject), " "), strings.TrimSpace(strings.ReplaceAll(t.Body, "\r\n", "\n"))
	var wrong field.Errors
	if t.IsReminder() {
		t.Channel = notify.Email
	}
	if !slices.Contains(notify.Channels(), t.Channel) {
		wrong.Add("channel", "Select text, e-mail or letter")
	}
	if t.Name == "" || len(t.Name) > 100 {
		wrong.Add("name", "Enter a name of up to 100 letters, by which colleagues find it")
	}
	if !slices.Contains(t.Bases(), t.Basis) {
		wrong.Add("basis", "Select the lawful basis")
	}
	if t.Channel == notify.Text {
		t.Subject = ""
	} else if t.Subject == "" {
		wrong.Add("subject", "Enter a subject. It names nobody: it is seen before the message is opened")
	}
	if bad := unknown(t.Subject, t.Placeholders()); t.IsReminder() && len(bad) > 0 {
		wrong.Add("subject", mend(bad, t))
	} else if !t.IsReminder() && strings.Contains(t.Subject, "((") {
		wrong.Add("subject", "Take the (( )) out of the subject: it is seen by whoever holds the telephone")
	}
	if t.Body == "" {
		wrong.Add("body", "Enter what the message says")
	}
	if bad := unknown(t.Body, t.Placeholders()); len(bad) > 0 {
		wrong.Add("body", mend(bad, t))
	}
	if most := 8000; t.Channel == notify.Text && len([]rune(t.Body)) > mostText || len([]rune(t.Body)) > most {
		wrong.Add("body", fmt.Sprintf("Shorten it: a text has at most %d letters, an e-mail or a letter %d", mostText, most))
	}
	return wrong.Err()
}

// mend says which placeholders a text has that nothing fills.
func mend(bad []string, t *Template) string {
	can := make([]string, 0, len(t.Placeholders()))
	for _, one := range t.Placeholders() {
		can = append(can, "(("+one+"))")
	}
	last := len(can) - 1
	return "Mend " + strings.Join(bad, ", ") + ": only " + strings.Join(can[:last], ", ") + " and " + can[last] + " can be filled in"
}

const (
	sqlTemplates    = `SELECT ref, channel, name, basis, subject, body, known_from FROM message_template WHERE register = $1 AND known_to IS NULL ORDER BY name, ref`
	sqlTemplateThen = `SELECT ref, channel, name, basis, subject, body, known_from FROM message_template WHERE register = $1 AND ref = $2 ORDER BY known_from DESC`
	sqlAddTemplate  = `INSERT INTO message_template (register, ref, channel, name, basis, subject, body, known_from) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`
	sqlEndTemplate  = `UPDATE message_template SET known_to = $1 WHERE register = $2 AND ref = $3 AND known_from = $4 AND known_to IS NULL`
)

func templates(tx *db.Tx, query string, args ...any) ([]Template, error) {
	rows, err := tx.Query(query, args...)
	if err != nil {
		return nil, fmt.Errorf("read templates of messages: %w", err)
	}
	defer rows.Close()
	var out []Template
	for rows.Next() {
		var t Template
		if err := rows.Scan((*string)(&t.Ref), (*string)(&t.Channel), &t.Name, &t.Basis, &t.Subject, &t.Body, (*int64)(&t.Version)); err != nil {
			return nil, fmt.Errorf("read templates of messages: %w", err)
		}
		out = append(out, t)
	}
	return out, rows.Err()
}

// Templates are those in use of messages to young people, by name. It needs access.SendMessage.
func (s *Service) Templates(ctx context.Context, by access.Actor) (out []Template, err error) {
	if err := access.Decide(by, access.SendMessage, access.Subject{Register: by.Register}); err != nil {
		return nil, err
	}
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		out, err = templates(tx, sqlTemplates, int64(by.Register))
		out = slices.DeleteFunc(out, Template.IsReminder)
		return err
	})
	return out, err
}

// Versions are those of one template, the newest first, or db.NotFound. It
// needs access.SendMessage.
func (s *Service) Versions(ctx context.Context, by access.Actor, ref id.Ref) (out []Template, err error) {
	if err := access.Decide(by, access.SendMessage, access.Subject{Register: by.Register}); err != nil {
		return nil, err
	}
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		if (Template{Ref: ref}).IsReminder() {
			out, err = reminderVersions(tx, by.Register, ref)
			return err
		}
		if out, err = templates(tx, sqlTemplateThen, int64(by.Register), string(ref)); err == nil && len(out) == 0 {
			err = db.NotFound
		}
		return err
	})
	return out, err
}

// AddTemplate writes a new template and returns its reference. key is the form's
// one-use key. It needs access.KeepTemplate, and returns field.Errors.
func (s *Service) AddTemplate(ctx context.Context, by access.Actor, t Template, key string) (id.Ref, error) {
	if err := t.check(); err != nil {
		return "", err
	}
	t.Ref = id.NewRef()
	return t.Ref, s.DB.InTx(ctx, func(tx *db.Tx) error {
		a, err := act.Begin(tx, by, access.KeepTemplate, 0, act.Request{Key: key})
		if err != nil {
			return err
		}
		return addTemplate(tx, a, t)
	})
}

func addTemplate(tx *db.Tx, a *act.Act, t Template) error {
	if _, err := tx.Exec(sqlAddTemplate, int64(a.Register), string(t.Ref), string(t.Channel), t.Name, t.Basis, t.Subject, t.Body, int64(a.Number)); err != nil {
		return fmt.Errorf("write a template: %w", err)
	}
	return nil
}

// ChangeTemplate writes a new version of a template, whose channel stays. t.Version
// is the one that was shown: where another is in use by now it returns
// db.Conflict. It needs access.KeepTemplate, and returns field.Errors.
func (s *Service) ChangeTemplate(ctx context.Context, by access.Actor, t Template, key string) error {
	if err := t.check(); err != nil {
		return err
	}
	return s.DB.InTx(ctx, func(tx *db.Tx) error {
		a, err := act.Begin(tx, by, access.KeepTemplate, 0, act.Request{Key: key})
		if err != nil {
			return err
		}
		if err := replaced(tx, a, t); err != nil {
			return err
		}
		return addTemplate(tx, a, t)
	})
}

// EndTemplate takes a template out of use; what was sent by it stays. It needs
// access.KeepTemplate, and returns db.Conflict where another version is in use, and
// db.NotFound of a reminder, which stays.
func (s *Service) EndTemplate(ctx context.Context, by access.Actor, ref id.Ref, version id.Act, key string) error {
	return s.DB.InTx(ctx, func(tx *db.Tx) error {
		a, err := act.Begin(tx, by, access.KeepTemplate, 0, act.Request{Key: key})
		if err != nil {
			return err
		}
		if (Template{Ref: ref}).IsReminder() {
			return db.NotFound
		}
		return endTemplate(tx, a, ref, version)
	})
}

// replaced ends the version that another replaces. The words of the program, version
// 0 of a reminder, are no row to end.
func replaced(tx *db.Tx, a *act.Act, t Template) error {
	if !t.IsReminder() || t.Version != 0 {
		return endTemplate(tx, a, t.Ref, t.Version)
	}
	all, err := reminderVersions(tx, a.Register, t.Ref)
	if err == nil && all[0].Version != 0 {
		err = db.Conflict{What: "this template"}
	}
	return err
}

func endTemplate(tx *db.Tx, a *act.Act, ref id.Ref, version id.Act) error {
	return db.ExecEachOne(tx, "this template", sqlEndTemplate, [][]any{{int64(a.Number), int64(a.Register), string(ref), int64(version)}})
}

// inUse is the version of a template to young people that is in use, or db.NotFound.
func inUse(tx *db.Tx, r id.Register, ref id.Ref) (Template, error) {
	all, err := templates(tx, sqlTemplates, int64(r))
	if err != nil {
		return Template{}, err
	}
	i := slices.IndexFunc(all, func(t Template) bool { return t.Ref == ref })
	if i < 0 || all[i].IsReminder() {
		return Template{}, db.NotFound
	}
	return all[i], nil
}
