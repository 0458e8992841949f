package civil

import (
	"sync"
	"time"
	_ "time/tzdata" // councils' servers may have no zone files
)

// London is the zone in which an English authority's days begin and end.
var London = sync.OnceValue(func() *time.Location {
	z, err := time.LoadLocation("Europe/London")
	if err != nil {
		panic("civil: the zone data is embedded, and yet: " + err.Error())
	}
	return z
})
