package report

import (
	"fmt"
	"sort"
	"strings"

	"waymark/internal/civil"
	"waymark/internal/cohort"
	"waymark/internal/fact"
	"waymark/internal/guarantee"
	"waymark/internal/life"
	"waymark/internal/nccis"
	"waymark/internal/need"
)

// The recount knows nothing of State, of months in which nothing changed, or of
// bits: for each month it walks each person's facts and counts, the slow way.

// tallied is numerator and denominator by "measure|group".
type tallied map[string][2]int

func (c tallied) add(measure, group string, of, part bool) {
	if !of {
		return
	}
	v := c[measure+"|"+group]
	v[1]++
	if part {
		v[0]++
	}
	c[measure+"|"+group] = v
}

// inForceOn is the last told of those that were so on the day, else the last
// that has not ended.
func inForceOn(n int, version func(int) fact.Version, on civil.Date) int {
	open := -1
	for i := range n {
		v := version(i)
		started, _ := civil.Parse(v.Started)
		ended, err := civil.Parse(v.Ended)
		if !started.After(on) && (err != nil || !ended.Before(on)) {
			open = i
			continue
		}
	}
	if open >= 0 {
		return open
	}
	for i := range n {
		if version(i).Ended == "" {
			open = i
		}
	}
	return open
}

// plain is one person on one day, as the recount sees them.
type plain struct {
	age                        int
	counted, custody           bool
	status                     string // EET, NEET, NK or neither
	why                        string // 810, 820, 830, lapsed, unrecorded
	code                       string
	days                       int
	daysKnown                  bool
	line                       string
	participating              bool
	guaranteed                 bool
	year, offer                string
	sex, ethnicity, send, ward string
	school, adviser            string
	vulnerable                 bool
}

func look(l *life.Life, here map[string]bool, req *nccis.Requirement, end civil.Date) (p plain) {
	e, _ := req.EditionOn(end)
	pi := inForceOn(len(l.Particulars), func(i int) fact.Version { return l.Particulars[i].Version }, end)
	if pi < 0 {
		return p
	}
	born, err := civil.Parse(l.Particulars[pi].Is.DOB)
	if err != nil {
		return p
	}
	p.age = civil.AcademicAge(born, end)
	p.sex, p.ethnicity = l.Particulars[pi].Is.Gender, l.Particulars[pi].Is.Ethnicity
	var n need.Need
	if i := inForceOn(len(l.Needs), func(i int) fact.Version { return l.Needs[i].Version }, end); i >= 0 {
		n = l.Needs[i].Is
	}
	p.send = "none"
	if n.SENSupport == "Y" {
		p.send = "support"
	}
	if n.SEND == "Y" {
		p.send = "ehcp"
	}
	for _, c := range l.Characteristics {
		started, _ := civil.Parse(c.Started)
		ended, err := civil.Parse(c.Ended)
		if started.After(end) || (err == nil && ended.Before(end)) {
			continue
		}
		if code, ok := e.Code(nccis.Characteristics, c.Is.Code); ok && code.Vulnerable {
			p.vulnerable = true
		}
	}
	p.ward = "not known"
	if i := inForceOn(len(l.Addresses), func(i int) fact.Version { return l.Addresses[i].Version }, end); i >= 0 {
		if out, _, found := strings.Cut(l.Addresses[i].Is.Postcode, " "); found {
			p.ward = out
		}
	}
	p.adviser = "not known"
	if i := inForceOn(len(l.Allocations), func(i int) fact.Version { return l.Allocations[i].Version }, end); i >= 0 {
		p.adviser = l.Allocations[i].Is.Adviser
	}
	var st cohort.Status
	if i := inForceOn(len(l.Statuses), func(i int) fact.Version { return l.Statuses[i].Version }, end); i >= 0 {
		st = l.Statuses[i].Is
	}
	p.activityOn(l, e, end)
	p.cohortOn(l, st, here, req, born, n.SEND == "Y", end)
	return p
}

