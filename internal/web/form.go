package web

import (
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"waymark/internal/civil"
	"waymark/internal/id"
)

// FieldError is one thing wrong with one field. ID is where the error summary
// leads; empty where it is about the whole form.
type FieldError struct{ ID, Message string }

// Form is what was typed, and what was wrong with it. It keeps everything as
// typed, so that a form sent back shows what its reader wrote.
//
// A handler makes one with newForm for an empty form or readForm for a sent
// one, and reads it with Text, Require, Date and the like, which note what is
// wrong. OK says whether anything was.
type Form struct {
	// Key is the one-use key: a form sent twice does its act once.
	Key    string
	values url.Values
	Errors []FieldError
}

const maxFields = 1000

// errForm is a form that no browser of ours would send.
var errForm = errors.New("the form could not be read")

// newForm is an empty form, or one filled in with what is already known.
func newForm(known map[string]string) *Form {
	f := &Form{Key: string(id.NewRef()), values: url.Values{}}
	for name, value := range known {
		f.values.Set(name, value)
	}
	return f
}

// readForm reads a sent form without files.
func readForm(r *http.Request) (*Form, error) {
	if err := r.ParseForm(); err != nil {
		return nil, fmt.Errorf("%w: %w", errForm, err)
	}
	f, err := formOf(r.PostForm)
	if err == nil && showOnly(r) {
		f.Fail("", wasKept)
	}
	return f, err
}

func formOf(values url.Values) (*Form, error) {
	if len(values) > maxFields {
		return nil, fmt.Errorf("%w: more than %d fields", errForm, maxFields)
	}
	f := &Form{Key: values.Get("key"), values: values}
	if !id.Ref(f.Key).Valid() {
		return nil, fmt.Errorf("%w: it has no one-use key", errForm)
	}
	return f, nil
}

// sentFile is a file on its way in: read it as it comes. Name is what its
// sender called it, and is never used as a path.
type sentFile struct {
	io.Reader
	Name string
}

// readUpload reads a form whose last field is a file, as it streams in. The
// file is nil where none was chosen.
func readUpload(r *http.Request, field string) (*Form, *sentFile, error) {
	parts, err := r.MultipartReader()
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %w", errForm, err)
	}
	values := url.Values{}
	for n := 0; n <= maxFields; n++ {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			form, err := formOf(values)
			return form, nil, err
		}
		if err != nil {
			return nil, nil, fmt.Errorf("%w: %w", errForm, err)
		}
		if part.FormName() == field && part.FileName() != "" {
			form, err := formOf(values)
			return form, &sentFile{Reader: part, Name: part.FileName()}, err
		}
		if err := readPart(values, part); err != nil {
			return nil, nil, err
		}
	}
	return nil, nil, fmt.Errorf("%w: more than %d fields", errForm, maxFields)
}

func readPart(values url.Values, part *multipart.Part) error {
	text, err := io.ReadAll(io.LimitReader(part, 64<<10))
	if err != nil {
		return fmt.Errorf("%w: %w", errForm, err)
	}
	if part.FileName() == "" && len(text) > 0 {
		values.Add(part.FormName(), string(text))
	}
	return nil
}

// Fail notes what is wrong with a field, in words that say what to do. The
// first complaint about a field stands.
func (f *Form) Fail(field, message string) {
	if f.Error(field) == "" || field == "" {
		f.Errors = append(f.Errors, FieldError{ID: field, Message: message})
	}
}

// OK says that nothing is wrong so far.
func (f *Form) OK() bool { return len(f.Errors) == 0 }

// Error is what is wrong with the field, or empty.
func (f *Form) Error(field string) string {
	for _, e := range f.Errors {
		if e.ID == field || e.ID == field+"-day" {
			return e.Message
		}
	}
	return ""
}

// Text is what was typed, without spaces at its ends and with Unix line ends.
func (f *Form) Text(name string) string {
	return strings.TrimSpace(strings.ReplaceAll(f.values.Get(name), "\r\n", "\n"))
}

// Raw is exactly what was typed: for passwords, which may end in a space.
func (f *Form) Raw(name string) string { return f.values.Get(name) }

// All are all values of one name: the ticked boxes.
func (f *Form) All(name string) []string { return f.values[name] }

// Require is Text, with the complaint where nothing was typed.
func (f *Form) Require(name, complaint string) string {
	text := f.Text(name)
	if text == "" {
		f.Fail(name, complaint)
	}
	return text
}

