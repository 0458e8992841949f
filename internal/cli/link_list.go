package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"waymark/internal/layout"
	"waymark/internal/match"
	"waymark/internal/sheet"
)

// list is a file of people: what its columns are, its table, and how its rows are
// named.
type list struct {
	name          string
	book          *sheet.Book
	sheet         int
	columns       []listColumn
	born          [3]int   // columns of year, month and day, where one has dateParts
	header, first int      // row numbers
	headed        []string // the header's cells
	notes         []string
	id, truth     int // columns, -1 for none

	table *match.Table
	rows  []int    // row numbers, by row of the table
	ids   []string // where there is a column of them
	known []string // the truth
}

// sampled is how many rows are looked at to understand a file.
const sampled = 300

// openList opens a file and says what it is; a refusal names the file.
func openList(path, sheetName string, named []string) (*list, func() error, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, fmt.Errorf("the file cannot be opened: %w", err)
	}
	l := &list{name: filepath.Base(path), id: -1, truth: -1}
	info, err := f.Stat()
	switch {
	case err != nil:
	case info.IsDir():
		err = fmt.Errorf("%s is a folder", path)
	case !info.Mode().IsRegular():
		err = fmt.Errorf("%s is no file that can be read twice; save it as a file first", path)
	default:
		// What the operator has at hand is not what a stranger sends: it may be large.
		if l.book, err = sheet.Open(f, info.Size(), sheet.Limits{Bytes: 8 << 30, Rows: 20_000_000}); err != nil {
			err = fmt.Errorf("%s: %w", l.name, err)
		}
	}
	if err == nil {
		err = l.chooseSheet(sheetName, named)
	}
	if err != nil {
		return nil, nil, errors.Join(err, f.Close())
	}
	return l, f.Close, nil
}

// chooseSheet takes the sheet named, or the one of those that are shown in which
// the most columns are known.
func (l *list) chooseSheet(name string, named []string) error {
	var best *list
	known := -1
	for i, title := range l.book.Sheets {
		if name != "" && len(l.book.Sheets) > 1 && !strings.EqualFold(title, name) || name == "" && l.book.Hidden[i] {
			continue
		}
		one := &list{name: l.name, book: l.book, sheet: i, id: -1, truth: -1}
		rows, err := one.sample()
		if err != nil {
			return fmt.Errorf("%s: %w", l.name, err)
		}
		if len(rows) == 0 {
			continue
		}
		if err := one.understand(rows, named); err != nil {
			return err
		}
		if at := slices.IndexFunc(rows, func(r layout.Sample) bool { return r.Number == one.header }); at >= 0 {
			one.headed = rows[at].Cells
		}
		n := 0
		for _, c := range one.columns {
			if c.kind != match.Other {
				n++
			}
		}
		if n > known {
			best, known = one, n
		}
	}
	if best == nil {
		if name != "" {
			return fmt.Errorf("%s has no sheet %q with rows. Its sheets are %s", l.name, name, strings.Join(l.book.Sheets, ", "))
		}
		return fmt.Errorf("%s holds no rows", l.name)
	}
	*l = *best
	return nil
}

// sample are the first rows of the sheet.
func (l *list) sample() ([]layout.Sample, error) {
	rows, err := l.book.Rows(l.sheet, sheet.Mark{})
	if err != nil {
		return nil, err
	}
	var out []layout.Sample
	for len(out) < sampled {
		row, more := rows.Next()
		if !more {
			break
		}
		out = append(out, layout.Sample{Number: row.Number, Cells: slices.Clone(row.Cells)})
	}
	return out, rows.Err()
}

// setAside names the columns of ids and of the truth, which take no part. Without
// an id that is named, a column that is called one serves where it does.
func (l *list) setAside(id, truth string) error {
	var err error
	if truth != "" {
		if l.truth, err = l.find(truth); err != nil {
			return err
		}
	}
	if id != "" {
		if l.id, err = l.find(id); err != nil {
			return err
		}
	} else if l.id, err = l.ownID(); err != nil {
		return err
	}
	if l.id >= 0 {
		why := "its values are all there and all different"
		if id != "" {
			why = "you said so"
		}
		l.columns[l.id].none("names the row", why)
	}
	if l.truth >= 0 {
		l.columns[l.truth].none("the truth", "you said so")
	}
	return nil
}

