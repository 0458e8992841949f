package cli

import (
	"fmt"
	"slices"
	"strings"

	"waymark/internal/layout"
	"waymark/internal/match"
)

// part is which part of a cell is taken.
type part uint8

const (
	wholeCell   part = iota
	nameParts        // a whole name: given, middle and family name
	namesTurned      // a whole name, the family name first
	placeParts       // a whole address: its first line, town and postcode
	monthsFirst      // a date written as in America
	dateParts        // the year of a birth date whose month and day have columns too
)

// listColumn is a column of a list of people and what it is taken for.
type listColumn struct {
	header string
	kind   match.Kind
	item   layout.Item // by which it was recognised
	part   part
	words  string // what it is taken for
	why    string
}

// none marks a column that takes no part.
func (c *listColumn) none(words, why string) {
	*c = listColumn{header: c.header, words: words, why: why}
}

// kindOf is what matching compares an item as. Items that are not here say nothing
// of who somebody is, or are the sender's own.
func kindOf(i layout.Item) (match.Kind, part) {
	switch i {
	case layout.Given, layout.KnownAs:
		return match.Given, wholeCell
	case layout.Middle:
		return match.Middle, wholeCell
	case layout.Family, layout.FormerFamily:
		return match.Family, wholeCell
	case layout.FullName:
		return match.Family, nameParts
	case layout.DOB:
		return match.Birth, wholeCell
	case layout.Sex:
		return match.Sex, wholeCell
	case layout.Postcode:
		return match.Postcode, wholeCell
	case layout.House:
		return match.House, wholeCell
	case layout.Street:
		return match.Street, wholeCell
	case layout.FullAddress:
		return match.Street, placeParts
	case layout.Locality:
		return match.Locality, wholeCell
	case layout.Town:
		return match.Town, wholeCell
	case layout.County:
		return match.Region, wholeCell
	case layout.Telephone, layout.Mobile:
		return match.Phone, wholeCell
	case layout.Email:
		return match.Email, wholeCell
	case layout.SchoolName, layout.SchoolNumber, layout.URN, layout.UKPRN:
		return match.School, wholeCell
	case layout.ULN:
		return match.ULN, wholeCell
	case layout.UPN, layout.FormerUPN:
		return match.UPN, wholeCell
	case layout.YoungPersonsID:
		return match.YoungPersonsID, wholeCell
	}
	return match.Other, wholeCell
}

// plainHeader is a header as words without capitals and marks.
func plainHeader(s string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(s), func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r < 0x80
	}), " ")
}

// elsewhere is what columns of lists from elsewhere are called that no partner of
// an authority sends, so that layout does not know them: a person's numbers of
// other registers, and addresses of other countries.
func elsewhere(header string) match.Kind {
	switch plainHeader(header) {
	case "nhs", "nhs number", "nhs no", "nhsno", "ni number", "ni no", "nino", "national insurance", "national insurance number", "national insurance no",
		"social security number", "soc sec id", "soc sec no", "ssn", "passport", "passport number", "passport no", "national id", "national id number", "medicare number":
		return match.Number
	case "street number", "street no":
		return match.House
	case "suburb", "municipality", "commune":
		return match.Town
	case "state", "province":
		return match.Region
	}
	return match.Other
}

// understand says what the columns of a list are, by its first rows. The headers that
// the user names show where the header is, where nothing else does.
func (l *list) understand(rows []layout.Sample, named []string) error {
	kind, ok := layout.FindKind("people")
	if !ok {
		return fmt.Errorf("there is no kind of file called people")
	}
	p := layout.Understand(rows, kind, nil)
	if at := namedHeader(rows, named); at >= 0 && rows[at].Number != p.HeaderRow {
		p = layout.Understand(rows[at+1:], kind, nil)
		p.HeaderRow, p.FirstRow = rows[at].Number, rows[at].Number+1
		for i := range p.Columns {
			p.Columns[i].Header = ""
			if i < len(rows[at].Cells) {
				p.Columns[i].Header = rows[at].Cells[i]
			}
		}
	}
	l.header, l.first = p.HeaderRow, p.FirstRow
	for i, c := range p.Columns {
		l.columns = append(l.columns, taken(&p, c, p.Mapping.Columns[i]))
	}
	l.birthInParts()
	for _, q := range p.Questions {
		if strings.HasPrefix(q.ID, "dates:") || strings.HasPrefix(q.ID, "names:") {
			l.notes = append(l.notes, q.Words)
		}
	}
	return nil
}

// namedHeader is the row, of the first ones, in which a header stands that the user
// named; -1 where none does.
func namedHeader(rows []layout.Sample, named []string) int {
	return slices.IndexFunc(rows[:min(len(rows), 30)], func(r layout.Sample) bool {
		return slices.ContainsFunc(r.Cells, func(c string) bool {
			return slices.ContainsFunc(named, func(n string) bool { return plainHeader(n) != "" && plainHeader(n) == plainHeader(c) })
		})
	})
}

