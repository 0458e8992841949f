package browser

import "testing"

// TestWhatIsAskedFirst walks to the answers of what somebody asks who has never
// seen the product: how many are not known and why; who they are; whether it is
// better than last year; what March's return said and why it reads otherwise
// now; and where a young person is whose family name was another in Year 11.
// Each answer is a few presses away from the first page.
func TestWhatIsAskedFirst(t *testing.T) {
	for _, way := range []struct {
		name                  string
		scriptOff, byKeyboard bool
	}{{name: "script on, keyboard", byKeyboard: true}, {name: "script off", scriptOff: true}} {
		t.Run(way.name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			q := &asker{journey: &journey{t: t, house: h, browser: newBrowser(t), scriptOff: way.scriptOff, byKeyboard: way.byKeyboard, looks: true, looked: map[string]bool{}}}
			who := h.As("team manager")
			q.tab, q.hand = q.open(who)
			q.tab.SignIn(who)
			q.howManyAndWhy()
			q.betterThanLastYear()
			q.whatMarchSaid()
			q.underAnEarlierName()
		})
	}
}

// asker counts what it presses.
type asker struct {
	*journey
	pressed int
}

// mostPresses is how many presses an answer may be away from the first page.
const mostPresses = 4

func (q *asker) begin() {
	q.t.Helper()
	q.tab.Visit("/")
	q.pressed = 0
}

func (q *asker) press(text string) {
	q.t.Helper()
	q.pressed++
	q.journey.press(text)
}

func (q *asker) follow(selector string) {
	q.t.Helper()
	q.pressed++
	q.use(selector)
}

// answered holds that the page says it, and that it was not far.
func (q *asker) answered(question string, words ...string) {
	q.t.Helper()
	for _, one := range words {
		q.says(one)
	}
	if q.pressed > mostPresses {
		q.t.Errorf("%s: %d presses, at most %d", question, q.pressed, mostPresses)
	}
	q.look("asked, " + question)
}

func (q *asker) howManyAndWhy() {
	q.t.Helper()
	q.begin()
	q.press("Why they are not known")
	q.answered("how many are not known and why", "young people are not known; the commonest reason is", "Lapsed", "Cannot be contacted")
	q.follow(`#why ~ .wm-scroll a[href*="measure=not_known&"]`)
	q.answered("who they are", "Not known", "young people.", "no longer current, so not known")
	q.press("Who stands like this today, as a list")
	q.answered("as a list", "Situation: Not known", "Showing 1 to 50 of")
}

func (q *asker) betterThanLastYear() {
	q.t.Helper()
	q.begin()
	q.press("Figures")
	q.answered("whether it is better than last year", "More are NEET or not known than a year before: ", "October 2025", "Change in points")
}

func (q *asker) whatMarchSaid() {
	q.t.Helper()
	q.begin()
	q.press("Figures")
	q.pick("period", "2026-03")
	q.press("Show")
	q.answered("what March's return said", "What the return for March 2026 said", "The return sent", "Counted now", "They differ because more has been learned since")
	q.press("Why it reads otherwise now, person by person")
	q.answered("why it reads otherwise now", "Why March 2026 reads otherwise now", "and is now", "learned")
	q.follow(`main a[href*="-EET"]`)
	q.says("Learned")
	q.look("asked, who it is about")
}

// underAnEarlierName looks for somebody under the name that they had in Year 11.
func (q *asker) underAnEarlierName() {
	q.t.Helper()
	was, is := q.renamed()
	q.begin()
	q.fill("who", was)
	q.follow(`main form button[type=submit]`)
	q.answered("under an earlier name", is)
	q.press("Chukwuemeka " + is)
	q.answered("where they are", is, "Now")
}

// renamed are the names of somebody in the demonstration, then and now.
func (q *asker) renamed() (was, is string) { return "Chukwuemeka Osei", "Osei-Akinola" }
