package year

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"time"

	"waymark/internal/contact"
	"waymark/test/outside"
)

// callers are the three who work a campaign at once.
func callers() []string { return []string{"niamh", "bilal", "bronwen"} }

// campaign begins a campaign of everybody in the return, of academic age 16 and
// 17, whose situation is one of these, for three callers.
func (l *life) campaign(name, asks string) (ref string, err error) {
	grace, err := l.as("grace")
	if err != nil {
		return "", err
	}
	p, form, err := grace.formAt("/campaigns/new?"+asks, "hands")
	if err != nil {
		return "", err
	}
	form.Set("name", name)
	form["hands"] = nil
	for _, m := range regexp.MustCompile(`(?s)name="hands"[^>]*value="([a-z0-9]+)".*?<label[^>]*>\s*([^<]*?)\s*</label>`).FindAllStringSubmatch(p.Body, -1) {
		for _, who := range callers() {
			if first, _, _ := strings.Cut(m[2], " "); strings.EqualFold(first, who) {
				form.Add("hands", m[1])
			}
		}
	}
	if n := len(form["hands"]); n != len(callers()) {
		return "", fmt.Errorf("%d of the three can be chosen to work a campaign", n)
	}
	if p, err = grace.Fill(p, "/campaigns/new", "hands", form); err != nil {
		return "", err
	}
	ref, _, _ = strings.Cut(strings.TrimPrefix(p.At, "/campaigns/"), "?")
	return ref, nil
}

// shifts are days on which the three work a campaign.
func (l *life) shifts(ref string, year int, month time.Month, days ...int) error {
	for _, day := range days {
		if err := l.at(year, month, day, 10); err != nil {
			return err
		}
		if _, err := l.shift(ref); err != nil {
			return err
		}
	}
	return nil
}

// calls are what the three did in one shift.
type calls struct{ made, settled, held int }

// shift is a day of a campaign: the three work at once, from the top, until nobody
// is left to try that day. What a row's button says twice is kept once.
func (l *life) shift(ref string) (calls, error) {
	var mu sync.Mutex
	var all calls
	var wrong error
	var done sync.WaitGroup
	for _, who := range callers() {
		d, err := l.as(who)
		if err != nil {
			return all, err
		}
		done.Go(func() {
			c, err := (&caller{life: l, desk: d, ref: ref}).work()
			mu.Lock()
			defer mu.Unlock()
			all.made, all.settled, all.held = all.made+c.made, all.settled+c.settled, all.held+c.held
			if err != nil {
				wrong = errors.Join(wrong, fmt.Errorf("%s works the campaign: %w", who, err))
			}
		})
	}
	done.Wait()
	if wrong == nil && all.made == 0 {
		wrong = errors.New("there was nobody to call")
	}
	l.Log("%s, three callers at once: %d contacts, %d settled, %d rows that another had", l.today, all.made, all.settled, all.held)
	return all, wrong
}

type caller struct {
	*life
	*desk
	ref string
	calls
}

func (c *caller) work() (calls, error) {
	at := "/campaigns/" + c.ref + "/work"
	p, err := c.Get(at)
	for err == nil {
		row := c.Read.Form(p.Body, "seen") // a row of ours
		if row == nil {
			take := c.free(p.Body)
			if take == nil {
				return c.calls, nil // nobody is left
			}
			p, err = c.settled(c.Ask("POST", "/campaigns/"+c.ref+"/take", take))
			continue
		}
		p, err = c.call(p, at, row)
	}
	return c.calls, err
}

// free is the form of a row that nobody has; each of the callers looks elsewhere
// on the page. It is nil where there is none.
func (c *caller) free(body string) url.Values {
	var rows []string
	for _, form := range strings.Split(body, "<form")[1:] {
		if strings.Contains(form, `name="place"`) {
			rows = append(rows, "<form"+form)
		}
	}
	if len(rows) == 0 {
		return nil
	}
	return c.Read.Form(rows[chance(c.who)%len(rows)], "place")
}

