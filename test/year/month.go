package year

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"waymark/test/outside"
)

// person is one record of a signed file, read without any of the product's code.
type person struct {
	ID        string `xml:"PersonalDetails>YoungPersonsID"`
	Status    string `xml:"PersonalDetails>CohortStatus"`
	Given     string `xml:"PersonalDetails>GivenName"`
	Family    string `xml:"PersonalDetails>FamilyName"`
	Born      string `xml:"PersonalDetails>DOB"`
	Postcode  string `xml:"PersonalDetails>Postcode"`
	ULN       string `xml:"PersonalDetails>UniqueLearnerNo"`
	Activity  string `xml:"Activities>Cohort>ActivityCode"`
	Lapsed    string `xml:"Activities>Cohort>CurrencyLapsed"`
	DueTo     string `xml:"Activities>Cohort>DueToLapseDate"`
	Verified  string `xml:"Activities>Cohort>DateVerified"`
	School    string `xml:"Activities>Cohort>EstablishmentName"`
	Guarantee struct {
		Inner string `xml:",innerxml"`
	} `xml:"SeptemberGuarantee"`
}

// class is what a person counts as: "known" is in education, employment or
// training by something that is still current.
type class string

const (
	known class = "known"
	neet  class = "NEET"
	lost  class = "not known"
)

// class follows from the code and from whether it has lapsed (nccis.md 4 and 6).
func (p person) class() class { return classOf(p.Activity, p.Lapsed == "Y") }

func classOf(code string, lapsed bool) class {
	switch {
	case code == "540" || code >= "610" && code <= "680":
		return neet
	case code == "" || lapsed || code >= "810":
		return lost
	}
	return known
}

// counted says that the figures of a month's end count the person: of academic
// age 16 or 17, in the cohort, and not in custody as a young adult.
func (p person) counted(m yearMonth) bool {
	age := m.academicAge(p.Born)
	return (age == 16 || age == 17) && (p.Status == "P" || p.Status == "G") && p.Activity != "710"
}

// yearMonth is like 2026-09.
type yearMonth string

// academicAge is the age on 31 August before the academic year of the month.
func (m yearMonth) academicAge(born string) int {
	year, _ := strconv.Atoi(string(m[:4]))
	if m[5:] < "09" {
		year--
	}
	if len(born) != 10 {
		return -1
	}
	age := year
	b, _ := strconv.Atoi(born[:4])
	if age -= b; born[5:] > "08-31" {
		age--
	}
	return age
}

// signed is a return that two have signed and that was sent.
type signed struct {
	month  yearMonth
	on     string // the day on which it was signed
	path   string
	people map[string]person
}

// counts are the three numbers of a month, and of how many.
type counts struct{ all, neet, lost int }

func (s *signed) count() (c counts) {
	for _, p := range s.people {
		if !p.counted(s.month) {
			continue
		}
		c.all++
		switch p.class() {
		case neet:
			c.neet++
		case lost:
			c.lost++
		}
	}
	return c
}

