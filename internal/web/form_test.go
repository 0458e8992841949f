package web

import (
	"bytes"
	"io"
	"mime/multipart"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"waymark/internal/civil"
	"waymark/internal/field"
	"waymark/internal/id"
)

func TestTypedDates(t *testing.T) {
	for _, c := range []struct {
		typed TypedDate
		want  string // empty: no such day
	}{
		{TypedDate{"27", "3", "2009"}, "2009-03-27"},
		{TypedDate{"01", "03", "2009"}, "2009-03-01"},
		{TypedDate{"27", "March", "2009"}, "2009-03-27"},
		{TypedDate{"27", "mar", "2009"}, "2009-03-27"},
		{TypedDate{"1", "Sept.", "2026"}, "2026-09-01"},
		{TypedDate{"29", "february", "2024"}, "2024-02-29"},
		{TypedDate{"29", "february", "2025"}, ""},
		{TypedDate{"31", "4", "2009"}, ""},
		{TypedDate{"27", "13", "2009"}, ""},
		{TypedDate{"27", "Marchember", "2009"}, ""},
		{TypedDate{"27", "3", "09"}, ""},
		{TypedDate{"", "3", "2009"}, ""},
		{TypedDate{"0", "0", "0000"}, ""},
	} {
		d, ok := c.typed.Date()
		if d.String() != c.want || ok != (c.want != "") {
			t.Errorf("%v is %q, %v; want %q", c.typed, d, ok, c.want)
		}
	}
}

func sent(t *testing.T, values url.Values) *Form {
	t.Helper()
	values.Set("key", string(id.NewRef()))
	f, err := formOf(values)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestAFormKeepsWhatWasTyped(t *testing.T) {
	f := sent(t, url.Values{"born-day": {"31"}, "born-month": {"Febuary"}, "born-year": {"2009"}, "name": {"  "}, "way": {"pigeon"}})
	way := Choice{Name: "way", Options: []Option{{Value: "phone", Text: "Telephone"}}}
	f.Date("born", "Date of birth")
	f.Require("name", "Enter a name")
	f.OneOf(way, "Choose how you learned it")
	if f.OK() || len(f.Errors) != 3 {
		t.Fatalf("the complaints are %v", f.Errors)
	}
	d := f.DateInput(DateInput{Name: "born", Label: "Date of birth"})
	if d.Typed.Month != "Febuary" || d.Error != "Date of birth must be a real date, like 27 3 2009" || f.Errors[0].ID != "born-day" {
		t.Errorf("the date shows %+v", d)
	}
	if in := f.Input(Input{Name: "name"}); in.Value != "  " || in.Error != "Enter a name" || in.DescribedBy() != "name-error" {
		t.Errorf("the field shows %+v", in)
	}
}

func TestTheTradesComplaintsStandBesideTheirFields(t *testing.T) {
	f := sent(t, url.Values{"started-day": {"1"}, "started-month": {"1"}, "started-year": {"2030"}})
	if !f.Take(field.Errors{{Field: "started", Message: "Enter a date that is not in the future"}}) {
		t.Fatal("the complaints were not taken")
	}
	if f.Errors[0].ID != "started-day" || f.DateInput(DateInput{Name: "started"}).Error == "" {
		t.Errorf("it stands at %v", f.Errors)
	}
	if f.Take(io.EOF) {
		t.Error("another error was taken for complaints")
	}
}

func TestSetDate(t *testing.T) {
	f := newForm(nil)
	f.SetDate("born", civil.MustParse("2009-03-07"))
	if got := f.Date("born", "Date of birth"); got.String() != "2009-03-07" {
		t.Errorf("came back as %v", got)
	}
}

func TestUploadStreams(t *testing.T) {
	var body bytes.Buffer
	m := multipart.NewWriter(&body)
	m.WriteField("key", string(id.NewRef()))
	m.WriteField("source", "college")
	part, err := m.CreateFormFile("file", "../../return.xml")
	if err != nil {
		t.Fatal(err)
	}
	part.Write([]byte("<x/>"))
	m.Close()
	r := httptest.NewRequest("POST", "/", &body)
	r.Header.Set("Content-Type", m.FormDataContentType())
	form, file, err := readUpload(r, "file")
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(file)
	if err != nil || string(text) != "<x/>" || form.Text("source") != "college" || strings.Contains(file.Name, "/") {
		t.Errorf("read %q from %q, source %q: %v", text, file.Name, form.Text("source"), err)
	}
}

func TestPaginate(t *testing.T) {
	p := paginate(1000, 50, 10, func(n int) string { return "?page=" + count(n) })
	var shown []string
	for _, i := range p.Items {
		if i.Gap {
			shown = append(shown, "…")
		} else {
			shown = append(shown, count(i.Number))
		}
	}
	if got := strings.Join(shown, " "); got != "1 … 9 10 11 … 20" || p.Previous != "?page=9" || p.Next != "?page=11" {
		t.Errorf("%s, %s, %s", got, p.Previous, p.Next)
	}
	if p := paginate(50, 50, 1, nil); len(p.Items) != 0 {
		t.Error("one page has links")
	}
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", 1234567: "1,234,567", -1000: "-1,000"} {
		if got := count(n); got != want {
			t.Errorf("count(%d) is %s", n, got)
		}
	}
}
