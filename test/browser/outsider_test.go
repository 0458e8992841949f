package browser

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"html"
	"io"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"waymark/internal/db"
	"waymark/internal/id"
)

// One afternoon of an outsider: somebody with an account in one authority, a
// list of another's references, and pages of the whole year to try them on.

// refsOf are by the beginning of an address the table whose references stand in
// it. Every address is asked for a young person's, too.
var refsOf = map[string]string{
	"/campaigns/": "campaign", "/visits/": "visit_round", "/doorstep/": "visit_stop", "/check-ins/": "visit_watch", "/messages/sent/": "message_batch", "/messages/templates/": "message_template",
	"/messages/answers/": "answer", "/messages/not-sure/": "message", "/notices/": "notice", "/partner-systems/": "agreement", "/partner/files/": "intake", "/jobs/": "job", "/calendar/": "calendar_date",
	"/requests/": "rights_request", "/restricted/records/": "restriction", "/restricted/opened/": "restriction_break", "/retention/rules/": "retention_rule", "/retention/proposals/": "retention_proposal",
	"/sharing/": "agreement", "/publications/": "publication", "/reference/": "dataset", "/merges/": "merged", "/senders/": "sender", "/intakes/": "intake", "/accounts/": "account", "/returns/{period}/files/": "monthly_return",
}

// asWhom are the sources of somebody who is hidden, each on another of the
// year's pages before.
var asWhom = map[string]string{
	"campaign":  `SELECT young_person FROM campaign_row WHERE register = 1`,
	"round":     `SELECT young_person FROM visit_stop WHERE register = 1 AND outcome = ''`,
	"doorstep":  `SELECT young_person FROM visit_stop WHERE register = 1 AND outcome <> ''`,
	"message":   `SELECT young_person FROM message WHERE register = 1`,
	"answer":    `SELECT young_person FROM answer_person WHERE register = 1`,
	"notice":    `SELECT young_person FROM notice WHERE register = 1 AND young_person <> 0 AND kind = 'left'`,
	"baseline":  `SELECT young_person FROM baseline_person WHERE register = 1`,
	"erasure":   `SELECT young_person FROM retention_case WHERE register = 1`,
	"request":   `SELECT young_person FROM rights_request WHERE register = 1`,
	"agreement": `SELECT young_person FROM agreement_person WHERE register = 1`,
	"border":    `SELECT young_person FROM same_person WHERE register = 1`,
}

// TestAnOutsiderLearnsNothing asks every address of the product in the house of
// two authorities, as staff of the first: for what the second keeps, and for
// young people who were hidden after they had stood on all pages.
func TestAnOutsiderLearnsNothing(t *testing.T) {
	t.Parallel()
	h := newNeighbours(t)
	o := h.outsider(db.Settings{Dir: h.data[1]})
	t.Run("of another authority", func(t *testing.T) { o.othersRefs(t, true) })
	t.Run("of a hidden child", func(t *testing.T) { o.hiddenSince(t, roles) })
	t.Run("in forms and links", o.formsOfOthers)
	t.Run("sent twice", o.twice)
}

// TestAnOutsiderLearnsNothingOnPostgres asks the same of the other engine, once for
// each address, and walks as those who see least and most.
func TestAnOutsiderLearnsNothingOnPostgres(t *testing.T) {
	t.Parallel()
	h, at := postgresNeighbours(t)
	o := h.outsider(db.Settings{URL: at})
	t.Run("of another authority", func(t *testing.T) { o.othersRefs(t, false) })
	t.Run("of a hidden child", func(t *testing.T) { o.hiddenSince(t, []string{"data officer", "partner: school, college or provider"}) })
	t.Run("in forms and links", o.formsOfOthers)
	t.Run("sent twice", o.twice)
}

// outsider is the staff of the first authority, with what they could have heard of
// the second.
type outsider struct {
	db       *db.DB
	table    []route
	allow    map[string][]string
	visitors map[string]*visitor
	met      met // on the walk
}

