package match

import "unicode"

// transliterated is how a letter that does not come apart into a Latin letter and
// a mark is written in capitals A to Z. Short vowels are not written in Arabic,
// so a name from that script comes out as its consonants; the table of variants
// (variant.csv) holds the common ones in that form too.
func transliterated(r rune) (string, bool) {
	switch {
	case r < 0x80:
		return "", false
	case r < 0x370:
		return latinLetter(r)
	case r < 0x400:
		return greekLetter(unicode.ToLower(r))
	case r < 0x530:
		return cyrillicLetter(unicode.ToLower(r))
	case r >= 0x600 && r < 0x700:
		return arabicLetter(r)
	}
	return "", false
}

func latinLetter(r rune) (string, bool) {
	switch unicode.ToLower(r) {
	case 'ł':
		return "L", true
	case 'ø', 'œ':
		if unicode.ToLower(r) == 'œ' {
			return "OE", true
		}
		return "O", true
	case 'æ':
		return "AE", true
	case 'ß':
		return "SS", true
	case 'đ', 'ð':
		return "D", true
	case 'þ':
		return "TH", true
	case 'ı':
		return "I", true
	case 'ħ':
		return "H", true
	case 'ŋ':
		return "NG", true
	case 'ə':
		return "A", true
	}
	return "", false
}

func greekLetter(r rune) (string, bool) {
	const from = "αβγδεζηθικλμνξοπρσςτυφχψω"
	to := [...]string{"A", "V", "G", "D", "E", "Z", "I", "TH", "I", "K", "L", "M", "N", "X", "O", "P", "R", "S", "S", "T", "Y", "F", "CH", "PS", "O"}
	return standsFor(r, from, to[:])
}

func cyrillicLetter(r rune) (string, bool) {
	const from = "абвгґдеєжзиіїйклмнопрстуфхцчшщъыьэюяёљњћђџј"
	to := [...]string{"A", "B", "V", "G", "G", "D", "E", "YE", "ZH", "Z", "I", "I", "YI", "Y", "K", "L", "M", "N", "O", "P", "R", "S", "T", "U", "F", "KH", "TS", "CH", "SH", "SHCH", "", "Y", "", "E", "YU", "YA", "YO", "LJ", "NJ", "C", "DJ", "DZ", "J"}
	return standsFor(r, from, to[:])
}

// arabicLetter also knows the letters that Persian, Urdu and Kurdish add.
func arabicLetter(r rune) (string, bool) {
	const from = "ءآأإاٱبةتثجحخدذرزسشصضطظعغفقكلمنهوىيئؤپچژگکیھہےںٹڈڑ"
	to := [...]string{"", "A", "A", "I", "A", "A", "B", "H", "T", "TH", "J", "H", "KH", "D", "DH", "R", "Z", "S", "SH", "S", "D", "T", "Z", "A", "GH", "F", "Q", "K", "L", "M", "N", "H", "W", "A", "Y", "Y", "W", "P", "CH", "ZH", "G", "K", "Y", "H", "H", "E", "N", "T", "D", "R"}
	return standsFor(r, from, to[:])
}

// standsFor is the text at the place where the letter stands in the row.
func standsFor(r rune, from string, to []string) (string, bool) {
	i := 0
	for _, f := range from {
		if f == r {
			return to[i], true
		}
		i++
	}
	return "", false
}
