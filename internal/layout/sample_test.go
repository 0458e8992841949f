package layout

import (
	"encoding/csv"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"waymark/internal/civil"
	"waymark/internal/nccis"
)

var update = flag.Bool("update", false, "write what the samples are now read as; read the difference before it is committed")

// asAt is the day for which the samples are true.
var asAt = civil.Must(2026, 11, 2)

func latestWords(t testing.TB, own ...OwnWord) *Words {
	t.Helper()
	editions := nccis.MustLoad().Editions()
	w, err := NewWords(editions[len(editions)-1], own)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// TestSamples reads odd tables, one for each file of testdata, and compares
// what was understood with the account beside it. A file's name begins with its
// kind.
func TestSamples(t *testing.T) {
	paths, err := filepath.Glob("testdata/*.csv")
	if err != nil || len(paths) < 25 {
		t.Fatalf("%d samples, %v", len(paths), err)
	}
	for _, path := range paths {
		name := strings.TrimSuffix(filepath.Base(path), ".csv")
		t.Run(name, func(t *testing.T) {
			kind, _, _ := strings.Cut(name, ".")
			k, ok := FindKind(kind)
			if !ok {
				t.Fatalf("the file's name begins with no kind: %s", kind)
			}
			got := account(t, readSample(t, path), k)
			golden := strings.TrimSuffix(path, ".csv") + ".txt"
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
				t.Errorf("read otherwise than the account says (-want +got):\n%s", diff)
			}
		})
	}
}

func readSample(t testing.TB, path string) []Sample {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r := csv.NewReader(f)
	head, _ := os.ReadFile(path)
	r.Comma = delimiter(string(head))
	r.FieldsPerRecord = -1
	r.LazyQuotes = true
	var rows []Sample
	for {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			return rows
		}
		if err != nil {
			t.Fatal(err)
		}
		line, _ := r.FieldPos(0)
		rows = append(rows, Sample{Number: line, Cells: slices.Clone(cells)})
	}
}

func delimiter(text string) rune {
	first, _, _ := strings.Cut(text, "\n")
	for _, d := range ";\t|" {
		if strings.Count(first, string(d)) > 2 {
			return d
		}
	}
	return ','
}

// account is all that was understood of a file, for people to read.
func account(t testing.TB, rows []Sample, k Kind) string {
	var b strings.Builder
	if guesses := Guess(rows); len(guesses) > 1 {
		fmt.Fprintf(&b, "guess: %s, because %s\n", guesses[0].Kind.ID, guesses[0].Why)
	} else {
		fmt.Fprintf(&b, "guess: %s\n", guesses[0].Kind.ID)
	}
	p := Understand(rows, k, nil)
	fmt.Fprintf(&b, "header: row %d, %d rows; first row %d; %s\n", p.HeaderRow, p.Mapping.HeaderRows, p.FirstRow, p.Why)
	for i, c := range p.Columns {
		sure := "sure"
		if !c.Sure {
			sure = "ask "
		}
		m := p.Mapping.Columns[i]
		extra := ""
		if m.Dates != "" {
			extra += " [" + string(m.Dates) + "]"
		}
		if m.Yes != "" {
			extra += " [yes is " + m.Yes + "]"
		}
		if m.FamilyFirst {
			extra += " [family first]"
		}
		if m.Fraction {
			extra += " [fraction]"
		}
		item := c.Item.String()
		if c.Item == None {
			item = "-"
		}
		fmt.Fprintf(&b, "column %s %q: %s %s%s: %s", columnLetter(c.At), c.Header, sure, item, extra, c.Why)
		if len(c.Others) > 0 {
			fmt.Fprintf(&b, " (or %v)", c.Others)
		}
		b.WriteByte('\n')
	}
	for _, q := range p.Questions {
		fmt.Fprintf(&b, "question %s: %s %v\n", q.ID, q.Words, q.Choices)
	}
	for _, group := range p.Missing {
		fmt.Fprintf(&b, "missing: one of %v\n", group)
	}
	p.Mapping.AsAt = asAt
	r, err := NewReader(p.Mapping, k, latestWords(t))
	if err != nil {
		fmt.Fprintf(&b, "cannot be read: %v\n", err)
		return b.String()
	}
	var row Row
	for _, s := range rows {
		if s.Number >= p.FirstRow {
			r.Read(s.Number, s.Cells, &row)
			tellRow(&b, &row)
		}
	}
	return b.String()
}

func tellRow(b *strings.Builder, row *Row) {
	fmt.Fprintf(b, "row %d:", row.Number)
	if row.Skip != "" {
		fmt.Fprintf(b, " skipped: %s\n", row.Skip)
		return
	}
	for i, v := range row.Values {
		if v != "" {
			fmt.Fprintf(b, " %s=%s", Item(i), v)
		}
		if v == "" && row.Said[i] != "" {
			fmt.Fprintf(b, " %s!%s", Item(i), row.Said[i])
		}
	}
	b.WriteByte('\n')
	for _, t := range row.Translations {
		fmt.Fprintf(b, "  %s: %q is %s, %s: %s\n", t.Item, t.Said, t.Code, t.How, t.Why)
	}
	for _, p := range row.Problems {
		state := "problem"
		if p.Fatal {
			state = "FATAL"
		} else if p.Mended {
			state = "mended"
		}
		fmt.Fprintf(b, "  %s %s in %q (%s) %q: %s\n", state, p.Code, p.Column, p.Item, p.Value, p.Words)
	}
}
