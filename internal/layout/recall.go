package layout

import (
	"fmt"
	"slices"
	"strings"
)

// recall applies what is remembered of the sender: by header, even where the
// columns have moved; by place where the file has no header.
func (u *understanding) recall() {
	m := u.remembered
	if m == nil {
		return
	}
	if u.head.rows == 0 {
		u.recallByPlace(m)
		return
	}
	used := make([]bool, len(m.Columns))
	defer func() { u.different = fewer(u.different, m, used) }()
	for _, c := range u.columns {
		key := plain(c.Column.Header)
		if key == "" {
			continue
		}
		at := slices.IndexFunc(m.Columns, func(o MappedColumn) bool { return !used[index(m, o)] && plain(o.Header) == key })
		if at < 0 {
			if len(m.Columns) > 0 && c.p.filled > 0 {
				u.different = append(u.different, fmt.Sprintf("There is a new column, “%s”.", clip(c.Column.Header, 40)))
			}
			continue
		}
		used[at] = true
		u.keep(c, m.Columns[at])
	}
	for at, o := range m.Columns {
		if !used[at] && o.Item != None {
			u.different = append(u.different, fmt.Sprintf("The column “%s” is no longer there: it held the %s.", clip(o.Header, 40), o.Item.Words()))
		}
	}
	if moved := slices.ContainsFunc(u.columns, func(c *column) bool { return c.moved }); moved {
		u.different = append(u.different, "The columns stand in another order than last time; they were found by their names.")
	}
	if m.HeaderRow != u.sample[u.head.at].Number {
		u.different = append(u.different, fmt.Sprintf("The header stands in row %d; last time it was row %d.", u.sample[u.head.at].Number, m.HeaderRow))
	}
}

// fewer says in one sentence of a file with hardly a column of the last one what
// would take a sentence for each.
func fewer(different []string, m *Mapping, used []bool) []string {
	useful, gone := 0, 0
	for at, o := range m.Columns {
		if o.Item != None {
			if useful++; !used[at] {
				gone++
			}
		}
	}
	if useful < 3 || gone*2 <= useful {
		return different
	}
	return []string{fmt.Sprintf("The file is laid out in another way than the sender's last one: %d of the %d columns that were used then are not in it. Look at each.", gone, useful)}
}

// index is the place of a column in a mapping's list.
func index(m *Mapping, o MappedColumn) int {
	return slices.IndexFunc(m.Columns, func(x MappedColumn) bool { return x.At == o.At })
}

func (u *understanding) recallByPlace(m *Mapping) {
	if m.HeaderRows > 0 || len(m.Columns) != len(u.columns) {
		u.different = append(u.different, "The file is not laid out as the sender's last one, and has no header by which its columns could be found.")
		return
	}
	for i, c := range u.columns {
		u.keep(c, m.Columns[i])
	}
}

// keep takes a column as it was last time, unless its values are now beyond
// doubt something else.
func (u *understanding) keep(c *column, o MappedColumn) {
	byValue, sh, certain := c.byValues()
	if o.Item != None && certain && items[o.Item].form != items[byValue].form && c.p.fits(o.Item) >= 0 && c.p.fits(o.Item) < 30 {
		u.different = append(u.different, fmt.Sprintf("The column “%s” held the %s last time; now %s.", clip(c.Column.Header, 40), o.Item.Words(), c.p.inWords(sh, c.p.count[sh])))
		return
	}
	c.kept, c.moved = true, c.Column.At != o.At
	at := c.MappedColumn.At
	header := c.MappedColumn.Header
	c.MappedColumn = o
	c.MappedColumn.At, c.MappedColumn.Header = at, header
	c.Column.Item, c.Column.Yes, c.Sure = o.Item, o.Yes, true
	c.Why = "as in this sender's last file"
	if o.Item != None && c.p.filled >= 3 && items[o.Item].form != codedForm && c.p.fits(o.Item) >= 0 && c.p.fits(o.Item) < 30 {
		c.Sure = false
		c.Why += ", but its values do not look like " + article(o.Item)
		u.different = append(u.different, fmt.Sprintf("The column “%s” held the %s last time; its values do not look like it now.", clip(c.Column.Header, 40), o.Item.Words()))
	}
}

// repeatable items may stand in several columns.
var repeatable = []Item{None, Note, Characteristic, CarerName}

// settleClaims sees that each item has one column, and asks where two have an
// equal claim.
func (u *understanding) settleClaims() {
	u.nameBesideFamily()
	u.addressBesideTown()
	for item := None + 1; item < Count; item++ {
		if slices.Contains(repeatable, item) {
			continue
		}
		var claims []*column
		for _, c := range u.columns {
			if c.Column.Item == item && !(c.Column.Yes != "" && (item == Activity || item == Destination)) { // ticks are one claim together
				claims = append(claims, c)
			}
		}
		if len(claims) > 1 {
			u.settleClaim(item, claims)
		}
	}
}

// settleClaim chooses among columns that claim one item: the remembered before
// the sure, the sure before the rest, the fuller before the emptier.
func (u *understanding) settleClaim(item Item, claims []*column) {
	slices.SortStableFunc(claims, func(a, b *column) int { return b.claim(item) - a.claim(item) })
	best := claims[0]
	for _, c := range claims[1:] {
		other := u.insteadOf(item, c)
		equal := best.claim(item) == c.claim(item) && best.Sure && c.Sure && !best.kept && c.p.filled > 0 && best.p.filled > 0
		if other == None && equal && item != TheirRef && item != Course && !sameValues(u.rows, best.Column.At, c.Column.At) {
			u.ask(item, claims)
		}
		c.Why = fmt.Sprintf("%s, but “%s” is taken for that", c.Why, clip(best.label(), 40))
		c.Others = append([]Item{item}, c.Others...)
		c.Column.Item, c.Column.Yes = other, ""
		if other == None {
			c.Why += "; left out"
		} else {
			c.Why += "; taken as " + other.Words()
		}
	}
}

