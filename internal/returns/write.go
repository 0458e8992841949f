package returns

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"waymark/internal/nccis"
)

// DraftMark stands in a file that nobody has signed off, as a comment after the
// XML declaration: it tells whoever opens the file and changes nothing in it.
const DraftMark = "<!-- DRAFT, not signed off. Made by Waymark to be looked at; send the file that two people have signed. -->\n"

// WriteXML writes the file. The bytes are the same for the same facts, period
// and DateOfSend. marked puts DraftMark into it. The error names the record
// whose value XML cannot hold, or is the fault of the writing.
func (d *Draft) WriteXML(w io.Writer, marked bool) error {
	if marked {
		w = &markedWriter{to: w}
	}
	out, err := nccis.NewWriter(w, d.Edition, d.Header)
	if err != nil {
		return fmt.Errorf("write the return: %w", err)
	}
	var rec nccis.Record
	for i, p := range d.People {
		rec = p.Record
		rec.Position = i + 1
		if err := out.Write(&rec); err != nil {
			return fmt.Errorf("write the return: %w", err)
		}
	}
	if err := out.Close(); err != nil {
		return fmt.Errorf("write the return: %w", err)
	}
	return nil
}

// markedWriter puts the mark after the first line, which is the declaration.
type markedWriter struct {
	to   io.Writer
	done bool
}

func (m *markedWriter) Write(b []byte) (int, error) {
	if m.done {
		return m.to.Write(b)
	}
	line := bytes.IndexByte(b, '\n') + 1
	n, err := m.to.Write(b[:line])
	if err != nil || line == 0 {
		return n, err
	}
	m.done = true
	if _, err := io.WriteString(m.to, DraftMark); err != nil {
		return n, err
	}
	rest, err := m.to.Write(b[line:])
	return n + rest, err
}

// Recount reads a file back and counts in it what Totals counts in the
// register: records, standing, groups, lapsed, and what every check finds.
func (d *Draft) Recount(r io.Reader) (Totals, error) {
	in, err := nccis.NewReader(r)
	if err != nil {
		return Totals{}, fmt.Errorf("read the return back: %w", err)
	}
	count := newCounter(d.Edition, d.Period.End())
	checker := d.requirement.NewChecker(d.Edition, in.Header())
	var rec nccis.Record
	for {
		err := in.Next(&rec)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return Totals{}, fmt.Errorf("read the return back: %w", err)
		}
		checker.Record(&rec, count.finding)
		count.record(&rec)
	}
	checker.Finish(count.finding)
	return count.Totals, nil
}

// Miscount is what Verify returns where the file does not say what the register
// says. Nobody can sign such a return.
type Miscount struct{ Differences []string }

func (m Miscount) Error() string {
	return fmt.Sprintf("the totals counted in the file differ from those of the register (%s); nothing can be signed: report this fault", m.Differences)
}

// Verify recounts a file and returns a Miscount where it differs from the
// draft.
func (d *Draft) Verify(r io.Reader) error {
	file, err := d.Recount(r)
	if err != nil {
		return err
	}
	if diff := d.Totals.Differences(file); len(diff) > 0 {
		return Miscount{diff}
	}
	return nil
}