// OneOf is Text, with the complaint where it is none of the choice's answers.
func (f *Form) OneOf(c Choice, complaint string) string {
	text := f.Text(c.Name)
	for _, o := range c.Options {
		if o.Value == text && text != "" {
			return text
		}
	}
	f.Fail(c.Name, complaint)
	return ""
}

// TypedDate is a date as typed: three boxes that may hold anything.
type TypedDate struct{ Day, Month, Year string }

// Typed is the date as typed.
func (f *Form) Typed(name string) TypedDate {
	return TypedDate{f.Text(name + "-day"), f.Text(name + "-month"), f.Text(name + "-year")}
}

// Date reads a date that may be left out. what begins the complaint about one
// that is no date: "Date of birth must be a real date, like 27 3 2009".
func (f *Form) Date(name, what string) civil.Date {
	typed := f.Typed(name)
	if typed == (TypedDate{}) {
		return civil.Date{}
	}
	d, ok := typed.Date()
	if !ok {
		f.Fail(name+"-day", what+" must be a real date, like 27 3 2009")
	}
	return d
}

// RequireDate is Date, with the complaint where nothing was typed.
func (f *Form) RequireDate(name, what, complaint string) civil.Date {
	if f.Typed(name) == (TypedDate{}) {
		f.Fail(name+"-day", complaint)
		return civil.Date{}
	}
	return f.Date(name, what)
}

// SetDate fills in a known date, for a form that corrects it.
func (f *Form) SetDate(name string, d civil.Date) {
	if d.IsZero() {
		return
	}
	y, m, day := d.YMD()
	f.values.Set(name+"-day", strconv.Itoa(day))
	f.values.Set(name+"-month", strconv.Itoa(int(m)))
	f.values.Set(name+"-year", strconv.Itoa(y))
}

// Date is the day that was typed, and false where there is no such day. The
// month may be a number or its name, whole or its first three letters; the
// year has four digits, so that nobody is born in year 9.
func (t TypedDate) Date() (civil.Date, bool) {
	day, err := strconv.Atoi(t.Day)
	year, err2 := strconv.Atoi(t.Year)
	month, ok := monthOf(t.Month)
	if err != nil || err2 != nil || !ok || len(t.Year) != 4 {
		return civil.Date{}, false
	}
	return civil.New(year, month, day)
}

func monthOf(typed string) (time.Month, bool) {
	if n, err := strconv.Atoi(typed); err == nil {
		return time.Month(n), n >= 1 && n <= 12
	}
	folded := strings.ToLower(strings.TrimSuffix(typed, "."))
	for m := time.January; m <= time.December; m++ {
		name := strings.ToLower(m.String())
		if folded == name || folded == name[:3] || (m == time.September && folded == "sept") {
			return m, true
		}
	}
	return 0, false
}

// Input fills in what was typed and what was wrong.
func (f *Form) Input(i Input) Input {
	if i.ID == "" {
		i.ID = i.Name
	}
	if i.Type == "" {
		i.Type = "text"
	}
	if i.Autocomplete == "" {
		i.Autocomplete = "off"
	}
	i.Value, i.Error = f.values.Get(i.Name), f.Error(i.Name)
	return i
}

// Textarea fills in what was typed and what was wrong.
func (f *Form) Textarea(t Textarea) Textarea {
	if t.ID == "" {
		t.ID = t.Name
	}
	if t.Rows == 0 {
		t.Rows = 5
	}
	t.Value, t.Error = f.values.Get(t.Name), f.Error(t.Name)
	return t
}

// Choice fills in what was chosen and what was wrong. The caller's options are
// left as they are.
func (f *Form) Choice(c Choice) Choice {
	if c.ID == "" {
		c.ID = c.Name
	}
	chosen := f.values[c.Name]
	options := make([]Option, len(c.Options))
	for i, o := range c.Options {
		for _, v := range chosen {
			o.Chosen = o.Chosen || v == o.Value
		}
		options[i] = o
	}
	c.Options, c.Error = options, f.Error(c.Name)
	return c
}

// DateInput fills in what was typed and what was wrong.
func (f *Form) DateInput(d DateInput) DateInput {
	if d.ID == "" {
		d.ID = d.Name
	}
	d.Typed, d.Error = f.Typed(d.Name), f.Error(d.Name)
	return d
}

// Upload fills in what was wrong; a browser never sends a file's name back.
func (f *Form) Upload(u Upload) Upload {
	if u.ID == "" {
		u.ID = u.Name
	}
	u.Error = f.Error(u.Name)
	return u
}
