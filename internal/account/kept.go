package account

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"waymark/internal/db"
	"waymark/internal/id"
	"waymark/internal/sealed"
)

// keptFor is how long what somebody was writing is kept for them
// (ux-security.md 3.2), and mostKept how many forms of one person are.
const (
	keptFor  = 24 * time.Hour
	mostKept = 20
)

// Why a form was kept.
const (
	// KeptToProve: they had first to prove again who they are.
	KeptToProve = "prove"
	// KeptSignedOut: their session had ended.
	KeptSignedOut = "signed out"
	// KeptFailed: it could not be saved.
	KeptFailed = "failed"
	// KeptConflict: somebody else changed the same thing first.
	KeptConflict = "conflict"
)

// KeptForm is a form that was sent and could not be taken, kept for its sender.
type KeptForm struct {
	Ref     id.Ref
	Account id.Ref
	// Address is where it was sent, Page the pattern of its route.
	Address, Page string
	Form          url.Values
	// Why is KeptToProve, KeptSignedOut, KeptFailed or KeptConflict.
	Why  string
	Kept time.Time
}

const (
	sqlAddKept   = `INSERT INTO kept_form (register, ref, account, address, page, form, why, kept) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`
	sqlSweepKept = `DELETE FROM kept_form WHERE register = $1 AND kept < $2`
	sqlOldKept   = `DELETE FROM kept_form WHERE register = $1 AND account = $2 AND ref NOT IN (
		SELECT ref FROM kept_form WHERE register = $1 AND account = $2 ORDER BY kept DESC, ref LIMIT $3)`
	sqlKept     = `SELECT ref, account, address, page, form, why, kept FROM kept_form WHERE register = $1 AND account = $2 AND kept >= $3`
	sqlDropKept = `DELETE FROM kept_form WHERE register = $1 AND account = $2 AND ref = $3`
)

// secretField says that a field's name is one whose content is never kept.
func secretField(name string) bool {
	return strings.Contains(name, "password") || name == "code" || name == "assertion"
}

// keptAt is where what is kept of a form stands.
func keptAt(ref id.Ref) string { return "kept_form.form " + string(ref) }

// KeepForm keeps a form for its sender for a day, without passwords and codes,
// and returns its reference. What was written in it is sealed.
func (s *Service) KeepForm(ctx context.Context, k KeptForm) (id.Ref, error) {
	form := url.Values{}
	for name, values := range k.Form {
		if !secretField(name) {
			form[name] = values
		}
	}
	ref := id.NewRef()
	lock, err := sealed.LockOf(ctx, s.db, s.register)
	if err != nil {
		return "", fmt.Errorf("keep the form: %w", err)
	}
	words := lock.Words(form.Encode(), keptAt(ref))
	err = s.db.InSideTx(ctx, func(tx *db.Tx) error {
		if _, err := tx.Exec(sqlSweepKept, s.register, db.Instant{Time: tx.Now.Add(-keptFor)}); err != nil {
			return err
		}
		if _, err := tx.Exec(sqlAddKept, s.register, string(ref), string(k.Account), k.Address, k.Page, words, k.Why, db.Instant{Time: tx.Now}); err != nil {
			return err
		}
		_, err := tx.Exec(sqlOldKept, s.register, string(k.Account), mostKept)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("keep the form: %w", err)
	}
	return ref, nil
}

// KeptForm is a form kept for the account, or db.NotFound.
func (s *Service) KeptForm(ctx context.Context, account, ref id.Ref) (KeptForm, error) {
	all, err := s.keptForms(ctx, account, " AND ref = $4", string(ref))
	if err != nil {
		return KeptForm{}, err
	}
	if len(all) == 0 {
		return KeptForm{}, db.NotFound
	}
	return all[0], nil
}

const sqlSaved = `SELECT count(*) FROM act WHERE register = $1 AND one_use_key = $2`

// KeptForms are all forms kept for the account because they were not saved, the
// last first. One whose one-use key stands in an act was saved meanwhile.
func (s *Service) KeptForms(ctx context.Context, account id.Ref) ([]KeptForm, error) {
	all, err := s.keptForms(ctx, account, " AND why <> $4 ORDER BY kept DESC, ref", KeptToProve)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	var left []KeptForm
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		left = nil
		for _, k := range all {
			var saved int
			if err := tx.QueryRow(sqlSaved, s.register, k.Form.Get("key")).Scan(&saved); err != nil {
				return err
			}
			if saved == 0 {
				left = append(left, k)
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read what was kept: %w", err)
	}
	return left, nil
}

func (s *Service) keptForms(ctx context.Context, account id.Ref, condition string, value any) ([]KeptForm, error) {
	var all []KeptForm
	var forms []string
	err := s.db.ReadSide(ctx, func(tx *db.Tx) error {
		all, forms = nil, nil
		rows, err := tx.Query(sqlKept+condition, s.register, string(account), db.Instant{Time: tx.Now.Add(-keptFor)}, value)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var k KeptForm
			var form string
			var kept db.Instant
			if err := rows.Scan(&k.Ref, &k.Account, &k.Address, &k.Page, &form, &k.Why, &kept); err != nil {
				return err
			}
			k.Kept = kept.Time
			all, forms = append(all, k), append(forms, form)
		}
		return rows.Err()
	})
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("read what was kept: %w", err)
	}
	return all, s.openKept(ctx, all, forms)
}

func (s *Service) openKept(ctx context.Context, all []KeptForm, forms []string) error {
	err := sealed.OpenAll(ctx, s.db, s.register, len(all), func(i int) (*string, string) { return &forms[i], keptAt(all[i].Ref) })
	for i := 0; err == nil && i < len(all); i++ {
		all[i].Form, err = url.ParseQuery(forms[i])
	}
	if err != nil {
		return fmt.Errorf("read what was kept: %w", err)
	}
	return nil
}

// DropForm throws a kept form away; one that is not there is no error.
func (s *Service) DropForm(ctx context.Context, account, ref id.Ref) error {
	err := s.db.InSideTx(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(sqlDropKept, s.register, string(account), string(ref))
		return err
	})
	if err != nil {
		return fmt.Errorf("throw away what was kept: %w", err)
	}
	return nil
}
