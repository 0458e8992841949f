package layout

import (
	"fmt"
	"slices"
	"strings"
)

// heading is one thing that a column of some name can hold.
type heading struct {
	item Item
	yes  string
}

// headings are what columns are called, in plain words.
type headings struct {
	by map[string][]heading
	// size is the most words that a heading has.
	size int
}

func loadHeadings(t *tables) error {
	t.headings = headings{by: map[string][]heading{}}
	return eachLine("heading.csv", []string{"item", "headings", "yes", "source"}, func(l line) error {
		item, ok := ParseItem(l.get("item"))
		if l.get("item") == "-" {
			item, ok = None, true
		}
		if !ok || item == None && l.get("item") != "-" {
			return l.wrong("there is no item %q", l.get("item"))
		}
		h := heading{item: item, yes: l.get("yes")}
		for _, text := range strings.Split(l.get("headings"), ";") {
			key := plain(text)
			if key == "" {
				return l.wrong("there is an empty heading")
			}
			if other := t.headings.by[key]; len(other) > 0 && (other[0].item == None) != (item == None) {
				return l.wrong("“%s” is both of use and of none", key)
			}
			if !slices.Contains(t.headings.by[key], h) {
				t.headings.by[key] = append(t.headings.by[key], h)
			}
			t.headings.size = max(t.headings.size, len(strings.Fields(key)))
		}
		return nil
	})
}

// named is what a header says that its column holds.
type named struct {
	candidates []heading
	why        string
	sure       bool
	// others says that the header names somebody or something else: an adviser's
	// telephone, a school's postcode. It holds nothing of the young person's.
	others bool
}

// fillers say whose column it is, which goes without saying.
var fillers = []string{"learner", "student", "pupil", "child", "young", "person", "persons", "yp", "client", "applicant", "current", "stu", "legal",
	"the", "of", "full", "home", "no", "number", "code", "description", "desc", "text", "field", "value", "ilr", "primary", "main", "personal", "apprentice",
	"participant", "their", "your", "for", "dd", "mm", "yyyy", "yy", "ddmmyyyy", "s", "actual", "latest", "term", "sims", "format", "if", "known", "required",
	"applicable", "1", "p", "and", "please", "enter", "a", "optional", "mandatory", "indicator", "flag"}

// weak words are a column's name where they stand alone, and say nothing within
// a longer one.
var weak = []string{"group", "need", "reference", "ref", "number", "first", "last", "second", "from", "left", "year", "area", "region", "note", "detail", "hour", "line",
	"mode", "priority", "id", "given", "family", "middle", "given", "subject", "standard", "framework", "group", "point", "english", "number", "building", "flat", "details",
	"road", "street", "house", "mail", "present", "relation", "pupil", "student", "learner", "child", "client", "participant", "apprentice", "sen", "lac", "yot", "ap", "updated", "to", "tier", "guarantee", "claim", "privacy", "site", "centre", "where", "outcome", "birth", "born", "name"}

// carers and strangers are words that give a column to somebody else.
var carers = []string{"parent", "carer", "guardian", "mother", "father", "mum", "dad", "kin", "emergency", "contact1", "parental", "foster"}

var strangers = []string{"adviser", "advisor", "tutor", "worker", "social", "employer", "manager", "teacher", "coach", "assessor", "officer", "coordinator", "senco", "gp",
	"staff", "user", "created", "modified", "sibling", "school", "college", "provider", "centre", "establishment"}