// activityOn finds the spell that started last, whatever the order in which
// spells were told, and the latest confirmation of it.
func (p *plain) activityOn(l *life.Life, e *nccis.Edition, end civil.Date) {
	type spell struct {
		start, end civil.Date
		index      int
	}
	var spells []spell
	p.school = "not known"
	for i := range l.Spells {
		s := &l.Spells[i]
		start, _ := civil.Parse(s.Started)
		stop, _ := civil.Parse(s.Ended)
		spells = append(spells, spell{start, stop, i})
	}
	sort.SliceStable(spells, func(i, j int) bool { return spells[i].start.Before(spells[j].start) })
	current, open, unreadable := -1, -1, -1
	for k, s := range spells {
		if s.end.IsZero() && s.start.IsZero() {
			unreadable = s.index
		}
		if open < 0 && s.end.IsZero() && s.start.After(end) {
			open = s.index
		}
		if s.start.After(end) {
			continue
		}
		if l.Spells[s.index].Is.EstablishmentNumber != "" {
			p.school = l.Spells[s.index].Is.EstablishmentNumber
		}
		last := s.end
		if last.IsZero() { // open: until the next that starts up to the day
			last = end
			if k+1 < len(spells) && !spells[k+1].start.After(end) {
				continue
			}
		}
		if !last.Before(end) {
			current = s.index
		}
	}
	if current < 0 { // none is in force (life.CurrentSpell)
		if current = unreadable; current < 0 {
			current = open
		}
	}
	p.status, p.why = "NK", "unrecorded"
	if current < 0 {
		return
	}
	s := &l.Spells[current]
	p.code = s.Is.Activity
	a, ok := e.Activity(p.code)
	if !ok {
		return
	}
	var verified civil.Date
	last := ""
	for i := range l.Verifications {
		if v := l.Verifications[i].Is; v.Spell == s.ID {
			last = v.Verified
			if d, err := civil.Parse(v.Verified); err == nil && !d.After(end) && !d.Before(verified) {
				verified = d
			}
		}
	}
	if verified.IsZero() {
		verified, _ = civil.Parse(last)
	}
	ascertained, _ := civil.Parse(s.Is.Ascertained)
	started, _ := civil.Parse(s.Started)
	review, _ := civil.Parse(s.Is.Review)
	predicted, _ := civil.Parse(s.Is.PredictedEnd)
	due, lapses := e.Lapse(nccis.ActivityFacts{Code: p.code, Verified: verified, Ascertained: ascertained, Started: started, Review: review, PredictedEnd: predicted})
	lapsed := lapses && due.Before(end)
	p.status = string(a.Status)
	switch {
	case lapsed:
		p.status, p.why = "NK", "lapsed"
	case a.Status == nccis.NotKnown:
		p.why = p.code
	case a.Status == nccis.EET:
		p.line, p.participating = a.Published, a.InEducationOrTraining
	case a.Status == nccis.NEET:
		var facts []nccis.Spell
		for i := range l.Spells {
			f := &l.Spells[i]
			from, _ := civil.Parse(f.Started)
			to, _ := civil.Parse(f.Ended)
			stated, _ := civil.Parse(f.Is.NEETStart)
			facts = append(facts, nccis.Spell{Code: f.Is.Activity, Started: from, Ended: to, NEETStart: stated})
		}
		since := e.NEETStart(facts, end)
		if stated, err := civil.Parse(s.Is.NEETStart); err == nil {
			since = stated
		}
		if p.daysKnown = !since.IsZero() && !since.After(end); p.daysKnown {
			p.days = end.DaysSince(since)
		}
	}
}

func (p *plain) cohortOn(l *life.Life, st cohort.Status, here map[string]bool, req *nccis.Requirement, born civil.Date, plan bool, end civil.Date) {
	stated, _ := civil.Parse(st.StatedOn)
	moved := ""
	if stated.Before(end) {
		moved = st.TransferredTo
	}
	status, in, _ := nccis.CohortOn(nccis.CohortFacts{Stated: st.Status, StatedOn: stated, DOB: born, SEND: plan,
		LeadHere: here[st.LeadLA], EducatedHere: here[st.EducatedLA], TransferredTo: moved}, end)
	if st.Status == "" && !stated.IsZero() && stated.AcademicYear() == end.AcademicYear() {
		status, in = "", true
	}
	left := status != "" && strings.Contains("A T E M D L", status)
	la, real := req.LocalAuthority(st.LeadLA, end)
	resident := here[st.LeadLA] || !real || !la.English()
	switch p.age {
	case 16, 17:
		p.counted = in && !left && status != "G" && status != "X" && resident
	case 18:
		p.counted = here[st.LeadLA] && (status == "" || status == "P" || status == "A" || status == "L" || !strings.Contains("T E M D X G", status))
	}
	if p.counted && p.status == "OTH" {
		p.counted, p.custody = false, true
	}
	if !in || left || status == "X" {
		return
	}
	_, month, _ := end.YMD()
	spring, season := month >= 4 && month <= 8, end.Year()
	if month < 4 {
		season--
	}
	year := p.age - 4
	if !spring {
		year--
	}
	if year != 11 && year != 12 {
		return
	}
	var g guarantee.Guarantee
	for i := range l.Guarantees {
		if x := l.Guarantees[i].Is; x.Season == season && x.Node == fmt.Sprintf("Year%d", year) {
			g = x
		}
	}
	owes := g.LACode
	if year == 11 && owes == "" {
		owes = st.LAAtYear11
		if owes == "" && spring {
			owes = st.EducatedLA
		}
	}
	if owes == "" {
		owes = st.LeadLA
	}
	p.guaranteed, p.year = here[owes], fmt.Sprintf("year%d", year)
	switch g.Status {
	case "110", "114", "115":
		p.offer = "sg_offer"
	case "120", "122", "123", "124":
		p.offer = "sg_not_appropriate"
	case "140", "150", "151", "153", "154":
		p.offer = "sg_none"
	default:
		p.offer = "sg_not_recorded"
	}
}

