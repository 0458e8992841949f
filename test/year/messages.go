package year

import (
	"errors"
	"fmt"
	"html"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"waymark/internal/contact"
	"waymark/test/outside"
)

// mostAnswers is how many of those who were asked by text answer by their link.
const mostAnswers = 24

// since is from when whoever answers by their link does what they do.
func since() time.Time { return time.Date(2026, time.September, 21, 0, 0, 0, 0, time.UTC) }

// says is what somebody answers, and the code as which it is accepted; nothing
// where they do not answer.
func says(number string) (doing, code string) {
	switch n := chance(number, "answers"); {
	case n < 15:
		return "college", "230"
	case n < 22:
		return "looking", "619"
	case n < 28:
		return "work", "330"
	}
	return "", ""
}

// texts asks everybody of a campaign by text, through the folder of messages; some
// answer by their own link, and on the next day what they said is accepted.
func (l *life) texts(campaign string, before *signed) error {
	links, err := l.sendTexts(campaign)
	if err != nil {
		return err
	}
	answered := map[string]string{}
	for _, number := range sorted(links) {
		doing, code := says(number)
		if code == "" || len(answered) == mostAnswers {
			continue
		}
		if err := l.answer(links[number], before.people[number].Born, doing, len(answered) == 0); err != nil {
			return fmt.Errorf("%s answers by their link: %w", number, err)
		}
		answered[number] = code
	}
	if len(answered) == 0 {
		return errors.New("nobody answered by their link")
	}
	l.Log("%s: %d texts, %d answered by their link", l.today, len(links), len(answered))
	year, month, day := l.today.AddDays(1).YMD()
	if err := l.at(year, month, day, 10); err != nil {
		return err
	}
	return l.accept(answered)
}

// sendTexts sends them, and gives each young person's link by their number. The
// button pressed again sends nothing twice.
func (l *life) sendTexts(campaign string) (map[string]string, error) {
	grace, err := l.as("grace")
	if err != nil {
		return nil, err
	}
	p, err := grace.Get("/messages/new?campaign=" + campaign)
	if err != nil {
		return nil, err
	}
	text := regexp.MustCompile(`(?s)name="template"[^>]*value="([a-z0-9]+)"[^>]*>\s*<label[^>]*>\s*What are you doing now\? \(text\)`).FindStringSubmatch(p.Body)
	if text == nil {
		return nil, errors.New("there is no template of a text")
	}
	if p, err = grace.Get("/messages/check?template=" + text[1] + "&campaign=" + campaign); err != nil {
		return nil, err
	}
	form := grace.Read.Form(p.Body, "shown")
	if form == nil {
		return nil, errors.New("nobody can be sent a text")
	}
	if strings.Contains(p.Body, `name="read"`) {
		form.Set("read", "yes")
	}
	if p, err = grace.Ask("POST", "/messages/check", form); err != nil || !strings.Contains(p.Body, "are on their way") {
		return nil, fmt.Errorf("the texts are not sent: %s %w", grace.Read.ComplaintOf(p.Body), err)
	}
	if p, err = grace.Ask("POST", "/messages/check", form); grace.Read.TitleOf(p.Body) != "This was already saved – Waymark" {
		return nil, fmt.Errorf("the texts are sent twice: %s %w", grace.Read.ComplaintOf(p.Body), err)
	}
	return l.readTexts(form.Get("shown"))
}

// sqlTexts are whom each text is to, by our reference of it.
const sqlTexts = `SELECT m.ref, y.young_persons_id FROM message m JOIN young_person y ON y.register = m.register AND y.id = m.young_person
	WHERE y.known_to IS NULL AND m.channel = 'text' AND m.queued_at > '2026-09-01'`

