package reference

import (
	"io"
	"regexp"
	"strings"

	"waymark/internal/dataset"
	"waymark/internal/sheet"
)

// item is one thing that is read of a row.
type item int

// The items of all kinds.
const (
	urn item = iota
	laCode
	laName
	number
	name
	kindCode
	kindName
	phase
	status
	opened
	closed
	lowAge
	highAge
	sixthForm
	ukprn
	postcode
	linkURN
	linkType
	linkSince
	ward
	authority
	lsoa11
	lsoa21
	easting
	northing
	since
	until
	lsoa
	imdRank
	imdDecile
	idaciRank
	idaciDecile
	items
)

// column is one column of a kind of file: by which headings it is met, the
// better pattern first, what to call it for people, and whether the file is
// none without it.
type column struct {
	item   item
	is     []*regexp.Regexp
	called string
	needed bool
	// marks says that the kind is recognised by this column, with its others
	// that do.
	marks bool
}

// layout is one kind of file.
type layout struct {
	kind dataset.Kind
	// what people call such a file.
	what    string
	columns []column
}

func is(patterns ...string) []*regexp.Regexp {
	out := make([]*regexp.Regexp, len(patterns))
	for i, p := range patterns {
		out[i] = regexp.MustCompile("^(?:" + p + ")$")
	}
	return out
}

// layouts are the kinds of files of rows, in the order in which they are tried.
func layouts() []layout {
	return []layout{
		{dataset.Links, "the list of links between establishments (GIAS)", []column{
			{linkURN, is("linkurn"), "LinkURN", true, true}, {linkType, is("linktype"), "LinkType", true, true}, {urn, is("urn"), "URN", true, true},
			{linkSince, is("linkestablisheddate"), "LinkEstablishedDate", false, false}}},
		{dataset.Establishments, "the list of establishments (GIAS)", []column{
			{urn, is("urn"), "URN", true, true}, {number, is("establishmentnumber"), "EstablishmentNumber", true, true}, {name, is("establishmentname"), "EstablishmentName", true, true},
			{laCode, is(`la \(code\)`), "LA (code)", true, false}, {laName, is(`la \(name\)`), "LA (name)", false, false},
			{kindCode, is(`typeofestablishment \(code\)`), "TypeOfEstablishment (code)", false, false}, {kindName, is(`typeofestablishment \(name\)`), "TypeOfEstablishment (name)", false, false},
			{phase, is(`phaseofeducation \(name\)`, "phaseofeducation"), "PhaseOfEducation", false, false}, {status, is(`establishmentstatus \(code\)`), "EstablishmentStatus (code)", true, false},
			{opened, is("opendate"), "OpenDate", true, false}, {closed, is("closedate"), "CloseDate", true, false},
			{lowAge, is("statutorylowage"), "StatutoryLowAge", false, false}, {highAge, is("statutoryhighage"), "StatutoryHighAge", false, false},
			{sixthForm, is(`officialsixthform \(name\)`, "officialsixthform"), "OfficialSixthForm", false, false},
			{ukprn, is("ukprn"), "UKPRN", true, false}, {postcode, is("postcode"), "Postcode", true, false}}},
		{dataset.Postcodes, "the postcode directory (NSPL or ONSPD)", []column{
			{postcode, is("pcds", `pcd\d?`), "pcds", true, true}, {ward, is("ward", "osward", `wd\d\dcd`), "ward", true, true}, {authority, is("laua", "oslaua", `lad\d\dcd`), "laua", true, true},
			{until, is("doterm"), "doterm", true, true}, {since, is("dointr"), "dointr", true, false}, {lsoa11, is("lsoa11(?:cd)?"), "lsoa11", false, false}, {lsoa21, is("lsoa21(?:cd)?"), "lsoa21", false, false},
			{easting, is("oseast1m", "east1m"), "oseast1m", true, false}, {northing, is("osnrth1m", "north1m", "nrth1m"), "osnrth1m", true, false}}},
		{dataset.Deprivation, "the indices of deprivation (file 7)", []column{
			{lsoa, is(`lsoa code \(20\d\d\)`), "LSOA code (2021)", true, true}, {imdDecile, is(`index of multiple deprivation \(imd\) decile.*`), "Index of Multiple Deprivation (IMD) Decile", true, true},
			{imdRank, is(`index of multiple deprivation \(imd\) rank.*`), "Index of Multiple Deprivation (IMD) Rank", true, false},
			{idaciRank, is(`income deprivation affecting children index \(idaci\) rank.*`), "Income Deprivation Affecting Children Index (IDACI) Rank", true, false},
			{idaciDecile, is(`income deprivation affecting children index \(idaci\) decile.*`), "Income Deprivation Affecting Children Index (IDACI) Decile", true, false}}},
		{dataset.Providers, "the list of UK provider reference numbers", []column{
			{ukprn, is("ukprn", "uk provider reference number"), "UKPRN", true, true},
			{name, is("provider[ _]?(?:legal[ _]?)?name", "legal[ _]?name", "organisation[ _]?name"), "PROVIDER_NAME", true, true}}},
	}
}

