package returns

import "testing"

func TestNamesAreMendedOnlyWhereItIsSafe(t *testing.T) {
	for name, want := range map[string]string{
		"0'Shea": "O'Shea", "0’Shea": "O’Shea", "Sc0tt": "Scott", "SC0TT": "SCOTT", "J0": "Jo", "0liver": "Oliver", "B00th": "Booth",
		"Anne-0dile": "Anne-Odile", "D'0nofrio": "D'Onofrio", "R0wan (Ash)": "Rowan Ash", "Thistle/down": "Thistle down", "Wren ?": "Wren",
	} {
		if got, ok := plainName(name); got != want || !ok {
			t.Errorf("%s becomes %q, %v, want %q", name, got, ok, want)
		}
	}
	for _, name := range []string{"Wi11iam", "Row4n", "7", "0", "Wren 0", "Zo?", "Ro$e", "J@ne", "Sam10"} {
		if got, ok := plainName(name); ok {
			t.Errorf("%s becomes %q: nobody can tell by rule", name, got)
		}
	}
}