// readTexts waits until all are in the folder, and writes each into the book.
func (l *life) readTexts(many string) (map[string]string, error) {
	folder := filepath.Join(l.data(), "messages")
	var files []os.DirEntry
	for began := time.Now(); fmt.Sprint(len(files)) != many; time.Sleep(100 * time.Millisecond) {
		files, _ = os.ReadDir(folder) // it is made with the first text
		if time.Since(began) > 3*time.Minute {
			return nil, fmt.Errorf("%s texts were sent, and %d are in the folder", many, len(files))
		}
	}
	to, err := l.pairs(sqlTexts)
	if err != nil {
		return nil, err
	}
	links := map[string]string{}
	for _, file := range files {
		number := to[strings.TrimSuffix(file.Name(), ".txt")]
		text, err := os.ReadFile(filepath.Join(folder, file.Name()))
		if err != nil {
			return nil, err
		}
		link := regexp.MustCompile(`/a/1/[a-z0-9]+`).FindString(string(text))
		if number == "" || link == "" || links[number] != "" {
			return nil, fmt.Errorf("a text to %q has the link %q, and theirs is %q already", number, link, links[number])
		}
		links[number] = link
		l.book.contact(l.today.String(), contact.Text, contact.Sent)
	}
	return links, nil
}

// answer is a young person at their own link, on their own phone. A second time
// the link does nothing.
func (l *life) answer(link, born, doing string, twice bool) error {
	phone, err := outside.NewVisitor(l.server.Address)
	if err != nil {
		return err
	}
	day, err := time.Parse(time.DateOnly, born)
	if err != nil {
		return err
	}
	p, err := phone.Get(link)
	for _, step := range []url.Values{
		{"born-day": {day.Format("2")}, "born-month": {day.Format("1")}, "born-year": {day.Format("2006")}},
		{"doing": {doing}}, {"since": {"September"}}, {"help": {"no"}},
	} {
		if err == nil {
			p, err = phone.Fill(p, link, "stage", step)
		}
	}
	if err != nil {
		return err
	}
	if !strings.Contains(p.Body, "We have your answers") {
		return fmt.Errorf("after the last question stands %s", phone.Read.TitleOf(p.Body))
	}
	if !twice {
		return nil
	}
	if p, err = phone.Get(link); err != nil {
		return err
	}
	_, err = phone.Fill(p, link, "stage", url.Values{"born-day": {day.Format("2")}, "born-month": {day.Format("1")}, "born-year": {day.Format("2006")}})
	if no := (outside.Refused{}); !errors.As(err, &no) || no.Status != 422 {
		return fmt.Errorf("a link that was used opens again: %w", err)
	}
	return nil
}

// accept has a data officer put what the answers say on the records.
func (l *life) accept(answered map[string]string) error {
	priya, err := l.as("priya")
	if err != nil {
		return err
	}
	page, err := priya.Get("/messages/answers")
	if err != nil {
		return err
	}
	accepted := 0
	for _, m := range regexp.MustCompile(`href="(/young-people/([a-z0-9]+)/answer\?[^"]*)"`).FindAllStringSubmatch(page.Body, -1) {
		number := l.refs[m[2]]
		code := answered[number]
		if code == "" {
			continue // the demo's own
		}
		p, form, err := priya.formAt(html.UnescapeString(m[1]), "contact-outcome")
		if err != nil {
			return err
		}
		if got := form.Get("activity"); got != code {
			return fmt.Errorf("%s answered what is %s, and the form begins with %s", number, code, got)
		}
		form.Set("contact-outcome", contact.Changed)
		setDate(form, "started", since())
		if code == "230" {
			setDate(form, "predicted-end", time.Date(2027, time.July, 31, 0, 0, 0, 0, time.UTC))
		}
		if _, err = priya.Fill(p, p.At, "contact-outcome", form); err != nil {
			return fmt.Errorf("the answer of %s is accepted: %w", number, err)
		}
		accepted++
		l.book.tell(number, told{on: l.today.String(), by: byLink, code: code, since: since().Format(time.DateOnly)})
		l.book.contact(l.today.String(), contact.Online, contact.Changed)
	}
	if accepted != len(answered) {
		return fmt.Errorf("%d answered, and %d answers wait", len(answered), accepted)
	}
	return nil
}

// setDate writes a date into the three fields of a form.
func setDate(form url.Values, name string, day time.Time) {
	form.Set(name+"-day", day.Format("2"))
	form.Set(name+"-month", day.Format("1"))
	form.Set(name+"-year", day.Format("2006"))
}