// taken is a column as matching takes it.
func taken(p *layout.Proposal, c layout.Column, m layout.MappedColumn) listColumn {
	out := listColumn{header: strings.TrimSpace(c.Header), item: c.Item, why: c.Why}
	if out.header == "" {
		out.header = "column " + fmt.Sprint(c.At+1)
	}
	if k := elsewhere(c.Header); k != match.Other {
		out.kind, out.words, out.why = k, k.String(), "called “"+out.header+"”"
		return out
	}
	// A second column that is surely of one thing, for which a register has no place,
	// is another value that the person answers to.
	if c.Item == layout.None && c.Sure && len(c.Others) > 0 && slices.ContainsFunc(p.Columns, func(o layout.Column) bool { return o.Item == c.Others[0] }) {
		out.item = c.Others[0]
		out.why = "another column is that too"
	}
	out.kind, out.part = kindOf(out.item)
	switch {
	case out.kind == match.Other:
		item := out.item
		out.none("takes no part", c.Why)
		out.item = item
	case out.item == layout.DOB && m.Dates == layout.MonthFirst:
		out.part = monthsFirst
	case out.part == nameParts && m.FamilyFirst:
		out.part = namesTurned
	}
	if out.kind != match.Other {
		out.words = out.item.Words()
	}
	return out
}

// birthInParts finds birth dates that are written in three columns, and takes them as
// one, unless a column has them whole.
func (l *list) birthInParts() {
	if slices.ContainsFunc(l.columns, func(c listColumn) bool { return c.kind == match.Birth }) {
		return
	}
	var at [3]int
	for i, names := range [3][]string{{"by", "birth year", "year of birth", "yob", "dob year", "dob y"}, {"bm", "birth month", "month of birth", "dob month", "dob m"},
		{"bd", "birth day", "day of birth", "dob day", "dob d"}} {
		if at[i] = slices.IndexFunc(l.columns, func(c listColumn) bool { return slices.Contains(names, plainHeader(c.header)) }); at[i] < 0 {
			return
		}
	}
	l.born = at
	for i, what := range [3]string{"year", "month", "day"} {
		c := &l.columns[at[i]]
		c.none(what+" of birth", "called “"+c.header+"”")
	}
	l.columns[at[0]].kind, l.columns[at[0]].part = match.Birth, dateParts
}

// bornOn is the birth date of a row that has it in three columns.
func (l *list) bornOn(cells []string) string {
	var p [3]string
	for i, at := range l.born {
		if at < len(cells) {
			p[i] = strings.TrimSpace(cells[at])
		}
		if p[i] == "" {
			return ""
		}
	}
	return p[2] + "/" + p[1] + "/" + p[0]
}

// overrule takes the columns named for what the user says. It tells which headers
// it has used up.
func (l *list) overrule(said map[string]string, used map[string]bool) error {
	for header, item := range said {
		at, err := l.find(header)
		if err != nil {
			continue // it may be a column of the other list
		}
		used[header] = true
		c := &l.columns[at]
		kind, part, ok := itemNamed(item)
		if !ok {
			return fmt.Errorf("--map %q: there is nothing called %q. Say one of %s, or nothing", header+"="+item, item, strings.Join(itemNames(), ", "))
		}
		*c = listColumn{header: c.header, kind: kind, part: part, words: item, why: "you said so"}
		if kind == match.Other {
			c.none("takes no part", "you said so")
		}
	}
	return nil
}

// itemNamed reads what a user calls an item: by its name, its words or the word for
// what matching compares.
func itemNamed(name string) (match.Kind, part, bool) {
	name = plainHeader(name)
	switch name {
	case "", "nothing", "none", "other":
		return match.Other, wholeCell, true
	case "number":
		return match.Number, wholeCell, true
	case "region":
		return match.Region, wholeCell, true
	}
	for _, i := range layout.Items() {
		if kind, part := kindOf(i); kind != match.Other && (strings.EqualFold(name, i.String()) || name == plainHeader(i.Words()) || name == plainHeader(kind.String()) && part == wholeCell) {
			return kind, part, true
		}
	}
	return match.Other, wholeCell, false
}

func itemNames() []string {
	var out []string
	for _, i := range layout.Items() {
		if kind, _ := kindOf(i); kind != match.Other {
			out = append(out, i.String())
		}
	}
	return append(out, "Number", "Region")
}

// find finds a column by its header, capitals and marks aside.
func (l *list) find(header string) (int, error) {
	at := slices.IndexFunc(l.columns, func(c listColumn) bool { return c.header == strings.TrimSpace(header) })
	if at < 0 {
		at = slices.IndexFunc(l.columns, func(c listColumn) bool { return plainHeader(c.header) == plainHeader(header) })
	}
	if at < 0 {
		var names []string
		for _, c := range l.columns {
			names = append(names, visible(c.header))
		}
		return 0, fmt.Errorf("%s has no column %q. Its columns are %s", l.name, header, strings.Join(names, ", "))
	}
	return at, nil
}

