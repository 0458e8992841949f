package layout

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"waymark/internal/nccis"
)

// List is a list of codes into which senders' words are translated.
type List string

// The lists. Those of the Department are nccis.md 3 and 4.
const (
	Activities           List = "activity"
	IntendedDestinations List = "intended"
	Offers               List = "offer"
	// OfferStates are what becomes of one offer, as the register holds it.
	OfferStates     List = "offer-state"
	Ethnicities     List = "ethnicity"
	Sexes           List = "sex"
	Characteristics List = "characteristic"
	LevelsOfNeed    List = "level"
	// LeavingReasons are ours: reason.csv.
	LeavingReasons List = "reason"
	// Plans is Y or N: a current education, health and care plan. Supports the
	// same for SEN support.
	Plans    List = "plan"
	Supports List = "support"
	// Modes is FT or PT.
	Modes List = "mode"
	// YesNo is Y or N.
	YesNo List = "yes-no"
	// outcomes are pairs of the ILR, whose code is a current activity: an outcome's
	// type and code, or "programme" and its type.
	outcomes List = "ilr"
)

// Lists are all lists, in the order in which a page offers them.
func Lists() []List {
	return []List{Activities, IntendedDestinations, Offers, OfferStates, LeavingReasons, Ethnicities, Sexes, Characteristics, LevelsOfNeed, Plans, Supports, Modes, YesNo}
}

// How says by what road words became a code, the surest first.
type How string

// The roads.
const (
	// ByCode: the words are a code of the edition, or its label.
	ByCode How = "exact"
	// ByOwnTable: the authority has said what these words mean.
	ByOwnTable How = "own table"
	// ByPhrase: words.csv has the whole of these words.
	ByPhrase How = "phrase"
	// ByTokens: words.csv knows some of the words.
	ByTokens How = "tokens"
	// ByProposal: the words allow more than one code and this is the likeliest;
	// an outcome of the ILR is always so.
	ByProposal How = "proposal"
	// asks: the words are known, and leave open what they mean.
	asks How = "ask"
	// byKind: the words say that somebody is there; the kind of file says what
	// that means.
	byKind How = "default"
)

// Sure says that nobody need look at the translation before it counts.
func (h How) Sure() bool { return h == ByCode || h == ByOwnTable || h == ByPhrase }

// Translation is one cell's words as a code, with how it came about.
type Translation struct {
	Item Item
	List List
	// Said are the words as they stand; Code what they mean, "" where they are
	// not known or leave open what they mean.
	Said, Code string
	How        How
	// Why is a sentence: "“A levels” is full-time education; a school sixth form unless …".
	Why string
	// Also are further facts that the words state, "Characteristic=160 SENSupport=Y".
	Also string
}

// OwnWord is one row of the authority's own table: what a sender's words mean.
// It wins over everything shipped.
type OwnWord struct {
	List List
	Said string
	Code string
}

// wordRow is one row of words.csv.
type wordRow struct {
	code, also, why string
	how             How
	need, without   []string
	place           bool // the place of learning decides among 210, 220, 230, 270
}

type wordTable struct {
	phrases map[List]map[string]wordRow
	tokens  map[List][]wordRow
}

type reason struct{ code, label, activity string }

// Words translate what senders write. They never change once made; any number
// of goroutines may use them.
type Words struct {
	edition *nccis.Edition
	own     map[List]map[string]string
	labels  map[List]map[string]string
}

// NewWords makes the translator of one edition with the authority's own table.
// Without an edition codes are taken by their form alone. The error names a row
// of the authority's table whose code the edition does not have.
func NewWords(edition *nccis.Edition, own []OwnWord) (*Words, error) {
	w := &Words{edition: edition, own: map[List]map[string]string{}, labels: map[List]map[string]string{}}
	for _, o := range own {
		if !slices.Contains(Lists(), o.List) {
			return nil, fmt.Errorf("layout: there is no list %q to translate into", o.List)
		}
		if o.Code != "" && !w.holds(o.List, o.Code) {
			return nil, fmt.Errorf("layout: “%s” is set down as %s, which is not among the codes of %s in this edition", o.Said, o.Code, o.List)
		}
		if w.own[o.List] == nil {
			w.own[o.List] = map[string]string{}
		}
		w.own[o.List][phraseKey(o.Said)] = o.Code
	}
	if edition != nil {
		w.readLabels()
	}
	return w, nil
}

