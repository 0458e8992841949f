package returns

import (
	"fmt"

	"waymark/internal/civil"
	"waymark/internal/nccis"
)

// Measure is one number of two returns, and what moved it, in words.
type Measure struct {
	Counts nccis.Status
	// What is "NEET" or "Not known".
	What        string
	Before, Now int
	Lines       []Line
}

// Line says what one shift did to a measure: "5 who counted as NEET turn out to
// have been in education, employment or training (learned 14 April 2026)".
type Line struct {
	Text  string
	Shift *Shift
}

// Words are the measure as a sentence: "NEET was 212, and is now 209."
func (m Measure) Words() string {
	if m.Before == m.Now {
		return fmt.Sprintf("%s was %s, and still is.", m.What, thousands(m.Before))
	}
	return fmt.Sprintf("%s was %s, and is now %s.", m.What, thousands(m.Before), thousands(m.Now))
}

// thousands writes a count as people read it: "5,599".
func thousands(n int) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%s,%03d", thousands(n/1000), n%1000)
}

// Measures are NEET, not known, and taking part, each with what moved it.
func (c *Comparison) Measures() []Measure {
	a, b := c.From.Rates, c.To.Rates
	out := []Measure{{Counts: nccis.NEET, What: "NEET", Before: a.NEET, Now: b.NEET}, {Counts: nccis.NotKnown, What: "Not known", Before: a.NotKnown, Now: b.NotKnown},
		{Counts: nccis.EET, What: "In education, employment or training", Before: a.EET, Now: b.EET}}
	for i := range out {
		for j := range c.Shifts {
			if s := &c.Shifts[j]; s.Was == out[i].Counts || s.Is == out[i].Counts {
				out[i].Lines = append(out[i].Lines, Line{Text: c.say(s), Shift: s})
			}
		}
	}
	return out
}

// say puts a shift into words. Of one month known twice it says what turned
// out; of two months what became of people.
func (c *Comparison) say(s *Shift) string {
	n := len(s.People)
	one := func(single, several string) string {
		if n == 1 {
			return single
		}
		return several
	}
	words := ""
	switch {
	case s.Was == Outside:
		words = fmt.Sprintf("%s who %s not counted in the rates before %s counted as %s", thousands(n), one("was", "were"), one("is", "are"), StandsWords(s.Is))
	case s.Is == Outside:
		words = fmt.Sprintf("%s who counted as %s %s not counted in the rates any more", thousands(n), StandsWords(s.Was), one("is", "are"))
	case c.From.Moment != nil:
		words = fmt.Sprintf("%s who counted as %s now %s as %s", thousands(n), StandsWords(s.Was), one("counts", "count"), StandsWords(s.Is))
	case c.SamePeriod && s.Is == nccis.NotKnown:
		words = fmt.Sprintf("%s who counted as %s %s to have been not known", thousands(n), StandsWords(s.Was), one("turns out", "turn out"))
	case c.SamePeriod:
		words = fmt.Sprintf("%s who counted as %s %s to have been %s", thousands(n), StandsWords(s.Was), one("turns out", "turn out"), StandsWords(s.Is))
	default:
		words = fmt.Sprintf("%s moved from %s to %s", thousands(n), StandsWords(s.Was), StandsWords(s.Is))
	}
	return words + learnedWords(s.First, s.Last)
}

func learnedWords(first, last civil.Date) string {
	switch {
	case first.IsZero():
		return " (no fact was changed: it follows from the calendar)"
	case first == last:
		return " (learned " + first.Words() + ")"
	}
	return " (learned between " + first.Words() + " and " + last.Words() + ")"
}

// StandsWords is where somebody stands, in a sentence.
func StandsWords(s nccis.Status) string {
	switch s {
	case nccis.EET:
		return "in education, employment or training"
	case nccis.NEET:
		return "NEET"
	case nccis.NotKnown:
		return "not known"
	case nccis.CompulsorySchoolAge:
		return "of compulsory school age"
	case nccis.OutOfRates:
		return "left out of the rates"
	}
	return "not in the rates"
}

// Words are the act and its evidence in a line: "14 April 2026, by Mei
// Larkrise: phone, her aunt".
func (l *Learned) Words() string {
	if l == nil {
		return "No fact was changed: it follows from the day"
	}
	words := civil.On(l.At, civil.London()).Words() + ", by " + l.By
	if l.From != "" {
		words += ": " + l.From
		if l.SaidBy != "" {
			words += ", " + l.SaidBy
		}
	}
	return words
}

// Name is what people call the side: "March 2026, version 1, as sent", "March
// 2026, as known now" or "March 2026, as known on 30 March 2026".
func (s Side) Name() string {
	if s.Moment != nil {
		return s.Period.Words() + ", as known " + s.Moment.Words()
	}
	if s.Return == nil {
		return s.Period.Words() + ", as known now"
	}
	words := s.Period.Words()
	if s.Return.Version > 1 {
		words += fmt.Sprintf(", version %d", s.Return.Version)
	}
	return words + ", " + string(s.Return.State)
}

// EachChange calls write with every line of the comparison as a file for
// spreadsheets has it, after its heads (ChangeHeads): who joined, who left, and
// each item that differs. Explain must have been called with c.Changed.
func (c *Comparison) EachChange(write func(cells ...string) error) error {
	line := func(p *Person, what string, item Item) error {
		cells := []string{p.Record.Values[nccis.YoungPersonsID], p.Name(), what, "", item.Before, item.After, "", "", "", "", ""}
		if what == "changed" {
			cells[3] = nccis.FieldLabel(item.Field)
		}
		if l := item.Learned; l != nil {
			cells[6], cells[7], cells[8], cells[9], cells[10] = civil.On(l.At, civil.London()).String(), l.By, l.From, l.SaidBy, l.Received.String()
		}
		return write(cells...)
	}
	for _, p := range c.Joined {
		if err := line(p, "joined", Item{After: string(p.CountsAs)}); err != nil {
			return err
		}
	}
	for _, p := range c.Left {
		if err := line(p, "left", Item{Before: string(p.CountsAs)}); err != nil {
			return err
		}
	}
	for _, p := range c.Changed {
		for _, item := range p.Items {
			if err := line(p.Now, "changed", item); err != nil {
				return err
			}
		}
	}
	return nil
}

// ChangeHeads are the columns of EachChange.
func ChangeHeads() []string {
	return []string{"young person", "name", "what", "item", "before", "after", "entered on", "entered by", "learned from", "said by", "learned on"}
}
