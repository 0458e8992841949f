package layout

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"waymark/internal/civil"
	"waymark/internal/match"
)

// dateOrders settles for each column of dates whether the day or the month
// comes first: from the column itself, else from the file's other columns,
// else it is asked.
func (u *understanding) dateOrders() {
	file := DateOrder("")
	from := ""
	for _, c := range u.columns {
		if !c.Column.Item.IsDate() {
			continue
		}
		switch {
		case c.kept && c.Dates != "":
		case c.p.firstDay > 0 && c.p.secondDay == 0:
			c.Dates = DayFirst
		case c.p.secondDay > 0 && c.p.firstDay == 0:
			c.Dates = MonthFirst
			c.Why += fmt.Sprintf("; the month comes first, since %d of the dates have more than 12 in second place", c.p.secondDay)
		case c.p.firstDay > 0 && c.p.secondDay > 0:
			c.Dates = DayFirst
			if c.p.secondDay > c.p.firstDay {
				c.Dates = MonthFirst
			}
			u.askDates(c, "writes some dates with the day first and others with the month first")
		}
		if c.Dates != "" && file == "" {
			file, from = c.Dates, c.label()
		}
	}
	var open []*column
	for _, c := range u.columns {
		if !c.Column.Item.IsDate() || c.Dates != "" || c.p.either == 0 {
			continue
		}
		if file != "" {
			c.Dates = file
			c.Why += fmt.Sprintf("; %s, as in “%s”", file, clip(from, 40))
			continue
		}
		c.Dates = DayFirst
		open = append(open, c)
	}
	if len(open) > 0 { // one file is written by one hand: one answer is enough
		u.askDates(open[0], "can be read two ways", open[1:]...)
	}
}

// askDates asks for a column's order with its own dates as examples. The answer
// counts for the others too.
func (u *understanding) askDates(c *column, what string, others ...*column) {
	example := ""
	for s := range c.p.distinct {
		if r := readDate(s, DayFirst, false, civil.Date{}); r.first > 0 && r.first <= 12 && r.second <= 12 && r.first != r.second && r.fault == "" && (example == "" || s < example) {
			example = s
		}
	}
	if example == "" {
		if len(others) > 0 {
			u.askDates(others[0], what, others[1:]...)
		}
		return
	}
	which := strconv.Itoa(c.Column.At)
	for _, o := range others {
		which += "," + strconv.Itoa(o.Column.At)
	}
	day := readDate(example, DayFirst, c.Column.Item == DOB, civil.Date{}).date.Words()
	month := readDate(example, MonthFirst, c.Column.Item == DOB, civil.Date{}).date.Words()
	u.questions = append(u.questions, Question{ID: "dates:" + which,
		Words:   fmt.Sprintf("The column “%s” %s. What is %s?", clip(c.label(), 40), what, example),
		Choices: []Choice{{string(DayFirst), day + " (the day first)"}, {string(MonthFirst), month + " (the month first)"}}})
}

// nameOrders settles in which order whole names without a comma stand.
func (u *understanding) nameOrders() {
	for _, c := range u.columns {
		if c.Column.Item != FullName || c.kept || c.p.count[namesShape] == 0 {
			continue
		}
		words := strings.Fields(plain(c.Column.Header))
		first := func(some ...string) int {
			return slices.IndexFunc(words, func(w string) bool { return slices.Contains(some, w) })
		}
		family, given := first("surname", "family", "last"), first("forename", "given", "first")
		switch {
		case family >= 0 && given > family:
			c.FamilyFirst = true
			c.Why += "; the family name first, as its header says"
			continue
		case given >= 0 && family > given:
			continue
		}
		example := ""
		for s := range c.p.distinct {
			if f := strings.Fields(s); shapeOf(s) == namesShape && len(f) == 2 && strings.ToUpper(f[0]) != f[0] && strings.ToUpper(f[1]) != f[1] && (example == "" || s < example) {
				example = s
			}
		}
		if example == "" {
			continue
		}
		if why, familyFirst := u.namesTell(c); why != "" {
			c.FamilyFirst = familyFirst
			c.Why += "; " + why
			continue
		}
		f := strings.Fields(example)
		u.questions = append(u.questions, Question{ID: "names:" + strconv.Itoa(c.Column.At),
			Words:   fmt.Sprintf("The column “%s” holds whole names. Which is the family name of %s?", clip(c.label(), 40), example),
			Choices: []Choice{{"given first", f[1]}, {"family first", f[0]}}})
	}
}

