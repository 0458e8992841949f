package layout

import (
	"strconv"
	"strings"
)

// finish settles what several cells of a row say together.
func (r *Reader) finish(row *Row) {
	r.settleName(row)
	r.settleNumbers(row)
	r.settleActivity(row)
	r.settleNeeds(row)
	r.settleDates(row)
	r.settleSessions(row)
}

// settleSessions takes the days of suspensions from their sessions, of which a
// school day has two.
func (r *Reader) settleSessions(row *Row) {
	v := &row.Values
	if v[SessionsExcluded] == "" || v[DaysExcluded] != "" {
		return
	}
	if n, err := strconv.ParseFloat(v[SessionsExcluded], 64); err == nil {
		v[DaysExcluded] = strconv.FormatFloat(n/2, 'f', -1, 64)
	}
}

// settleName sees that the row says who it is about.
func (r *Reader) settleName(row *Row) {
	v := &row.Values
	if v[Given] != "" && v[Family] != "" {
		if v[KnownAs] == v[Given] {
			v[KnownAs] = ""
		}
		return
	}
	missing := Given
	if v[Given] != "" {
		missing = Family
	}
	if v[ULN] == "" && v[UPN] == "" && v[FormerUPN] == "" && v[YoungPersonsID] == "" && v[TheirRef] == "" {
		for i := range row.Problems { // said already: it is why there is no name
			if p := &row.Problems[i]; p.Fatal || (p.Item == missing || p.Item == FullName) && !p.Mended {
				p.Fatal = true
				return
			}
		}
		if len(row.Problems) == 0 && *v == r.fixed.Values {
			row.Skip = "blank row: nothing but signs for nothing"
			return
		}
	}
	p := Problem{Item: missing, Column: r.columnOf(missing), Code: "no-name"}
	switch {
	case v[ULN] != "" || v[UPN] != "" || v[FormerUPN] != "" || v[YoungPersonsID] != "" || v[TheirRef] != "":
		if !r.maps(missing) && !r.maps(FullName) {
			return // a list of numbers, as some teams send
		}
		p.Words = "The row has no " + missing.Words() + ". It can be met by its number, and somebody looks at it before it counts."
	default:
		p.Words = "The row has no " + missing.Words() + " and no number by which the person is known. Fill it in."
		p.Fatal = true
	}
	row.Problems = append(row.Problems, p)
}

// settleNumbers moves a number to its item where one number says two things.
func (r *Reader) settleNumbers(row *Row) {
	v := &row.Values
	if v[FormerUPN] != "" && v[FormerUPN] == v[UPN] {
		v[FormerUPN], row.Said[FormerUPN] = "", ""
	}
	if v[SchoolNumber] == "" || v[LACode] == "" {
		return
	}
	if len(v[SchoolNumber]) == 4 {
		v[SchoolNumber] = v[LACode] + v[SchoolNumber]
	}
}

// settleActivity says what the row's person does, where several cells say it:
// the activity itself, else the outcome of the ILR, else its programme type, else
// the course and mode, else what the kind of file says of everybody in it.
func (r *Reader) settleActivity(row *Row) {
	v := &row.Values
	left := v[End] != "" || v[LeavingReason] != ""
	if v[OutType] != "" && v[OutCode] != "" || r.kind.ID == "ilr-destinations" && v[OutType] != "" {
		if t, ok := r.words.Outcome(v[OutType], v[OutCode]); ok {
			if v[Destination] == "" {
				v[Destination] = t.Code
				row.Said[Destination] = t.Said
				t.Item = Destination
				row.Translations = append(row.Translations, t)
				r.also(t.Also, row)
			}
		} else if v[Destination] == "" {
			words := "This outcome says nothing of education or work. Say once what it means, and it is remembered."
			row.Problems = append(row.Problems, Problem{Item: OutType, Column: r.columnOf(OutType), Value: t.Said, Words: words, Code: "word-unknown"})
		}
	}
	if v[Activity] == "" && !left && r.kind.DefaultActivity != "" && !r.asked(row, Activity) && !r.fromProgramme(row) {
		r.fromCourse(row)
	}
	if v[Mode] == "" && v[Course] != "" && isFullTimeEducation(v[Activity]) {
		if t := r.courseOf(v[Course]); t.Code == "250" {
			r.changeActivity(row, "250", "part time by the course “"+v[Course]+"”")
		}
	}
	if v[Activity] != "" && v[Mode] == "PT" && isFullTimeEducation(v[Activity]) {
		r.changeActivity(row, "250", "part time by the column “"+r.columnOf(Mode)+"”")
	}
	if v[Activity] == "210" && v[SchoolName] != "" && r.kind.DefaultActivity == "230" {
		if code := r.placeIn(v[SchoolName]); code != "210" {
			r.changeActivity(row, code, "“"+v[SchoolName]+"” is the place")
		}
	}
}

// asked says that the cell of an item has words that nobody knows, so that no
// default may stand in for them.
func (r *Reader) asked(row *Row, item Item) bool {
	for _, p := range row.Problems {
		if p.Item == item && p.Code == "word-unknown" {
			return true
		}
	}
	return false
}

// fromProgramme takes the activity from the programme type of the ILR, and says
// whether that tells one.
func (r *Reader) fromProgramme(row *Row) bool {
	v := &row.Values
	t, ok := r.words.Programme(v[ProgType])
	if !ok {
		return false
	}
	if t.Code == "230" {
		t.Code = r.atPlace(t.Code, v[SchoolName])
	}
	v[Activity], t.Item = t.Code, Activity
	row.Translations = append(row.Translations, t)
	return true
}

