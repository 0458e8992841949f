package campaign

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"waymark/internal/civil"
	"waymark/internal/contact"
	"waymark/internal/field"
	"waymark/internal/id"
)

// Rules say when, how often and by which channel people may be tried. Hours and
// days are those of London.
type Rules struct {
	// From and To are times of day, like 09:00; a call may begin from the first
	// until before the second.
	From, To string
	// Days are the days of the week on which people are tried.
	Days []time.Weekday
	// Tries are how often one person is tried in the campaign, ADay on one day, by
	// whoever tries.
	Tries, ADay int
	// Channels are the ways to try them, the first first: contact.Phone and
	// contact.Email.
	Channels []string
	// Pause is for how many days nobody tries further after a wrong number.
	Pause int
	// Stop are words that, in the note of a number, keep it from being used.
	Stop []string
}

// Usual are the rules that a new campaign begins with.
func Usual() Rules {
	return Rules{From: "09:00", To: "19:00", Days: []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday},
		Tries: 6, ADay: 2, Channels: []string{contact.Phone}, Pause: 2, Stop: []string{"do not ring", "do not call", "no contact", "unsafe"}}
}

func (r Rules) check(wrong *field.Errors) {
	from, ok := minutes(r.From)
	to, ok2 := minutes(r.To)
	if !ok {
		wrong.Add("from", "Enter the time from which people may be tried, like 09:00")
	}
	if !ok2 {
		wrong.Add("to", "Enter the time until which people may be tried, like 19:00")
	} else if ok && to <= from {
		wrong.Add("to", "Enter a time that is later than the first")
	}
	if len(r.Days) == 0 {
		wrong.Add("days", "Select at least one day of the week")
	}
	if r.Tries < 1 || r.Tries > 50 {
		wrong.Add("tries", "Enter how often one person may be tried, from 1 to 50")
	}
	if r.ADay < 1 || r.ADay > 10 {
		wrong.Add("a-day", "Enter how often one person may be tried on one day, from 1 to 10")
	}
	if r.Pause < 0 || r.Pause > 60 {
		wrong.Add("pause", "Enter how many days to wait after a wrong number, from 0 to 60")
	}
	if len(r.Channels) == 0 || slices.ContainsFunc(r.Channels, func(c string) bool { return c != contact.Phone && c != contact.Email }) {
		wrong.Add("channels", "Select how people are tried")
	}
}

func minutes(text string) (int, bool) {
	t, err := time.Parse("15:04", text)
	return t.Hour()*60 + t.Minute(), err == nil && len(text) == 5
}

// Open says whether people may be tried at a moment, and if not, why. On the
// nights on which the clocks change it is still the clock on the wall that
// counts.
func (r Rules) Open(now time.Time) (bool, string) {
	wall := now.In(civil.London())
	if !slices.Contains(r.Days, wall.Weekday()) {
		return false, "The rules of this campaign let nobody be tried on a " + wall.Weekday().String() + "."
	}
	at := wall.Hour()*60 + wall.Minute()
	from, _ := minutes(r.From)
	if to, _ := minutes(r.To); at < from || at >= to {
		return false, fmt.Sprintf("The rules of this campaign let people be tried from %s to %s, and it is %s.", r.From, r.To, wall.Format("15:04"))
	}
	return true, ""
}

// day is the first day from one on that the rules allow.
func (r Rules) day(on civil.Date) civil.Date {
	for range 7 {
		if slices.Contains(r.Days, on.Weekday()) {
			return on
		}
		on = on.AddDays(1)
	}
	return on
}

// Number is one way to reach somebody.
type Number struct {
	// Fact is the key of the fact that holds it.
	Fact id.Fact
	// Channel is contact.Phone or contact.Email.
	Channel, Value string
	// Note says how to use it; Whose is "" for the young person's own, and else who
	// the carer is.
	Note, Whose string
	// Told is the act that told it: what was told later is likelier to hold.
	Told id.Act
}

// Valid says that it can be rung or written to at all.
func (n Number) Valid() bool {
	if n.Channel == contact.Email {
		at := strings.Index(n.Value, "@")
		return at > 0 && strings.Contains(n.Value[at:], ".")
	}
	digits := 0
	for _, c := range n.Value {
		switch {
		case c >= '0' && c <= '9':
			digits++
		case !strings.ContainsRune(" +()-", c):
			return false
		}
	}
	return digits >= 10 && digits <= 15
}

// Try is one contact made or tried with somebody.
type Try struct {
	On           civil.Date
	At           string
	How, Outcome string
	Number       id.Fact
	// Here says that it was made in this campaign: a call, or a visit or a message
	// of a round or a batch that was made from its list.
	Here bool
	// Begun by them: it counts against no rule.
	Theirs bool
	NextOn civil.Date
	By     string
}

// State is where a row of a campaign stands.
type State string

// The states.
const (
	ToDo    State = "to do"
	Waiting State = "waiting"
	Settled State = "settled"
	Stopped State = "stopped"
)

// Due is what the rules make of one person today.
type Due struct {
	State State
	// On is the day from which they are to be tried again, for Waiting.
	On civil.Date
	// Why says it in words.
	Why string
	// Number is the best number, nil where there is none; Best says why.
	Number *Number
	Best   string
	// Odd says of numbers that are none.
	Odd string
	// Tries are how often they were tried in this campaign.
	Tries int
	// NoNumber says that nothing stops them but that no number is left to be tried:
	// they may be visited.
	NoNumber bool
}