// namesTell settles in which order names of two words stand by the names
// themselves: by the name that somebody is known by where a column has it, else by
// given names that everybody knows. It says nothing of fewer than four, nor where
// one in five of them speaks against it.
func (u *understanding) namesTell(c *column) (why string, familyFirst bool) {
	called := slices.IndexFunc(u.columns, func(o *column) bool { return o.Column.Item == KnownAs || o.Column.Item == Given })
	first, second := 0, 0
	for _, r := range u.rows {
		if c.Column.At >= len(r.Cells) {
			continue
		}
		words := strings.Fields(tidy(r.Cells[c.Column.At]))
		if len(words) != 2 {
			continue
		}
		a, b := u.given(words[0]), u.given(words[1])
		if called >= 0 && u.columns[called].Column.At < len(r.Cells) {
			known := tidy(r.Cells[u.columns[called].Column.At])
			a, b = a || strings.EqualFold(known, words[0]), b && !strings.EqualFold(known, words[0]) || strings.EqualFold(known, words[1])
		}
		switch {
		case a && !b:
			first++
		case b && !a:
			second++
		}
	}
	switch {
	case first >= 4 && first >= 5*second:
		return fmt.Sprintf("the given name first, as %d of its names show", first), false
	case second >= 4 && second >= 5*first:
		return fmt.Sprintf("the family name first, as %d of its names show", second), true
	}
	return "", false
}

// given says that a word is a given name that everybody knows.
func (u *understanding) given(word string) bool {
	return len(shipped().names.Of(match.Fold(word))) > 0
}

var errNoQuestion = errors.New("this question was not asked of this file")

// Answer takes the answer to one of the questions into the mapping; choice is
// the ID of one of its choices. The question is then no longer asked.
func (p *Proposal) Answer(id, choice string) error {
	at := slices.IndexFunc(p.Questions, func(q Question) bool { return q.ID == id })
	if at < 0 {
		return errNoQuestion
	}
	if !slices.ContainsFunc(p.Questions[at].Choices, func(c Choice) bool { return c.ID == choice }) {
		return fmt.Errorf("choose one of the answers to “%s”", p.Questions[at].Words)
	}
	about, which, _ := strings.Cut(id, ":")
	switch about {
	case "dates":
		for _, at := range strings.Split(which, ",") {
			p.mapped(at).Dates = DateOrder(choice)
		}
	case "names":
		p.mapped(which).FamilyFirst = choice == "family first"
	case "item":
		item, _ := ParseItem(which)
		for i := range p.Mapping.Columns {
			if p.Mapping.Columns[i].Item == item {
				p.Choose(p.Mapping.Columns[i].At, None, "")
			}
		}
		n, _ := strconv.Atoi(choice)
		p.Choose(n, item, "")
	}
	p.Questions = slices.Delete(slices.Clone(p.Questions), at, at+1)
	return nil
}

// Choose says what the column at a place holds, whatever was proposed. yes is
// the code that a "yes" in it stands for, or "".
func (p *Proposal) Choose(at int, item Item, yes string) {
	for i := range p.Mapping.Columns {
		if c := &p.Mapping.Columns[i]; c.At == at {
			c.Item, c.Yes = item, yes
		}
	}
	for i := range p.Columns {
		if c := &p.Columns[i]; c.At == at {
			c.Item, c.Yes, c.Sure, c.Why = item, yes, true, "chosen"
		}
	}
}

// mapped is the mapping of the column at a place; one of its own, never kept,
// where there is none.
func (p *Proposal) mapped(at string) *MappedColumn {
	for i := range p.Mapping.Columns {
		if strconv.Itoa(p.Mapping.Columns[i].At) == at {
			return &p.Mapping.Columns[i]
		}
	}
	return &MappedColumn{}
}