// fromCourse takes the activity from the course where its words say one, and
// otherwise from the kind of file.
func (r *Reader) fromCourse(row *Row) {
	v := &row.Values
	code, why, how := r.kind.DefaultActivity, "everybody on such a list, unless the row says otherwise", ByProposal
	if code == "110" && (v[YearGroup] == "12" || v[YearGroup] == "13" || v[YearGroup] == "14") {
		code, why = "210", "on roll in Year "+v[YearGroup]
	}
	if v[Course] != "" && code != "110" && code != "310" {
		if t := r.courseOf(v[Course]); t.Code != "" {
			code, why, how = t.Code, t.Why, ByTokens
		}
	}
	code = r.atPlace(code, v[SchoolName])
	if !r.words.holds(Activities, code) {
		return
	}
	v[Activity] = code
	row.Translations = append(row.Translations, Translation{Item: Activity, List: Activities, Said: v[Course], Code: code, How: how, Why: why})
}

// atPlace is the code of full-time education for where it is: at the place that the
// row names, else at the sender's own (nccis.md 4).
func (r *Reader) atPlace(code, named string) string {
	switch place := r.placeIn(named); {
	case code == "210" && place != "":
		return place
	case code == "210" && r.kind.DefaultActivity != "230", code != "210" && code != "230", named != "":
	default:
		if own := r.placeIn(r.Place); own != "" {
			return own
		}
	}
	if code == "210" && r.kind.DefaultActivity == "230" {
		return "230"
	}
	return code
}

// courseOf is what a course's name says of the activity; kept, since a file has
// few courses. Only what makes a difference counts: apprenticeships, supported
// internships and part time.
func (r *Reader) courseOf(course string) Translation {
	t, known := r.courses[course]
	if !known {
		t, _ = r.words.Translate(Activities, course)
		switch t.Code {
		case "230", "210", "220", "240", "250", "310", "410", "450", "460", "530", "280":
		default:
			t = Translation{}
		}
		if len(r.courses) >= kept {
			clear(r.courses)
		}
		r.courses[strings.Clone(course)] = t
	}
	return t
}

// placeIn is the code of full-time education at an institution by its name.
func (r *Reader) placeIn(name string) string {
	if name == "" {
		return ""
	}
	code, known := r.places[name]
	if !known {
		code = placeOf(plain(name), "")
		if len(r.places) >= kept {
			clear(r.places)
		}
		r.places[strings.Clone(name)] = code
	}
	return code
}

func isFullTimeEducation(code string) bool {
	return code == "210" || code == "220" || code == "230" || code == "240" || code == "270"
}

// changeActivity changes the code that was found, and says why.
func (r *Reader) changeActivity(row *Row, code, why string) {
	if code == "" || !r.words.holds(Activities, code) {
		return
	}
	row.Values[Activity] = code
	for i := range row.Translations {
		if t := &row.Translations[i]; t.Item == Activity {
			t.Code, t.Why = code, why
			return
		}
	}
	row.Translations = append(row.Translations, Translation{Item: Activity, List: Activities, Said: row.Values[Course], Code: code, How: ByTokens, Why: why})
}

// settleNeeds sees that a plan and SEN support do not stand together
// (nccis.md 2.2, error 306), and what being on the list means.
func (r *Reader) settleNeeds(row *Row) {
	v := &row.Values
	if v[SEND] == "Y" && v[SENSupport] == "Y" {
		v[SENSupport] = "N"
		row.Problems = append(row.Problems, Problem{Item: SENSupport, Column: r.columnOf(SENSupport), Value: "Y", Code: "plan-and-support", Mended: true,
			Words: "The row has a plan and SEN support both; a plan takes the place of SEN support, and so it was read."})
	}
	if r.kind.YesMeans != "" && v[Characteristic] == "" && !r.maps(Characteristic) && v[End] == "" {
		v[Characteristic] = r.kind.YesMeans
		row.Translations = append(row.Translations, Translation{Item: Characteristic, List: Characteristics, Code: r.kind.YesMeans, How: ByProposal, Why: "being on such a list means it"})
	}
}

// settleDates sees that what ends did not end before it began.
func (r *Reader) settleDates(row *Row) {
	v := &row.Values
	for _, end := range []Item{End, PredictedEnd} {
		if v[Start] != "" && v[end] != "" && v[end] < v[Start] {
			row.Problems = append(row.Problems, Problem{Item: end, Column: r.columnOf(end), Value: v[end], Code: "end-before-start",
				Words: "The " + end.Words() + " is before the start date. Look both up; the row is used without it."})
			row.Said[end], v[end] = v[end], ""
		}
	}
	if v[DOB] != "" && v[Start] != "" && v[Start] <= v[DOB] {
		row.Problems = append(row.Problems, Problem{Item: Start, Column: r.columnOf(Start), Value: v[Start], Code: "start-before-birth",
			Words: "The start date is before the date of birth. Look whether the two columns have been exchanged; the row is used without the start date."})
		row.Said[Start], v[Start] = v[Start], ""
	}
}

func (r *Reader) maps(item Item) bool {
	for i := range r.columns {
		if r.columns[i].Item == item {
			return true
		}
	}
	return false
}

// columnOf is how a problem names the column of an item.
func (r *Reader) columnOf(item Item) string {
	for i := range r.columns {
		if r.columns[i].Item == item {
			return r.columns[i].title()
		}
	}
	if item == Given || item == Family {
		for i := range r.columns {
			if r.columns[i].Item == FullName {
				return r.columns[i].title()
			}
		}
	}
	return item.Words()
}
