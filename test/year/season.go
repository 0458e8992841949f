package year

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"waymark/internal/db"
)

// offers records, a day before the end of September, the offers of some of those
// of whom the guarantee has no record.
func (l *life) offers() error {
	niamh, err := l.as("priya")
	if err != nil {
		return err
	}
	at := "/september-guarantee/people?node=Year11&outcome=Not+recorded&season=2026"
	p, err := niamh.Get(at)
	if err != nil {
		return err
	}
	before, err := l.offered()
	if err != nil {
		return err
	}
	people := regexp.MustCompile(`href="(/young-people/[a-z0-9]+)"`).FindAllStringSubmatch(p.Body, 6)
	for _, one := range people {
		path := one[1] + "/guarantee/edit?node=Year11"
		p, form, err := niamh.formAt(path, "guarantee-status")
		if err != nil {
			return err
		}
		form.Set("guarantee-status", "110")
		form.Set("guarantee-la", demo995)
		form.Set("told-kind", "phone")
		if _, err := niamh.Fill(p, p.At, "guarantee-status", form); err != nil {
			return err
		}
	}
	after, err := l.offered()
	if err == nil && after != before+len(people) {
		err = fmt.Errorf("%d offers were recorded, and the season counts %d where it counted %d", len(people), after, before)
	}
	l.Log("%s: %d offers recorded, %d of those who finished Year 11 have one", l.today, len(people), after)
	return err
}

// offered is how many of those who finished Year 11 the season counts with an
// offer. From September on they are in Year 12, and the page says so.
func (l *life) offered() (int, error) {
	d, err := l.as("priya")
	if err != nil {
		return 0, err
	}
	p, err := d.Get("/september-guarantee?season=2026")
	if err != nil {
		return 0, err
	}
	found := regexp.MustCompile(`Year 12: an offer made.*?([0-9,]+) of [0-9,]+`).FindStringSubmatch(strings.Join(strings.Fields(tagless(">"+p.Body)), " "))
	if found == nil {
		return 0, errors.New("the season says nothing of Year 11")
	}
	return strconv.Atoi(strings.ReplaceAll(found[1], ",", ""))
}

// guaranteeClosed finds the season over: it stays as it stood on 31 October.
func (l *life) guaranteeClosed() error {
	d, err := l.as("grace")
	if err != nil {
		return err
	}
	p, err := d.Get("/september-guarantee?season=2026")
	if err != nil {
		return err
	}
	if !strings.Contains(p.Body, "31 October 2026") || !strings.Contains(p.Body, "closed") {
		return errors.New("on 2 November the season does not say that it closed")
	}
	return nil
}

// sqlContacts are all contacts held, by month, by how they were made and by what
// came of them.
const sqlContacts = `SELECT started, how, outcome FROM contact WHERE known_to IS NULL AND behind IN ('campaign', 'visit', 'message') AND started > '2026-08-31'`

// lookBack counts once more at the end: every contact that was made is
// held once, in its month; nobody is told twice to the Department as having left;
// and each month's figures as known when it was signed are still what was signed.
func (l *life) lookBack(files []*signed) error {
	held := map[contacted]int{}
	d, err := l.Ground.open(l.ctx)
	if err != nil {
		return err
	}
	err = d.Read(l.ctx, func(tx *db.Tx) error {
		rows, err := tx.Query(sqlContacts)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var on, how, outcome string
			if err := rows.Scan(&on, &how, &outcome); err != nil {
				return err
			}
			held[contacted{on[:7], how, outcome}]++
		}
		return rows.Err()
	})
	if err = errors.Join(err, d.Close()); err != nil {
		return err
	}
	n := 0
	for c, made := range l.book.contacts {
		if held[c] != made {
			err = errors.Join(err, fmt.Errorf("%d contacts were made (%+v), and %d are held", made, c, held[c]))
		}
		n += made
		delete(held, c)
	}
	for c, more := range held {
		err = errors.Join(err, fmt.Errorf("%d contacts are held (%+v) that nobody made", more, c))
	}
	left := map[string]yearMonth{}
	for _, f := range files {
		for number, p := range f.people {
			if p.Status == "P" || p.Status == "G" {
				continue
			}
			if before := left[number]; before != "" {
				err = errors.Join(err, fmt.Errorf("%s is reported as having left in %s and in %s", number, before, f.month))
			}
			left[number] = f.month
		}
		err = errors.Join(err, l.agreesWithFigures(f, f.on))
	}
	l.Log("looked back: %d contacts, each held once; %d reported as having left, each once; %d months' figures as they were signed", n, len(left), len(files))
	return err
}
