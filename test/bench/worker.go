package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"time"

	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/test/outside"
)

// The kinds of things that people at work do.
const (
	readSummary = "person summary"
	readSearch  = "search, typed to results"
	readList    = "list of 50"
	readDue     = "list of who is due"
	readFigures = "figures page"
	readHome    = "home page"
	giveReason  = "reason for looking"
	openForm    = "a form opened"
	confirm     = "activity confirmed"
	recordTalk  = "contact recorded"
	correct     = "address corrected"
)

// workBounds are the 95th percentiles that issue 3 allows.
func workBounds() map[string]time.Duration {
	return map[string]time.Duration{readSummary: 50 * time.Millisecond, readSearch: 50 * time.Millisecond, readList: 100 * time.Millisecond,
		readDue: 100 * time.Millisecond, readFigures: 200 * time.Millisecond, readHome: 100 * time.Millisecond}
}

// worker is one member of staff in one browser.
type worker struct {
	*outside.Visitor
	rand    *rand.Rand
	clients []*client
	times   times
	errs    []error
}

// doing is one thing to do, and how often it is among its like.
type doing struct {
	kind  string
	often int
	do    func(*worker) error
}

func readings() []doing {
	return []doing{{readSummary, 8, (*worker).summary}, {readSearch, 6, (*worker).search}, {readList, 3, (*worker).list}, {readDue, 2, (*worker).due},
		{readFigures, 2, (*worker).figures}, {readHome, 1, (*worker).home}}
}

func writings() []doing {
	return []doing{{confirm, 2, (*worker).confirm}, {recordTalk, 2, (*worker).contact}, {correct, 1, (*worker).address}}
}

func (w *worker) choose(from []doing) doing {
	all := 0
	for _, d := range from {
		all += d.often
	}
	at := w.rand.IntN(all)
	for _, d := range from {
		if at -= d.often; at < 0 {
			return d
		}
	}
	return from[0]
}

// work goes on until the end: four reads to one write, a thought before each.
func (w *worker) work(ctx context.Context, thinks time.Duration, end time.Time) {
	wait := time.Duration(w.rand.Int64N(int64(thinks))) // they did not come in together
	for i := w.rand.IntN(5); ; i++ {
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
		if time.Now().After(end) {
			return
		}
		from := readings()
		if i%5 == 4 {
			from = writings()
		}
		d := w.choose(from)
		if err := d.do(w); err != nil {
			w.errs = append(w.errs, fmt.Errorf("%s: %w", d.kind, err))
		}
		wait = thinks/2 + time.Duration(w.rand.Int64N(int64(thinks)))
	}
}

func (w *worker) note(kind string, p outside.Page, err error) (outside.Page, error) {
	if err == nil {
		w.times[kind] = append(w.times[kind], p.Took)
	}
	return p, err
}

func (w *worker) one() *client { return w.clients[w.rand.IntN(len(w.clients))] }

// open opens a page of a record. Somebody who is not their adviser is asked
// why first.
func (w *worker) open(kind, path string) (outside.Page, error) {
	p, err := w.Get(path)
	at, _, _ := strings.Cut(p.At, "?")
	if err != nil || !strings.HasSuffix(at, "/why") {
		return w.note(kind, p, err)
	}
	form := w.Read.Form(p.Body, "reason")
	if form == nil {
		return p, errors.New("nobody asks why")
	}
	form.Set("reason", "other")
	form.Set("other", "Somebody telephoned about them")
	if p, err = w.note(giveReason, p, nil); err != nil {
		return p, err
	}
	if p, err = w.Ask("POST", at, form); err != nil {
		return p, err
	}
	p, err = w.Get(path)
	return w.note(kind, p, err)
}

func (w *worker) summary() error {
	_, err := w.open(readSummary, "/young-people/"+w.one().ref)
	return err
}

// search types what people know of somebody, and waits for the results.
func (w *worker) search() error {
	c := w.one()
	known := []string{c.given + " " + c.family, c.family, c.family + " " + c.born[:4], c.number, c.postcode + " " + c.given}[w.rand.IntN(5)]
	p, err := w.Get("/find")
	if err != nil {
		return err
	}
	form := url.Values{"who": {known}}
	if w.Read.Form(p.Body, "who") == nil {
		return errors.New("the page has no box to type in")
	}
	p, err = w.Fill(p, "/find", "who", form)
	if err == nil && !strings.Contains(p.Body, c.ref) && (known == c.number || strings.Contains(known, " ")) && !strings.Contains(p.Body, "people match") {
		err = fmt.Errorf("%q does not find them", known)
	}
	_, err = w.note(readSearch, p, err)
	return err
}