// ofPeople are columns that no list of places has: a college's list of its
// students has the college's number and name too.
var ofPeople = is("upn", "uln", "unique learner number", "dob", "date of birth", "surname", "family ?name", "forename", "given ?names?", "first ?name", "last ?name", "learnrefnumber", "gender", "sex")

// plain is a heading as it is compared: the publishers' stray spaces and
// capitals do not matter.
func plain(heading string) string {
	return strings.ToLower(strings.Join(strings.Fields(strings.TrimPrefix(heading, "\ufeff")), " "))
}

// place is where each item stands in the rows, -1 where the file has it not.
type places [items]int

// columnsOf finds the columns of a layout. missing are those it cannot do
// without; marked says that those which mark the kind are all there.
func (l *layout) columnsOf(headings []string) (at places, missing []string, marked bool) {
	marked = true
	for i := range at {
		at[i] = -1
	}
	for _, c := range l.columns {
		for _, pattern := range c.is {
			// Of several years' codes the last stands for now.
			for i, h := range headings {
				if at[c.item] < 0 && pattern.MatchString(h) || at[c.item] >= 0 && pattern.MatchString(h) && h > headings[at[c.item]] {
					at[c.item] = i
				}
			}
			if at[c.item] >= 0 {
				break
			}
		}
		if at[c.item] < 0 && c.needed {
			missing = append(missing, c.called)
		}
		if at[c.item] < 0 && c.marks {
			marked = false
		}
	}
	return at, missing, marked
}

// Recognise says of which kind of reference data a file with these headings is,
// and false where it is none: it is then a partner's list, or something else.
// Wards are no rows; see Sniff.
func Recognise(header []string) (dataset.Kind, bool) {
	l, _, ok := recognise(header)
	if !ok {
		return "", false
	}
	return l.kind, true
}

func recognise(header []string) (layout, []string, bool) {
	headings := make([]string, len(header))
	for i, h := range header {
		headings[i] = plain(h)
	}
	for _, h := range headings {
		for _, person := range ofPeople {
			if person.MatchString(h) && !hasGIAS(headings) {
				return layout{}, nil, false
			}
		}
	}
	for _, l := range layouts() {
		if _, _, marked := l.columnsOf(headings); marked {
			return l, headings, true
		}
	}
	return layout{}, nil, false
}

// hasGIAS tells the Department's list, which has a column for whether a school
// is for boys or girls.
func hasGIAS(headings []string) bool {
	found := 0
	for _, h := range headings {
		if h == "urn" || h == "establishmentnumber" || h == "establishmentname" {
			found++
		}
	}
	return found == 3
}

// Sniff says of which kind of reference data a file is, by its first bytes and
// its headings, and false where it is none. Nothing is read beyond the head.
func Sniff(r io.ReaderAt, size int64) (dataset.Kind, bool) {
	if looksLikeJSON(r, size) {
		return dataset.Wards, true
	}
	book, err := sheet.Open(r, size, limits)
	if err != nil {
		return "", false
	}
	for i := range book.Sheets {
		rows, err := book.Rows(i, sheet.Mark{})
		if err != nil {
			continue
		}
		if first, ok := rows.Next(); ok {
			if kind, ok := Recognise(first.Cells); ok {
				return kind, true
			}
		}
	}
	return "", false
}

// limits are wider than for lists of people: the postcode directory has some
// 2.7 million rows.
var limits = sheet.Limits{Bytes: 4 << 30, Rows: 20_000_000}

// looksLikeJSON says that a file begins as a JSON object does.
func looksLikeJSON(r io.ReaderAt, size int64) bool {
	head := make([]byte, min(size, 512))
	n, err := r.ReadAt(head, 0)
	if err != nil && n == 0 {
		return false
	}
	text := strings.TrimLeft(strings.TrimPrefix(string(head[:n]), "\ufeff"), " \t\r\n")
	return strings.HasPrefix(text, "{")
}