func (h *House) outsider(s db.Settings) *outsider {
	t := h.t
	t.Helper()
	d, err := db.OpenEvery(context.Background(), s)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	o := &outsider{db: d, table: routes(t), allow: policy(t), visitors: map[string]*visitor{}, met: met{}}
	for _, role := range roles {
		// The first adviser of the cast is named by restrictions of the demo.
		v := h.visitor(h.As(role, "niamh@saltmarsh.example.org"))
		v.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
		o.visitors[role] = v
	}
	return o
}

// othersRefs asks each address for what the other authority keeps: for a young
// person, and where its address is of something else for that too; for that alone
// where not both are asked.
func (o *outsider) othersRefs(t *testing.T, both bool) {
	theirs := func(of string) (ref string) {
		if err := o.db.Read(context.Background(), func(tx *db.Tx) error {
			return tx.QueryRow("SELECT ref FROM " + of + " WHERE register = 2 LIMIT 1").Scan(&ref)
		}); err != nil && !errors.Is(err, sql.ErrNoRows) && !errors.Is(err, db.NotFound) { // the demo keeps none of some
			t.Fatalf("read what the other authority keeps of %s: %v", of, err)
		}
		return ref
	}
	asked := 0
	for _, r := range o.table {
		hole := regexp.MustCompile(`\{(ref|request|reference|other|session)\}`)
		if !hole.MatchString(r.Pattern) || r.Permission == "public" || ofSystems(r) {
			continue
		}
		refs := []string{theirs("young_person")}
		for begins, of := range refsOf {
			if strings.HasPrefix(r.Pattern, begins) {
				if of := theirs(of); both {
					refs = append(refs, of)
				} else if of != "" {
					refs = []string{of}
				}
			}
		}
		role := roles[slices.IndexFunc(roles, func(role string) bool { return slices.Contains(o.allow[r.Permission], role) })]
		about := func(ref string) string {
			at := strings.NewReplacer("{period}", "2026-10", "{check}", "31", "{list}", "new", "{kind}", "odd", "{row}", "1", "{act}", "5", "{code}", "x", "{year}", "2026", "{key}", "x").Replace(hole.ReplaceAllString(r.Pattern, ref))
			form := url.Values{"key": {string(id.NewRef())}, "reason": {"they rang or came in"}, "told-kind": {"phone"}, "which": {ref}, "person": {ref}, "row": {ref}}
			answer := o.visitors[role].raw(r.Method, at, form)
			o.visitors[role].raw(http.MethodGet, "/account", nil) // what it leaves to be said on the next page
			return strings.ReplaceAll(answer, ref, "REF")
		}
		nobody := about(string(id.NewRef()))
		for _, ref := range refs {
			if ref == "" {
				continue
			}
			if asked++; about(ref) != nobody {
				t.Errorf("as %s, %s %s answers otherwise for what another authority keeps than for nothing:\n%s\n\n%s", role, r.Method, r.Pattern, about(ref), nobody)
			}
		}
	}
	t.Logf("%d questions for what another authority keeps", asked)
	if least := map[bool]int{true: 250, false: 180}[both]; asked < least {
		t.Errorf("only %d questions were asked", asked)
	}
}

// ownOfAnswer is what each answer has of its own.
var ownOfAnswer = regexp.MustCompile(`name="key" value="[a-z2-7]+"|/kept/[a-z2-7]+|kept=[a-z2-7]+|class="wm-printed"[^<]*`)