var departments = map[List]nccis.List{
	IntendedDestinations: nccis.IntendedDestinations, Offers: nccis.GuaranteeStatuses, Ethnicities: nccis.Ethnicities,
	Sexes: nccis.Genders, Characteristics: nccis.Characteristics, LevelsOfNeed: nccis.LevelsOfNeed,
}

func (w *Words) readLabels() {
	add := func(l List, label, code string) {
		if w.labels[l] == nil {
			w.labels[l] = map[string]string{}
		}
		w.labels[l][plain(label)] = code
	}
	for _, a := range w.edition.Activities() {
		add(Activities, a.Label, a.Code)
		add(Activities, a.Code+" "+a.Label, a.Code)
	}
	for ours, theirs := range departments {
		for _, c := range w.edition.Codes(theirs) {
			add(ours, c.Label, c.Code)
			add(ours, c.Code+" "+c.Label, c.Code)
		}
	}
	for _, r := range shipped().reasons {
		add(LeavingReasons, r.label, r.code)
	}
}

// holds says that the code is one of the list's.
func (w *Words) holds(l List, code string) bool {
	switch l {
	case LeavingReasons:
		_, ok := shipped().reasons[code]
		return ok
	case Plans, Supports, YesNo:
		return code == "Y" || code == "N"
	case Modes:
		return code == "FT" || code == "PT"
	case OfferStates:
		return offerState(code) != ""
	case Activities, outcomes:
		if w.edition == nil {
			return len(code) == 3 && allDigits(code)
		}
		_, ok := w.edition.Activity(code)
		return ok
	}
	if w.edition == nil {
		return formOfCode(l, code)
	}
	_, ok := w.edition.Code(departments[l], code)
	return ok
}

// formOfCode says that the text could be a code of the list in some edition.
func formOfCode(l List, code string) bool {
	switch l {
	case Ethnicities:
		return len(code) == 4 && countLetters(code) == 4 && strings.ToUpper(code) == code
	case Sexes:
		return len(code) == 1 && strings.Contains("FMUW", code)
	case LevelsOfNeed:
		return len(code) == 1 && strings.Contains("123", code)
	}
	return len(code) == 3 && allDigits(code)
}

// Label is what a code of the list means, in the edition's words; the code
// itself where it is not known.
func (w *Words) Label(l List, code string) string {
	switch l {
	case LeavingReasons:
		if r, ok := shipped().reasons[code]; ok {
			return r.label
		}
		return code
	case Plans, Supports, YesNo:
		return map[string]string{"Y": "yes", "N": "no"}[code]
	case OfferStates:
		return offerState(code)
	case Modes:
		return map[string]string{"FT": "full time", "PT": "part time"}[code]
	}
	if w.edition == nil {
		return code
	}
	if l == Activities {
		if a, ok := w.edition.Activity(code); ok {
			return a.Label
		}
		return code
	}
	return w.edition.Label(departments[l], code)
}

// Codes are the codes of a list in the edition's order, with their labels, for a
// page on which one is chosen.
func (w *Words) Codes(l List) []Choice {
	var out []Choice
	add := func(codes ...string) {
		for _, code := range codes {
			out = append(out, Choice{code, w.Label(l, code)})
		}
	}
	switch l {
	case LeavingReasons:
		add(slices.Sorted(maps.Keys(shipped().reasons))...)
	case Plans, Supports, YesNo:
		add("Y", "N")
	case Modes:
		add("FT", "PT")
	case OfferStates:
		return slices.Clone(offerStates)
	case Activities, outcomes:
		if w.edition != nil {
			for _, a := range w.edition.Activities() {
				add(a.Code)
			}
		}
	default:
		if w.edition != nil {
			for _, c := range w.edition.Codes(departments[l]) {
				add(c.Code)
			}
		}
	}
	return out
}

