package seal

import "testing"

// FuzzMasters: what is no master key is refused, and what is one is read as it
// was written.
func FuzzMasters(f *testing.F) {
	k, err := newMaster()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(masterText(k))
	f.Add(masterText(k) + " \n" + masterText(k))
	f.Add(masterMark + "AAAA")
	f.Add("")
	f.Fuzz(func(t *testing.T, text string) {
		keys, err := mastersOf(text, "a file")
		if (err == nil) != (len(keys) > 0) {
			t.Fatalf("%d keys and %v", len(keys), err)
		}
		for _, k := range keys {
			again, err := mastersOf(masterText(k), "a file")
			if err != nil || len(again) != 1 || again[0].ID != k.ID {
				t.Errorf("a key is written so that it is read as another: %v", err)
			}
		}
	})
}