// raw is an answer with its status and where it leads, without what each answer
// has of its own.
func (v *visitor) raw(method, at string, form url.Values) string {
	v.t.Helper()
	kind := ""
	if method == http.MethodPost {
		kind = "application/x-www-form-urlencoded"
	}
	request := v.request(method, at, kind, strings.NewReader(form.Encode()))
	request.Header.Set("Sec-Fetch-Site", "same-origin")
	answer, err := v.client.Do(request)
	if err != nil {
		v.t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	text := strings.ReplaceAll(string(body), answer.Header.Get("Request-Id"), "REQUEST")
	return ownOfAnswer.ReplaceAllString(fmt.Sprintf("%d %s\n%s", answer.StatusCode, answer.Header.Get("Location"), text), "OWN")
}

// hiddenSince walks as the roles that are not told of the hidden, and as their
// owner, who is.
func (o *outsider) hiddenSince(t *testing.T, as []string) {
	words := o.hide(t)
	for _, role := range as {
		if role == "team manager" || role == "information governance" {
			continue // they answer for whoever is hidden
		}
		for at, told := range o.walk(role, words) {
			t.Errorf("as %s, %s tells of a hidden child: %s", role, at, told)
		}
	}
	owner := o.walk("team manager", words)
	t.Logf("the owner is told at %d addresses: %v", len(owner), slices.Sorted(maps.Keys(owner)))
	if len(owner) < 12 {
		t.Errorf("the owner is told at only %d addresses: the walk proves nothing", len(owner))
	}
}

// hide hides one young person of each source, and gives the words by which they
// would be known, with the source.
func (o *outsider) hide(t *testing.T) map[string]string {
	var owner string
	o.read(t, `SELECT ref FROM account WHERE register = 1 AND sign_in = 'grace@saltmarsh.example.org'`, &owner)
	words := map[string]string{}
	for _, source := range slices.Sorted(maps.Keys(asWhom)) {
		var ref, number, given, family string
		o.read(t, `SELECT y.ref, y.young_persons_id, s.given, s.family FROM standing s JOIN young_person y ON y.register = s.register AND y.id = s.young_person
			WHERE s.register = 1 AND s.young_person IN (`+asWhom[source]+`)
			AND NOT EXISTS (SELECT 1 FROM restriction r WHERE r.register = 1 AND r.young_person = s.young_person) ORDER BY s.young_person LIMIT 1`, &ref, &number, &given, &family)
		answer := o.visitors["information governance"].raw(http.MethodPost, "/restricted/new", url.Values{"key": {string(id.NewRef())}, "person": {ref}, "kind": {"hidden"}, "ground-hidden": {"adoption, where contact would harm"}, "owner": {owner}})
		if !strings.HasPrefix(answer, "303 /restricted") {
			t.Fatalf("hide the one of %s: %s", source, answer)
		}
		for _, word := range []string{ref, number, given + " " + family, family + ", " + given, given + "," + family, family + "," + given} {
			words[word] = source
		}
	}
	return words
}

// read is one row, in a transaction of its own: it sees what was done before.
func (o *outsider) read(t *testing.T, query string, into ...any) {
	t.Helper()
	if err := o.db.Read(t.Context(), func(tx *db.Tx) error { return tx.QueryRow(query).Scan(into...) }); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

// walk follows links from every page, two of each address, and gives where a word
// was told. The Department's own file names everybody, what a partner sent stands
// before that partner as it was sent, and the forecast, which takes long, holds
// numbers alone.
func (o *outsider) walk(role string, words map[string]string) map[string]string {
	v := o.visitors[role]
	c := &crawl{t: v.t.(*testing.T), table: o.table}
	var queue []string
	for _, r := range o.table {
		if r.Method == http.MethodGet && !strings.Contains(r.Pattern, "{") {
			queue = append(queue, r.Pattern)
		}
	}
	seen, looked, told := map[string]bool{}, map[string]int{}, map[string]string{}
	for len(queue) > 0 {
		at := queue[0]
		queue = queue[1:]
		r, ok := c.match(at)
		if !ok || strings.HasPrefix(r.Pattern, "/static/") || strings.HasPrefix(r.Pattern, "/forecast") || strings.HasSuffix(r.Pattern, ".xml") || r.Pattern == "/returns/{period}/files/{ref}" || looked[r.Pattern] >= 2 {
			continue
		}
		looked[r.Pattern]++
		answer := v.raw(http.MethodGet, at, nil)
		o.met.meet(role, at, answer)
		text := html.UnescapeString(answer)
		for word, source := range words {
			if strings.Contains(text, word) && !strings.Contains(at, word) && !strings.HasPrefix(r.Pattern, "/partner/risk") && !strings.HasPrefix(r.Pattern, "/partner/leavers") {
				told[r.Pattern] = word + ", the one of " + source
			}
		}
		for _, m := range regexp.MustCompile(`href="(/[^"#]*)`).FindAllStringSubmatch(answer, -1) {
			if next := html.UnescapeString(m[1]); !seen[next] {
				seen[next] = true
				queue = append(queue, next)
			}
		}
	}
	return told
}
