package web

import (
	"html/template"
	"strconv"
	"strings"
)

// The parts of a page: each type here is drawn by the template of the same
// name in part/*.html, as in {{template "input" .Name}}. A handler fills them
// in; the templates only lay them out.

// Link is a text that leads somewhere. Hidden is added for screen readers, so
// that ten links called "Change" can be told apart.
type Link struct {
	Text, Href, Hidden string
	// Current marks the page that the reader is on.
	Current bool
	// Main makes it the page's main button, where links are drawn as buttons.
	Main bool
}

// Input is one line to type in; "input" and "password" draw it. Form.Input
// fills in what was typed and what was wrong with it.
type Input struct {
	Name, Label, Hint string
	// ID is the Name where empty.
	ID string
	// Width is 2, 3, 4, 5, 10 or 20 characters; empty is the full width.
	Width string
	// Type is text where empty.
	Type string
	// Autocomplete is off where empty: most fields are about somebody else.
	Autocomplete, InputMode, Prefix, Suffix string
	// Heading makes the label the page's h1 (with Page.OwnHeading); Strong
	// makes it bold.
	Heading, Strong bool
	Value, Error    string
}

// DescribedBy names the elements that explain the field.
func (i Input) DescribedBy() string { return describedBy(i.ID, i.Hint, i.Error) }

// Textarea is a longer text; "textarea". MaxLength 0 means no count is shown.
type Textarea struct {
	Name, Label, Hint, ID string
	Rows, MaxLength       int
	Strong                bool
	Value, Error          string
}

// DescribedBy names the elements that explain the field.
func (t Textarea) DescribedBy() string {
	by := describedBy(t.ID, t.Hint, t.Error)
	if t.MaxLength > 0 {
		by = strings.TrimSpace(t.ID + "-info " + by)
	}
	return by
}

// Option is one answer of a Choice. Divider is a word above it ("or"); Reveal
// are further fields, shown once it is chosen; Group heads it in a select.
type Option struct {
	Value, Text, Hint, Divider, Group string
	Reveal                            *Reveal
	// Chosen is set by Form.Choice.
	Chosen bool
	// ID and Name are set by Form.Choice.
	ID, Name string
}

// Reveal is what an option opens.
type Reveal struct {
	Inputs    []Input
	Selects   []Choice
	Dates     []DateInput
	Textareas []Textarea
	// More stand at its end.
	More []Input
}

// Choice is a question with given answers: "radios", "checkboxes", "select".
type Choice struct {
	Name, Label, Hint, ID          string
	Options                        []Option
	Inline, Small, Heading, Strong bool
	Error                          string
}

// DescribedBy names the elements that explain the question.
func (c Choice) DescribedBy() string { return describedBy(c.ID, c.Hint, c.Error) }

// Items are the options, each with its name and id. The first has the
// question's own id, which the error summary links to.
func (c Choice) Items() []Option {
	items := make([]Option, len(c.Options))
	for i, o := range c.Options {
		o.Name, o.ID = c.Name, c.ID
		if i > 0 {
			o.ID = c.ID + "-" + strconv.Itoa(i+1)
		}
		items[i] = o
	}
	return items
}

// OptionGroup is the options of a select under one heading.
type OptionGroup struct {
	Label   string
	Options []Option
}

// Groups are the options in the order given, by their heading.
func (c Choice) Groups() []OptionGroup {
	var groups []OptionGroup
	for _, o := range c.Options {
		if n := len(groups); n == 0 || groups[n-1].Label != o.Group {
			groups = append(groups, OptionGroup{Label: o.Group})
		}
		last := &groups[len(groups)-1]
		last.Options = append(last.Options, o)
	}
	return groups
}

// DateInput is a date in three boxes; "date". The month may be a name.
type DateInput struct {
	Name, Label, Hint, ID string
	Heading, Strong       bool
	Typed                 TypedDate
	Error                 string
}

// DescribedBy names the elements that explain the date.
func (d DateInput) DescribedBy() string { return describedBy(d.ID, d.Hint, d.Error) }

// Upload is a file to choose; "upload". Accept is like ".xml,.csv". Its form
// needs enctype="multipart/form-data", and the file comes last in it.
type Upload struct {
	Name, Label, Hint, ID, Accept string
	Strong                        bool
	Error                         string
}

// DescribedBy names the elements that explain the field.
func (u Upload) DescribedBy() string { return describedBy(u.ID, u.Hint, u.Error) }

func describedBy(id, hint, err string) string {
	var ids []string
	if hint != "" {
		ids = append(ids, id+"-hint")
	}
	if err != "" {
		ids = append(ids, id+"-error")
	}
	return strings.Join(ids, " ")
}

// Tag is a status in a table; "tag". Colour is one of GOV.UK's: grey, green,
// teal, blue, purple, magenta, red, orange, yellow; empty is blue.
type Tag struct{ Text, Colour string }

// Badge is a status in outline; "badge". Tone is good, warn, bad, info or
// empty. Solid is for what must not be missed ("Do not visit alone").
type Badge struct {
	Text, Tone string
	Solid      bool
}

// Banner says something about the whole page; "banner". Tone is info, good,
// warn or bad. Strong begins the sentence in bold.
type Banner struct {
	Tone, Strong, Text string
	Link               *Link
	// Status announces it to screen readers when the page arrives.
	Status bool
}

// Details is a question whose answer opens; "details".
type Details struct {
	Summary    string
	Paragraphs []string
	Open       bool
}

// Empty is what a list with nothing in it says: what that means, and what to
// do next; "empty".
type Empty struct {
	Title, Text string
	Link        *Link
}

// Panel is the green box after something has been done for good; "panel".
type Panel struct{ Title, Text string }