func (p *plain) groups() []string {
	if p.age == 18 {
		return []string{"age:18"}
	}
	out := []string{"all", "sex:" + p.sex, "ethnicity:" + p.ethnicity, "send:" + p.send, "ward:" + p.ward, "school:" + p.school, "adviser:" + p.adviser}
	if p.age > 15 {
		out = append(out, fmt.Sprintf("age:%d", p.age))
	}
	if p.guaranteed {
		out = append(out, p.year)
	}
	if p.vulnerable {
		out = append(out, "vulnerable")
	}
	return out
}

func (p *plain) into(c tallied) {
	if !p.counted && !p.guaranteed {
		return
	}
	neet, unknown := p.counted && p.status == "NEET", p.counted && p.status == "NK"
	for _, g := range p.groups() {
		c.add("neet", g, p.counted, neet)
		c.add("not_known", g, p.counted, unknown)
		c.add("combined", g, p.counted, neet || unknown)
		c.add("participation", g, p.counted, p.participating)
		for _, line := range []string{"FTE", "APP", "WBL", "PTE", "EWS", "OTR"} {
			c.add("participation_"+strings.ToLower(line), g, p.counted, p.line == line)
		}
		for _, why := range []string{"810", "820", "830", "lapsed", "unrecorded"} {
			c.add("not_known_"+why, g, p.counted, unknown && p.why == why)
		}
		c.add("neet_available", g, p.counted, neet && strings.Contains("540 610 615 616 619", p.code))
		c.add("neet_not_available", g, p.counted, neet && strings.Contains("620 630 640 650 660 670 680", p.code))
		c.add("days_neet_90", g, neet && p.daysKnown, p.days >= 90)
		c.add("days_neet_180", g, neet && p.daysKnown, p.days >= 180)
		for _, made := range []string{"sg_offer", "sg_not_appropriate", "sg_none", "sg_not_recorded"} {
			c.add(made, g, p.guaranteed, p.offer == made)
		}
		if neet && p.daysKnown {
			v := c["days_neet_mean|"+g]
			c["days_neet_mean|"+g] = [2]int{v[0] + p.days, v[1] + 1}
		}
		if g == "all" || strings.HasPrefix(g, "age:") || strings.HasPrefix(g, "sex:") {
			for _, code := range strings.Fields("540 610 615 616 619 620 630 640 650 660 670 680") {
				c.add("neet_"+code, g, p.counted, neet && p.code == code)
			}
		}
	}
}

// recount counts a register for some months, summed.
func recount(lives []*life.Life, here map[string]bool, req *nccis.Requirement, months []civil.Month) tallied {
	c := tallied{}
	for _, m := range months {
		for _, l := range lives {
			p := look(l, here, req, m.End())
			p.into(c)
		}
	}
	return c
}

// counted is what the product's rows say, in the recount's form.
func counted(rows []Row) tallied {
	c := tallied{}
	for i := range rows {
		r := &rows[i]
		if !r.bare {
			c[r.Measure+"|"+string(r.Group)] = [2]int{int(r.sum), int(r.of)}
		}
	}
	return c
}

func differences(t rapidOrTest, got, want tallied) {
	t.Helper()
	for key, w := range want {
		if g := got[key]; g != w {
			t.Errorf("%s: counted %d of %d, the plain recount has %d of %d", key, g[0], g[1], w[0], w[1])
		}
	}
	for key, g := range got {
		if _, ok := want[key]; !ok && !isFlow(key) {
			t.Errorf("%s: counted %d of %d, and the plain recount has nothing", key, g[0], g[1])
		}
	}
}

type rapidOrTest interface {
	Helper()
	Errorf(string, ...any)
	Fatalf(string, ...any)
}

func isFlow(key string) bool {
	measure, _, _ := strings.Cut(key, "|")
	for _, f := range Flows() {
		if f.Name == measure {
			return true
		}
	}
	return false
}
