package reference

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"waymark/internal/civil"
	"waymark/internal/dataset"
	"waymark/internal/db"
	"waymark/internal/id"
	"waymark/internal/place"
	"waymark/internal/provider"
	"waymark/internal/sheet"
)

// line is one row of a file, read by its items.
type line struct {
	at       *places
	headings []string
	row      sheet.Row
}

// get is what stands in the row for an item, "" where the file has it not.
func (l *line) get(i item) string {
	at := l.at[i]
	if at < 0 || at >= len(l.row.Cells) {
		return ""
	}
	return strings.TrimSpace(l.row.Cells[at])
}

// wrong refuses the file for what stands in one cell.
func (l *line) wrong(i item, words string) error {
	return refuse(fmt.Sprintf("Row %d: %q in the column %s %s. Nothing was changed: download the file again, and do not save it from a spreadsheet program on the way.",
		l.row.Number, cut(l.get(i)), l.headings[l.at[i]], words))
}

// batch gathers rows of one kind until they are staged as one piece.
type batch interface {
	// add takes a row, or leaves it out because it lies outside the areas asked
	// for. The error is a Refusal.
	add(l *line) error
	count() int
	// store stages what was gathered. part is another one for each piece.
	store(tx *db.Tx, reg id.Register, set id.Dataset, part int) error
	// fresh is an empty batch of the same kind.
	fresh() batch
}

// gathered is a batch of one type of rows.
type gathered[T any] struct {
	rows []T
	read func(l *line) (row T, keep bool, err error)
	save func(tx *db.Tx, reg id.Register, set id.Dataset, part int, rows []T) error
}

func (g *gathered[T]) add(l *line) error {
	row, keep, err := g.read(l)
	if err == nil && keep {
		g.rows = append(g.rows, row)
	}
	return err
}

func (g *gathered[T]) count() int { return len(g.rows) }

func (g *gathered[T]) store(tx *db.Tx, reg id.Register, set id.Dataset, part int) error {
	return g.save(tx, reg, set, part, g.rows)
}

func (g *gathered[T]) fresh() batch {
	return &gathered[T]{rows: make([]T, 0, cap(g.rows)), read: g.read, save: g.save}
}

func whole[T any](save func(*db.Tx, id.Register, id.Dataset, []T) error) func(*db.Tx, id.Register, id.Dataset, int, []T) error {
	return func(tx *db.Tx, reg id.Register, set id.Dataset, _ int, rows []T) error {
		return save(tx, reg, set, rows)
	}
}

// batchOf is an empty batch for a kind.
func batchOf(kind dataset.Kind, a areas) batch {
	switch kind {
	case dataset.Establishments:
		return &gathered[provider.Establishment]{read: readEstablishment, save: whole(provider.AddEstablishments)}
	case dataset.Links:
		pairs := map[[2]string]bool{}
		return &gathered[provider.Link]{read: func(l *line) (provider.Link, bool, error) { return readLink(l, pairs) }, save: whole(provider.AddLinks)}
	case dataset.Providers:
		return &gathered[provider.Provider]{read: readProvider, save: whole(provider.AddProviders)}
	case dataset.Deprivation:
		return &gathered[place.Deprivation]{read: readDeprivation, save: whole(place.AddDeprivation)}
	}
	return &gathered[place.Postcode]{read: func(l *line) (place.Postcode, bool, error) { return readPostcode(l, a) }, save: place.AddPostcodes}
}