// ownID finds the column by which the file names its rows; -1 where none does.
func (l *list) ownID() (int, error) {
	var may []int
	for at, c := range l.columns {
		words := strings.Fields(plainHeader(c.header))
		if at == l.truth || c.kind != match.Other || len(words) == 0 || c.why == "you said so" {
			continue
		}
		if c.item == layout.TheirRef || slices.Contains([]string{"id", "ref", "reference", "no", "number", "key", "index"}, words[len(words)-1]) || strings.HasSuffix(words[len(words)-1], "id") {
			may = append(may, at)
		}
	}
	seen := make([]map[string]bool, len(may))
	for i := range seen {
		seen[i] = map[string]bool{}
	}
	err := l.each(func(_ int, cells []string) {
		for i, at := range may {
			if seen[i] == nil {
				continue
			}
			if at >= len(cells) || strings.TrimSpace(cells[at]) == "" || seen[i][cells[at]] {
				seen[i] = nil
				continue
			}
			seen[i][strings.Clone(cells[at])] = true
		}
	})
	for i := range may {
		if len(seen[i]) > 0 {
			return may[i], err
		}
	}
	return -1, err
}

// each goes through the rows of people: those under the header in which anything
// stands, but for the header repeated.
func (l *list) each(visit func(number int, cells []string)) error {
	rows, err := l.book.Rows(l.sheet, sheet.Mark{})
	if err != nil {
		return err
	}
	for {
		row, more := rows.Next()
		if !more {
			break
		}
		if row.Number < l.first || l.header > 0 && row.Number <= l.header || slices.Equal(row.Cells, l.headed) && l.header > 0 {
			continue
		}
		if slices.ContainsFunc(row.Cells, func(c string) bool { return strings.TrimSpace(c) != "" }) {
			visit(row.Number, row.Cells)
		}
	}
	if rows.Err() != nil {
		return fmt.Errorf("%s: %w", l.name, rows.Err())
	}
	return nil
}

// fill reads the people into a table.
func (l *list) fill(lexicon *match.Lexicon) error {
	schema := l.schema()
	table, err := match.NewTable(lexicon, schema)
	if errors.Is(err, match.ErrNothingToMatch) {
		return fmt.Errorf("%s: no column of names, birth dates or persons' numbers was recognised. Say which they are, for example --map 'Column 3=family name' --map 'Column 4=date of birth'", l.name)
	}
	if err != nil {
		return err
	}
	l.table = table
	const many = 1024
	batch := make([][]string, 0, many)
	cell := func(cells []string, at int) string {
		if at >= len(cells) {
			return ""
		}
		return strings.Clone(strings.TrimSpace(cells[at])) // the row's text is not to be held
	}
	err = l.each(func(number int, cells []string) {
		l.rows = append(l.rows, number)
		if l.id >= 0 {
			l.ids = append(l.ids, cell(cells, l.id))
		}
		if l.truth >= 0 {
			l.known = append(l.known, cell(cells, l.truth))
		}
		n := len(batch)
		batch = batch[:n+1]
		batch[n] = l.put(batch[n][:0], cells)
		if len(batch) == many {
			table.AddMany(batch)
			batch = batch[:0]
		}
	})
	table.AddMany(batch)
	if err == nil && table.Len() == 0 {
		err = fmt.Errorf("%s holds no rows under its header", l.name)
	}
	return err
}

// called is the row by the file's own id, or by its number.
func (l *list) called(row uint32) string {
	if l.id >= 0 && l.ids[row] != "" {
		return sheet.Defuse(l.ids[row])
	}
	return strconv.Itoa(l.rows[row])
}

// tell says on standard error what the file was taken for.
func (l *list) tell(to io.Writer) {
	how := l.book.Format
	if how == "CSV" {
		how += ", " + l.book.Encoding + ", cells parted by " + strings.ReplaceAll(l.book.Delimiter, "\t", "tab")
	} else if len(l.book.Sheets) > 1 {
		how += fmt.Sprintf(", sheet %q of %d", l.book.Sheets[l.sheet], len(l.book.Sheets))
	}
	header := fmt.Sprintf("its header in row %d", l.header)
	if l.header == 0 {
		header = "without a header"
	}
	fmt.Fprintf(to, "%s: %s rows (%s), %s\n", visible(l.name), thousands(l.table.Len()), how, header)
	for _, c := range l.columns {
		line := fmt.Sprintf("  %-24s %s", visible(c.header), c.words)
		if c.why != "" {
			line += " (" + visible(c.why) + ")"
		}
		fmt.Fprintln(to, line)
	}
	if l.id < 0 {
		fmt.Fprintln(to, "  Rows are named by their numbers in the file.")
	}
	for _, n := range l.notes {
		fmt.Fprintln(to, "  Note:", visible(n))
	}
}
