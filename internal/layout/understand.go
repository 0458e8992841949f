package layout

import (
	"fmt"
	"slices"
	"strings"
)

// Understand proposes how a file is read from its first rows (300 or so), for a
// kind of file and with what is remembered of the sender, which may be nil.
func Understand(rows []Sample, kind Kind, remembered *Mapping) Proposal {
	u := understand(rows, kind, remembered)
	if u == nil {
		return Proposal{Mapping: Mapping{Kind: kind.ID}, Why: "there are no rows", Missing: kind.Required}
	}
	u.settleClaims()
	u.dateOrders()
	u.nameOrders()
	return u.proposal()
}

// column is one column while it is being understood.
type column struct {
	Column
	MappedColumn
	name  named
	p     *profile
	kept  bool // as remembered of the sender
	moved bool
}

// understanding is a file while it is being understood.
type understanding struct {
	kind       *Kind
	rows       []Sample // those below the header
	head       headRow
	sample     []Sample
	columns    []*column
	remembered *Mapping
	questions  []Question
	different  []string
}

func understand(rows []Sample, kind Kind, remembered *Mapping) *understanding {
	width := 0
	for _, r := range rows {
		for at, c := range r.Cells {
			if at >= width && strings.TrimSpace(c) != "" {
				width = at + 1
			}
		}
	}
	if width == 0 {
		return nil
	}
	u := &understanding{kind: &kind, head: findHeader(rows, &kind), sample: rows, remembered: remembered}
	u.rows = body(rows, u.head)
	for at := range width {
		c := &column{p: profileOf(u.rows, at)}
		c.Column.At, c.MappedColumn.At = at, at
		if at < len(u.head.names) {
			c.Column.Header = u.head.names[at]
		}
		c.MappedColumn.Header = c.Column.Header
		c.Examples = c.p.examples
		c.name = shipped().headings.name(c.Column.Header, &kind)
		u.columns = append(u.columns, c)
	}
	u.recall()
	for _, c := range u.columns {
		if !c.kept {
			u.decide(c)
		}
	}
	u.ticks()
	u.months()
	return u
}

// newestBut is the latest year of the dates in the other columns, 0 for none.
func (u *understanding) newestBut(c *column) (year int) {
	for _, o := range u.columns {
		if o != c && o.p.share(dateShape) >= 50 {
			year = max(year, o.p.youngest)
		}
	}
	return year
}

// byValues is what the values alone say the column holds. certain is that they
// could hardly be anything else.
func (c *column) byValues() (item Item, sh shape, certain bool) {
	p := c.p
	if p.filled == 0 {
		return None, noShape, false
	}
	for _, known := range []struct {
		sh      shape
		item    Item
		certain bool
	}{{upnShape, UPN, true}, {ulnShape, ULN, true}, {emailShape, Email, true}, {postcodeShape, Postcode, true}, {phoneShape, Telephone, false},
		{ypidShape, YoungPersonsID, false}, {commaShape, FullName, false}, {lostShape, ULN, false}, {ukprnShape, UKPRN, false}} {
		if p.share(known.sh) >= 70 {
			if known.sh == phoneShape && p.startsWith("07")*10 >= p.filled*8 {
				return Mobile, known.sh, false
			}
			return known.item, known.sh, known.certain && p.filled >= 2
		}
	}
	switch {
	case p.share(dateShape, serialShape) >= 70 && p.count[dateShape] > 0:
		return DOB, dateShape, false
	case p.ethnic*10 >= p.filled*8:
		return Ethnicity, proseShape, false
	case p.share(sexShape) >= 90 && len(p.distinct) <= 4:
		return Sex, sexShape, false
	}
	return None, noShape, false
}

func (p *profile) startsWith(s string) (n int) {
	for v, times := range p.distinct {
		if d, ok := phoneDigits(v); ok && strings.HasPrefix(d, s) {
			n += times
		}
	}
	return n
}

