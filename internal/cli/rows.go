package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"waymark/internal/sheet"
)

// writeRows writes a table of texts: aligned for people, as CSV, or as JSON with
// one object a line.
func writeRows(w io.Writer, format string, head []string, rows [][]string) error {
	switch format {
	case "csv":
		out, err := sheet.NewCSV(w)
		if err != nil {
			return err
		}
		for _, row := range append([][]string{head}, rows...) {
			if err := out.Write(row...); err != nil {
				return err
			}
		}
		return out.Close()
	case "json":
		enc := json.NewEncoder(w)
		enc.SetEscapeHTML(false)
		for _, row := range rows {
			one := map[string]string{}
			for i, name := range head {
				one[name] = row[i]
			}
			if err := enc.Encode(one); err != nil {
				return err
			}
		}
		return nil
	}
	t := tabwriter.NewWriter(w, 2, 8, 2, ' ', 0)
	var err error
	for _, row := range append([][]string{head}, rows...) {
		_, wrote := fmt.Fprintln(t, strings.Join(row, "\t"))
		err = errors.Join(err, wrote)
	}
	return errors.Join(err, t.Flush())
}
