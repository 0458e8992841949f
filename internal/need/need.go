// Package need keeps how much support a young person needs: the level of need
// (CA13: 1 intensive, 2 supported, 3 minimum intervention), whether they have
// an education, health and care plan (the SEND flag) or SEN support, and their
// individual characteristics (IC01), some of which make the Department's
// "vulnerable group".
package need

import "waymark/internal/fact"

// Need is the level and the two flags, as they came: Y, N or "".
type Need struct{ Level, SEND, SENSupport string }

// Characteristic is one individual characteristic, as it came.
type Characteristic struct{ Code string }

// The tables.
var (
	Needs = fact.Table[Need]{Name: "need", What: "level of need", Columns: []string{"level", "send", "sen_support"},
		Fields: func(n *Need) []any { return []any{&n.Level, &n.SEND, &n.SENSupport} }}
	Characteristics = fact.Table[Characteristic]{Name: "characteristic", What: "characteristics", Columns: []string{"code"},
		Fields: func(c *Characteristic) []any { return []any{&c.Code} }}
)