// sign mends a month, signs it with two names, downloads what was signed, has
// the open checker check it, and says that it was sent.
func (l *life) sign(month yearMonth) (*signed, error) {
	mended, err := l.mend(string(month))
	if err != nil {
		return nil, err
	}
	at := "/returns/" + string(month) + "/sign"
	for _, who := range []string{"priya", "grace"} {
		d, err := l.as(who)
		if err != nil {
			return nil, err
		}
		p, form, err := d.formAt(at, "declaration")
		if err != nil {
			return nil, fmt.Errorf("%s is to sign: %w", who, err)
		}
		form.Set("declaration", "yes")
		if _, err := d.Fill(p, at, "declaration", form); err != nil {
			return nil, err
		}
	}
	priya, err := l.as("priya")
	if err != nil {
		return nil, err
	}
	p, err := priya.Get(at)
	if err != nil {
		return nil, err
	}
	file := regexp.MustCompile(`/returns/` + string(month) + `/files/([a-z0-9]+)`).FindString(p.Body)
	if file == "" {
		return nil, fmt.Errorf("%s: nothing to download", at)
	}
	text, err := priya.download(file)
	if err != nil {
		return nil, err
	}
	s := &signed{month: month, on: l.today.String(), path: filepath.Join(l.Dir, string(month)+".xml")}
	if err := os.WriteFile(s.path, []byte(text), 0o600); err != nil {
		return nil, err
	}
	if err := l.check(s.path); err != nil {
		return nil, err
	}
	if s.people, err = readFile(text); err != nil {
		return nil, err
	}
	send, form, err := priya.formAt(at, "state")
	if err != nil {
		return nil, err
	}
	form.Set("state", "sent")
	if _, err = priya.Fill(send, file+"/state", "state", form); err != nil {
		return nil, err
	}
	// The button pressed again, with the same form, sends nothing twice.
	if again, err := priya.Ask("POST", file+"/state", form); err == nil && strings.Count(again.Body, "Sent to the Department") > 1 {
		return nil, fmt.Errorf("%s was sent twice", month)
	}
	c := s.count()
	l.Log("%s signed on %s: %d records, %d of academic age 16 and 17, %d NEET, %d not known; %d findings mended", month, s.on, len(s.people), c.all, c.neet, c.lost, mended)
	return s, nil
}

// download fetches a file, saying what it is needed for where that is asked.
func (d *desk) download(path string) (string, error) {
	p, err := d.Get(path)
	if err != nil || !strings.HasPrefix(p.At, "/downloads") {
		return p.Body, err
	}
	if p, err = d.Fill(p, "/downloads", "reason", url.Values{"reason": {"The month's work"}}); err != nil {
		return "", err
	}
	file := regexp.MustCompile(`href="(/downloads/[a-z0-9]+[^"]*)"`).FindStringSubmatch(p.Body)
	if file == nil {
		return p.Body, nil
	}
	p, err = d.Get(file[1])
	return p.Body, err
}

// check has `waymark check` look at a file: it finds nothing serious and no error.
func (l *life) check(path string) error {
	out, err := l.program("check", path, "--format", "json")
	if err != nil {
		return fmt.Errorf("what was signed does not pass: %w", err)
	}
	for line := range bytes.Lines(out) {
		var finding struct {
			Check    string
			Priority int
		}
		if json.Unmarshal(line, &finding) == nil && finding.Priority > 0 && finding.Priority < 3 {
			return fmt.Errorf("what was signed does not pass: %s", line)
		}
	}
	return nil
}

func readFile(text string) (map[string]person, error) {
	people := map[string]person{}
	d := xml.NewDecoder(strings.NewReader(text))
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return people, nil
		}
		if err != nil {
			return nil, fmt.Errorf("read the signed file: %w", err)
		}
		if start, ok := token.(xml.StartElement); ok && start.Name.Local == "YoungPersonsRecord" {
			var p person
			if err := d.DecodeElement(&p, &start); err != nil {
				return nil, err
			}
			people[p.ID] = p
		}
	}
}

// figures are what the page Figures says of a month, as its file has it; as
// known on a day, or now.
func (l *life) figures(m yearMonth, knownOn string) (counts, error) {
	duncan, err := l.as("duncan") // the commissioner: figures alone
	if err != nil {
		return counts{}, err
	}
	at := "/figures.csv?period=" + string(m)
	if knownOn != "" {
		at += "&known-on=" + knownOn
	}
	p, err := duncan.Counted(at)
	if err != nil {
		return counts{}, err
	}
	return readFigures(p)
}

func readFigures(p outside.Page) (c counts, err error) {
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(p.Body, "\ufeff"))).ReadAll()
	if err != nil {
		return c, fmt.Errorf("%s: %w", p.At, err)
	}
	for _, row := range rows {
		if len(row) < 6 || row[2] != "all" {
			continue
		}
		n, _ := strconv.Atoi(row[4])
		of, _ := strconv.Atoi(row[5])
		switch row[1] {
		case "neet":
			c.neet, c.all = n, of
		case "not_known":
			c.lost = n
		}
	}
	if c.all == 0 {
		return c, fmt.Errorf("%s has no number of everybody", p.At)
	}
	return c, nil
}
