package demo

import (
	"bufio"
	"bytes"
	"encoding/xml"
	"io"

	"waymark/internal/nccis"
)

// Write writes the file as a supplier's system does, not as ours: with a
// DOCTYPE, a comment, spellings of its own (nccis.md 1.1) and an empty element
// for all that has no value.
func (f *Waiting) Write(to io.Writer) error {
	w := &export{out: bufio.NewWriterSize(to, 1<<16)}
	w.line(0, `<?xml version="1.0" standalone="no"?>`)
	w.line(0, `<!DOCTYPE NCCIS>`)
	w.line(0, `<!-- Monthly MI extract. An invented authority: for demonstration only. -->`)
	w.line(0, `<NCCIS>`)
	w.header(f.Header)
	for i := range f.Records {
		w.record(&f.Records[i])
	}
	w.line(0, `</NCCIS>`)
	return w.out.Flush()
}

// export writes lines; bufio keeps the first error for Flush.
type export struct {
	out  *bufio.Writer
	text bytes.Buffer
}

func (w *export) line(depth int, s string) {
	for range depth {
		w.out.WriteByte('\t')
	}
	w.out.WriteString(s)
	w.out.WriteString("\r\n")
}

func (w *export) element(depth int, name, value string) {
	if value == "" {
		w.line(depth, "<"+name+"></"+name+">")
		return
	}
	w.text.Reset()
	xml.EscapeText(&w.text, []byte(value)) // a Buffer takes everything
	w.line(depth, "<"+name+">"+w.text.String()+"</"+name+">")
}

func (w *export) header(h nccis.Header) {
	w.line(1, "<FileHeader>")
	w.line(2, "<Databases>")
	for _, d := range h.DatabaseIDs {
		w.element(3, "DatabaseID", d)
	}
	w.line(2, "</Databases>")
	w.line(2, "<SourceLEAs>")
	for _, c := range h.LEACodes {
		w.element(3, "LEACode", c)
	}
	w.line(2, "</SourceLEAs>")
	w.element(2, "DateOfSend", h.DateOfSend)
	w.element(2, "PeriodEnd", h.PeriodEnd)
	w.element(2, "SupplierName", h.SupplierName)
	w.element(2, "SupplierXMLVersion", h.SupplierXMLVersion)
	w.element(2, "XMLSchemaVersion", h.XMLSchemaVersion)
	w.line(1, "</FileHeader>")
}

func (w *export) record(r *nccis.Record) {
	v := func(f nccis.Field) string { return r.Values[f] }
	fields := func(depth int, from, to nccis.Field) {
		for f := from; f <= to; f++ {
			if f == nccis.YouthContractIndicator || f == nccis.YouthContractStartDate {
				continue // gone from the return
			}
			name := f.String()
			if f == nccis.NEETStartDate {
				name = "NeetStartDate"
			}
			w.element(depth, name, v(f))
		}
	}
	w.line(1, "<YoungPersonsRecord>")
	w.line(2, "<PersonalDetails>")
	fields(3, nccis.YoungPersonsID, nccis.PreviousYPIDIdentifier)
	w.line(2, "</PersonalDetails>")
	w.line(2, "<SeptemberGuarantee>")
	w.guarantee("Year11", v(nccis.Year11GuaranteeStatus), v(nccis.Year11LEACode))
	w.guarantee("Year12", v(nccis.Year12GuaranteeStatus), v(nccis.Year12LEACode))
	w.line(2, "</SeptemberGuarantee>")
	w.line(2, "<LevelOfNeed>")
	fields(3, nccis.LevelOfNeedCode, nccis.SENSupportFlag)
	w.line(3, "<Characteristics>")
	for _, c := range r.Characteristics {
		w.element(4, "CharacteristicCode", c)
	}
	w.line(3, "</Characteristics>")
	w.line(2, "</LevelOfNeed>")
	w.line(2, "<Activities>")
	w.line(3, "<Cohort>")
	fields(4, nccis.ActivityCode, nccis.PredictedEndDate)
	w.line(3, "</Cohort>")
	w.line(2, "</Activities>")
	w.line(2, "<IntendedDestination>")
	fields(3, nccis.IntendedDestinationYr11, nccis.IntendedDestinationYr11)
	w.line(2, "</IntendedDestination>")
	w.line(1, "</YoungPersonsRecord>")
}

func (w *export) guarantee(node, status, authority string) {
	if status == "" && authority == "" {
		return
	}
	w.line(3, "<"+node+">")
	w.element(4, "GuaranteeStatus", status)
	w.element(4, "LEACode", authority)
	w.line(3, "</"+node+">")
}