// oneSchool leaves one way of naming schools among the lists: a name never agrees
// with a number.
func oneSchool(lists ...*list) {
	has := func(l *list, i layout.Item) bool {
		return slices.ContainsFunc(l.columns, func(c listColumn) bool { return c.kind == match.School && c.item == i })
	}
	for _, i := range []layout.Item{layout.URN, layout.SchoolNumber, layout.UKPRN, layout.SchoolName} {
		if slices.ContainsFunc(lists, func(l *list) bool { return !has(l, i) }) {
			continue
		}
		for _, l := range lists {
			for at := range l.columns {
				if c := &l.columns[at]; c.kind == match.School && c.item != i && c.item != layout.None {
					c.none("takes no part", "schools are compared by "+i.Words())
				}
			}
		}
		return
	}
}

// schema is what the table of the list holds, and from where.
func (l *list) schema() (kinds []match.Kind) {
	for _, c := range l.columns {
		switch c.part {
		case nameParts, namesTurned:
			kinds = append(kinds, match.Given, match.Middle, match.Family)
		case placeParts:
			kinds = append(kinds, match.Street, match.Town, match.Postcode)
		default:
			kinds = append(kinds, c.kind)
		}
	}
	return kinds
}

// put appends the cells of a row in the order of the schema.
func (l *list) put(out, cells []string) []string {
	for at, c := range l.columns {
		cell := ""
		if at < len(cells) && c.kind != match.Other {
			cell = strings.TrimSpace(cells[at])
		}
		switch c.part {
		case nameParts, namesTurned:
			given, middle, family := splitName(cell, c.part == namesTurned)
			out = append(out, given, middle, family)
		case placeParts:
			line, town, postcode := splitAddress(cell)
			out = append(out, line, town, postcode)
		case dateParts:
			out = append(out, l.bornOn(cells))
		case monthsFirst:
			out = append(out, dayFirst(cell))
		default:
			out = append(out, cell)
		}
	}
	return out
}

// splitName takes "Surname, First Middle" apart, or names without a comma, of which
// the last or the first is the family name.
func splitName(s string, turned bool) (given, middle, family string) {
	if f, rest, comma := strings.Cut(s, ","); comma {
		given, middle, _ = strings.Cut(strings.TrimSpace(rest), " ")
		return given, middle, strings.TrimSpace(f)
	}
	words := strings.Fields(s)
	switch len(words) {
	case 0:
		return "", "", ""
	case 1:
		return "", "", words[0]
	}
	if turned {
		return words[1], strings.Join(words[2:], " "), words[0]
	}
	return words[0], strings.Join(words[1:len(words)-1], " "), words[len(words)-1]
}

// splitAddress takes the first line, the town and the postcode out of an address in
// one cell, its lines parted by commas or line ends.
func splitAddress(s string) (line, town, postcode string) {
	parts := strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == '\n' || r == ';' })
	for i := range parts {
		parts[i] = strings.TrimSpace(parts[i])
	}
	parts = slices.DeleteFunc(parts, func(p string) bool { return p == "" })
	if n := len(parts); n > 0 {
		rest, code := cutPostcode(parts[n-1])
		if postcode = code; code != "" {
			parts = parts[:n-1]
			if rest != "" {
				parts = append(parts, rest)
			}
		}
	}
	if len(parts) > 0 {
		line = parts[0]
	}
	if len(parts) > 1 {
		town = parts[len(parts)-1]
		// A house name or number may stand in a part of its own.
		if len(parts) > 2 && len(line) <= 4 {
			line += " " + parts[1]
		}
	}
	return line, town, postcode
}

// cutPostcode takes a British postcode off the end.
func cutPostcode(s string) (rest, postcode string) {
	words := strings.Fields(s)
	for n := 1; n <= min(2, len(words)); n++ {
		code := strings.Join(words[len(words)-n:], "")
		if looksLikePostcode(code) {
			return strings.Join(words[:len(words)-n], " "), code
		}
	}
	return s, ""
}

// looksLikePostcode says that the letters and digits alternate as they do in
// LW28WH: five to seven, a letter first, a digit third from the end.
func looksLikePostcode(s string) bool {
	letter := func(i int) bool { return s[i]|0x20 >= 'a' && s[i]|0x20 <= 'z' }
	digit := func(i int) bool { return s[i] >= '0' && s[i] <= '9' }
	n := len(s)
	return n >= 5 && n <= 7 && letter(0) && digit(n-3) && letter(n-2) && letter(n-1) && (digit(1) || digit(2))
}

// dayFirst turns 02/13/2009 into 13/02/2009.
func dayFirst(s string) string {
	parts := strings.FieldsFunc(s, func(r rune) bool { return r == '/' || r == '-' || r == '.' })
	if len(parts) != 3 || len(parts[0]) > 2 || len(parts[1]) > 2 {
		return s
	}
	return parts[1] + "/" + parts[0] + "/" + parts[2]
}
