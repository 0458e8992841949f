package web

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"
)

// What browsers send of pages that were to do what they may not.
const (
	reportCap  = 16 << 10
	mostReport = 60 // lines of the log in a minute: a flood tells nothing more
)

// violations counts the reports of one minute.
type violations struct{ minute, count atomic.Int64 }

// fits says that one more is written down.
func (v *violations) fits(now time.Time) bool {
	minute := now.Unix() / 60
	if v.minute.Swap(minute) != minute {
		v.count.Store(0)
	}
	return v.count.Add(1) <= mostReport
}

// violation logs that a browser refused something on a page: an attack, or a
// fault of ours. Of the addresses only their shape is kept: a path may hold
// what somebody mistyped.
func (s *Server) violation(w http.ResponseWriter, r *http.Request) error {
	text, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	for _, one := range readViolations(text) {
		if s.violations.fits(s.Now()) {
			s.Log.WarnContext(r.Context(), "a browser refused something on a page", "id", seenOf(r).id, "directive", one.directive, "blocked", one.blocked)
		}
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

type violationReport struct{ directive, blocked string }

// readViolations understands both ways in which browsers report: a list of
// reports (Reporting API), and one csp-report.
func readViolations(text []byte) []violationReport {
	var list []struct {
		Type string
		Body struct{ EffectiveDirective, BlockedURL string }
	}
	var out []violationReport
	if json.Unmarshal(text, &list) == nil {
		for _, one := range list {
			if one.Type == "csp-violation" {
				out = append(out, violationReport{directive(one.Body.EffectiveDirective), origin(one.Body.BlockedURL)})
			}
		}
		return out
	}
	var old struct {
		Report struct {
			Directive string `json:"violated-directive"`
			Blocked   string `json:"blocked-uri"`
		} `json:"csp-report"`
	}
	if json.Unmarshal(text, &old) == nil && old.Report.Directive != "" {
		out = append(out, violationReport{directive(old.Report.Directive), origin(old.Report.Blocked)})
	}
	return out
}

// directive keeps what a directive's name is made of.
func directive(s string) string {
	for i, c := range s {
		if (c < 'a' || c > 'z') && c != '-' || i == 40 {
			return s[:i]
		}
	}
	return s
}

// origin is the scheme and host of an address, or a word such as inline.
func origin(address string) string {
	u, err := url.Parse(address)
	switch {
	case err != nil:
		return "unreadable"
	case u.Host != "":
		return u.Scheme + "://" + u.Hostname()
	case u.Scheme != "":
		return u.Scheme
	}
	return directive(address)
}
