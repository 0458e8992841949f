package campaign

import (
	"testing"
	"time"

	"waymark/internal/civil"
	"waymark/internal/contact"
	"waymark/internal/id"
)

// Hours are those of the clock on the wall, on the nights too on which it changes.
func TestOpen(t *testing.T) {
	r := Usual()
	night := Usual()
	night.From, night.To, night.Days = "01:00", "02:00", []time.Weekday{time.Sunday}
	for _, c := range []struct {
		rules Rules
		at    string
		want  bool
	}{
		{r, "2026-10-23T07:59:00Z", false}, // 08:59 in summer
		{r, "2026-10-23T08:00:00Z", true},
		{r, "2026-10-23T17:59:00Z", true},
		{r, "2026-10-23T18:00:00Z", false}, // 19:00 in summer
		{r, "2026-10-24T10:00:00Z", false}, // a Saturday
		{r, "2026-10-26T08:30:00Z", false}, // 08:30 in winter
		{r, "2026-10-26T18:30:00Z", true},
		{r, "2026-10-26T19:00:00Z", false},
		{night, "2026-10-25T00:30:00Z", true},  // 01:30 for the first time
		{night, "2026-10-25T01:30:00Z", true},  // and for the second
		{night, "2026-10-25T02:00:00Z", false}, // 02:00
		{night, "2027-03-28T00:59:00Z", false}, // 00:59, and then it is 02:00
		{night, "2027-03-28T01:00:00Z", false},
	} {
		at, err := time.Parse(time.RFC3339, c.at)
		if err != nil {
			t.Fatal(err)
		}
		if got, why := c.rules.Open(at); got != c.want || got == (why != "") {
			t.Errorf("at %s it is %v (%q), want %v", c.at, got, why, c.want)
		}
	}
}

// What the rules make of one person.
func TestOf(t *testing.T) {
	monday := civil.MustParse("2026-10-12")
	friday := monday.AddDays(-3)
	mobile := Number{Fact: 1, Channel: contact.Phone, Value: "07700 900123", Told: 5}
	home := Number{Fact: 2, Channel: contact.Phone, Value: "01632 960118", Told: 9}
	aunts := Number{Fact: 3, Channel: contact.Phone, Value: "07700 900555", Whose: "aunt", Told: 9}
	try := func(on civil.Date, outcome string, number int64) Try {
		return Try{On: on, How: contact.Phone, Outcome: outcome, Here: true, Number: id.Fact(number)}
	}
	for _, c := range []struct {
		name   string
		given  Case
		state  State
		number id.Fact
		on     string
	}{
		{"nothing yet", Case{Numbers: []Number{home, mobile, aunts}}, ToDo, 1, ""},
		{"reached on the other", Case{Numbers: []Number{mobile, home}, Tries: []Try{{On: monday.AddDays(-60), Outcome: contact.Reached, Number: 2}}}, ToDo, 2, ""},
		{"no number", Case{}, Stopped, 0, ""},
		{"a number that is none", Case{Numbers: []Number{{Fact: 9, Channel: contact.Phone, Value: "ask his mum"}}}, Stopped, 0, ""},
		{"one that is none beside one that is", Case{Numbers: []Number{{Fact: 9, Channel: contact.Phone, Value: "0770"}, aunts}}, ToDo, 3, ""},
		{"not to be rung there", Case{Numbers: []Number{{Fact: 9, Channel: contact.Phone, Value: "07700 900124", Note: "DO NOT RING, text only"}, home}}, ToDo, 2, ""},
		{"nobody answered today once", Case{Numbers: []Number{mobile}, Tries: []Try{try(monday, contact.NoAnswer, 1)}}, ToDo, 1, ""},
		{"twice today", Case{Numbers: []Number{mobile}, Tries: []Try{try(monday, contact.NoAnswer, 1), {On: monday, Outcome: contact.NoAnswer}}}, Waiting, 1, "2026-10-13"},
		{"they rang us: no try", Case{Numbers: []Number{mobile}, Tries: []Try{{On: monday, Outcome: contact.Reached, Theirs: true}, {On: monday, Outcome: contact.Reached, Theirs: true}}}, ToDo, 1, ""},
		{"a message on Saturday's eve", Case{Numbers: []Number{mobile}, Tries: []Try{try(friday, contact.MessageLeft, 1)}}, ToDo, 1, ""},
		{"a message today", Case{Numbers: []Number{mobile}, Tries: []Try{try(monday, contact.MessageLeft, 1)}}, Waiting, 1, "2026-10-14"},
		{"a wrong number pauses", Case{Numbers: []Number{mobile, home}, Tries: []Try{try(monday, contact.WrongNumber, 1)}}, Waiting, 2, "2026-10-14"},
		{"and is not tried again", Case{Numbers: []Number{mobile, home}, Tries: []Try{try(friday, contact.WrongNumber, 1)}}, ToDo, 2, ""},
		{"the only number was wrong", Case{Numbers: []Number{mobile}, Tries: []Try{try(friday, contact.WrongNumber, 1)}}, Stopped, 0, ""},
		{"as agreed", Case{Numbers: []Number{mobile}, Tries: []Try{{On: monday, Outcome: contact.Reached, Here: true, NextOn: civil.MustParse("2026-10-17")}}}, Waiting, 1, "2026-10-19"},
		{"confirmed", Case{Numbers: []Number{mobile}, Tries: []Try{try(monday, contact.Confirmed, 1)}}, Settled, 1, ""},
		{"would not say", Case{Numbers: []Number{mobile}, Tries: []Try{try(friday, contact.Refused, 1)}}, Stopped, 1, ""},
		{"often enough", Case{Numbers: []Number{mobile}, Tries: []Try{try(friday, contact.NoAnswer, 1), try(friday, contact.NoAnswer, 1), try(friday, contact.NoAnswer, 1),
			try(friday, contact.NoAnswer, 1), try(friday, contact.NoAnswer, 1), try(friday, contact.NoAnswer, 1)}}, Stopped, 1, ""},
		{"barred", Case{Numbers: []Number{mobile}, Barred: "Has died"}, Stopped, 0, ""},
		{"known by another way", Case{Numbers: []Number{mobile}, Elsewhere: monday}, Settled, 1, ""},
	} {
		d := Usual().Of(c.given, monday)
		number := id.Fact(0)
		if d.Number != nil {
			number = d.Number.Fact
		}
		if d.State != c.state || number != c.number || d.On.String() != c.on {
			t.Errorf("%s: %s on number %d from %q (%s), want %s on %d from %q", c.name, d.State, number, d.On, d.Why, c.state, c.number, c.on)
		}
		if d.State != ToDo && d.Why == "" || d.Number != nil && d.Best == "" {
			t.Errorf("%s: says no reason: %+v", c.name, d)
		}
	}
	if d := Usual().Of(Case{Numbers: []Number{{Channel: contact.Phone, Value: "ask his mum"}}}, monday); d.Odd == "" {
		t.Error("it does not say that a number is none")
	}
}
