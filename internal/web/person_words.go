package web

import (
	"fmt"

	"waymark/internal/civil"
	"waymark/internal/youngperson"
)

func orNone(text string) string {
	if text == "" {
		return "none"
	}
	return text
}

func addressWords(a youngperson.Address) string {
	return joined(", ", a.Line1, a.Line2, a.Line3, a.Line4, a.Town, a.County, a.Postcode)
}

func orText(text, other string) string {
	if text == "" {
		return other
	}
	return text
}

func yesNo(flag string) string {
	switch flag {
	case "Y":
		return "Yes"
	case "N":
		return "No"
	case "":
		return "Not recorded"
	}
	return flag + ": neither Y nor N"
}

// stretch is "7 September 2026 to 3 July 2027" or "Since 7 September 2026".
func stretch(started, ended string) string {
	switch {
	case started == "" && ended == "":
		return "Dates not recorded"
	case started == ended:
		return dayWords(started)
	case ended == "":
		return "Since " + dayWords(started)
	case started == "":
		return "Until " + dayWords(ended)
	}
	return fmt.Sprintf("%s to %s", dayWords(started), dayWords(ended))
}

// dayWords is a date in words, and what came where it is none.
func dayWords(text string) string {
	if text == "" {
		return "not recorded"
	}
	d, err := civil.Parse(text)
	if err != nil {
		return text + " (not a date)"
	}
	return d.Words()
}
