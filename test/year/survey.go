package year

import (
	"encoding/csv"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// surveyDay is the day whose activity the survey asks for (nccis.md 8).
const surveyDay = "2026-11-01"

// surveyColumn is a column of the survey after its total, and the codes that it
// counts.
type surveyColumn struct{ key, codes string }

// notKnown is the column of whoever has nothing that counts.
const notKnown = "not_known"

// surveyColumns are as the tester reads nccis.md 8.
func surveyColumns() []surveyColumn {
	return []surveyColumn{{"fte_school", "210"}, {"fte_sixth_form", "220"}, {"fte_fe", "230"}, {"fte_he", "240"}, {"fte_other", "270 120"}, {"fte_specialist", "280"}, {"fte_custody", "290"},
		{"pte", "250"}, {"apprenticeship", "310"}, {"wbl", "410 440 450 460"}, {"work_regulated", "320 381 550"}, {"work_training", "340"}, {"work", "330 350 360 380"}, {"training", "430"},
		{"reengagement", "530"}, {"gap_year", "260"}, {"neet_active", "540 610 615 616 619"}, {"neet_not_available", "620 630 640 650 660 670 680"}, {"custody", "710 130"}, {"school_age", "110 140"}, {notKnown, ""}}
}

func columnOf(code string) string {
	for _, c := range surveyColumns() {
		if code != "" && slices.Contains(strings.Fields(c.codes), code) {
			return c.key
		}
	}
	return notKnown
}

// survey files the Annual Activity Survey, counts its file again, and looks for
// each young person where what was done with them leads.
func (l *life) survey(october *signed) error {
	baseline, err := l.fileSurvey()
	if err != nil {
		return err
	}
	totals, lines, err := l.surveyFile()
	if err != nil {
		return err
	}
	all := 0
	for _, n := range totals {
		all += n
	}
	if all != baseline {
		return fmt.Errorf("the survey's file counts %d, and the baseline holds %d", all, baseline)
	}
	asked, err := l.surveyPeople(totals, october)
	l.Log("%s: the survey filed, %d young people in %d lines, %d of them looked for one by one", l.today, all, lines, asked)
	return err
}

// fileSurvey files it, twice with the same form, and gives how many are on its
// baseline.
func (l *life) fileSurvey() (int, error) {
	priya, err := l.as("priya")
	if err != nil {
		return 0, err
	}
	p, err := priya.Get("/survey?year=2026")
	if err != nil {
		return 0, err
	}
	form := priya.Read.Form(p.Body, "key")
	if form == nil {
		return 0, errors.New("the survey cannot be filed")
	}
	if p, err = priya.Fill(p, "/survey?year=2026", "key", nil); err != nil {
		return 0, err
	}
	if !strings.Contains(p.Body, "The survey was filed.") {
		return 0, errors.New("the survey is not filed")
	}
	if _, err := priya.Ask("POST", "/survey?year=2026", form); err != nil {
		return 0, fmt.Errorf("the survey is filed twice: %w", err)
	}
	base := regexp.MustCompile(`All on the Year 11 baseline ([0-9,]+)`).FindStringSubmatch(tagless(">" + p.Body))
	if base == nil {
		return 0, errors.New("the survey does not say how many are on the baseline")
	}
	return strconv.Atoi(strings.ReplaceAll(base[1], ",", ""))
}

// surveyFile counts the file again: a row for each school and sex, whose columns
// come to its total.
func (l *life) surveyFile() (totals map[string]int, lines int, err error) {
	priya, err := l.as("priya")
	if err != nil {
		return nil, 0, err
	}
	text, err := priya.download("/survey.csv?year=2026")
	if err != nil {
		return nil, 0, err
	}
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(text, "\ufeff"))).ReadAll()
	if err != nil {
		return nil, 0, err
	}
	columns := surveyColumns()
	from := len(rows[0]) - len(columns)
	totals = map[string]int{}
	for _, row := range rows[1:] {
		of, err := strconv.Atoi(row[from-1])
		if err != nil {
			return nil, 0, fmt.Errorf("the survey's file has no total in %q", row)
		}
		n := 0
		for i, c := range columns {
			v, err := strconv.Atoi(row[from+i])
			if err != nil {
				return nil, 0, fmt.Errorf("the survey's file has no number in %q", row)
			}
			n += v
			totals[c.key] += v
		}
		if n != of {
			return nil, 0, fmt.Errorf("a line of the survey has %d in its columns, and a cohort of %d: %q of %q", n, of, row, rows[0])
		}
	}
	return totals, len(rows) - 1, nil
}

// surveyPeople looks each of those on the baseline up in the column to which what
// was done leads, and gives how many they were.
func (l *life) surveyPeople(totals map[string]int, october *signed) (asked int, err error) {
	priya, err := l.as("priya")
	if err != nil {
		return 0, err
	}
	name := regexp.MustCompile(`href="/young-people/([a-z0-9]+)"`)
	gone := 0
	var wrong []error
	for _, c := range surveyColumns() {
		listed := 0
		for page := 1; listed < totals[c.key]; page++ {
			p, err := priya.Get("/survey/people?year=2026&column=" + c.key + "&page=" + strconv.Itoa(page))
			if err != nil {
				return asked, err
			}
			found := name.FindAllStringSubmatch(p.Body, -1)
			if len(found) == 0 {
				return asked, fmt.Errorf("%d are counted as %s, and %d are listed", totals[c.key], c.key, listed)
			}
			listed += len(found)
			for _, m := range found {
				number := l.refs[m[1]]
				held, there := october.people[number]
				if !there {
					gone++ // had left by then
					continue
				}
				asked++
				if want := l.book.onSurveyDay(held, october.on); want != c.key && len(wrong) < 5 {
					wrong = append(wrong, fmt.Errorf("%s counts as %s in the survey, and is to count as %s: %s (lapsed %s, due %s) in October, told %+v", number, c.key, want, held.Activity, held.Lapsed, held.DueTo, l.book.told[number]))
				}
			}
		}
		if listed != totals[c.key] {
			wrong = append(wrong, fmt.Errorf("%d are counted as %s, and %d are listed", totals[c.key], c.key, listed))
		}
	}
	if gone*10 > asked {
		wrong = append(wrong, fmt.Errorf("%d of the baseline are not in October's file, and only %d are", gone, asked))
	}
	return asked, errors.Join(wrong...)
}

// onSurveyDay is the column in which somebody is to be counted: by what October's
// file had of them, or by what was learned after it of the day or the time before.
func (b *book) onSurveyDay(held person, signed string) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	code := held.Activity
	if held.Lapsed == "Y" || held.Verified == "" || held.DueTo != "" && held.DueTo < surveyDay {
		code = ""
	}
	for _, t := range b.told[held.ID] {
		switch {
		case t.on <= signed || t.since > surveyDay:
		case t.since != "" || t.code == held.Activity: // or what was held was said to be so still
			code = t.code
		}
	}
	return columnOf(code)
}
