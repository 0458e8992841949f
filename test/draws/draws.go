// Package draws has property tests draw the same cases each time one commit is
// checked: a check that passed passes again, and what a new commit is tried with is
// new. A test that uses rapid imports it for its effect. `make campaign-properties`
// draws anew, and many more.
package draws

import (
	"flag"
	"os"

	_ "pgregory.net/rapid" // has made its flags by now
)

// Seed names the variable with the seed; none, or 0, draws anew each time.
const Seed = "WAYMARK_TEST_SEED"

func init() {
	if seed := os.Getenv(Seed); seed != "" {
		if err := flag.Set("rapid.seed", seed); err != nil {
			panic(Seed + ": " + err.Error())
		}
	}
}