// decide settles what a column holds, by its name and by its values.
func (u *understanding) decide(c *column) {
	byValue, sh, certain := c.byValues()
	named := None
	for _, h := range c.name.candidates {
		fit := c.p.fits(h.item)
		if named == None || c.p.fits(named) >= 0 && c.p.fits(named) < 30 && fit >= 50 {
			named = h.item
			c.Column.Yes = h.yes
		}
	}
	switch {
	case c.name.others:
		c.Why, c.Sure = c.name.why+"; left out", true
	case named != None:
		u.decideNamed(c, named, byValue, sh, certain)
	case byValue != None:
		u.decideUnnamed(c, byValue, sh, certain)
	case c.p.filled == 0:
		c.Why, c.Sure = "empty; left out", true
	case c.Column.Header == "":
		c.decideNameless()
	default:
		c.Why, c.Sure = "nobody has said yet what “"+clip(c.Column.Header, 40)+"” is; left out", true
	}
	for _, h := range c.name.candidates {
		if h.item != c.Column.Item && !slices.Contains(c.Others, h.item) {
			c.Others = append(c.Others, h.item)
		}
	}
	if byValue != None && items[byValue].form != items[c.Column.Item].form && !slices.Contains(c.Others, byValue) {
		c.Others = append(c.Others, byValue)
	}
	c.MappedColumn.Item, c.MappedColumn.Yes = c.Column.Item, c.Column.Yes
	c.MappedColumn.Fraction = c.Column.Item == Attendance && c.p.fractions*10 >= c.p.filled*6 && c.p.filled > 0
}

// decideNamed settles a column whose name says something: its values agree, say
// nothing, or speak against it.
func (u *understanding) decideNamed(c *column, named, byValue Item, sh shape, certain bool) {
	fit := c.p.fits(named)
	form := items[named].form
	c.Column.Item, c.Why, c.Sure = named, c.name.why, c.name.sure
	switch {
	case c.p.filled == 0:
		c.Why += "; empty in the first rows"
	case byValue != None && form != items[byValue].form && !sameWords(named, byValue) && fit >= 0 && fit < 30:
		c.Column.Item, c.Column.Yes, c.Sure = byValue, "", certain
		c.Why = fmt.Sprintf("%s, but %s: the values were believed", c.name.why, c.p.inWords(sh, c.p.count[sh]))
		c.Others = append(c.Others, named)
	case byValue != None && certain && form == textForm && named != Note && named != FullAddress && named != TheirRef:
		c.Column.Item, c.Column.Yes, c.Sure = byValue, "", true
		c.Why = fmt.Sprintf("%s, but %s: the values were believed", c.name.why, c.p.inWords(sh, c.p.count[sh]))
		c.Others = append(c.Others, named)
	case named == DOB && c.p.filled > 1 && u.newestBut(c) > 0 && c.p.oldest >= u.newestBut(c)-8:
		c.Sure = false
		c.Why += fmt.Sprintf(", but its dates run from %d to %d, too late for births of young people", c.p.oldest, c.p.youngest)
		c.Others = append(c.Others, Start)
	case form == codedForm && fit == 0 && !c.name.sure && c.p.figures == c.p.filled:
		c.Column.Item, c.Column.Yes, c.Sure = None, "", true
		c.Why += ", but its values are numbers of the sender's own; left out"
		c.Others = append(c.Others, named)
	case form == codedForm && fit >= 0:
		if c.Column.Yes != "" {
			fit = max(fit, c.p.flags*100/c.p.filled)
		}
		if fit >= 80 {
			c.Sure = true
		}
		c.Why += "; " + shareInWords(fit) + " known words or codes"
	case fit == 0 && c.p.filled >= 3 && len(c.p.distinct) == 1:
		c.Column.Item, c.Column.Yes, c.Sure = None, "", true
		c.Why += ", but it holds the same word in every row, which is not " + article(named) + "; left out"
		c.Others = append(c.Others, named)
	case fit >= 0 && fit < 30 && c.p.filled >= 3 || fit == 0:
		c.Sure = false
		c.Why += ", but its values do not look like " + article(named)
	case fit >= 50 && byValue != None && form == items[byValue].form:
		c.Sure = true
		c.Why += "; " + c.p.inWords(sh, c.p.count[sh])
	case fit >= 60:
		c.Why += "; " + strings.TrimSuffix(shareInWords(fit), " are") + " fit"
	}
}

// shareInWords is "all its values are", "83 per cent of its values are".
func shareInWords(fit int) string {
	if fit >= 100 {
		return "all its values are"
	}
	return fmt.Sprintf("%d per cent of its values are", fit)
}

