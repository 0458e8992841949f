package year

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"mime/multipart"
	"net/url"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"

	"waymark/test/outside"
)

// upload sends the form of a page with a file, as a browser does: the file last.
func (d *desk) upload(p outside.Page, to, name string, content []byte, change url.Values) (outside.Page, error) {
	form := d.Read.Form(p.Body, "file")
	if form == nil {
		return p, fmt.Errorf("%s takes no file", p.At)
	}
	form.Del("file")
	for k, v := range change {
		form[k] = v
	}
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for k, values := range form {
		for _, v := range values {
			if err := w.WriteField(k, v); err != nil {
				return p, err
			}
		}
	}
	part, err := w.CreateFormFile("file", name)
	if err == nil {
		_, err = part.Write(content)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		return p, err
	}
	answer, err := d.AskWith("POST", to, &body, w.FormDataContentType())
	if err == nil && strings.Contains(answer.Body, "govuk-error-summary") {
		err = fmt.Errorf("%s: %s", name, d.Read.ComplaintOf(answer.Body))
	}
	return answer, err
}

// until asks for a page again and again until it says one of the words.
func (d *desk) until(path string, words ...string) (outside.Page, error) {
	for began := time.Now(); ; time.Sleep(100 * time.Millisecond) {
		p, err := d.Counted(path)
		if err != nil {
			return p, err
		}
		for _, w := range words {
			if strings.Contains(p.Body, w) {
				return p, nil
			}
		}
		if strings.Contains(p.Body, "cannot be read") || time.Since(began) > 3*time.Minute {
			return p, fmt.Errorf("%s never says %q: %s", path, words, d.Read.TitleOf(p.Body))
		}
	}
}

// loadSupplier loads the supplier's file of the month before, which waits.
func (l *life) loadSupplier(path string) error {
	priya, err := l.as("priya")
	if err != nil {
		return err
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	p, err := priya.Get("/imports/new")
	if err == nil {
		p, err = priya.upload(p, "/imports/new", "supplier.xml", content, nil)
	}
	if err == nil {
		_, err = priya.until(p.At, "The file is loaded")
	}
	return err
}

// enrolment is the list of a college or a school, and whom it is about.
type enrolment struct {
	sender string
	// kind is that of the file, and code what whoever stands on it does.
	kind, code string
	people     []person
	again      bool // the sender has sent before
}

func (e enrolment) csv(begins time.Time) ([]byte, error) {
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	head := []string{"Learner ref", "Given name", "Family name", "Date of birth", "ULN", "Postcode", "Start date", "Planned end date"}
	if e.kind == "pupil-list" {
		head = []string{"Admission number", "Forename", "Surname", "DOB", "ULN", "Postcode", "Year group"}
	}
	rows := [][]string{head}
	for i, p := range e.people {
		born, err := time.Parse(time.DateOnly, p.Born)
		if err != nil {
			return nil, err
		}
		row := []string{"L" + strconv.Itoa(1000+i), p.Given, p.Family, born.Format("02/01/2006"), p.ULN, p.Postcode}
		if e.kind == "pupil-list" {
			row = append(row, "11")
		} else {
			row = append(row, begins.Format("02/01/2006"), "31/07/2027")
		}
		rows = append(rows, row)
	}
	err := w.WriteAll(rows)
	return out.Bytes(), err
}

// takeIn takes a list in: receive, understand, review, apply. A second time it
// changes nothing.
func (l *life) takeIn(e enrolment, begins time.Time) error {
	priya, err := l.as("priya")
	if err != nil {
		return err
	}
	content, err := e.csv(begins)
	if err != nil {
		return err
	}
	p, err := priya.Get("/imports/new")
	if err != nil {
		return err
	}
	who := url.Values{"from": {"new"}, "sender-name": {e.sender}, "kind": {e.kind}, "full": {"no"}, "place": {"yes"}}
	if e.again {
		known := regexp.MustCompile(`<option value="([a-z0-9]+)"[^>]*>` + regexp.QuoteMeta(e.sender)).FindStringSubmatch(p.Body)
		if known == nil {
			return fmt.Errorf("%s has sent before, and is not among the senders", e.sender)
		}
		who = url.Values{"from": {"known"}, "sender": {known[1]}}
	}
	name := strings.ReplaceAll(strings.ToLower(e.sender), " ", "-") + "-" + l.today.String() + ".csv"
	if p, err = priya.upload(p, "/imports/new", name, content, who); err != nil {
		return err
	}
	at, _, _ := strings.Cut(p.At, "?")
	at = strings.TrimSuffix(at, "/columns")
	if p, err = priya.until(at, "Say how it is read", "Check and apply", "Apply", "what each column"); err != nil {
		return err
	}
	if strings.Contains(p.Body, "Say how it is read") || strings.HasSuffix(p.At, "/columns") {
		if p, err = priya.Get(at + "/columns?kind=" + e.kind); err != nil {
			return err
		}
		if _, err = priya.Fill(p, at+"/columns", "as-at-day", nil); err != nil {
			return err
		}
		if p, err = priya.until(at, at+"/apply"); err != nil {
			return err
		}
	}
	if p, err = priya.Get(at + "/apply"); err != nil {
		return err
	}
	button := strings.TrimSpace(tagless(between(p.Body, `type="submit" class="govuk-button" data-module="govuk-button"`, "</button>")))
	if _, err = priya.Fill(p, at+"/apply", "key", nil); err != nil {
		return err
	}
	if p, err = priya.until(at, "The partner’s file is in the register"); err != nil {
		return err
	}
	for _, one := range e.people {
		l.book.tell(one.ID, told{on: l.today.String(), by: byList, code: e.code, since: begins.Format(time.DateOnly)})
	}
	l.Log("%s, %s: %d names; %s", l.today, e.sender, len(e.people), button)
	return l.again(priya, name, content, who, e.sender)
}

// again sends the same list once more: the page says that it was applied already,
// and it is put away.
func (l *life) again(d *desk, name string, content []byte, who url.Values, sender string) error {
	p, err := d.Get("/imports/new")
	if err != nil {
		return err
	}
	if known := regexp.MustCompile(`<option value="([a-z0-9]+)"[^>]*>` + regexp.QuoteMeta(sender)).FindStringSubmatch(p.Body); known != nil {
		who = url.Values{"from": {"known"}, "sender": {known[1]}}
	}
	if p, err = d.upload(p, "/imports/new", name, content, who); err != nil {
		return err
	}
	if p, err = d.until(p.At, "This very file was applied already"); err != nil {
		return err
	}
	at := strings.TrimSuffix(p.At, "/columns") + "/cancel"
	if p, err = d.Get(at); err == nil {
		_, err = d.Fill(p, at, "key", nil)
	}
	return err
}

func tagless(text string) string {
	_, text, _ = strings.Cut(text, ">")
	return strings.Join(strings.Fields(regexp.MustCompile(`<[^>]*>`).ReplaceAllString(text, " ")), " ")
}
