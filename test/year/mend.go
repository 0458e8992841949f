package year

import (
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"waymark/internal/act"
	"waymark/internal/nccis"
	"waymark/test/outside"
)

// mend mends everything that a month's return finds, as a data officer does:
// those together that one rule mends, and the others one by one.
func (l *life) mend(month string) (mended int, err error) {
	priya, err := l.as("priya")
	if err != nil {
		return 0, err
	}
	check := regexp.MustCompile(`<th[^>]*><a [^>]*href="/returns/` + month + `/checks/([^"/]+)"`)
	for range 400 {
		p, err := priya.Counted("/returns/" + month)
		if err != nil {
			return mended, err
		}
		next := ""
		for _, found := range check.FindAllStringSubmatch(p.Body, -1) {
			// That two records may be one person is looked into in its own time.
			if next == "" && found[1] != "908" {
				next = found[1]
			}
		}
		if next == "" {
			return mended, nil
		}
		if err := priya.mendCheck(month, next); err != nil {
			return mended, fmt.Errorf("%s, check %s: %w", month, next, err)
		}
		mended++
	}
	return mended, fmt.Errorf("there is no end to mending %s", month)
}

func (d *desk) mendCheck(month, check string) error {
	at := "/returns/" + month + "/checks/" + check
	list, err := d.Get(at)
	if err != nil {
		return err
	}
	// One rule could write any gender, and an O for every nought: a person knows
	// better.
	if check != "4" && check != "45" && strings.Contains(list.Body, `href="`+at+`/mend"`) {
		p, err := d.Get(at + "/mend")
		if err != nil {
			return err
		}
		if d.Read.Form(p.Body, "chosen") != nil {
			_, err = d.Fill(p, at+"/mend", "chosen", nil)
			return err
		}
	}
	href := regexp.MustCompile(`href="(/young-people/[^"]*/edit\?back=[^"]*)"`).FindStringSubmatch(list.Body)
	if href == nil {
		return fmt.Errorf("nothing leads to what mends it: %s", d.Read.TitleOf(list.Body))
	}
	path, _, _ := strings.Cut(strings.ReplaceAll(href[1], "&amp;", "&"), "#")
	p, err := d.open(path)
	if err != nil {
		return err
	}
	form := d.Read.Form(p.Body, "told-kind")
	if form == nil {
		return fmt.Errorf("%s has no form", path)
	}
	change, ok := byHand(check, month, form)
	if !ok {
		return fmt.Errorf("nobody has said how it is mended by hand: %s", tagless(between(list.Body, "<tbody", "</tbody>")))
	}
	change.Set("told-kind", act.Telephone)
	_, err = d.Fill(p, p.At, "told-kind", change)
	return err
}

// byHand is what somebody writes into the form to which a finding leads.
func byHand(check, month string, form url.Values) (url.Values, bool) {
	fill := func(pairs ...string) (url.Values, bool) {
		v := url.Values{}
		for i := 0; i+1 < len(pairs); i += 2 {
			v.Set(pairs[i], pairs[i+1])
		}
		return v, true
	}
	switch held := form.Get; check {
	case "3":
		return fill("family-name", "Ashcombe")
	case "4":
		return fill("gender", "F")
	case "6":
		return fill("ethnicity", "WBRI")
	case "26":
		return fill("lead-la", demo995)
	case "30":
		return fill("uln", someULN())
	case "31":
		return fill("address-line-1", "12 Teasel Lane", "town", "Gullhaven")
	case "38":
		return fill("upn", "")
	case "43":
		post := held("postcode")
		return fill("postcode", post[:max(0, len(post)-1)]+"D")
	case "45":
		return fill("family-name", strings.Replace(held("family-name"), "0", "O", 1))
	case "100":
		return fill("level", "2")
	case "228":
		return fill("establishment-number", "9958001")
	case "233":
		return fill("characteristics", "140")
	case "240":
		return fill("activity", "110", "started-day", "3", "started-month", "9", "started-year", "2026", "predicted-end-day", "31", "predicted-end-month", "7", "predicted-end-year", "2027",
			"ascertained-day", "28", "ascertained-month", month[5:], "ascertained-year", month[:4], "verified-day", "28", "verified-month", month[5:], "verified-year", month[:4],
			"establishment-number", "9954004", "establishment-name", "Sandyford Bay School")
	case "254":
		return fill("send", "Y")
	case "262":
		return fill("review-day", "28", "review-month", "2", "review-year", "2027")
	case "305":
		return fill("verified-day", lastDay(month), "verified-month", month[5:], "verified-year", month[:4])
	case "907":
		return fill("uln", "")
	}
	return nil, false
}

// lastDay is the last day of a month like 2026-07.
func lastDay(month string) string {
	at, err := time.Parse("2006-01", month)
	if err != nil {
		return ""
	}
	return strconv.Itoa(at.AddDate(0, 1, -1).Day())
}

// demo995 is the demo's authority.
const demo995 = "995"

func someULN() string {
	for n := 8123456700; ; n++ {
		if s := fmt.Sprint(n); nccis.ValidULN(s) {
			return s
		}
	}
}

// formAt is the page at a path and the form of it that has a field.
func (d *desk) formAt(path, field string) (outside.Page, url.Values, error) {
	p, err := d.open(path)
	if err != nil {
		return p, nil, err
	}
	form := d.Read.Form(p.Body, field)
	if form == nil {
		return p, nil, fmt.Errorf("%s has no form with %s: %s", path, field, d.Read.TitleOf(p.Body))
	}
	return p, form, nil
}