// Translate finds the code of somebody's words. ok is false where the words are
// not known, or leave open what they mean (Why then says so). A code of the
// list is its own translation.
func (w *Words) Translate(l List, said string) (t Translation, ok bool) {
	t = Translation{List: l, Said: said}
	text := tidy(said)
	key := phraseKey(text)
	if key == "" {
		return t, false
	}
	if code, is := w.own[l][key]; is {
		t.Code, t.How, t.Why = code, ByOwnTable, "by the authority's own table"
		return t, code != ""
	}
	if l == OfferStates && w.holds(l, strings.ToLower(text)) {
		t.Code, t.How, t.Why = strings.ToLower(text), ByCode, "it is the state itself"
		return t, true
	}
	if code := strings.ToUpper(text); l != LeavingReasons && w.holds(l, code) {
		t.Code, t.How, t.Why = code, ByCode, "it is the code itself"
		return t, true
	}
	if code, is := w.labels[l][key]; is {
		t.Code, t.How, t.Why = code, ByCode, "it is what the Department calls the code"
		return t, true
	}
	row, how, is := shipped().words.find(l, key)
	if !is && l == LeavingReasons && w.holds(l, text) { // our own codes are words themselves
		t.Code, t.How, t.Why = text, ByCode, "it is the code itself"
		return t, true
	}
	if !is {
		return t, false
	}
	t.Code, t.How, t.Why, t.Also = row.code, how, row.why, row.also
	if row.place {
		t.Code = placeOf(key, row.code)
	}
	if t.Code != "" && !w.holds(l, t.Code) {
		t.Why = fmt.Sprintf("%s; but the code %s does not hold in this edition", row.why, t.Code)
		t.Code = ""
	}
	return t, t.Code != ""
}

// Outcome proposes a current activity for a learner's outcome in the ILR: a
// proposal, never more, for the ILR counts otherwise (context.md 8.2).
func (w *Words) Outcome(outType, outCode string) (Translation, bool) {
	said := strings.ToUpper(tidy(outType))
	if code := tidy(outCode); code != "" && !strings.HasSuffix(said, code) {
		said += " " + code
	}
	letters := strings.TrimRight(said, "0123456789 ")
	return w.numbered(Translation{Item: OutType, Said: said}, strings.ToLower(letters), said[len(letters):])
}

// Programme proposes a current activity for a programme type of the ILR: an
// apprenticeship, a T Level. The others say no more than the course does.
func (w *Words) Programme(progType string) (Translation, bool) {
	said := tidy(progType)
	return w.numbered(Translation{Item: ProgType, Said: said}, "programme", said)
}

// numbered is what the ILR's number under these letters proposes.
func (w *Words) numbered(t Translation, letters, number string) (Translation, bool) {
	t.List, t.How = Activities, ByProposal
	row, is := shipped().words.phrases[outcomes][letters+" "+strings.TrimLeft(number, " 0")]
	if !is {
		return t, false
	}
	t.Code, t.Why, t.Also = row.code, row.why, row.also
	return t, t.Code != "" && w.holds(Activities, t.Code)
}

// ActivityAfter is what a reason for leaving says of the young person now: a
// current activity code, "810" where it says nothing. The second is whether the
// reason says it in so many words.
func (w *Words) ActivityAfter(reason string) (code string, said bool) {
	r, ok := shipped().reasons[reason]
	if !ok || r.activity == "" || !w.holds(Activities, r.activity) {
		return "810", false
	}
	return r.activity, true
}

// ReasonRow is why somebody left: its code, its words, and the Department's
// code of what it says of them now, "" where it says nothing.
type ReasonRow struct{ Code, Label, Activity string }

// Reasons are why somebody may have left, in the order of reason.csv.
func Reasons() []ReasonRow {
	t := shipped()
	out := make([]ReasonRow, 0, len(t.ordered))
	for _, code := range t.ordered {
		r := t.reasons[code]
		out = append(out, ReasonRow{r.code, r.label, r.activity})
	}
	return out
}

// phraseKey is how a whole phrase is held: its plain words, or the sign where
// it has none, as a tick.
func phraseKey(s string) string {
	if p := plain(s); p != "" {
		return p
	}
	return tidy(s)
}

func (t wordTable) find(l List, key string) (wordRow, How, bool) {
	if row, ok := t.phrases[l][key]; ok {
		return row, row.how, true
	}
	has := strings.Fields(key)
	best, most := wordRow{}, 0
	for _, row := range t.tokens[l] {
		if len(row.need) > most && containsAll(has, row.need) && !containsAny(has, row.without) {
			best, most = row, len(row.need)
		}
	}
	return best, best.how, most > 0
}

