package nccis

import (
	"strconv"
	"strings"
)

// Error is the whole rejection in one sentence or two: where, what, and what
// to do.
func (r *Rejection) Error() string {
	var b strings.Builder
	if r.Line > 0 {
		b.WriteString("line " + strconv.Itoa(r.Line))
		if r.Position > 0 {
			b.WriteString(", record " + strconv.Itoa(r.Position))
		}
		b.WriteString(": ")
	}
	b.WriteString(r.Reason + ".")
	if r.Do != "" {
		b.WriteString(" " + r.Do + ".")
	}
	return b.String()
}

// What to do about the faults that have one remedy.
const (
	doExportAgain = "Export the file again from your system; if it comes out the same, ask its supplier to mend the export"
	doWholeFile   = "The export or the copying of it was cut short: export it again and send the whole file"
	doEscape      = "Ask the supplier to write & as &amp; and < as &lt; in every value, or take the sign out of the value in your system"
	doUnexpected  = "Take it out of the export, or ask the supplier to; the Department refuses a file with anything that its layout does not hold"
	doSetting     = "Put it right in the settings of your system's NCCIS export and export again"
	doNCCIS       = "Choose the .xml file that your system's NCCIS export made"
	doCharacters  = "Find the value in your system, delete the character and type it again, then export again"
)