// name finds what a header says; kind decides between things of one name.
func (h headings) name(header string, kind *Kind) named {
	text := plain(tidy(header))
	if text == "" {
		return named{}
	}
	if kind != nil && kind.ID == "send" && text == "status" { // of the plan, unless its words are of something else
		return named{candidates: []heading{{item: SEND}, {item: Activity}}, sure: true, why: "called “" + clip(tidy(header), 40) + "”"}
	}
	if kind != nil && kind.RowsAreEvents() {
		if n, ok := ofASuspension(text, header); ok {
			return n
		}
	}
	if c := h.by[text]; c != nil {
		if ofATeam(c, text, kind) {
			return named{others: true, why: fmt.Sprintf("“%s” is about what a team does, and not about what the young person does", clip(tidy(header), 40))}
		}
		if c[0].item == None || kind != nil && kind.ID == "ilr-learners" && text == "outcome" { // there it is what an aim achieved
			return named{others: true, why: fmt.Sprintf("“%s” is known and of no use here", clip(tidy(header), 40))}
		}
		return named{candidates: rank(c, kind), sure: true, why: fmt.Sprintf("called “%s”", clip(tidy(header), 40))}
	}
	words := strings.Fields(text)
	if n, ok := h.carer(words, header, kind); ok {
		return n
	}
	without := slices.DeleteFunc(slices.Clone(words), func(w string) bool { return slices.Contains(fillers, w) })
	if c := h.by[strings.Join(without, " ")]; c != nil && len(without) > 0 && c[0].item != None {
		return named{candidates: rank(c, kind), sure: true, why: fmt.Sprintf("called “%s”", clip(tidy(header), 40))}
	}
	if c := h.inParts(header, kind); c != nil {
		return named{candidates: c, sure: true, why: fmt.Sprintf("called “%s”", clip(tidy(header), 40))}
	}
	if c, part := h.within(words); c != nil {
		if containsAny(words, []string{"previous", "former", "last", "old"}) && slices.Contains([]Item{SchoolName, SchoolNumber, URN, UKPRN, Employer, Course}, c[0].item) {
			return named{others: true, why: fmt.Sprintf("“%s” is of a place where they were before", clip(tidy(header), 40))}
		}
		if c[0].item == Start && slices.Contains(words, "destination") {
			return named{others: true, why: fmt.Sprintf("“%s” is of the place that they went to", clip(tidy(header), 40))}
		}
		if ofATeam(c, text, kind) {
			return named{others: true, why: fmt.Sprintf("“%s” is about what a team does, and not about what the young person does", clip(tidy(header), 40))}
		}
		if c[0].item.personal() && slices.ContainsFunc(words, func(w string) bool { return slices.Contains(strangers, w) && !slices.Contains(strings.Fields(part), w) }) {
			return named{others: true, why: fmt.Sprintf("“%s” is not the young person's own", clip(tidy(header), 40))}
		}
		return named{candidates: rank(c, kind), why: fmt.Sprintf("“%s” holds the words “%s”", clip(tidy(header), 40), part)}
	}
	if c, like := h.nearly(text); c != nil {
		return named{candidates: rank(c, kind), why: fmt.Sprintf("“%s” is nearly “%s”", clip(tidy(header), 40), like)}
	}
	return named{}
}

// ofASuspension reads the plain names that a list of single suspensions gives its
// columns: its dates, its days and its reasons are those of the suspension.
func ofASuspension(text, header string) (named, bool) {
	words := slices.DeleteFunc(strings.Fields(text), func(w string) bool {
		return slices.Contains([]string{"suspension", "exclusion", "suspended", "excluded", "of", "no", "number", "total", "in", "length", "school", "fixed", "term", "the"}, w)
	})
	item, reason := None, false
	switch strings.Join(words, " ") {
	case "date", "start date", "start", "date from", "from", "date start", "from date", "first day", "began", "on":
		item = Start
	case "end date", "end", "date to", "to", "date end", "to date", "last day", "ended", "until":
		item = End
	case "day", "days", "duration", "duration days", "days lost":
		item = DaysExcluded
	case "session", "sessions", "sessions lost", "half days":
		item = SessionsExcluded
	case "type", "category", "reason", "reason 1", "reason 2", "reason 3", "primary reason", "main reason", "secondary reason", "reason for", "reason code", "reasons", "return date", "date return", "date returned", "reintegration meeting", "reintegration date", "status", "permanent":
		reason = true
	}
	why := "called “" + clip(tidy(header), 40) + "”"
	if item != None {
		return named{candidates: []heading{{item: item}}, sure: true, why: why}, true
	}
	return named{others: true, why: "“" + clip(tidy(header), 40) + "” is of the suspension, and is not held"}, reason
}

// ofATeam says that a header is of the dates of care, of an order or of an
// intervention, in a list of another kind: what somebody does did not begin then.
func ofATeam(c []heading, text string, kind *Kind) bool {
	if kind == nil || kind.MayChange("characteristics") || c[0].item != Start && c[0].item != End && c[0].item != PredictedEnd {
		return false
	}
	return containsAny(strings.Fields(text), []string{"intervention", "order", "supervision", "sentence", "looked", "care", "poc"})
}

