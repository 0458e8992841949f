package guarantee

import (
	"time"

	"waymark/internal/civil"
	"waymark/internal/nccis"
)

// Owed says whether one of the authorities owes the guarantee to somebody whose
// record is stated for the month that ends on the day, and in which node
// (nccis.md 7). in says that the record stands in that month's return.
//
// Year 11 is owed by the authority where they are taught, Year 12 by that where
// they live. From April to August the node of Year 11 is about those in Year 11;
// from September to March about the same people, then in Year 12. Whoever has
// left is owed nothing any more.
func Owed(authorities map[string]bool, r *nccis.Record, in bool, born, end civil.Date) (node string, owed bool) {
	v := &r.Values
	switch v[nccis.CohortStatus] {
	case "X", "A", "T", "E", "M", "D", "L":
		return "", false
	}
	if !in {
		return "", false
	}
	_, month, _ := end.YMD()
	spring := month >= time.April && month <= time.August
	year := nccis.YearGroup(born, end)
	if !spring {
		year--
	}
	here := ""
	switch year {
	case 11:
		taught := v[nccis.EducatedLEA]
		if !spring {
			taught = "" // they are taught elsewhere by now
		}
		node, here = Year11, first(v[nccis.Year11LEACode], v[nccis.LEACodeAtYear11], taught, v[nccis.LeadLEA])
	case 12:
		node, here = Year12, first(v[nccis.Year12LEACode], v[nccis.LeadLEA])
	default:
		return "", false
	}
	return node, authorities[here]
}

// NotRecorded is the status of whomever nobody has recorded one (nccis.md 7).
const NotRecorded = "159"

// Recorded is the status in a node of a record, NotRecorded where there is none.
func Recorded(r *nccis.Record, node string) string {
	if node == Year12 {
		return first(r.Values[nccis.Year12GuaranteeStatus], NotRecorded)
	}
	return first(r.Values[nccis.Year11GuaranteeStatus], NotRecorded)
}

func first(codes ...string) string {
	for _, c := range codes {
		if c != "" {
			return c
		}
	}
	return ""
}
