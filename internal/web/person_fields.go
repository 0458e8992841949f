package web

import (
	"slices"
	"strings"

	"waymark/internal/access"
)

// What a reader does not see is empty already when it comes here
// (life.Life.Keep). These leave out the places where it would stand, lest an
// empty one be read as "not recorded".

// sees says whether the reader sees a field of this young person.
func (c *client) sees(f access.Fields) bool { return c.Fields.Has(f) }

// cards are the page's boxes that hold something the reader sees.
func (v personView) cards() []Card {
	var out []Card
	if v.sees(access.Activities) {
		out = append(out, v.now(), v.next())
	}
	if people := v.people(); len(people.Rows) > 0 {
		out = append(out, people)
	}
	if contact := v.contact(); len(contact.Rows) > 0 {
		out = append(out, contact)
	}
	return out
}

// more are the summaries below the boxes.
func (v personView) more(left string) []Summary {
	var out []Summary
	if v.sees(access.Cohort) {
		out = append(out, v.inReturn(left))
	}
	if v.sees(access.Guarantees) {
		out = append(out, v.guarantee())
	}
	if v.sees(access.Activities) && v.sees(access.Cohort) {
		out = append(out, v.daysNEET())
	}
	out = append(out, v.needs(), v.identifiers())
	if v.sees(access.OptOuts) {
		out = append(out, v.rights())
	}
	if v.sees(access.Signals) && access.May(actorOf(v.r), access.SeeSignals) {
		out = append(out, v.signs())
	}
	return slices.DeleteFunc(out, func(s Summary) bool { return len(s.Rows) == 0 })
}

// kept are those rows of which the reader sees the field that stands before
// each.
func (v personView) kept(rows ...fieldRow) []Row {
	var out []Row
	for _, one := range rows {
		if v.sees(one.field) {
			out = append(out, one.Row)
		}
	}
	return out
}

// fieldRow is a row and the field that it tells.
type fieldRow struct {
	field access.Fields
	Row
}

// birthKey names what the reader sees of birth, gender and ethnicity, "" where
// it is nothing.
func (v personView) birthKey() string {
	var words []string
	for _, one := range []struct {
		field access.Fields
		word  string
	}{{access.Birth, "birth"}, {access.Gender, "gender"}, {access.Ethnicity, "ethnicity"}} {
		if v.sees(one.field) {
			words = append(words, one.word)
		}
	}
	return capital(strings.Join(words, ", "))
}
