package report

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"waymark/internal/sheet"
)

// Columns are the tidy table's.
func Columns() []string {
	return []string{"period", "measure", "group", "value", "numerator", "denominator"}
}

func (r *Row) cells() []string {
	return []string{r.Period, r.Measure, string(r.Group), r.Value(), r.Numerator(), r.Denominator()}
}

// WriteCSV writes the tidy table. No cell can be taken for a formula: texts
// begin with a digit or with the name of a measure or of a kind of group.
func (r *Result) WriteCSV(w io.Writer) error {
	out := csv.NewWriter(w)
	if err := out.Write(Columns()); err != nil {
		return err
	}
	for i := range r.Rows {
		if err := out.Write(r.Rows[i].cells()); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// WriteJSON writes one object a line, the numbers as numbers.
func (r *Result) WriteJSON(w io.Writer) error {
	for i := range r.Rows {
		row := &r.Rows[i]
		fields := struct {
			Period      string      `json:"period"`
			Measure     string      `json:"measure"`
			Group       string      `json:"group"`
			Value       json.Number `json:"value"`
			Numerator   json.Number `json:"numerator,omitempty"`
			Denominator json.Number `json:"denominator,omitempty"`
		}{row.Period, row.Measure, string(row.Group), json.Number(row.Value()), json.Number(row.Numerator()), json.Number(row.Denominator())}
		line, err := json.Marshal(fields)
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(w, "%s\n", line); err != nil {
			return err
		}
	}
	return nil
}

// WriteXLSX writes the tidy table as a workbook of one sheet: texts as texts,
// which no spreadsheet takes for formulas, and numbers as numbers.
func (r *Result) WriteXLSX(w io.Writer) error {
	book, err := sheet.NewXLSX(w, "Figures")
	if err != nil {
		return err
	}
	head := make([]any, len(Columns()))
	for i, c := range Columns() {
		head[i] = c
	}
	err = book.Write(head...)
	for i := 0; i < len(r.Rows) && err == nil; i++ {
		row := &r.Rows[i]
		err = book.Write(row.Period, row.Measure, string(row.Group), number(row.Value()), number(row.Numerator()), number(row.Denominator()))
	}
	return errors.Join(err, book.Close())
}

// number is the text as a number, nil where it is empty.
func number(text string) any {
	if text == "" {
		return nil
	}
	v, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	if err != nil {
		return text
	}
	return v
}