// digits says that the text has nothing but as many digits.
func digits(s string, least, most int) bool {
	if len(s) < least || len(s) > most {
		return false
	}
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// day reads a date as GIAS writes it, dd-mm-yyyy, or as spreadsheets do.
func (l *line) day(i item) (civil.Date, error) {
	text := l.get(i)
	if text == "" {
		return civil.Date{}, nil
	}
	if d, err := civil.Parse(text); err == nil {
		return d, nil
	}
	if len(text) == 10 && (text[2] == '-' || text[2] == '/') && text[5] == text[2] {
		if d, err := civil.Parse(text[6:] + "-" + text[3:5] + "-" + text[:2]); err == nil {
			return d, nil
		}
	}
	return civil.Date{}, l.wrong(i, "is no date, like 31-08-2026")
}

func (l *line) urn(i item) (string, error) {
	if v := l.get(i); digits(v, 5, 7) {
		return v, nil
	}
	return "", l.wrong(i, "is no URN, a number of six digits")
}

func (l *line) small(i item) int {
	n, err := strconv.Atoi(l.get(i))
	if err != nil || n < 0 {
		return 0
	}
	return n
}

func readEstablishment(l *line) (e provider.Establishment, keep bool, err error) {
	if e.URN, err = l.urn(urn); err != nil {
		return e, false, err
	}
	if e.Name = l.get(name); e.Name == "" {
		return e, false, l.wrong(name, "is empty, and every establishment has a name")
	}
	e.LACode = l.get(laCode)
	if n := l.get(number); n != "" {
		if !digits(n, 1, 4) || !digits(e.LACode, 3, 3) {
			return e, false, l.wrong(number, "is no establishment number, four digits after those of the authority")
		}
		e.Number = e.LACode + fmt.Sprintf("%04s", n)
	}
	if e.UKPRN = l.get(ukprn); e.UKPRN != "" && !digits(e.UKPRN, 8, 8) {
		return e, false, l.wrong(ukprn, "is no UKPRN, a number of eight digits")
	}
	if e.Status = l.get(status); !digits(e.Status, 1, 2) {
		return e, false, l.wrong(status, "is no status of an establishment, like 1")
	}
	if e.Opened, err = l.day(opened); err != nil {
		return e, false, err
	}
	if e.Closed, err = l.day(closed); err != nil {
		return e, false, err
	}
	e.KindCode, e.Kind, e.Phase, e.LAName, e.SixthForm = l.get(kindCode), l.get(kindName), l.get(phase), l.get(laName), l.get(sixthForm)
	e.Postcode, e.LowAge, e.HighAge = l.get(postcode), l.small(lowAge), l.small(highAge)
	return e, true, nil
}

// readLink reads a link from either side: the list names each twice. Links
// that are no succession (a children's centre, a sixth form centre) are left
// out.
func readLink(l *line, pairs map[[2]string]bool) (link provider.Link, keep bool, err error) {
	if link.URN, err = l.urn(urn); err != nil {
		return link, false, err
	}
	if link.Successor, err = l.urn(linkURN); err != nil {
		return link, false, err
	}
	link.Words = l.get(linkType)
	switch words := strings.ToLower(link.Words); {
	case strings.HasPrefix(words, "successor"):
	case strings.HasPrefix(words, "predecessor"):
		link.URN, link.Successor = link.Successor, link.URN
	default:
		return link, false, nil
	}
	if link.Since, err = l.day(linkSince); err != nil {
		return link, false, err
	}
	pair := [2]string{link.URN, link.Successor}
	if pairs[pair] || link.URN == link.Successor {
		return link, false, nil
	}
	pairs[pair] = true
	return link, true, nil
}

func readProvider(l *line) (p provider.Provider, keep bool, err error) {
	p.UKPRN, p.Name = l.get(ukprn), l.get(name)
	if !digits(p.UKPRN, 8, 8) || p.UKPRN[0] != '1' {
		return p, false, l.wrong(ukprn, "is no UKPRN, a number of eight digits that begins with 1")
	}
	if p.Name == "" {
		return p, false, l.wrong(name, "is empty, and every provider has a name")
	}
	return p, true, nil
}

// code reads a code of the Office for National Statistics, which may be
// missing.
func (l *line) code(i item) (string, error) {
	v := l.get(i)
	if v == "" {
		return "", nil
	}
	if len(v) != 9 || v[0] < 'A' || v[0] > 'Z' || !digits(v[1:], 8, 8) {
		return "", l.wrong(i, "is no code of an area, a letter and eight digits")
	}
	return v, nil
}

func readPostcode(l *line, a areas) (p place.Postcode, keep bool, err error) {
	out, in, ok := place.Split(l.get(postcode))
	if !ok {
		return p, false, l.wrong(postcode, "is no postcode")
	}
	p.Code = out + " " + in
	for _, f := range []struct {
		to *string
		i  item
	}{{&p.Authority, authority}, {&p.Ward, ward}, {&p.LSOA11, lsoa11}, {&p.LSOA21, lsoa21}} {
		if *f.to, err = l.code(f.i); err != nil {
			return p, false, err
		}
	}
	if !a.keep(p.Authority, out) {
		return p, false, nil
	}
	for _, f := range []struct {
		to *string
		i  item
	}{{&p.Easting, easting}, {&p.Northing, northing}} {
		if *f.to = l.get(f.i); *f.to != "" && !digits(*f.to, 1, 7) {
			return p, false, l.wrong(f.i, "is no coordinate of the national grid, a whole number of metres")
		}
	}
	for _, f := range []struct {
		to *string
		i  item
	}{{&p.Since, since}, {&p.Until, until}} {
		if *f.to = l.get(f.i); *f.to != "" && !digits(*f.to, 6, 6) {
			return p, false, l.wrong(f.i, "is no month, like 202609")
		}
	}
	return p, true, nil
}

func readDeprivation(l *line) (d place.Deprivation, keep bool, err error) {
	if d.LSOA, err = l.code(lsoa); err != nil || d.LSOA == "" {
		if err == nil {
			err = l.wrong(lsoa, "is empty, and every row has an area")
		}
		return d, false, err
	}
	for _, f := range []struct {
		to   *int
		i    item
		most int
	}{{&d.IMDRank, imdRank, 1 << 20}, {&d.IMDDecile, imdDecile, 10}, {&d.IDACIRank, idaciRank, 1 << 20}, {&d.IDACIDecile, idaciDecile, 10}} {
		n, err := strconv.Atoi(strings.ReplaceAll(l.get(f.i), ",", ""))
		if err != nil || n < 1 || n > f.most {
			return d, false, l.wrong(f.i, fmt.Sprintf("is no number from 1 to %d", f.most))
		}
		*f.to = n
	}
	return d, true, nil
}

// cut shortens what is shown of a value.
func cut(s string) string {
	if len(s) > 40 {
		return strings.ToValidUTF8(s[:40], "") + "…"
	}
	return s
}

var (
	fileMonth = regexp.MustCompile(`(?i)\b?(NSPL|ONSPD)(?:21|11)?_?(JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC)[A-Z]*_?(20\d\d)`)
	fileDay   = regexp.MustCompile(`(20\d\d)-?(\d\d)-?(\d\d)`)
	fileIoD   = regexp.MustCompile(`(?i)IoD[ _]?(20\d\d)`)
	lsoaYear  = regexp.MustCompile(`\((20\d\d)\)`)
)

// edition is what the publisher calls the file, from its headings and else
// from its name; basis is the census of its areas.
func edition(kind dataset.Kind, fileName string, headings []string, at *places) (edition, basis string) {
	switch kind {
	case dataset.Deprivation:
		if m := lsoaYear.FindStringSubmatch(headings[at[lsoa]]); m != nil {
			basis = m[1]
		}
		if m := fileIoD.FindStringSubmatch(fileName); m != nil {
			return "IoD" + m[1], basis
		}
		if basis == "2021" {
			return "IoD2025", basis
		}
		return "ranks of the areas of " + basis, basis
	case dataset.Postcodes:
		if at[lsoa21] >= 0 {
			basis = "2021"
		} else if at[lsoa11] >= 0 {
			basis = "2011"
		}
		if m := fileMonth.FindStringSubmatch(fileName); m != nil {
			month := strings.ToUpper(m[2][:1]) + strings.ToLower(m[2][1:])
			return strings.ToUpper(m[1]) + " " + month + " " + m[3], basis
		}
		return "", basis
	}
	if m := fileDay.FindStringSubmatch(fileName); m != nil {
		if d, err := civil.Parse(m[1] + "-" + m[2] + "-" + m[3]); err == nil {
			return d.Words(), ""
		}
	}
	return "", ""
}