// settled takes a row that another was on in the meantime for what it is.
func (c *caller) settled(p outside.Page, err error) (outside.Page, error) {
	var no outside.Refused
	if errors.As(err, &no) && no.Status == 409 {
		c.held++
		return c.Get("/campaigns/" + c.ref + "/work")
	}
	return p, err
}

// call makes one call, and what comes of it follows from who it is and the day.
func (c *caller) call(p outside.Page, at string, row url.Values) (outside.Page, error) {
	number := c.refs[row.Get("row")]
	if number == "" {
		return p, fmt.Errorf("nobody knows who %s is", row.Get("row"))
	}
	buttons := between(p.Body, `name="seen"`, "</form>")
	day := c.today.String()
	switch n := chance(number, day); {
	case n < 25 && strings.Contains(buttons, `value="`+contact.NoAnswer+`"`):
		return c.press(at, row, contact.NoAnswer)
	case n < 40 && strings.Contains(buttons, `value="`+contact.MessageLeft+`"`):
		return c.press(at, row, contact.MessageLeft)
	case n < 45 && strings.Contains(buttons, `value="`+contact.WrongNumber+`"`):
		return c.press(at, row, contact.WrongNumber)
	case n < 60 && c.stillLooks(number) && strings.Contains(buttons, `value="`+contact.Confirmed+`"`):
		c.calls.settled++
		c.book.tell(number, told{on: day, by: byPhone, code: "619"})
		return c.press(at, row, contact.Confirmed)
	case n < 65:
		return c.changed(at, row, number, "619", nil)
	case n < 75:
		return c.changed(at, row, number, "330", nil)
	}
	return c.changed(at, row, number, "230", url.Values{"predicted-end-day": {"31"}, "predicted-end-month": {"7"}, "predicted-end-year": {"2027"}})
}

// stillLooks says that they told before that they look for work or learning.
func (c *caller) stillLooks(number string) bool {
	t, any := c.book.last(number, "", "9")
	return any && t.code == "619"
}

// press presses a button of a row, twice.
func (c *caller) press(at string, row url.Values, outcome string) (outside.Page, error) {
	row.Set("outcome", outcome)
	p, err := c.settled(c.Ask("POST", at, row))
	if err != nil {
		return p, err
	}
	if c.made == 0 { // pressed twice: what the browser shows in the end is the second answer
		if p, err = c.settled(c.Ask("POST", at, row)); err != nil {
			return p, fmt.Errorf("the same button twice: %w", err)
		}
	}
	c.made++
	c.book.contact(c.today.String(), contact.Phone, outcome)
	return p, nil
}

// changed answers the few questions where somebody does something else now.
func (c *caller) changed(at string, row url.Values, number, code string, more url.Values) (outside.Page, error) {
	path := "/campaigns/" + c.ref + "/answer"
	p, form, err := c.formAt(path+"?row="+row.Get("row")+"&outcome="+url.QueryEscape(contact.Changed), "contact-outcome")
	if err != nil {
		return p, err
	}
	form.Set("contact-outcome", contact.Changed)
	form.Set("activity", code)
	since := c.today.AddDays(-3)
	setDate(form, "started", since.Time())
	for k, v := range more {
		form[k] = v
	}
	p, err = c.Fill(p, path, "contact-outcome", form)
	if no := (outside.Refused{}); errors.As(err, &no) && no.Status == 409 {
		return p, fmt.Errorf("%w: %s", err, tagless(">"+between(no.Body, "Nothing was saved.", "</div>")))
	}
	if err != nil {
		return p, err
	}
	c.made++
	c.calls.settled++
	c.book.tell(number, told{on: c.today.String(), by: byPhone, code: code, since: since.String()})
	c.book.contact(c.today.String(), contact.Phone, contact.Changed)
	return c.Get(at)
}