// sameWords says that two items' values cannot be told apart by their look:
// a whole name and a family name, a telephone and a mobile.
func sameWords(a, b Item) bool {
	return items[a].form == items[b].form || items[a].form == nameForm && b == FullName && a != FullName && a != Family && a != Given
}

func article(i Item) string {
	w := i.Words()
	if strings.IndexByte("aeiou", w[0]) >= 0 && !strings.HasPrefix(w, "un") {
		return "an " + w
	}
	return "a " + w
}

// decideUnnamed settles a column of which the values alone speak.
func (u *understanding) decideUnnamed(c *column, byValue Item, sh shape, certain bool) {
	c.Column.Item, c.Sure = byValue, certain
	c.Why = c.p.inWords(sh, c.p.count[sh])
	if c.Column.Header != "" {
		c.Why = fmt.Sprintf("“%s” says nothing to us, but %s", clip(c.Column.Header, 40), c.Why)
	}
	if byValue != DOB {
		return
	}
	switch {
	case c.p.youngest > 0 && c.p.youngest <= u.newestBut(c)-9 && c.p.oldest >= u.newestBut(c)-30:
		c.Why += "; of the years in which young people are born"
		c.Sure = c.Column.Header == ""
	case c.p.oldest >= 1985 && u.newestBut(c) == 0 && c.p.youngest-c.p.oldest >= 1:
		c.Why += "; the file has no other dates"
	default:
		c.Column.Item = None
		c.Why += "; which date is not said, so it is left out"
		c.Others, c.Sure = []Item{Start, PredictedEnd, End, DOB, CheckedOn}, c.Column.Header != ""
	}
}

// decideNameless looks at a column without a name whose values are words.
func (c *column) decideNameless() {
	c.Why, c.Sure = "it has no name, and its values do not say what it is; left out", true
	switch {
	case c.p.share(nameShape) >= 80 && len(c.p.distinct)*2 >= c.p.filled:
		c.Column.Item, c.Sure, c.Others = Family, false, []Item{Given, Town}
		c.Why = "it has no name; " + c.p.inWords(nameShape, c.p.count[nameShape])
	case c.p.share(namesShape) >= 80 && len(c.p.distinct)*2 >= c.p.filled:
		c.Column.Item, c.Sure, c.Others = FullName, false, []Item{SchoolName, Course, Street}
		c.Why = "it has no name; " + c.p.inWords(namesShape, c.p.count[namesShape])
	}
}

// proposal puts together what was understood.
func (u *understanding) proposal() Proposal {
	p := Proposal{Why: u.head.why, Questions: u.questions, Differences: u.different}
	p.Mapping = Mapping{Kind: u.kind.ID, HeaderRows: u.head.rows}
	if u.remembered != nil {
		p.Mapping.Fixed, p.Mapping.Sheet = u.remembered.Fixed, u.remembered.Sheet
	}
	first := u.head.at + u.head.rows
	if u.head.rows > 0 {
		p.HeaderRow = u.sample[u.head.at].Number
		p.Mapping.HeaderRow = p.HeaderRow
	}
	if first < len(u.sample) {
		p.FirstRow = u.sample[first].Number
	} else {
		p.FirstRow = u.sample[len(u.sample)-1].Number + 1
	}
	for _, c := range u.columns {
		c.MappedColumn.Item, c.MappedColumn.Yes = c.Column.Item, c.Column.Yes
		p.Columns = append(p.Columns, c.Column)
		p.Mapping.Columns = append(p.Mapping.Columns, c.MappedColumn)
	}
	p.Missing = p.missing(u.kind)
	return p
}

// missing are the groups of items of which the kind needs one and none is there.
func (p *Proposal) missing(kind *Kind) (groups [][]Item) {
	has := map[Item]bool{}
	for _, c := range p.Mapping.Columns {
		has[c.Item] = true
	}
	for _, f := range p.Mapping.Fixed {
		has[f.Item] = true
	}
	numbered := has[UPN] || has[ULN] || has[YoungPersonsID] || has[TheirRef]
	for _, group := range kind.Required {
		if slices.ContainsFunc(group, func(i Item) bool { return has[i] }) || numbered && slices.Contains(group, FullName) {
			continue
		}
		groups = append(groups, group)
	}
	return groups
}