func containsAll(has, need []string) bool {
	for _, n := range need {
		if !slices.Contains(has, n) {
			return false
		}
	}
	return true
}

func containsAny(has, some []string) bool {
	return slices.ContainsFunc(some, func(s string) bool { return slices.Contains(has, s) })
}

// placeOf is the code of full-time education at a place named in the text:
// nccis.md 4 parts sixth forms of schools, sixth-form colleges and further
// education. Where the text names none, the code given stands.
func placeOf(key, code string) string {
	has := strings.Fields(key)
	is := func(s string) bool { return slices.Contains(has, s) }
	switch {
	case is("university"):
		return "240"
	case is("college") && (is("6th") || is("sixth") || is("vi")) || is("sfc"):
		return "220"
	case is("college") || is("fe") || is("tech"):
		return "230"
	case is("school") || is("sixth") || is("6th") || is("academy") || is("high") || is("grammar") || is("utc"):
		return "210"
	}
	return code
}

// NamesPlace says that a sender's name is that of a place where young people
// learn, rather than of a team that writes about such places.
func NamesPlace(name string) bool {
	key := plain(name)
	return placeOf(key, "") != "" && !containsAny(strings.Fields(key),
		[]string{"team", "service", "council", "authority", "board", "admission", "partnership", "support", "nurse", "improvement", "la"})
}

func loadReasons(t *tables) error {
	t.reasons = map[string]reason{}
	return eachLine("reason.csv", []string{"code", "label", "activity", "source"}, func(l line) error {
		r := reason{l.get("code"), l.get("label"), l.get("activity")}
		if r.code == "" || r.label == "" {
			return l.wrong("code and label must be filled in")
		}
		if _, twice := t.reasons[r.code]; twice {
			return l.wrong("%s stands here twice", r.code)
		}
		t.reasons[r.code] = r
		t.ordered = append(t.ordered, r.code)
		return nil
	})
}

func loadWords(t *tables) error {
	t.words = wordTable{map[List]map[string]wordRow{}, map[List][]wordRow{}}
	return eachLine("words.csv", []string{"list", "words", "how", "code", "place", "also", "why", "source"}, func(l line) error {
		list := List(l.get("list"))
		if list != outcomes && !slices.Contains(Lists(), list) {
			return l.wrong("there is no list %q", list)
		}
		row := wordRow{code: l.get("code"), also: l.get("also"), why: l.get("why"), how: How(l.get("how")), place: l.get("place") == "yes"}
		if row.why == "" {
			return l.wrong("why must be filled in: it is shown with each translation")
		}
		if (row.code == "") != (row.how == asks || row.how == byKind) {
			return l.wrong("a row that asks or leaves it to the kind has no code, and every other has one")
		}
		for _, words := range strings.Split(l.get("words"), ";") {
			if err := t.words.add(list, words, row); err != nil {
				return l.wrong("%v", err)
			}
		}
		return nil
	})
}

func (t wordTable) add(list List, words string, row wordRow) error {
	switch row.how {
	case ByTokens:
		for _, w := range strings.Fields(words) {
			if without, is := strings.CutPrefix(w, "-"); is {
				row.without = append(row.without, without)
			}
		}
		kept := slices.DeleteFunc(strings.Fields(words), func(w string) bool { return w[0] == '-' })
		row.need = strings.Fields(plain(strings.Join(kept, " ")))
		t.tokens[list] = append(t.tokens[list], row)
		return nil
	case ByPhrase, ByProposal, asks, byKind:
		key := phraseKey(words)
		if key == "" {
			return fmt.Errorf("there are no words")
		}
		if t.phrases[list] == nil {
			t.phrases[list] = map[string]wordRow{}
		}
		if other, twice := t.phrases[list][key]; twice && (other.code != row.code || other.how != row.how) {
			return fmt.Errorf("“%s” stands twice under %s", key, list)
		}
		t.phrases[list][key] = row
		return nil
	}
	return fmt.Errorf("how is %q; it is phrase, tokens, proposal, ask or default", row.how)
}
