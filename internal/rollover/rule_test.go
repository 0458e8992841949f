package rollover

import (
	"testing"
	"time"

	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/cohort"
	"waymark/internal/fact"
	"waymark/internal/id"
	"waymark/internal/life"
	"waymark/internal/nccis"
	"waymark/internal/need"
	"waymark/internal/register"
	"waymark/internal/youngperson"
)

// invented is one young person as the table below tells of them.
type invented struct {
	age            int // academic age in the old year
	stated         bool
	lead, educated string
	plan, live     bool
}

func (i invented) life(day int) *life.Life {
	l := &life.Life{Person: youngperson.Person{ID: 7}}
	born := civil.Must(2025-i.age, time.August, 31).AddDays(-day)
	l.Particulars = []fact.Of[youngperson.Particulars]{{Is: youngperson.Particulars{DOB: born.String()}}}
	send := "N"
	if i.plan {
		send = "Y"
	}
	l.Needs = []fact.Of[need.Need]{{Is: need.Need{Level: "3", SEND: send}}}
	s := cohort.Status{LeadLA: i.lead, EducatedLA: i.educated}
	if i.stated {
		s.Status, s.StatedOn = "P", "2026-03-31"
	}
	l.Statuses = []fact.Of[cohort.Status]{{Is: s}}
	return l
}

// want is what 1 September 2026 does to them, told anew from nccis.md 3.1, 5.1
// to 5.3.
func (i invented) want() Change {
	here := i.lead == "995"
	belongs := func(age int) bool {
		switch {
		case age == 15:
			return here || i.educated == "995"
		case age == 16 || age == 17:
			return here
		case age >= 18 && age <= 24:
			return here && i.plan
		}
		return false
	}
	before, after := belongs(i.age) || i.stated, belongs(i.age+1)
	if after {
		if before {
			return Stays
		}
		return Enters
	}
	if !before || !i.stated {
		return "" // whom nobody has stated to be in the cohort is reported by nobody as leaving it
	}
	age := i.age + 1
	leaves := Change("")
	switch {
	case age > 24, age > 17 && !i.plan:
		leaves = Aged
		if i.age > 17 && age <= 24 {
			leaves = Ceased
		}
	default:
		switch i.lead {
		case "342":
			leaves = Passes
		case "001", "000":
			leaves = Abroad
		default:
			return Undecided
		}
	}
	if i.live {
		return Kept
	}
	return leaves
}

func TestOneSeptemberAgainstAPlainRecount(t *testing.T) {
	s := &Service{Requirement: nccis.MustLoad()}
	book := register.Register{ID: 1, Authorities: []register.Authority{{Code: "995", Name: "Saltmarsh", Invented: true}}}
	seen := map[Change]int{}
	try := func(i invented, day int) {
		live := map[id.YoungPerson]bool{}
		if i.live {
			live[7] = true
		}
		got := Change("")
		if p := s.ruleFor(book, 2026, live).decide(i.life(day)); p != nil {
			got = p.Change
			if (p.To != "") != (got == Passes) || got == Passes && p.To != "342" {
				t.Fatalf("%+v: passes to %q", i, p.To)
			}
		}
		if got != i.want() {
			t.Fatalf("%+v, born on day %d: %q, not %q", i, day, got, i.want())
		}
		seen[got]++
	}
	yesNo := []bool{false, true}
	for age := 14; age <= 24; age++ {
		for _, lead := range []string{"995", "342", "001", "000", "004", "", "9x9"} {
			for _, educated := range []string{"995", "342", ""} {
				for _, stated := range yesNo {
					for _, plan := range yesNo {
						for _, live := range yesNo {
							for _, day := range []int{0, 1, 183, 363, 364} {
								try(invented{age: age, stated: stated, lead: lead, educated: educated, plan: plan, live: live}, day)
							}
						}
					}
				}
			}
		}
	}
	for _, c := range []Change{Enters, Stays, Passes, Kept, Aged} {
		if seen[c] == 0 {
			t.Errorf("nobody was invented who %s", c)
		}
	}
}

// The guarantee keeps whom it keeps until October's return, and then they leave
// for where they live, by themselves.
func TestWhoIsKeptLeavesWithTheGuarantee(t *testing.T) {
	l := invented{age: 15, stated: true, lead: "342", educated: "995", live: true}.life(100)
	l.Statuses[0].Ended = "2026-08-31"
	l.Statuses = append(l.Statuses, fact.Of[cohort.Status]{Version: fact.Version{ID: 2, Started: "2026-09-01"}, Is: cohort.Status{Status: "G", StatedOn: "2026-09-01", LeadLA: "342", EducatedLA: "995"}})
	req := nccis.MustLoad()
	book := register.Book{Authorities: map[string]bool{"995": true}}
	for _, c := range []struct{ end, status, to string }{{"2026-08-31", "P", ""}, {"2026-09-30", "G", ""}, {"2026-10-31", "G", ""}, {"2026-11-30", "T", "342"}} {
		end := civil.MustParse(c.end)
		e, _ := req.EditionOn(end)
		v := l.On(book, e, end)
		if got := v.Record.Get(nccis.CohortStatus); got != c.status || v.Record.Get(nccis.TransferredToLACode) != c.to || !v.In {
			t.Errorf("%s: status %s to %q, in %v; want %s to %q", c.end, got, v.Record.Get(nccis.TransferredToLACode), v.In, c.status, c.to)
		}
	}
}

// Who passes to where they live is led, in the last record, by the authority
// that gives them up, whether age decides it or the rollover has stated it: a
// file that transfers somebody to the lead itself cannot be signed (nccis.md
// 5.3, errors 26 and 42).
func TestATransferIsNeverToTheLeadItself(t *testing.T) {
	s := &Service{Requirement: nccis.MustLoad()}
	for _, several := range []bool{false, true} {
		book := register.Register{ID: 1, DatabaseID: "995", Authorities: []register.Authority{{Code: "995", Name: "Saltmarsh", Invented: true}}}
		l := invented{age: 15, stated: true, lead: "342"}.life(100)
		if several {
			book.Authorities = append(book.Authorities, register.Authority{Code: "996", Name: "Kingsfell", Invented: true})
			l.Statuses[0].Is.LAAtYear11 = "995"
		}
		r := s.ruleFor(book, 2026, nil)
		check := func(l *life.Life) {
			t.Helper()
			v := l.On(book.Book(), r.after, r.first)
			if v.Record.Get(nccis.CohortStatus) != "T" || v.Record.Get(nccis.LeadLEA) != "995" || v.Record.Get(nccis.TransferredToLACode) != "342" {
				t.Errorf("status %q, led by %q, to %q", v.Record.Get(nccis.CohortStatus), v.Record.Get(nccis.LeadLEA), v.Record.Get(nccis.TransferredToLACode))
			}
			c := r.requirement.NewChecker(r.after, nccis.Header{DatabaseIDs: []string{"995"}, LEACodes: book.Codes(), PeriodEnd: r.first.String()})
			c.Record(&v.Record, func(f nccis.Finding) {
				if f.Field == nccis.LeadLEA || f.Field == nccis.TransferredToLACode {
					t.Errorf("%+v", f)
				}
			})
		}
		check(l)
		p := r.decide(l)
		if p == nil || p.Change != Passes || p.To != "342" {
			t.Fatalf("%+v", p)
		}
		state(l, p, book.Book(), 2026, 9, &act.Act{Number: 2})
		check(l)
		if p = r.decide(l); p == nil || p.Change != Passes || p.To != "342" {
			t.Errorf("rehearsed anew: %+v", p)
		}
	}
}