// inParts reads a header of several parts, "Unique Learner Number (ULN)",
// "Surname/Family name": the first says what it is, and no other says otherwise.
func (h headings) inParts(header string, kind *Kind) []heading {
	parts := strings.FieldsFunc(header, func(r rune) bool { return strings.ContainsRune("/()[]|:\n", r) })
	if len(parts) < 2 {
		return nil
	}
	var first []heading
	for i, part := range parts {
		c := h.by[plain(part)]
		switch {
		case i == 0 && c == nil:
			return nil
		case i == 0:
			first = rank(c, kind)
		case c != nil && !slices.ContainsFunc(c, func(o heading) bool { return o.item == first[0].item }):
			return nil
		}
	}
	if first[0].item == None {
		return nil
	}
	return first
}

// personal says that others too have such a thing: a name, an address, a
// telephone. A pupil's number is a pupil's whatever stands before it.
func (i Item) personal() bool {
	return i >= Given && i <= CarerEmail && i != UPN && i != FormerUPN && i != ULN && i != YoungPersonsID && i != TheirRef && i != Ethnicity
}

// carer finds the columns about a parent or carer.
func (h headings) carer(words []string, header string, kind *Kind) (named, bool) {
	if !containsAny(words, carers) {
		return named{}, false
	}
	if containsAny(words, []string{"2", "3", "4", "two", "three", "second"}) {
		return named{others: true, why: fmt.Sprintf("“%s” is about a second parent or carer", clip(tidy(header), 40))}, true
	}
	item := None
	switch has := func(some ...string) bool { return containsAny(words, some) }; {
	case has("email", "mail"):
		item = CarerEmail
	case has("phone", "telephone", "tel", "mobile", "mob", "landline"), has("contact") && has("number", "no"):
		item = CarerTelephone
	case has("relationship", "relation"):
		item = CarerRelationship
	case has("name", "surname", "forename", "parent", "carer", "guardian", "kin", "mother", "father") && !has("address", "postcode", "town", "street", "consent", "title", "own", "teenage", "young"):
		item = CarerName
	}
	if item == None {
		if c := h.by[strings.Join(words, " ")]; c != nil {
			return named{}, false
		}
		return named{others: true, why: fmt.Sprintf("“%s” is about a parent or carer", clip(tidy(header), 40))}, true
	}
	return named{candidates: []heading{{item: item}}, sure: true, why: fmt.Sprintf("called “%s”", clip(tidy(header), 40))}, true
}

// within finds the longest heading whose words all stand beside one another in
// the header.
func (h headings) within(words []string) ([]heading, string) {
	for size := min(h.size, len(words)-1); size > 0; size-- {
		for at := len(words) - size; at >= 0; at-- {
			part := strings.Join(words[at:at+size], " ")
			if size == 1 && (len(part) < 3 || slices.Contains(weak, part)) {
				continue
			}
			if c := h.by[part]; c != nil && c[0].item != None {
				return c, part
			}
		}
	}
	return nil, ""
}

// nearly finds a heading that differs by one letter, or by two neighbours
// exchanged, among those of six letters or more.
func (h headings) nearly(text string) ([]heading, string) {
	if len(text) < 6 {
		return nil, ""
	}
	best := ""
	for key := range h.by {
		if len(key) >= 6 && h.by[key][0].item != None && oneSlip(text, key) && (best == "" || key < best) {
			best = key
		}
	}
	return h.by[best], best
}

// oneSlip says that one letter more, less or other, or two neighbours
// exchanged, make b of a.
func oneSlip(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(b)-len(a) > 1 || a == b {
		return false
	}
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	if len(a) < len(b) {
		return a[i:] == b[i+1:]
	}
	return a[i+1:] == b[i+1:] || i+1 < len(a) && a[i] == b[i+1] && a[i+1] == b[i] && a[i+2:] == b[i+2:]
}

// rank puts what the kind of file expects first.
func rank(c []heading, kind *Kind) []heading {
	if kind == nil || len(c) < 2 {
		return c
	}
	c = slices.Clone(c)
	slices.SortStableFunc(c, func(a, b heading) int { return kind.weight(b.item) - kind.weight(a.item) })
	return c
}

// weight is how much the kind cares for an item.
func (k *Kind) weight(i Item) int {
	switch {
	case slices.Contains(k.Tells, i):
		return 2
	case slices.Contains(k.Items, i):
		return 1
	}
	return 0
}
