package main

import (
	"bytes"
	"errors"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"time"
)

// visitor is one browser: it keeps its cookies, follows redirects, and fills in
// the forms that it is shown.
type visitor struct {
	address string
	client  *http.Client
	read    reading
}

func newVisitor(address string) (*visitor, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	// A connection of its own, as each browser has.
	return &visitor{address: address, read: newReading(), client: &http.Client{Jar: jar, Transport: &http.Transport{MaxIdleConnsPerHost: 1, DisableCompression: true}}}, nil
}

// page is one answer, and how long it took until it was read to its end.
type page struct {
	body string
	took time.Duration
	// at is the address that it came from in the end.
	at string
}

func (v *visitor) ask(method, path string, form url.Values) (page, error) {
	return v.askWith(method, path, strings.NewReader(form.Encode()), "application/x-www-form-urlencoded")
}

// askWith is ask with a body that is made already.
func (v *visitor) askWith(method, path string, body io.Reader, kind string) (page, error) {
	r, err := http.NewRequest(method, v.address+path, body)
	if err != nil {
		return page{}, err
	}
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.Header.Set("User-Agent", "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0")
	if method == http.MethodPost {
		r.Header.Set("Content-Type", kind)
	}
	began := time.Now()
	answer, err := v.client.Do(r)
	if err != nil {
		return page{}, err
	}
	defer answer.Body.Close()
	var text bytes.Buffer
	if _, err := io.Copy(&text, answer.Body); err != nil {
		return page{}, err
	}
	p := page{text.String(), time.Since(began), answer.Request.URL.RequestURI()}
	switch {
	case answer.StatusCode != http.StatusOK:
		err = fmt.Errorf("%s %s answers %s: %s", method, path, answer.Status, v.read.titleOf(p.body))
	case strings.HasPrefix(p.at, "/sign-in") && !strings.HasPrefix(path, "/sign-in"):
		err = fmt.Errorf("%s %s: signed out", method, path)
	}
	return p, err
}

func (v *visitor) get(path string) (page, error) { return v.ask(http.MethodGet, path, nil) }

// signIn goes through the sign-in page.
func (v *visitor) signIn(name, password string) error {
	p, err := v.get("/sign-in")
	if err != nil {
		return err
	}
	form := v.read.form(p.body, "password")
	if form == nil {
		return errors.New("the sign-in page has no form")
	}
	form.Set("sign-in", name)
	form.Set("password", password)
	if p, err = v.ask(http.MethodPost, "/sign-in", form); err != nil {
		return err
	}
	if strings.HasPrefix(p.at, "/sign-in") {
		return fmt.Errorf("%s may not sign in: %s", name, v.read.complaintOf(p.body))
	}
	return nil
}

// fill sends the form of a page with something changed, and fails where the
// page comes back with complaints instead of leading on.
func (v *visitor) fill(p page, to, with string, change url.Values) (page, error) {
	form := v.read.form(p.body, with)
	if form == nil {
		return page{}, fmt.Errorf("%s has no form with %s", p.at, with)
	}
	for name, values := range change {
		form[name] = values
	}
	answer, err := v.ask(http.MethodPost, to, form)
	if err == nil && strings.Contains(answer.body, "govuk-error-summary") {
		err = fmt.Errorf("%s: %s", to, v.read.complaintOf(answer.body))
	}
	return answer, err
}

// reading finds the parts of a page. Attributes hold no ">": the templates
// escape it.
type reading struct{ part, attribute, title, complaint, tag *regexp.Regexp }

func newReading() reading {
	return reading{
		part:      regexp.MustCompile(`(?s)<(input|option|select|textarea)\b([^>]*)>([^<]*)`),
		attribute: regexp.MustCompile(`\s([a-z-]+)(?:="([^"]*)")?`),
		title:     regexp.MustCompile(`(?s)<title>(.*?)</title>`),
		complaint: regexp.MustCompile(`(?s)govuk-error-summary.*?<ul[^>]*>(.*?)</ul>`),
		tag:       regexp.MustCompile(`<[^>]*>`),
	}
}

// form is what a browser would send of the form that has a field of this name;
// nil where there is none.
func (r reading) form(body, field string) url.Values {
	for _, form := range strings.Split(body, "<form")[1:] {
		form, _, _ = strings.Cut(form, "</form>")
		values, has, selecting := url.Values{}, false, ""
		for _, m := range r.part.FindAllStringSubmatch(form, -1) {
			a := map[string]string{}
			for _, one := range r.attribute.FindAllStringSubmatch(m[2], -1) {
				a[one[1]] = html.UnescapeString(one[2])
			}
			name := a["name"]
			has = has || name == field
			_, checked := a["checked"]
			_, selected := a["selected"]
			switch {
			case m[1] == "select":
				selecting = name
			case m[1] == "option":
				if _, first := values[selecting]; selected || !first {
					values.Set(selecting, a["value"])
				}
			case m[1] == "textarea":
				values.Set(name, html.UnescapeString(m[3]))
			case name == "" || (a["type"] == "radio" || a["type"] == "checkbox") && !checked:
			default:
				values.Add(name, a["value"])
			}
		}
		if has {
			return values
		}
	}
	return nil
}

func (r reading) titleOf(body string) string {
	if m := r.title.FindStringSubmatch(body); m != nil {
		return strings.TrimSpace(html.UnescapeString(m[1]))
	}
	return "a page without a title"
}

// complaintOf is what an error summary says.
func (r reading) complaintOf(body string) string {
	if m := r.complaint.FindStringSubmatch(body); m != nil {
		return strings.Join(strings.Fields(html.UnescapeString(r.tag.ReplaceAllString(m[1], " "))), " ")
	}
	return r.titleOf(body)
}