// list opens a list by what is held: some that many are on, two that few are on,
// and one page in the middle of one.
func (w *worker) list() error {
	p, err := w.Get("/lists?" + []string{"status=neet", "status=nk&age=16&age=17", "age=16&send=ehcp", "activity=ED&page=40",
		"telephone=none&gender=F", "status=nk&sort=-lapses"}[w.rand.IntN(6)])
	if err == nil && !strings.Contains(p.Body, `href="/young-people/`) {
		err = errors.New("nobody is on it")
	}
	_, err = w.note(readList, p, err)
	return err
}

func (w *worker) due() error {
	p, err := w.Get("/due?window=30")
	_, err = w.note(readDue, p, err)
	return err
}

func (w *worker) figures() error {
	p, err := w.Get("/figures?by=" + []string{"age", "sex", "ward", "school", "send"}[w.rand.IntN(5)])
	_, err = w.note(readFigures, p, err)
	return err
}

func (w *worker) home() error {
	p, err := w.Get("/")
	_, err = w.note(readHome, p, err)
	return err
}

// write opens a form and sends it with something filled in.
func (w *worker) write(kind, tail, with string, change func(url.Values)) error {
	path := "/young-people/" + w.one().ref + "/" + tail
	p, err := w.open(openForm, path)
	if err != nil {
		return err
	}
	form := w.Read.Form(p.Body, with)
	if form == nil {
		return fmt.Errorf("%s leads to %s, which asks for no %s", tail, w.Read.TitleOf(p.Body), with)
	}
	change(form)
	p, err = w.Fill(p, path, with, form)
	_, err = w.note(kind, p, err)
	return err
}

func (w *worker) confirm() error {
	return w.write(confirm, "activity/confirm", "verified-day", func(f url.Values) {
		f.Set("told-kind", act.Telephone)
		if f.Has("review-day") && f.Get("review-day") == "" {
			y, m, d := civil.On(time.Now(), civil.London()).AddDays(40).YMD()
			f.Set("review-day", fmt.Sprint(d))
			f.Set("review-month", fmt.Sprint(int(m)))
			f.Set("review-year", fmt.Sprint(y))
		}
	})
}

func (w *worker) contact() error {
	return w.write(recordTalk, "contact/new", "contact-how", func(f url.Values) {
		f.Set("contact-how", act.Telephone)
		f.Set("contact-outcome", "reached")
		f.Set("contact-note", "Spoke about what comes next. Will ring again in a fortnight.")
	})
}

func (w *worker) address() error {
	return w.write(correct, "address/edit", "address-line-2", func(f url.Values) {
		f.Set("address-line-2", fmt.Sprintf("Flat %d", 1+w.rand.IntN(5000)))
		f.Set("told-kind", act.Telephone)
	})
}

// times are how long things took, by their kind.
type times map[string][]time.Duration

func (t times) count() int {
	n := 0
	for _, took := range t {
		n += len(took)
	}
	return n
}

func percentile(of []time.Duration, percent int) time.Duration {
	if len(of) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(of))
	return sorted[min(len(sorted)-1, len(sorted)*percent/100)]
}

// table prints them beside those of the idle server, and returns the bounds
// that are broken.
func (t times) table(alone times) error {
	fmt.Printf("  %-26s %6s %8s %8s %8s %8s %8s   %s\n", "ms", "times", "p50", "p95", "p99", "most", "bound", "alone p50, p95")
	var broken []error
	bounds := workBounds()
	for _, kind := range []string{readSummary, readSearch, readList, readDue, readFigures, readHome, giveReason, openForm, confirm, recordTalk, correct} {
		took := t[kind]
		if len(took) == 0 {
			continue
		}
		bound := ""
		if limit := bounds[kind]; limit > 0 {
			bound = fmt.Sprintf("%.0f", ms(limit))
			if p := percentile(took, 95); p > limit {
				broken = append(broken, fmt.Errorf("%s: p95 %.0f ms, at most %s", kind, ms(p), bound))
			}
		}
		fmt.Printf("  %-26s %6d %8.1f %8.1f %8.1f %8.1f %8s   %.1f, %.1f\n", kind, len(took), ms(percentile(took, 50)), ms(percentile(took, 95)),
			ms(percentile(took, 99)), ms(percentile(took, 100)), bound, ms(percentile(alone[kind], 50)), ms(percentile(alone[kind], 95)))
	}
	return errors.Join(broken...)
}
