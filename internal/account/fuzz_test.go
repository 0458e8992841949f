package account

import (
	"testing"
	"time"
)

// FuzzSession: what a stored session was changed to is an error or texts; what
// is kept is read as it was.
func FuzzSession(f *testing.F) {
	whole, err := textCodec{}.Encode(time.Date(2026, 11, 10, 12, 0, 0, 0, time.UTC), map[string]any{"account": "abc", "reasons": `{"x":{"reason":"y"}}`})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(whole)
	f.Add(whole[:len(whole)/2])
	f.Add([]byte(`{"values":{"a":1}}`))
	f.Add([]byte(`null`))
	f.Fuzz(func(t *testing.T, b []byte) {
		deadline, values, err := textCodec{}.Decode(b)
		if err != nil {
			return
		}
		again, err := textCodec{}.Encode(deadline, values)
		if err != nil {
			t.Skip("a year beyond what is written")
		}
		if _, kept, err := (textCodec{}).Decode(again); err != nil || len(kept) != len(values) {
			t.Errorf("%q is kept as %q (%v)", b, again, err)
		}
	})
}
