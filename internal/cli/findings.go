package cli

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"

	"waymark/internal/nccis"
	"waymark/internal/sheet"
)

// report is one way to write findings: each as it is found, then the sums.
type report interface {
	finding(nccis.Finding) error
	end(sum nccis.CheckSummary, rejected bool) error
}

func (c *Check) report(out io.Writer) report {
	switch c.Format {
	case "json":
		lines := json.NewEncoder(out)
		lines.SetEscapeHTML(false)
		return &jsonReport{lines}
	case "csv":
		return &csvReport{out: csv.NewWriter(out)}
	}
	return &tableReport{out: out}
}

// jsonReport writes one object a line.
type jsonReport struct{ lines *json.Encoder }

func (r *jsonReport) finding(f nccis.Finding) error {
	return r.lines.Encode(struct {
		Check    string `json:"check"`
		Priority int    `json:"priority"`
		Record   string `json:"record"`
		Position int    `json:"position"`
		Field    string `json:"field"`
		Value    string `json:"value"`
		Message  string `json:"message"`
	}{f.Check, f.Priority, f.Record, f.Position, f.Field.String(), f.Value, f.Message})
}

func (r *jsonReport) end(nccis.CheckSummary, bool) error { return nil }

// csvReport writes the same columns for a spreadsheet, in which no value of
// the file may act as a formula.
type csvReport struct {
	out     *csv.Writer
	started bool
}

func (r *csvReport) finding(f nccis.Finding) error {
	if err := r.head(); err != nil {
		return err
	}
	return r.out.Write([]string{f.Check, strconv.Itoa(f.Priority), sheet.Defuse(f.Record), strconv.Itoa(f.Position), f.Field.String(), sheet.Defuse(f.Value), sheet.Defuse(f.Message)})
}

func (r *csvReport) head() error {
	if r.started {
		return nil
	}
	r.started = true
	return r.out.Write([]string{"check", "priority", "record", "position", "field", "value", "message"})
}

func (r *csvReport) end(nccis.CheckSummary, bool) error {
	if err := r.head(); err != nil {
		return err
	}
	r.out.Flush()
	return r.out.Error()
}

// tableReport writes the findings of one record under one line, then the sums
// by check.
type tableReport struct {
	out  io.Writer
	last int
	any  bool
}

func (r *tableReport) finding(f nccis.Finding) error {
	if !r.any || f.Position != r.last {
		id := visible(f.Record)
		if id == "" {
			id = "without YoungPersonsID"
		}
		if _, err := fmt.Fprintf(r.out, "Record %d, %s\n", f.Position, id); err != nil {
			return err
		}
		r.any, r.last = true, f.Position
	}
	value := visible(f.Value)
	if value == "" {
		value = "(empty)"
	}
	_, err := fmt.Fprintf(r.out, "  %-9s priority %d  %s: %s\n            %s\n", f.Check, f.Priority, f.Field, value, visible(f.Message))
	return err
}

func (r *tableReport) end(sum nccis.CheckSummary, rejected bool) error {
	if sum.Edition == nil {
		return nil
	}
	var b strings.Builder
	if r.any {
		b.WriteString("\n")
	}
	h := sum.Header
	fmt.Fprintf(&b, "Return of %s for the period to %s, by %s.\n", strings.Join(h.LEACodes, ", "), h.PeriodEnd, visible(orNobody(h.SupplierName)))
	fmt.Fprintf(&b, "%s records checked by the requirement for %s.\n", thousands(sum.Records), sum.Edition.Name)
	if len(sum.Checks) > 0 {
		fmt.Fprintf(&b, "\n%-9s %-9s %9s  %s\n", "Check", "Priority", "Findings", "What")
		for _, c := range sum.Checks {
			fmt.Fprintf(&b, "%-9s %-9d %9s  %s: %s\n", c.Check.ID, c.Check.Priority, thousands(c.Findings), c.Check.Field, c.Check.Title)
		}
	}
	switch {
	case rejected:
		b.WriteString("\nThe file is refused whole; the rest of it was not checked.\n")
	case len(sum.Checks) == 0:
		b.WriteString("Nothing was found.\n")
	default:
		fmt.Fprintf(&b, "\nPriority 1 (serious): %s. Priority 2 (should be mended): %s. Priority 3 (advisory): %s.\n", thousands(sum.Findings[1]), thousands(sum.Findings[2]), thousands(sum.Findings[3]))
	}
	_, err := io.WriteString(r.out, b.String())
	return err
}

func orNobody(supplier string) string {
	if supplier == "" {
		return "a supplier that is not named"
	}
	return supplier
}

// visible keeps a value on one line, and a terminal from obeying it.
func visible(s string) string {
	for _, c := range s {
		if !strconv.IsGraphic(c) {
			q := strconv.QuoteToGraphic(s)
			return q[1 : len(q)-1]
		}
	}
	return s
}

// thousands writes 12,345.
func thousands(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
