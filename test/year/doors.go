package year

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"waymark/internal/contact"
	"waymark/test/outside"
)

// visits is a day at the doors: a round planned from those who are not known,
// checked in, told at each door, once more where the signal was bad, and checked
// out.
func (l *life) visits() error {
	grace, err := l.as("grace")
	if err != nil {
		return err
	}
	at := "/visits/plan?status=nk&status=lapsed&in-return=yes"
	p, form, err := grace.formAt(at, "worker")
	if err != nil {
		return err
	}
	niamh := regexp.MustCompile(`<option value="([a-z0-9]+)"[^>]*>\s*Niamh`).FindStringSubmatch(p.Body)
	if niamh == nil {
		return errors.New("nobody can send Niamh to the doors")
	}
	form.Set("worker", niamh[1])
	if form.Get("start") == "" {
		form.Set("start", "QX1 0AA") // one of each sector is in the directory
	}
	form["person"] = form["person"][:min(12, len(form["person"]))]
	form.Set("most", "20")
	if p, err = grace.Fill(p, at, "worker", form); err != nil {
		return err
	}
	round, _, _ := strings.Cut(p.At, "?")
	return l.round(round)
}

func (l *life) round(at string) error {
	niamh, err := l.as("niamh")
	if err != nil {
		return err
	}
	p, form, err := niamh.formAt(at, "telephone")
	if err != nil {
		return err
	}
	form.Set("minutes", "240")
	form.Set("telephone", "01632 960117")
	if p, err = niamh.Fill(p, at+"/check-in", "telephone", form); err != nil {
		return err
	}
	doors := regexp.MustCompile(`href="(/doorstep/[a-z0-9]+)"`).FindAllStringSubmatch(p.Body, -1)
	if len(doors) == 0 {
		return errors.New("the round has no doors")
	}
	told := 0
	for i, door := range doors {
		did, err := l.door(niamh, door[1], i == 0)
		if err != nil {
			return fmt.Errorf("%s: %w", door[1], err)
		}
		if did {
			told++
		}
	}
	l.Log("%s, a round of %d doors: %d told", l.today, len(doors), told)
	return l.safe(at)
}

// safe has Niamh say that she is back from a round.
func (l *life) safe(at string) error {
	niamh, err := l.as("niamh")
	if err != nil {
		return err
	}
	p, err := niamh.Get(at)
	if err != nil {
		return err
	}
	out := regexp.MustCompile(`action="(/check-ins/[a-z0-9]+/end)"`).FindStringSubmatch(p.Body)
	if out == nil {
		return errors.New("nobody can check out")
	}
	p.Body = "<form" + between(p.Body, `action="`+out[1], "</form>") + "</form>"
	_, err = niamh.Fill(p, out[1], "key", nil)
	return err
}

// backFromDemo ends the round that somebody of the demo is out on.
func (l *life) backFromDemo() error {
	niamh, err := l.as("niamh")
	if err != nil {
		return err
	}
	p, err := niamh.Get("/visits")
	if err != nil {
		return err
	}
	round := regexp.MustCompile(`href="(/visits/[a-z0-9]{26})"`).FindStringSubmatch(p.Body)
	if round == nil {
		return errors.New("nobody of the demo is out")
	}
	return l.safe(round[1])
}

// door is what comes of one door, sent twice where the signal is bad.
func (l *life) door(d *desk, path string, twice bool) (bool, error) {
	p, form, err := d.formAt(path, "outcome")
	if err != nil {
		return false, err
	}
	number := regexp.MustCompile(`995\d{10}`).FindString(p.Body) // its reference on the page
	outcome, code := contact.NoAnswer, ""
	switch n := chance(number, "door"); {
	case n < 40:
		outcome, code = contact.Changed, "619"
	case n < 70:
		outcome, code = contact.Changed, "310"
	}
	values := regexp.MustCompile(`name="outcome"[^>]*value="([^"]*)"`).FindAllStringSubmatch(p.Body, -1)
	form.Set("outcome", valueOf(values, "answer"))
	if code != "" {
		form.Set("outcome", valueOf(values, "changed"))
		form.Set("activity", code)
		form.Set("since", "today")
	}
	answer, err := d.Ask("POST", path, form)
	if err == nil && twice {
		answer, err = d.Ask("POST", path, form)
	}
	var no outside.Refused
	if errors.As(err, &no) {
		return false, fmt.Errorf("%w: %s", err, d.Read.ComplaintOf(no.Body))
	}
	if err != nil || !strings.Contains(answer.Body, "Saved: the visit") {
		return false, fmt.Errorf("the visit is not saved: %w %s", err, d.Read.ComplaintOf(answer.Body))
	}
	l.book.contact(l.today.String(), contact.Visit, outcome)
	if code != "" {
		l.book.tell(number, told{on: l.today.String(), by: byVisit, code: code, since: l.today.String()})
	}
	return true, nil
}

// valueOf is the first of a form's values that has a word in it.
func valueOf(values [][]string, word string) string {
	for _, v := range values {
		if strings.Contains(v[1], word) {
			return v[1]
		}
	}
	return ""
}
