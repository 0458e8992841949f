package match

import (
	"strings"
	"sync"
)

// A Lexicon numbers the words of the lists that are compared: every name and
// every text once, folded, with its sound. Lists that are compared with each
// other share one.
type Lexicon struct {
	spare    sync.Pool // of workers that explain
	variants *Variants
	names    []name
	sketches []sketch // of the names
	texts    []string
	nameRaw  *spellings // as written: its number
	nameFold map[string]uint32
	textRaw  *spellings
	textFold map[string]uint32
	ahead    []*ahead // while rows are added on several cores
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
	return &Lexicon{variants: v, names: make([]name, 1), sketches: make([]sketch, 1), texts: make([]string, 1),
		nameRaw: newSpellings(), nameFold: map[string]uint32{}, textRaw: newSpellings(), textFold: map[string]uint32{}}
}

// nameID numbers a name as it is written; 0 is no name.
func (l *Lexicon) nameID(raw string) uint32 {
	if raw == "" {
		return 0
	}
	if id, ok := l.nameRaw.find(raw); ok {
		return id
	}
	n := l.readyName(raw)
	id := l.addName(&n)
	l.nameRaw.keep(raw, id)
	return id
}

// foldedNameID numbers a folded name.
func (l *Lexicon) foldedNameID(text string) uint32 {
	if id, ok := l.nameFold[text]; ok || text == "" {
		return id
	}
	n := l.newName(text)
	return l.addName(&n)
}

// addName numbers a name that newName made.
func (l *Lexicon) addName(n *name) uint32 {
	if id, ok := l.nameFold[n.text]; ok || n.text == "" {
		return id
	}
	n.text = strings.Clone(n.text)
	if n.solid == n.text {
		n.solid = n.text
	}
	if strings.IndexByte(n.text, ' ') >= 0 {
		for w := range strings.FieldsSeq(n.text) {
			n.parts = append(n.parts, l.foldedNameID(w))
		}
	}
	id := uint32(len(l.names))
	l.names = append(l.names, *n)
	l.sketches = append(l.sketches, sketchOf(n))
	l.nameFold[n.text] = id
	return id
}

// newName is what the lexicon holds of a folded name, but for the numbers of its
// words. It changes nothing, so that several cores may ask at once.
func (l *Lexicon) newName(text string) name {
	if text == "" {
		return name{}
	}
	n := name{text: text, solid: strings.ReplaceAll(text, " ", "")}
	n.groups = l.variants.groups[n.text]
	codes, _ := soundNumbers(n.solid)
	copy(n.sounds[:], codes[:])
	for i := 0; i < len(n.solid); i++ {
		n.has |= 1 << (n.solid[i] & 31)
	}
	first, _, _ := strings.Cut(n.text, " ")
	if full := l.variants.canonical(first); full == n.solid {
		n.skel = codes[0]
	} else {
		codes, _ := soundNumbers(full)
		n.skel = codes[0]
	}
	if n.skel == 0 {
		n.skel = uint32(hashText(n.text)) | 1
	}
	n.start = uint16(n.text[0]) << 8
	if len(n.text) > 1 {
		n.start |= uint16(n.text[1])
	}
	return n
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
	if id, ok := l.textRaw.find(raw); ok {
		return id
	}
	id := l.foldedTextID(l.readyText(raw))
	l.textRaw.keep(raw, id)
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

// ahead are words that one core has folded before they get their numbers, which
// they get one after the other, so that the same rows give the same numbers.
type ahead struct {
	names map[string]name
	texts map[string]string
}

func newAhead() *ahead { return &ahead{map[string]name{}, map[string]string{}} }

// readyName is the folded name, made ahead where it was.
func (l *Lexicon) readyName(raw string) name {
	for _, a := range l.ahead {
		if n, ok := a.names[raw]; ok {
			return n
		}
	}
	return l.newName(Fold(raw))
}

func (l *Lexicon) readyText(raw string) string {
	for _, a := range l.ahead {
		if text, ok := a.texts[raw]; ok {
			return text
		}
	}
	return foldText(raw)
}

// words numbers words for one row after the other. A hand that works beside others
// only looks words up, folds those that are new and says that it missed one.
type words struct {
	*Lexicon
	own    *ahead // nil where new words may be numbered at once
	missed bool
}

func (w *words) nameID(raw string) uint32 {
	if w.own == nil || raw == "" {
		return w.Lexicon.nameID(raw)
	}
	id, ok := w.nameRaw.find(raw)
	if !ok {
		w.missed = true
		if _, ok := w.own.names[raw]; !ok {
			w.own.names[raw] = w.newName(Fold(raw))
		}
	}
	return id
}

func (w *words) textID(raw string) uint32 {
	if w.own == nil || raw == "" {
		return w.Lexicon.textID(raw)
	}
	id, ok := w.textRaw.find(raw)
	if !ok {
		w.missed = true
		if _, ok := w.own.texts[raw]; !ok {
			w.own.texts[raw] = foldText(raw)
		}
	}
	return id
}

// emailID numbers an e-mail address, which is folded by its letters' case alone.
func (w *words) emailID(raw string) uint32 {
	folded := strings.ToUpper(strings.TrimSpace(raw))
	if w.own == nil {
		return w.foldedTextID(folded)
	}
	id, ok := w.textFold[folded]
	w.missed = w.missed || !ok
	return id
}

// Lexicon is what a table that is to be compared with this one is made with.
func (t *Table) Lexicon() *Lexicon { return t.lexicon }
