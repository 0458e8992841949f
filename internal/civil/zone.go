package civil

import (
	_ "embed"
	"sync"
	"time"
)

// londonFile are the rules of Europe/London as the tz database has them (version
// 2025c, in the public domain), for a server that has no zone files.
//
//go:embed london.tzif
var londonFile []byte

// London is the zone in which an English authority's days begin and end: by the
// server's own zone files, which follow a change of the law, else by ours. All
// zones of the world would be a hundredth of the program.
var London = sync.OnceValue(func() *time.Location {
	if z, err := time.LoadLocation(londonName); err == nil {
		return z
	}
	z, err := ownLondon()
	if err != nil {
		panic("civil: the zone built in cannot be read: " + err.Error())
	}
	return z
})

const londonName = "Europe/London"

func ownLondon() (*time.Location, error) { return time.LoadLocationFromTZData(londonName, londonFile) }
