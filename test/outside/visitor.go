package outside

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

// Visitor is one browser: it keeps its cookies, follows redirects, and fills in
// the forms that it is shown.
type Visitor struct {
	// Address is where the server is: a server that was started again has
	// another.
	Address string
	Client  *http.Client
	Read    Reading
}

// patience is longer than any page may take, and short enough that nothing
// hangs for ever.
const patience = 3 * time.Minute

// NewVisitor opens a browser that has been nowhere yet.
func NewVisitor(address string) (*Visitor, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	return &Visitor{Address: address, Read: NewReading(), Client: Connection(jar)}, nil
}

// Connection is one of its own, as each browser has, with the cookies of a
// session.
func Connection(jar http.CookieJar) *http.Client {
	return &http.Client{Jar: jar, Timeout: patience, Transport: &http.Transport{MaxIdleConnsPerHost: 1, DisableCompression: true}}
}

// Page is one answer, and how long it took until it was read to its end.
type Page struct {
	Body string
	Took time.Duration
	// At is the address that it came from in the end.
	At string
}

// Ask sends a form, or none, and reads the page to which it leads.
func (v *Visitor) Ask(method, path string, form url.Values) (Page, error) {
	return v.AskWith(method, path, strings.NewReader(form.Encode()), "application/x-www-form-urlencoded")
}

// AskWith is Ask with a body that is made already.
func (v *Visitor) AskWith(method, path string, body io.Reader, kind string) (Page, error) {
	r, err := http.NewRequest(method, v.Address+path, body)
	if err != nil {
		return Page{}, err
	}
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.Header.Set("User-Agent", "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0")
	if method == http.MethodPost {
		r.Header.Set("Content-Type", kind)
	}
	began := time.Now()
	answer, err := v.Client.Do(r)
	if err != nil {
		return Page{}, err
	}
	defer answer.Body.Close()
	var text bytes.Buffer
	if _, err := io.Copy(&text, answer.Body); err != nil {
		return Page{}, err
	}
	p := Page{text.String(), time.Since(began), answer.Request.URL.RequestURI()}
	switch {
	case answer.StatusCode == http.StatusAccepted:
		err = ErrComing
	case answer.StatusCode != http.StatusOK:
		err = Refused{Status: answer.StatusCode, Body: p.Body, What: fmt.Sprintf("%s %s answers %s: %s", method, path, answer.Status, v.Read.TitleOf(p.Body))}
	case strings.HasPrefix(p.At, "/sign-in") && !strings.HasPrefix(path, "/sign-in"):
		err = fmt.Errorf("%s %s: signed out", method, path)
	}
	return p, err
}

// Refused is an answer other than 200.
type Refused struct {
	Status int
	What   string
	// Body is the page that says why.
	Body string
}

func (r Refused) Error() string { return r.What }

// Get asks for a page.
func (v *Visitor) Get(path string) (Page, error) { return v.Ask(http.MethodGet, path, nil) }

// ErrComing is that the page says it will show what is asked for later.
var ErrComing = errors.New("the page is still being worked out")

// Counted is get, again and again while the page is being worked out.
func (v *Visitor) Counted(path string) (Page, error) {
	for {
		p, err := v.Get(path)
		if !errors.Is(err, ErrComing) {
			return p, err
		}
		time.Sleep(200 * time.Millisecond)
	}
}

// SignIn goes through the sign-in page.
func (v *Visitor) SignIn(name, password string) error {
	p, err := v.Get("/sign-in")
	if err != nil {
		return err
	}
	form := v.Read.Form(p.Body, "password")
	if form == nil {
		return errors.New("the sign-in page has no form")
	}
	form.Set("sign-in", name)
	form.Set("password", password)
	if p, err = v.Ask(http.MethodPost, "/sign-in", form); err != nil {
		return err
	}
	if strings.HasPrefix(p.At, "/sign-in") {
		return fmt.Errorf("%s may not sign in: %s", name, v.Read.ComplaintOf(p.Body))
	}
	return nil
}

// Fill sends the form of a page with something changed, and fails where the
// page comes back with complaints instead of leading on.
func (v *Visitor) Fill(p Page, to, with string, change url.Values) (Page, error) {
	form := v.Read.Form(p.Body, with)
	if form == nil {
		return Page{}, fmt.Errorf("%s has no form with %s", p.At, with)
	}
	for name, values := range change {
		form[name] = values
	}
	answer, err := v.Ask(http.MethodPost, to, form)
	var no Refused
	if errors.As(err, &no) && no.Status == http.StatusUnprocessableEntity {
		no.What += ": " + v.Read.ComplaintOf(no.Body)
		return answer, no
	}
	if err == nil && strings.Contains(answer.Body, "govuk-error-summary") {
		err = fmt.Errorf("%s: %s", to, v.Read.ComplaintOf(answer.Body))
	}
	return answer, err
}

// Reading finds the parts of a page. Attributes hold no ">": the templates
// escape it.
type Reading struct{ part, attribute, title, complaint, tag *regexp.Regexp }

// NewReading makes one.
func NewReading() Reading {
	return Reading{
		part:      regexp.MustCompile(`(?s)<(input|option|select|textarea)\b([^>]*)>([^<]*)`),
		attribute: regexp.MustCompile(`\s([a-z-]+)(?:="([^"]*)")?`),
		title:     regexp.MustCompile(`(?s)<title>(.*?)</title>`),
		complaint: regexp.MustCompile(`(?s)govuk-error-summary.*?<ul[^>]*>(.*?)</ul>`),
		tag:       regexp.MustCompile(`<[^>]*>`),
	}
}

// Form is what a browser would send of the Form that has a field of this name;
// nil where there is none.
func (r Reading) Form(body, field string) url.Values {
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

// TitleOf is what the browser's tab shows.
func (r Reading) TitleOf(body string) string {
	if m := r.title.FindStringSubmatch(body); m != nil {
		return strings.TrimSpace(html.UnescapeString(m[1]))
	}
	return "a page without a title"
}

// ComplaintOf is what an error summary says.
func (r Reading) ComplaintOf(body string) string {
	if m := r.complaint.FindStringSubmatch(body); m != nil {
		return strings.Join(strings.Fields(html.UnescapeString(r.tag.ReplaceAllString(m[1], " "))), " ")
	}
	return r.TitleOf(body)
}