// Case is one person as the rules look at them.
type Case struct {
	Numbers []Number
	Tries   []Try
	// Barred says why they are not to be tried at all, "" where nothing bars it.
	Barred string
	// Elsewhere says that what they do was confirmed since the list was frozen,
	// outside of this campaign.
	Elsewhere civil.Date
}

// after is how many days are left between one try and the next, by what came of
// it.
func (r Rules) after(outcome string) int {
	switch outcome {
	case contact.MessageLeft, contact.Sent:
		return 2
	case contact.WrongNumber:
		return r.Pause
	case contact.Reached:
		return 7
	}
	return 0
}

// Of is what the rules make of somebody on a day.
func (r Rules) Of(c Case, today civil.Date) Due {
	d := Due{State: ToDo}
	var last *Try
	now, wrong, reached := 0, map[id.Fact]bool{}, map[id.Fact]civil.Date{}
	for i := range c.Tries {
		t := &c.Tries[i]
		if t.Outcome == contact.WrongNumber && t.Number != 0 {
			wrong[t.Number] = true
		}
		if contact.Substantive(t.Outcome) && t.Number != 0 && t.On.After(reached[t.Number]) {
			reached[t.Number] = t.On
		}
		if t.On == today && !t.Theirs {
			now++
		}
		if t.Here {
			d.Tries++
			last = t
		}
	}
	r.best(&d, c.Numbers, wrong, reached)
	stop := func(s State, why string) Due { d.State, d.Why = s, why; return d }
	switch {
	case c.Barred != "":
		d.Number, d.Best, d.Odd = nil, "", ""
		return stop(Stopped, c.Barred)
	case last != nil && (last.Outcome == contact.Confirmed || last.Outcome == contact.Changed):
		return stop(Settled, "Spoke on "+last.On.Words())
	case last != nil && last.Outcome == contact.Refused:
		return stop(Stopped, "They would not say")
	case last != nil && last.Outcome == contact.MovedAway:
		return stop(Stopped, "They have moved away")
	case !c.Elsewhere.IsZero():
		return stop(Settled, "Confirmed elsewhere on "+c.Elsewhere.Words())
	case d.Tries >= r.Tries:
		return stop(Stopped, fmt.Sprintf("Tried %d times, the most that the rules allow", d.Tries))
	}
	if last != nil {
		next := last.On.AddDays(r.after(last.Outcome))
		why := "After “" + last.Outcome + "”"
		if last.NextOn.After(last.On) {
			next, why = last.NextOn, "As agreed with them"
		}
		if next.After(today) {
			d.On = r.day(next)
			return stop(Waiting, why)
		}
	}
	switch {
	case d.Number == nil && len(c.Numbers) == 0:
		d.NoNumber = now < r.ADay
		return stop(Stopped, "No number is held")
	case d.Number == nil:
		d.NoNumber = now < r.ADay
		return stop(Stopped, "No number is left that may be tried")
	case now >= r.ADay:
		d.On = r.day(today.AddDays(1))
		return stop(Waiting, fmt.Sprintf("Tried %d times today, the most that the rules allow", now))
	}
	return d
}

// best chooses the number to try: one on which they were reached before, then
// their own mobile, their own other number, a carer's; the later told first. The
// first channel of the rules that has one is taken.
func (r Rules) best(d *Due, numbers []Number, wrong map[id.Fact]bool, reached map[id.Fact]civil.Date) {
	var odd []string
	for _, channel := range r.Channels {
		var most Number
		score := -1
		for _, n := range numbers {
			if n.Channel != channel {
				continue
			}
			if !n.Valid() {
				odd = append(odd, "“"+n.Value+"” is no "+map[string]string{contact.Phone: "telephone number", contact.Email: "e-mail address"}[channel])
				continue
			}
			if wrong[n.Fact] || r.stops(n.Note) {
				continue
			}
			at := 0
			if !reached[n.Fact].IsZero() {
				at += 8
			}
			if n.Whose == "" {
				at += 4
			}
			if strings.HasPrefix(strings.TrimLeft(n.Value, "+ ("), "07") || strings.HasPrefix(strings.ReplaceAll(n.Value, " ", ""), "+447") {
				at += 2
			}
			if at > score || at == score && n.Told > most.Told {
				most, score = n, at
			}
		}
		if score >= 0 && d.Number == nil {
			d.Number, d.Best = &most, bestWords(most, score, reached[most.Fact])
		}
	}
	d.Odd = strings.Join(odd, "; ")
}

func bestWords(n Number, score int, reached civil.Date) string {
	switch {
	case score >= 8:
		return "Reached on it on " + reached.Words()
	case n.Whose == "" && n.Channel == contact.Email:
		return "Their own address"
	case score >= 6:
		return "Their own mobile"
	case score >= 4:
		return "Their own number"
	}
	return "No number of their own: that of their " + n.Whose
}

// stops says that the note of a number keeps it from being used.
func (r Rules) stops(note string) bool {
	note = strings.ToLower(note)
	return slices.ContainsFunc(r.Stop, func(w string) bool { return w != "" && strings.Contains(note, strings.ToLower(w)) })
}
