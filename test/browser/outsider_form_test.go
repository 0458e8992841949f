package browser

import (
	"context"
	"html"
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

// What the pages of one authority let somebody send: every form and every link that
// the walk met, once for each shape, so that a page that is new is tried by itself.

// sendable is one form, or a link where it has no fields.
type sendable struct {
	role   string
	method string
	at     string // where it goes, with its query
	// values are what a browser sends without a touch; offered is what else may be
	// chosen; typed are the fields that take what one types.
	values  url.Values
	offered url.Values
	typed   []string
}

// met are the forms and links of a walk by their shape.
type met map[string]sendable

var (
	formTag   = regexp.MustCompile(`(?s)<form\b([^>]*)>(.*?)</form>`)
	fieldTag  = regexp.MustCompile(`(?s)<(input|select|option|textarea)\b([^>]*)>([^<]*)`)
	attribute = regexp.MustCompile(`\s([a-z-]+)(?:="([^"]*)")?`)
	linked    = regexp.MustCompile(`href="(/[^"#]*)`)
)

// shape is an address without what differs between two of its kind.
func shape(at string) string {
	return regexp.MustCompile(`[0-9]+`).ReplaceAllString(reference.ReplaceAllString(at, "{}"), "#")
}

// meet notes what a page lets its reader send.
func (m met) meet(role, at, page string) {
	for _, link := range linked.FindAllStringSubmatch(page, -1) {
		to := html.UnescapeString(link[1])
		if key := "GET " + shape(to); reference.MatchString(to) {
			if _, known := m[key]; !known {
				m[key] = sendable{role: role, method: http.MethodGet, at: to}
			}
		}
	}
	for _, form := range formTag.FindAllStringSubmatch(page, -1) {
		one := sendable{role: role, method: http.MethodGet, at: at, values: url.Values{}, offered: url.Values{}}
		tag := attributes(form[1])
		if tag["action"] != "" {
			one.at = tag["action"]
		}
		if strings.EqualFold(tag["method"], "post") {
			one.method = http.MethodPost
		}
		one.read(form[2])
		names := slices.Sorted(maps.Keys(one.offered))
		key := one.method + " " + shape(one.at) + " " + strings.Join(names, " ")
		if _, known := m[key]; !known && tag["enctype"] == "" { // a file is sent by other tests
			m[key] = one
		}
	}
}

func attributes(tag string) map[string]string {
	out := map[string]string{}
	for _, one := range attribute.FindAllStringSubmatch(" "+tag, -1) {
		out[one[1]] = html.UnescapeString(one[2])
	}
	return out
}

func (s *sendable) read(form string) {
	selecting := ""
	for _, m := range fieldTag.FindAllStringSubmatch(form, -1) {
		a := attributes(m[2])
		name, value := a["name"], a["value"]
		_, checked := a["checked"]
		_, selected := a["selected"]
		switch {
		case m[1] == "select":
			selecting = name
			s.offered[name] = nil
			continue
		case m[1] == "option":
			s.offered.Add(selecting, value)
			if selected || len(s.offered[selecting]) == 1 {
				s.values.Set(selecting, value)
			}
			continue
		case name == "":
			continue
		case m[1] == "textarea":
			value = html.UnescapeString(m[3])
		case a["type"] == "radio" || a["type"] == "checkbox":
			s.offered.Add(name, value)
			if checked {
				s.values.Add(name, value)
			}
			continue
		}
		s.offered.Add(name, value)
		s.values.Set(name, value)
		if (m[1] == "textarea" || a["type"] == "text" || a["type"] == "") && name != "key" {
			s.typed = append(s.typed, name)
		}
	}
}

// kinds are by reference the table in which it stands, and what the other authority
// has of each table.
type kinds struct {
	ours   map[string]string
	theirs map[string]string
	// number is what the other authority's young people are called by.
	number string
}

func (o *outsider) kinds(t *testing.T) kinds {
	t.Helper()
	out := kinds{ours: map[string]string{}, theirs: map[string]string{}}
	o.eachTable(t, "ref", func(tx *db.Tx, table string) error {
		refs, err := db.Values[string](tx, "SELECT ref FROM "+table+" WHERE register = 1")
		for _, ref := range refs {
			out.ours[ref] = table
		}
		if err != nil {
			return err
		}
		refs, err = db.Values[string](tx, "SELECT ref FROM "+table+" WHERE register = 2 ORDER BY ref LIMIT 1")
		for _, ref := range refs {
			out.theirs[table] = ref
		}
		return err
	})
	delete(out.theirs, "transfer") // it is offered to us
	o.read(t, `SELECT young_persons_id FROM young_person WHERE register = 2 ORDER BY id LIMIT 1`, &out.number)
	return out
}

// eachTable runs fn for the tables of registers that have a column.
func (o *outsider) eachTable(t *testing.T, column string, fn func(tx *db.Tx, table string) error) {
	t.Helper()
	var names []string
	if err := o.db.Snapshot(context.Background(), func(s *db.Snapshot) error {
		for _, one := range s.Tables {
			has := func(name string) bool {
				return slices.ContainsFunc(one.Columns, func(c db.Column) bool { return c.Name == name })
			}
			if !one.Side && has("register") && has(column) {
				names = append(names, one.Name)
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if err := o.db.Read(context.Background(), func(tx *db.Tx) error { return fn(tx, name) }); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
}

// theirRows are so many rows the other authority has in each table, but those that
// the server writes by itself.
func (o *outsider) theirRows(t *testing.T) map[string]int {
	t.Helper()
	out := map[string]int{}
	o.eachTable(t, "register", func(tx *db.Tx, table string) error {
		var n int
		err := tx.QueryRow("SELECT COUNT(*) FROM " + table + " WHERE register = 2").Scan(&n)
		if !strings.HasPrefix(table, "audit_") && table != "job" {
			out[table] = n
		}
		return err
	})
	return out
}

// question is one sendable with one reference in it taken for another.
type question struct {
	sendable
	where, table string
	with         func(ref string) (at string, form url.Values)
	theirs       string
	nobody       func() string
}

// questions are those of a form: for the reference in its address, in its query, in
// each field that held one, and in all the fields that take what one types.
func (s sendable) questions(k kinds) (out []question) {
	add := func(where, ref string, with func(string) (string, url.Values)) {
		if table := k.ours[ref]; table != "" && k.theirs[table] != "" {
			out = append(out, question{s, where, table, with, k.theirs[table], func() string { return string(id.NewRef()) }})
		}
	}
	for _, ref := range reference.FindAllString(s.at, -1) {
		add("the address", ref, func(other string) (string, url.Values) { return strings.ReplaceAll(s.at, ref, other), s.values })
	}
	for name, values := range s.offered {
		for _, value := range values {
			if ref := reference.FindString(value); ref != "" {
				add(name, ref, func(other string) (string, url.Values) {
					form := maps.Clone(s.values)
					form.Set(name, strings.Replace(value, ref, other, 1))
					return s.at, form
				})
				break
			}
		}
	}
	if len(s.typed) > 0 && s.method == http.MethodPost {
		typed := func(other string) (string, url.Values) {
			form := maps.Clone(s.values)
			for _, name := range s.typed {
				form.Set(name, other)
			}
			return s.at, form
		}
		out = append(out, question{s, "what is typed", "young_person", typed, k.theirs["young_person"], func() string { return string(id.NewRef()) }},
			question{s, "what is typed", "young_person's number", typed, k.number, func() string { return "9929999999992" }})
	}
	return out
}

// notAsked are forms that cannot be compared, and why.
var notAsked = map[string]string{
	"/sign-out":               "it ends the session",
	"/account/recovery-codes": "its page is made by chance",
	"/account/second-factor":  "its page is made by chance",
	"/account/passkeys":       "its page is made by chance",
	"/account/password":       "it ends the session",
	"/duplicates/search":      "its search goes on behind the page",
}

// formsOfOthers sends everything that the walk met with the other authority's
// references where our own stood: the answer is that for a reference of nobody, and
// nothing of theirs changes.
func (o *outsider) formsOfOthers(t *testing.T) {
	k, before := o.kinds(t), o.theirRows(t)
	asked, tables := 0, map[string]int{}
	for _, shape := range slices.Sorted(maps.Keys(o.met)) {
		s := o.met[shape]
		if path, _, _ := strings.Cut(s.at, "?"); notAsked[path] != "" || strings.HasPrefix(path, "/static/") {
			continue
		}
		for _, q := range s.questions(k) {
			answer := func(ref string) string {
				at, form := q.with(ref)
				if q.method == http.MethodGet && q.values != nil {
					path, _, _ := strings.Cut(at, "?")
					at, form = path+"?"+form.Encode(), nil
				}
				if form = maps.Clone(form); q.method == http.MethodPost {
					form.Set("key", string(id.NewRef()))
				}
				said := o.visitors[s.role].raw(s.method, at, form)
				o.visitors[s.role].raw(http.MethodGet, "/account", nil) // what it leaves to be said on the next page
				return ownOfPage.ReplaceAllString(strings.ReplaceAll(said, ref, "REF"), "OWN")
			}
			first := answer(q.nobody())
			theirs := answer(q.theirs)
			asked++
			tables[q.table]++
			// What a form changed of ours may change the answer: then nobody's says so too.
			if theirs != first && theirs != answer(q.nobody()) {
				t.Errorf("as %s, %s %s answers otherwise for another authority's %s in %s than for nobody's:\n%s\n\n%s", s.role, s.method, s.at, q.table, q.where, theirs, first)
			}
		}
	}
	for table, n := range o.theirRows(t) {
		if n != before[table] {
			t.Errorf("the other authority has %d rows of %s and had %d", n, table, before[table])
		}
	}
	t.Logf("%d shapes of forms and links, %d questions: %v", len(o.met), asked, tables)
	if asked < 150 || len(tables) < 12 {
		t.Errorf("only %d questions about %d kinds of references were asked", asked, len(tables))
	}
}

// ownOfPage is what each page has of its own besides: references made for it.
var ownOfPage = regexp.MustCompile(`/(find/results|check-a-file|downloads)/[a-z2-7]+`)

// twice sends each form that the walk met, filled in as somebody might, and then the
// same again with the same one-use key: the second time nothing is done.
func (o *outsider) twice(t *testing.T) {
	acts := func() (n int) {
		o.read(t, `SELECT COUNT(*) FROM act WHERE register = 1 AND actor LIKE 'account:%'`, &n)
		return n
	}
	sent, worked := 0, map[string]bool{}
	for _, key := range slices.Sorted(maps.Keys(o.met)) {
		s := o.met[key]
		path, _, _ := strings.Cut(s.at, "?")
		if s.method != http.MethodPost || notAsked[path] != "" || strings.HasPrefix(path, "/accounts/") || strings.HasPrefix(path, "/account") {
			continue
		}
		form := s.filled()
		sent++
		v := o.visitors[s.role]
		before := acts()
		first := v.raw(s.method, s.at, form)
		between := acts()
		second := v.raw(s.method, s.at, form)
		if after := acts(); after != between {
			t.Errorf("as %s, %s sent twice did %d acts, and %d more the second time:\n%s\n\n%s", s.role, s.at, between-before, after-between, first, second)
		}
		if between > before {
			worked[shape(path)] = true
			if strings.HasPrefix(second, "500") {
				t.Errorf("as %s, %s sent again is answered %s", s.role, s.at, second)
			}
		}
	}
	t.Logf("%d forms, of which %d did something: %v", sent, len(worked), slices.Sorted(maps.Keys(worked)))
	if len(worked) < 25 {
		t.Errorf("only %d forms did anything", len(worked))
	}
}

// filled is the form with something chosen and written wherever nothing was.
func (s sendable) filled() url.Values {
	form := maps.Clone(s.values)
	for name, offered := range s.offered {
		if form.Get(name) == "" && len(offered) > 0 {
			form.Set(name, offered[len(offered)-1])
		}
	}
	for _, name := range s.typed {
		switch {
		case form.Get(name) != "":
		case strings.HasSuffix(name, "-day"), strings.HasSuffix(name, "-month"):
			form.Set(name, "9")
		case strings.HasSuffix(name, "-year"):
			form.Set(name, "2026")
		default:
			form.Set(name, "They rang and told us")
		}
	}
	form.Set("key", string(id.NewRef()))
	return form
}
