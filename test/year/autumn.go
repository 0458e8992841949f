package year

import (
	"fmt"
	"regexp"
	"strings"
	"time"
)

// rollOver rehearses 1 September on the day before, does it on the day, and finds
// that it did what the rehearsal said.
func (l *life) rollOver() error {
	grace, err := l.as("grace")
	if err != nil {
		return err
	}
	button := regexp.MustCompile(`Set the status of ([0-9,]+) (?:person|people)`)
	p, err := grace.Get("/rollover")
	if err != nil {
		return err
	}
	rehearsed := button.FindStringSubmatch(p.Body)
	if rehearsed == nil {
		return fmt.Errorf("1 September cannot be rehearsed: %s", grace.Read.TitleOf(p.Body))
	}
	if err := l.at(2026, time.September, 1, 9); err != nil {
		return err
	}
	if grace, err = l.as("grace"); err != nil {
		return err
	}
	if p, err = grace.Get("/rollover"); err != nil {
		return err
	}
	form := grace.Read.Form(p.Body, "key")
	if p, err = grace.Fill(p, "/rollover?year=2026", "key", nil); err != nil {
		return err
	}
	if done := "the status of " + rehearsed[1]; !strings.Contains(p.Body, done) {
		return fmt.Errorf("the rollover does not say %q", done)
	}
	// Pressed a second time it does nothing.
	if p, err = grace.Ask("POST", "/rollover?year=2026", form); err != nil || !strings.Contains(p.Body, "nothing was done twice") {
		return fmt.Errorf("the rollover was pressed twice: %w", err)
	}
	l.Log("1 September: the status of %s set, as rehearsed", rehearsed[1])
	return nil
}

// enrolled are those of the summer's file who are in the new year's Years 12 and
// 13 and were in learning or work, so many of a hundred of them.
func (l *life) enrolled(from, to int) (people []person) {
	for _, number := range sorted(l.summerFile.people) {
		p := l.summerFile.people[number]
		age := yearMonth("2026-09").academicAge(p.Born)
		if c := chance(p.ID, "enrols"); p.Status == "P" && (age == 16 || age == 17) && p.class() == known && c >= from && c < to {
			people = append(people, p)
		}
	}
	return people
}

// colleges takes in the lists of three colleges, with so many of a hundred. Nobody
// is on one who has told otherwise: where a list and a call contradict each other
// a person decides, which is another story.
func (l *life) colleges(from, to int, again bool) error {
	lists := map[string][]person{}
	names := []string{"Northmere College", "Harbour Sixth Form", "Dunlin Technical College"}
	for _, p := range l.enrolled(from, to) {
		if _, told := l.book.last(p.ID, "", "9"); told {
			continue
		}
		name := names[chance(p.ID, "college")*len(names)/100]
		lists[name] = append(lists[name], p)
	}
	for _, name := range sorted(lists) {
		code := "230"
		if strings.Contains(name, "Sixth Form") {
			code = "210" // whoever sends so is taken for a school
		}
		if err := l.takeIn(enrolment{sender: name, kind: "enrolment", code: code, people: lists[name], again: again}, termBegins()); err != nil {
			return err
		}
	}
	return nil
}

func termBegins() time.Time { return time.Date(2026, time.September, 7, 0, 0, 0, 0, time.UTC) }

// pupils is the list of the schools of those who are in Year 11 now, as the
// month's draft names them: until a school says so, they count as not known.
func (l *life) pupils() (enrolment, error) {
	e := enrolment{sender: "Saltmarsh school census", kind: "pupil-list", code: "110"}
	priya, err := l.as("priya")
	if err != nil {
		return e, err
	}
	text, err := priya.download("/returns/2026-09/draft.xml")
	if err != nil {
		return e, err
	}
	people, err := readFile(text)
	for _, number := range sorted(people) {
		if p := people[number]; p.Status == "P" && yearMonth("2026-09").academicAge(p.Born) == 15 && p.Activity != "" {
			e.people = append(e.people, p)
		}
	}
	return e, err
}

func (l *life) september(*signed) (*signed, error) {
	if err := l.at(2026, time.September, 18, 10); err != nil {
		return nil, err
	}
	if err := l.colleges(0, 62, false); err != nil {
		return nil, err
	}
	pupils, err := l.pupils()
	if err == nil {
		err = l.takeIn(pupils, termBegins())
	}
	if err != nil {
		return nil, err
	}
	if err := l.at(2026, time.September, 29, 10); err != nil {
		return nil, err
	}
	if err := l.offers(); err != nil {
		return nil, err
	}
	return l.signOn(2026, time.October, 1, "2026-09")
}

// signOn signs a month's return on a day of the next.
func (l *life) signOn(year int, month time.Month, day int, of yearMonth) (*signed, error) {
	if err := l.at(year, month, day, 9); err != nil {
		return nil, err
	}
	return l.sign(of)
}

// october has the late lists, a text to those who are not known still, three
// callers on three days, a day of visits, and the end of the guarantee's season.
func (l *life) october(before *signed) (*signed, error) {
	if err := l.at(2026, time.October, 7, 10); err != nil {
		return nil, err
	}
	if err := l.colleges(62, 84, true); err != nil {
		return nil, err
	}
	ref, err := l.campaign("Not known in October", "status=nk&status=lapsed&in-return=yes&age=16&age=17")
	if err != nil {
		return nil, err
	}
	if err := l.texts(ref, before); err != nil {
		return nil, err
	}
	if err := l.shifts(ref, 2026, time.October, 12, 13, 19); err != nil {
		return nil, err
	}
	if err := l.at(2026, time.October, 22, 10); err != nil {
		return nil, err
	}
	if err := l.visits(); err != nil {
		return nil, err
	}
	file, err := l.signOn(2026, time.November, 2, "2026-10")
	if err != nil {
		return nil, err
	}
	l.octoberFile = file
	return file, l.guaranteeClosed()
}

// november has what is found out for the survey's day, by telephone.
func (l *life) november(*signed) (*signed, error) {
	if err := l.at(2026, time.November, 9, 10); err != nil {
		return nil, err
	}
	ref, err := l.campaign("Before the survey", "status=nk&status=lapsed&in-return=yes&age=16&age=17")
	if err != nil {
		return nil, err
	}
	if err := l.shifts(ref, 2026, time.November, 10, 17); err != nil {
		return nil, err
	}
	return l.signOn(2026, time.December, 1, "2026-11")
}

// december has a last list that came late.
func (l *life) december(*signed) (*signed, error) {
	if err := l.at(2026, time.December, 8, 10); err != nil {
		return nil, err
	}
	if err := l.colleges(84, 92, true); err != nil {
		return nil, err
	}
	return l.signOn(2027, time.January, 4, "2026-12")
}

// january has calls to those who are NEET, and the survey filed.
func (l *life) january(*signed) (*signed, error) {
	if err := l.at(2027, time.January, 12, 10); err != nil {
		return nil, err
	}
	ref, err := l.campaign("NEET in January", "status=neet&in-return=yes&age=16&age=17")
	if err != nil {
		return nil, err
	}
	if err := l.shifts(ref, 2027, time.January, 13, 20); err != nil {
		return nil, err
	}
	if err := l.at(2027, time.January, 26, 10); err != nil {
		return nil, err
	}
	if err := l.survey(l.octoberFile); err != nil {
		return nil, err
	}
	return l.signOn(2027, time.February, 1, "2027-01")
}
