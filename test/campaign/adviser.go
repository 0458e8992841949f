package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"waymark/internal/act"
	"waymark/internal/db"
	"waymark/internal/demo"
	"waymark/test/outside"
)

// writer is somebody at a browser who writes on young people's records.
type writer struct {
	*outside.Visitor
	who string
}

func signedIn(address, who string) (*writer, error) {
	v, err := outside.NewVisitor(address)
	if err == nil {
		err = v.SignIn(who+"@saltmarsh.example.org", demo.Password)
	}
	return &writer{v, who}, err
}

// open opens a page of a record, and says why where that is asked.
func (w *writer) open(path string) (outside.Page, error) {
	p, err := w.Get(path)
	at, _, _ := strings.Cut(p.At, "?")
	if err != nil || !strings.HasSuffix(at, "/why") {
		return p, err
	}
	form := w.Read.Form(p.Body, "reason")
	if form == nil {
		return p, errors.New("nobody asks why")
	}
	form.Set("reason", "other")
	form.Set("other", "Somebody telephoned about them")
	return w.Ask("POST", at, form)
}

// addressOf opens the form of an address and writes a flat into it: what there
// is to send, with its one-use key.
func (w *writer) addressOf(ref, flat string) (path string, form url.Values, err error) {
	path = "/young-people/" + ref + "/address/edit"
	p, err := w.open(path)
	if err != nil {
		return path, nil, err
	}
	if form = w.Read.Form(p.Body, "address-line-2"); form == nil {
		return path, nil, fmt.Errorf("%s asks for no address: %s", path, w.Read.TitleOf(p.Body))
	}
	form.Set("address-line-2", flat)
	form.Set("told-kind", act.Telephone)
	return path, form, nil
}

// sent is what became of a form: saved, refused because somebody else was
// first, with both versions shown, or neither.
type sent int

const (
	saved sent = iota
	conflicted
	failed
)

func (w *writer) send(path string, form url.Values) (sent, error) {
	p, err := w.Ask("POST", path, form)
	var no outside.Refused
	switch {
	case errors.As(err, &no) && no.Status == 409:
		if strings.Contains(p.Body, "As it is now") && strings.Contains(p.Body, "What you wrote") {
			return conflicted, nil
		}
		return failed, fmt.Errorf("a conflict that does not show both versions: %w", err)
	case err != nil:
		return failed, err
	case strings.Contains(p.Body, "govuk-error-summary"):
		return failed, errors.New(w.Read.ComplaintOf(p.Body))
	}
	return saved, nil
}

const (
	sqlSomePeople = `SELECT s.ref FROM standing s JOIN address a ON a.register = s.register AND a.young_person = s.young_person AND a.known_to IS NULL WHERE a.ended = '' AND s.cohort_status <> '' AND NOT EXISTS (SELECT 1 FROM restriction x WHERE x.register = s.register AND x.young_person = s.young_person AND x.known_to IS NULL) GROUP BY s.ref ORDER BY s.ref LIMIT $1`
	sqlKept       = `SELECT a.one_use_key, f.line2 FROM act a JOIN address f ON f.register = a.register AND f.young_person = a.young_person AND f.known_from = a.number WHERE a.one_use_key IS NOT NULL`
)

// somePeople are references of people who have an address that may be changed.
func (p place) somePeople(ctx context.Context, n int) (refs []string, err error) {
	return refs, p.ask(ctx, func(tx *db.Tx) error {
		rows, err := tx.Query(sqlSomePeople, n)
		if err == nil {
			refs, err = firstColumn(rows)
		}
		if err == nil && len(refs) < n {
			err = fmt.Errorf("only %d people have an address", len(refs))
		}
		return err
	})
}

// kept are the flats that the register has ever held, by the one-use key of the
// form that wrote them.
func (p place) kept(ctx context.Context) (map[string][]string, error) {
	out := map[string][]string{}
	return out, p.ask(ctx, func(tx *db.Tx) error {
		rows, err := tx.Query(sqlKept)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var key, flat string
			if err := rows.Scan(&key, &flat); err != nil {
				return err
			}
			out[key] = append(out[key], flat)
		}
		return rows.Err()
	})
}

func firstColumn(rows *sql.Rows) (out []string, err error) {
	defer rows.Close()
	for rows.Next() {
		var one string
		if err := rows.Scan(&one); err != nil {
			return nil, err
		}
		out = append(out, one)
	}
	return out, rows.Err()
}

// ask opens the place from inside and asks it something.
func (p place) ask(ctx context.Context, fn func(*db.Tx) error) error {
	d, err := db.OpenEvery(ctx, p.settings())
	if err != nil {
		return err
	}
	return errors.Join(d.Read(ctx, fn), d.Close())
}
