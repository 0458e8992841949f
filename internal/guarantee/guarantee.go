// Package guarantee keeps the September Guarantee and intended destinations.
//
// The September Guarantee is the offer, by the end of September, of a suitable
// place in education or training to everybody who finishes Year 11, made again
// at the end of Year 12. It travels inside the monthly return, in one node for
// each of the two (nccis.md 7).
package guarantee

import "waymark/internal/fact"

// Nodes of the return.
const (
	Year11 = "Year11"
	Year12 = "Year12"
)

// Guarantee is the status in one node and season, as it came. Season is the
// calendar year of its September.
type Guarantee struct {
	Node   string
	Season int
	Status string
	LACode string
}

// Destination is the intended destination given in Year 11 (ID01), as it came.
type Destination struct{ Code string }

// The tables.
var (
	Guarantees = fact.Table[Guarantee]{Name: "guarantee", What: "September Guarantee", Columns: []string{"node", "season", "status", "la_code"},
		Fields: func(g *Guarantee) []any { return []any{&g.Node, &g.Season, &g.Status, &g.LACode} }}
	Destinations = fact.Table[Destination]{Name: "destination", What: "intended destination", Columns: []string{"code"},
		Fields: func(d *Destination) []any { return []any{&d.Code} }}
)
