package layout

import "strings"

// isPlaceholder says that a cell says nothing: what people write where they
// know nothing (matching.md 5.1).
func isPlaceholder(s string) bool {
	switch len(s) {
	case 1:
		return s == "-" || s == "." || s == "?" || s == "*" || s == "–" || s == "—"
	case 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14:
	default:
		return strings.EqualFold(s, "to be confirmed") || strings.EqualFold(s, "not applicable") || strings.Trim(s, "-–—?.* ") == ""
	}
	switch s[0] | 0x20 {
	case 'u', 't', 'n', 'd', 'x', 'z', '-', '?', '.', '*', 'p', '#', '(', 0xe2:
	default:
		return false
	}
	var small [14]byte
	for i := 0; i < len(s); i++ {
		if small[i] = s[i]; s[i] >= 'A' && s[i] <= 'Z' {
			small[i] |= 0x20
		}
	}
	switch string(small[:len(s)]) {
	case "unknown", "tbc", "tba", "n/a", "na", "n.a.", "n/k", "nk", "not known", "none", "null", "nil", "not available", "not given", "not provided",
		"not recorded", "not held", "no data", "unk", "dk", "xx", "xxx", "xxxx", "zzz", "pending", "no value", "(blank)", "(null)", "not stated", "not supplied",
		"test", "#n/a", "not obtained", "don't know", "not applicable", "no email", "no phone", "no upn", "no uln", "no postcode", "none given", "unassigned", "undefined", "nan":
		return true
	}
	return strings.Trim(s, "-–—?.* ") == ""
}

// clean reads one cell that is not canonical as it stands.
func (r *Reader) clean(c *readColumn, s string) outcome {
	if c.form != codedForm && isPlaceholder(s) {
		return outcome{quiet: true}
	}
	if strings.HasPrefix(s, "#") && (strings.HasSuffix(s, "!") || strings.HasSuffix(s, "?") || s == "#N/A" || strings.Trim(s, "#") == "") && c.form != dateForm {
		return wrong("sheet-error", "The spreadsheet shows an error in this cell, or the column was too narrow. Put the value itself there; the rest of the row is used.")
	}
	if c.form != nameForm {
		text, note := outOfFormula(s)
		if refused := note == "refused"; refused && c.form != phoneForm && c.form != codedForm && s[0] != '-' && s[0] != '+' {
			return wrong("formula", "This cell holds a formula in place of a value. Copy the column and paste it as values; the rest of the row is used.")
		} else if !refused && note != "" && s[0] == '=' {
			s = text
		}
		s = undefused(s)
	}
	switch c.form {
	case nameForm:
		if c.Item == FullName {
			return fullName(s, c.FamilyFirst)
		}
		return cleanName(c.Item, s)
	case dateForm:
		return r.cleanDate(c, s)
	case upnForm:
		return cleanUPN(s)
	case ulnForm:
		return cleanULN(s)
	case postcodeForm:
		return cleanPostcode(s)
	case phoneForm:
		other := None
		if c.Item == Telephone {
			other = Mobile
		} else if c.Item == Mobile {
			other = Telephone
		}
		return cleanPhone(s, other)
	case emailForm:
		return cleanEmail(s)
	case codedForm:
		return r.cleanCoded(c, s)
	case digitsForm:
		return cleanDigits(c.Item, s)
	}
	switch c.Item {
	case Attendance, Exclusions, DaysExcluded, SessionsExcluded, KS4Points, KS4English, KS4Maths:
		return cleanAmount(c.Item, s, c.Fraction)
	case FullAddress:
		return wholeAddress(s)
	}
	return outcome{value: s}
}

// cleanDate reads a date. 1 January 1900 is what programs write for none.
func (r *Reader) cleanDate(c *readColumn, s string) outcome {
	birth := c.Item == DOB
	d := readDate(s, c.Dates, birth, r.mapping.AsAt)
	if y, m, day := d.date.YMD(); y > 0 && m == 1 && day <= 2 && (y <= 1901 || y == 9999) || y == 9999 || y == 2999 {
		return outcome{quiet: true}
	}
	subject := "date"
	if birth {
		subject = "dob"
	}
	if d.fault != "" {
		code := d.fault
		switch code {
		case "not-a-date", "no-such-day", "no-day", "no-year":
			code = subject + "-" + code
		case "two-people":
			return outcome{code: code, words: dateFaults[code], fatal: birth}
		}
		return outcome{code: code, words: dateFaults[d.fault]}
	}
	o := outcome{value: d.date.String()}
	if d.told != "" && d.told != "date-short" {
		o.code, o.words, o.mended = d.told, dateFaults[d.told], true
	}
	return o
}

