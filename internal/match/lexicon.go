package match

import "strings"

// A Lexicon numbers the words of the lists that are compared: every name and
// every text once, folded, with its sound. Lists that are compared with each
// other share one.
type Lexicon struct {
	variants *Variants
	names    []name
	texts    []string
	nameRaw  map[string]uint32 // as written: its number
	nameFold map[string]uint32
	textRaw  map[string]uint32
	textFold map[string]uint32
}

// name is one folded name of the lexicon.
type name struct {
	text   string
	solid  string    // without spaces
	parts  []uint32  // the numbers of its words, where it has more than one
	groups []uint32  // of the table of variants
	sounds [2]uint32 // Daitch-Mokotoff codes; 0 none
	skel   uint32    // of the fullest form: what blocking keys are made of
	start  uint16    // its first two letters
	has    uint32    // the letters that it has, as bits
}

// NewLexicon starts an empty lexicon over the table of variants.
func NewLexicon(v *Variants) *Lexicon {
	return &Lexicon{variants: v, names: make([]name, 1), texts: make([]string, 1),
		nameRaw: map[string]uint32{}, nameFold: map[string]uint32{}, textRaw: map[string]uint32{}, textFold: map[string]uint32{}}
}

// nameID numbers a name as it is written; 0 is no name.
func (l *Lexicon) nameID(raw string) uint32 {
	if raw == "" {
		return 0
	}
	if id, ok := l.nameRaw[raw]; ok {
		return id
	}
	id := l.foldedNameID(Fold(raw))
	l.nameRaw[strings.Clone(raw)] = id
	return id
}

func (l *Lexicon) foldedNameID(text string) uint32 {
	if text == "" {
		return 0
	}
	if id, ok := l.nameFold[text]; ok {
		return id
	}
	n := name{text: strings.Clone(text), solid: strings.ReplaceAll(text, " ", "")}
	if words := strings.Fields(text); len(words) > 1 {
		for _, w := range words {
			n.parts = append(n.parts, l.foldedNameID(w))
		}
	}
	n.groups = l.variants.groups[n.text]
	for i, code := range Sounds(n.solid) {
		if i < len(n.sounds) {
			n.sounds[i] = soundNumber(code)
		}
	}
	for i := 0; i < len(n.solid); i++ {
		n.has |= 1 << (n.solid[i] & 31)
	}
	first, _, _ := strings.Cut(n.text, " ")
	n.skel = soundNumber(Sound(l.variants.canonical(first)))
	if n.skel == 0 {
		n.skel = uint32(hashText(n.text)) | 1
	}
	n.start = uint16(n.text[0]) << 8
	if len(n.text) > 1 {
		n.start |= uint16(n.text[1])
	}
	id := uint32(len(l.names))
	l.names = append(l.names, n)
	l.nameFold[n.text] = id
	return id
}

// soundNumber is a code of six digits as a number from 1; 0 is no code.
func soundNumber(code string) uint32 {
	if code == "" {
		return 0
	}
	n := uint32(0)
	for i := 0; i < len(code); i++ {
		n = n*10 + uint32(code[i]-'0')
	}
	return n + 1
}

// textID numbers an address line, a town, a school; 0 is none.
func (l *Lexicon) textID(raw string) uint32 {
	if raw == "" {
		return 0
	}
	if id, ok := l.textRaw[raw]; ok {
		return id
	}
	id := l.foldedTextID(foldText(raw))
	l.textRaw[strings.Clone(raw)] = id
	return id
}

func (l *Lexicon) foldedTextID(text string) uint32 {
	if text == "" {
		return 0
	}
	if id, ok := l.textFold[text]; ok {
		return id
	}
	id := uint32(len(l.texts))
	text = strings.Clone(text)
	l.texts = append(l.texts, text)
	l.textFold[text] = id
	return id
}

// Lexicon is what a table that is to be compared with this one is made with.
func (t *Table) Lexicon() *Lexicon { return t.lexicon }