// Progress is how far a job is; "progress". Words say it all, with rate and
// time left: "12,000 of 25,000 records, about 4 seconds left".
type Progress struct {
	Label       string
	Done, Total int64
	Words       string
}

// Stat is a big number with its words; "stats" draws a slice of them. The
// number is never shown alone: "212", "not in education, employment or
// training", "4.1% of 5,170; up 11 since August".
type Stat struct {
	Number, Words, Note, Href, Tone string
	// Current says that what it counts is what the page shows below.
	Current bool
}

// Column heads a table's column. Sort is the address that sorts by it, Sorted
// is ascending, descending or empty.
type Column struct {
	Text    string
	Numeric bool
	Sort    string
	Sorted  string
}

// Cell is one cell. Header makes it the row's heading: give every table one.
// Note is a quieter second line; Fault marks the cell that is wrong.
type Cell struct {
	Text, Href, Hidden, Note string
	Numeric, Header, Fault   bool
	Tag                      *Tag
	Badge                    *Badge
	Tick                     *Tick
	// Column is the word of its column, of a cell that stands below others on a
	// phone.
	Column string
}

// Tick is a checkbox in a table. Label says what it selects, for screen
// readers.
type Tick struct {
	ID, Name, Value, Label string
	Chosen                 bool
}

// Table is a list; "table". Caption says what it holds, and is hidden from
// sight where Quiet. The cells of a row that is Stacked stand one below the other
// on a phone, each after the word of its column; the first of them, a name, needs none.
type Table struct {
	Caption string
	Quiet   bool
	Stacked bool
	Columns []Column
	Rows    [][]Cell
}

// Body is the rows, with each cell aligned like its column, and named like it
// where they are stacked.
func (t Table) Body() [][]Cell {
	for _, row := range t.Rows {
		for i := range row {
			if i < len(t.Columns) && t.Columns[i].Numeric {
				row[i].Numeric = true
			}
			if t.Stacked && i < len(t.Columns) && (i > 0 || row[i].Numeric) && row[i].Text != "" {
				row[i].Column = t.Columns[i].Text
			}
		}
	}
	return t.Rows
}

// Row is one line of a summary list or a card. Source says where the fact came
// from and when: "Said by the young person, by telephone, 3 October 2026". Href
// may be tel: or sms: with a number, for whoever stands on a doorstep.
type Row struct {
	Key, Value, Href, Source string
	Tag                      *Tag
	Badge                    *Badge
	Actions                  []Link
}

// Address is the Href as templates need it: they refuse tel: and sms: unless
// told that what follows is a number and nothing else.
func (r Row) Address() any {
	for _, scheme := range []string{"tel:", "sms:"} {
		if number, ok := strings.CutPrefix(r.Href, scheme); ok {
			digits := strings.Map(func(c rune) rune {
				if c >= '0' && c <= '9' || c == '+' {
					return c
				}
				return -1
			}, number)
			return template.URL(scheme + digits)
		}
	}
	return r.Href
}

// Summary is facts with their names; "summary-list", and "summary-card" where
// it has a Title and an ID.
type Summary struct {
	Title, ID string
	Rows      []Row
	Actions   []Link
	NoBorder  bool
}

// AnyActions says whether a column for actions is needed.
func (s Summary) AnyActions() bool {
	for _, r := range s.Rows {
		if len(r.Actions) > 0 {
			return true
		}
	}
	return false
}

// Card is one box among several; "cards" draws a slice of them in a grid.
type Card struct {
	ID, Title, Text, Tone string
	Badge                 *Badge
	Action                *Link
	Rows                  []Row
	// Links stand at its foot: what may be added.
	Links []Link
}

// Timeline is what happened, newest first; "timeline".
type Timeline struct {
	Label string
	Items []Event
}

// Event is one thing that happened. Date is in words; By says who recorded it
// and where it was learned; Now marks what is still so.
type Event struct {
	Title, Href, Date, Body, By string
	Now                         bool
	Badge                       *Badge
	Actions                     []Link
}

// Identity says whose page this is; "identity". It holds the page's h1, so the
// page sets OwnHeading.
type Identity struct {
	Name, Known string
	Facts       []Row
	Alerts      []Badge
}

// SubNavigation is the ways around one thing's pages; "sub-navigation".
type SubNavigation struct {
	Label string
	Items []Link
}

// FilterTags are the chosen filters, each a link that takes it away;
// "filter-tags". Clear is the address with none.
type FilterTags struct {
	Label  string
	Chosen []Link
	Clear  string
}

// Pagination is the ways to the other pages of a list; "pagination".
type Pagination struct {
	Label, Previous, Next string
	Items                 []PageLink
}

// PageLink is one page's number, or a gap.
type PageLink struct {
	Number  int
	Href    string
	Current bool
	Gap     bool
}

// paginate builds the links for a list of total rows, size to a page, where
// href gives the address of a page (from 1). One page has no links.
func paginate(total, size, page int, href func(page int) string) Pagination {
	last := (total + size - 1) / size
	if last < 2 {
		return Pagination{}
	}
	page = min(max(page, 1), last)
	p := Pagination{Label: "Pages"}
	if page > 1 {
		p.Previous = href(page - 1)
	}
	if page < last {
		p.Next = href(page + 1)
	}
	shown := 0
	for n := 1; n <= last; n++ {
		if n != 1 && n != last && (n < page-1 || n > page+1) {
			continue
		}
		if n > shown+1 {
			p.Items = append(p.Items, PageLink{Gap: true})
		}
		p.Items = append(p.Items, PageLink{Number: n, Href: href(n), Current: n == page})
		shown = n
	}
	return p
}

// count writes a number as people read it: 12,480.
func count(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// plural is "1 record", "2 records", "12,480 people".
func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return count(n) + " " + many
}