// cleanCoded translates words into a code of the column's list.
func (r *Reader) cleanCoded(c *readColumn, s string) outcome {
	if c.Yes != "" {
		return r.cleanYes(c, s)
	}
	if c.list == Characteristics {
		return r.cleanCharacteristics(s)
	}
	t, ok := r.words.Translate(c.list, s)
	if !ok && c.list == LeavingReasons && allDigits(s) { // nobody but the ILR numbers reasons
		t, ok = r.words.Translate(c.list, "ilr "+strings.TrimLeft(s, "0"))
		t.Said = s
	}
	switch {
	case ok:
		return outcome{value: t.Code, translation: t, translated: t.How != ByCode}
	case c.Item == Activity && t.How == byKind && r.kind.DefaultActivity != "":
		return outcome{quiet: true}
	case c.Item == Activity && t.How == asks && r.kind.DefaultActivity != "" && strings.HasPrefix(t.Also, "LeavingReason="):
		return leaves(t)
	case t.Why != "" && t.How != ByOwnTable:
		return outcome{code: "word-unknown", words: "These words leave open what they mean: " + t.Why + "."}
	case t.How == ByOwnTable, isPlaceholder(s):
		return outcome{quiet: true}
	}
	if c.list == Activities && c.Item == Activity && shapeOf(s) == dateShape {
		return wrong("wrong-column", "This belongs in another column: it is a date. Look whether the cells of this row have moved.")
	}
	return outcome{code: "word-unknown", words: "Nobody has said yet what these words mean as " + c.Item.Words() + ". Say it once for the whole file, and it is remembered."}
}

// leaves reads a status that says no more than that somebody has left: the row
// is a leaver's, and says nothing of what they do now.
func leaves(t Translation) outcome {
	t.Item, t.List, t.Code, t.How = LeavingReason, LeavingReasons, strings.TrimPrefix(t.Also, "LeavingReason="), ByPhrase
	t.Also = ""
	o := outcome{translation: t, translated: true}
	o.more[0] = extra{LeavingReason, t.Code}
	return o
}

// cleanYes reads a column whose "yes" stands for a code.
func (r *Reader) cleanYes(c *readColumn, s string) outcome {
	t, ok := r.words.Translate(YesNo, s)
	switch {
	case ok && t.Code == "N", !ok && isPlaceholder(s):
		return outcome{quiet: true}
	case ok:
		return yesOf(c, s)
	}
	if word, is := r.words.Translate(c.list, s); is && word.Code != "" {
		return outcome{value: word.Code, translation: word, translated: word.How != ByCode}
	}
	if sh := shapeOf(s); sh == dateShape { // "since when" stands for yes
		return yesOf(c, s)
	}
	return outcome{code: "word-unknown", words: "This column is understood as yes or no. Say once what this word means, and it is remembered."}
}

func yesOf(c *readColumn, said string) outcome {
	t := Translation{List: c.list, Said: said, Code: c.Yes, How: ByPhrase, Why: "“" + said + "” in the column “" + c.Header + "”"}
	return outcome{value: c.Yes, translation: t, translated: true}
}

// cleanCharacteristics reads several in one cell, parted by commas or so.
func (r *Reader) cleanCharacteristics(s string) outcome {
	if t, ok := r.words.Translate(Characteristics, s); ok {
		return outcome{value: t.Code, translation: t, translated: t.How != ByCode}
	}
	var o outcome
	var codes, said []string
	for _, part := range strings.FieldsFunc(s, func(c rune) bool {
		return strings.ContainsRune(",;/|+&\n", c) || c == ' ' && allDigits(strings.ReplaceAll(s, " ", ""))
	}) {
		t, ok := r.words.Translate(Characteristics, part)
		switch {
		case ok && !containsCode(strings.Join(codes, " "), t.Code):
			codes, said = append(codes, t.Code), append(said, t.Why)
			o.translation = t
		case ok || isPlaceholder(tidy(part)) || strings.EqualFold(tidy(part), "no"):
		default:
			return outcome{code: "word-unknown", words: "Nobody has said yet what these words mean as characteristic. Say it once for the whole file, and it is remembered."}
		}
	}
	if len(codes) == 0 {
		return outcome{quiet: true}
	}
	o.value = strings.Join(codes, " ")
	o.translation.Code, o.translation.Said, o.translation.Why, o.translated = o.value, s, strings.Join(said, "; "), !allDigits(strings.ReplaceAll(s, " ", ""))
	return o
}

// wholeAddress parts an address that stands in one cell.
func wholeAddress(s string) outcome {
	lines, postcode := cleanAddress(s)
	o := outcome{value: s}
	if len(lines) > 1 {
		last := len(lines) - 1
		o.more[0] = extra{Street, lines[0]}
		o.more[1] = extra{Town, lines[last]}
		o.lines = lines[1:last]
	} else if len(lines) == 1 {
		o.more[0] = extra{Street, lines[0]}
	}
	o.more[2] = extra{Postcode, postcode}
	return o
}