// label is the column's header or letter.
func (c *column) label() string { return c.Column.Title() }

// claim is how good a column's claim on an item is.
func (c *column) claim(item Item) (n int) {
	if c.kept {
		n += 1000
	}
	if c.Sure {
		n += 400
	}
	if len(c.name.candidates) > 0 && c.name.candidates[0].item == item && c.name.sure {
		n += 200
	}
	if c.p.filled > 0 {
		n += 100
	} else if !c.kept { // an empty column gives way to one that holds something
		n -= 600
	}
	switch item {
	case Given: // a name that is chosen gives way to the legal one
		if slices.ContainsFunc(c.name.candidates, func(h heading) bool { return h.item == KnownAs }) {
			n -= 10
		}
	case TheirRef: // the one that parts the people best
		if c.p.filled > 0 {
			n += 50 * len(c.p.distinct) / c.p.filled
		}
	case Attendance: // a share rather than a count of sessions
		if strings.Contains(c.Column.Header, "%") || c.p.percents*2 > c.p.filled {
			n += 50
		}
	case Course: // words rather than codes
		n += c.p.share(namesShape, nameShape, proseShape, addressText) / 4
	}
	return n
}

// insteadOf is what a second column of an item may hold in its place.
func (u *understanding) insteadOf(item Item, c *column) Item {
	free := func(i Item) bool {
		return !slices.ContainsFunc(u.columns, func(o *column) bool { return o.Column.Item == i })
	}
	second := None
	switch item {
	case Telephone:
		second = Mobile
	case Mobile:
		second = Telephone
	case UPN:
		second = FormerUPN
	case Given:
		if slices.ContainsFunc(c.name.candidates, func(h heading) bool { return h.item == KnownAs }) {
			second = KnownAs
		}
	case Family:
		if !c.Sure {
			second = Given
		}
	case SchoolName:
		if u.kind.Expects(OfferInstitution) {
			second = OfferInstitution
		}
	case PredictedEnd:
		if c.name.sure && strings.Contains(plain(c.Column.Header), "end") {
			second = End
		}
	}
	if second != None && free(second) {
		return second
	}
	return None
}

// sameValues says that two columns hold the same all the way down.
func sameValues(rows []Sample, a, b int) bool {
	for _, r := range rows {
		var x, y string
		if a < len(r.Cells) {
			x = tidy(r.Cells[a])
		}
		if b < len(r.Cells) {
			y = tidy(r.Cells[b])
		}
		if x != y {
			return false
		}
	}
	return true
}

func (u *understanding) ask(item Item, claims []*column) {
	q := Question{ID: "item:" + item.String(), Words: fmt.Sprintf("Two columns could hold the %s. Which is it?", item.Words())}
	if slices.ContainsFunc(u.questions, func(o Question) bool { return o.ID == q.ID }) {
		return
	}
	for _, c := range claims {
		example := ""
		if len(c.Examples) > 0 {
			example = ", such as " + strings.Join(c.Examples, ", ")
		}
		q.Choices = append(q.Choices, Choice{ID: fmt.Sprint(c.Column.At), Words: fmt.Sprintf("“%s”%s", c.label(), example)})
	}
	u.questions = append(u.questions, q)
}

// nameBesideFamily takes a column "Name" of single words beside one of family
// names for the given name.
func (u *understanding) nameBesideFamily() {
	has := func(i Item) bool {
		return slices.ContainsFunc(u.columns, func(c *column) bool { return c.Column.Item == i && c.p.filled > 0 })
	}
	for _, c := range u.columns {
		if c.kept || c.Column.Item != FullName || c.p.filled == 0 {
			continue
		}
		switch {
		case has(Family) && !has(Given) && c.p.share(commaShape) == 0:
			c.Column.Item, c.Sure, c.Others = Given, c.p.share(nameShape) >= 60, []Item{FullName}
			c.Why += "; beside a column of family names it is the given name"
		case has(Given) && !has(Family) && c.p.share(nameShape) >= 60:
			c.Column.Item, c.Sure, c.Others = Family, false, []Item{FullName}
			c.Why += "; beside a column of given names it is the family name"
		case c.p.figures*10 >= c.p.filled*7:
			c.Column.Item, c.Others = TheirRef, []Item{FullName}
			c.Why += ", but its values are numbers: taken as the sender's own reference"
		case has(Given) && has(Family):
			c.Column.Item, c.Others = None, []Item{FullName}
			c.Why += "; the names stand in columns of their own, so it is left out"
		}
	}
}

// addressBesideTown takes a column "Address" beside further lines for the first.
func (u *understanding) addressBesideTown() {
	has := func(i Item) bool {
		return slices.ContainsFunc(u.columns, func(c *column) bool { return c.Column.Item == i })
	}
	for _, c := range u.columns {
		if !c.kept && c.Column.Item == FullAddress && (has(Locality) || has(Town) || has(Line3)) && !has(Street) {
			c.Column.Item, c.Others = Street, append(c.Others, FullAddress)
			c.Why += "; beside further lines it is the first line"
		}
	}
}
