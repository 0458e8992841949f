package find

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzAsk: whatever is typed is a question, no longer than the longest, and
// asking what it understood asks the same.
func FuzzAsk(f *testing.F) {
	for _, s := range []string{"Ana Larkspur 3/2/2009", "H801200001001", "3 4 2009; 4.3.2009, 2009-02-30", "LW3 4AB", "https://host/young-people/abcdefghijklmnopqrstuvwxyz", "07700 900 123", "\xff\x00 é̈ẞ(", strings.Repeat("9 ", 400)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		q := Ask(typed)
		if n := utf8.RuneCountInString(q.Typed); n > longest {
			t.Errorf("%d letters of %q are kept", n, typed)
		}
		if !utf8.ValidString(q.Typed) || !utf8.ValidString(q.text) {
			t.Errorf("%q is kept as what is no text", typed)
		}
		if again := Ask(q.Typed); again.text != q.text || again.Born != q.Born {
			t.Errorf("%q asks %q, born %v; and that, asked again, %q, born %v", typed, q.text, q.Born, again.text, again.Born)
		}
	})
}
