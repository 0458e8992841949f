package match

import "testing"

// FuzzIdentifiers: numbers, birth dates and postcodes as partners write them.
func FuzzIdentifiers(f *testing.F) {
	for _, s := range []string{"1000000000", "9999999999", "H801200001001", "A123456789012", "T12345", "07700 900123", "+44 (0)7700 900123", "LW3 4AB", "SW1A1AA", "2009-02-30", "03/04/2009", "", "٣٤٥", "\x00\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		readULN(s)
		readUPN(s)
		readNumber(s)
		readPhone(s)
		readBirth(s)
		readPostcode(s)
		if again := Fold(Fold(s)); again != Fold(s) {
			t.Errorf("%q folds to %q, and that to %q", s, Fold(s), again)
		}
	})
}
