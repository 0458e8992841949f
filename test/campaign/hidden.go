package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"waymark/internal/db"
	"waymark/internal/demo"
	"waymark/internal/id"
	"waymark/test/outside"
)

// campaignHidden asks for a hidden record and for records that are none, over and
// over, as somebody whom the restriction does not let through, and holds the times
// of the answers against each other by a rank test (Mann and Whitney): nobody
// learns from how long an answer takes that there is a record
// (ux-security.md 5.6).
func campaignHidden(ctx context.Context, args []string) (err error) {
	flags := flagsOf("hidden", 2000, "so many requests of each kind on each engine")
	people := flags.Int("people", 2000, "so many young people in the register")
	if err := flags.Parse(args); err != nil {
		return err
	}
	g, err := stand(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, g.clear()) }()
	t := flags.begin(ctx)
	var stopped error
	for _, e := range engines() {
		if stopped = g.hidden(ctx, t, e, *people, *flags.n); stopped != nil {
			break
		}
	}
	return t.end(stopped)
}

const (
	sqlHiddenOne = `SELECT y.ref, s.given, s.family FROM restriction r JOIN young_person y ON y.register = r.register AND y.id = r.young_person
		JOIN standing s ON s.register = r.register AND s.young_person = r.young_person WHERE r.kind = 'hidden' AND r.known_to IS NULL`
	sqlNamesHeld = `SELECT given, family FROM standing ORDER BY young_person LIMIT 400`
)

// unseen is a hidden young person, and names that others bear.
type unseen struct {
	ref           id.Ref
	given, family string
	others        [][2]string
}

func (p place) unseen(ctx context.Context) (u unseen, err error) {
	d, err := db.OpenEvery(ctx, p.settings())
	if err != nil {
		return u, err
	}
	defer d.Close()
	return u, d.Read(ctx, func(tx *db.Tx) error {
		if err := tx.QueryRow(sqlHiddenOne).Scan((*string)(&u.ref), &u.given, &u.family); err != nil {
			return fmt.Errorf("find the hidden record: %w", err)
		}
		rows, err := tx.Query(sqlNamesHeld)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var one [2]string
			if err := rows.Scan(&one[0], &one[1]); err != nil {
				return err
			}
			u.others = append(u.others, one)
		}
		return rows.Err()
	})
}

func (g *ground) hidden(ctx context.Context, t *tally, e db.Engine, people, n int) (err error) {
	p, err := g.empty(ctx, e)
	if err != nil {
		return err
	}
	if _, _, _, err = p.invented(ctx, people, filepath.Join(g.dir, "files")); err != nil {
		return err
	}
	u, err := p.unseen(ctx)
	if err != nil {
		return err
	}
	s, err := p.serve(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Stop()) }()
	v, err := outside.NewVisitor(s.Address)
	if err == nil {
		err = v.SignIn("priya@saltmarsh.example.org", demo.Password)
	}
	if err != nil {
		return err
	}
	pagesAlike(t, v, e, u, n)
	return searchesAlike(t, v, e, u, n)
}

// suspicious is how many standard deviations the ranks may lie from what chance
// gives: one time in ten thousand.
const suspicious = 3.9

// timed is one way of asking for a young person by reference: a page where form is
// nil. All are answered alike for whoever is hidden and for nobody.
type timed struct {
	name, at string // with a hole for the reference
	form     url.Values
	share    int // of the requests: one in so many
}

// ways are the young person's own page, and the newer ones.
func ways() []timed {
	told := func(more ...string) url.Values {
		form := url.Values{"told-kind": {"phone"}, "reason": {"they rang or came in"}}
		for i := 0; i < len(more); i += 2 {
			form.Set(more[i], more[i+1])
		}
		return form
	}
	return []timed{
		{"page", "/young-people/{ref}", nil, 1},
		{"messages", "/young-people/{ref}/messages", nil, 4},
		{"offer of the guarantee", "/young-people/{ref}/offer/edit", nil, 4},
		{"why one looks", "/young-people/{ref}/why", told(), 4},
		{"form of a name", "/young-people/{ref}/name/edit", told("given", "Somebody", "family", "Else"), 4},
		{"new transfer", "/transfers/new?person={ref}", nil, 4},
		{"offer to another authority", "/transfers/new", told("person", "{ref}", "to", "931", "basis", "x", "moved-on-day", "2", "moved-on-month", "11", "moved-on-year", "2026"), 4},
		{"messages to some", "/messages/new?person={ref}", nil, 4},
	}
}

// pagesAlike asks in each way for the record and for references that are none, in an
// order left to chance: answered alike, and as fast.
func pagesAlike(t *tally, v *outside.Visitor, e db.Engine, u unseen, n int) {
	for i, w := range ways() {
		r := t.stream(uint64(10 + i))
		var there, absent []float64
		answers := map[bool]string{}
		for i := range n/w.share + 40 {
			ref, list := u.ref, &there
			if r.IntN(2) == 0 {
				ref, list = id.NewRef(), &absent
			}
			at, form, method := strings.ReplaceAll(w.at, "{ref}", string(ref)), url.Values{}, http.MethodGet
			if w.form != nil {
				method = http.MethodPost
				form.Set("key", string(id.NewRef()))
				for name, values := range w.form {
					form.Set(name, strings.ReplaceAll(values[0], "{ref}", string(ref)))
				}
			}
			p, err := v.Ask(method, at, form)
			var refused outside.Refused
			status := http.StatusOK
			if errors.As(err, &refused) {
				status, err = refused.Status, nil
			}
			if said := fmt.Sprint(status, " ", v.Read.TitleOf(p.Body), " ", err); answers[ref == u.ref] == "" {
				answers[ref == u.ref] = said
			} else if answers[ref == u.ref] != said {
				t.fault("%s: %s answers once %s and once %s", e, w.name, answers[ref == u.ref], said)
			}
			if i >= 40 { // the first ones warm what is kept
				*list = append(*list, float64(p.Took))
			}
		}
		if answers[true] != answers[false] {
			t.fault("%s: %s answers %s for a hidden record and %s for none", e, w.name, answers[true], answers[false])
		}
		t.count(string(e)+": requests for a page", len(there)+len(absent))
		z := mannWhitney(there, absent)
		fmt.Printf("%-9s %s: %s; %d hidden, median %s; %d absent, median %s; z %.2f\n", e, w.name, answers[true], len(there), median(there), len(absent), median(absent), z)
		if math.Abs(z) > suspicious {
			t.fault("%s: the times of %s tell a hidden record from none: z %.2f", e, w.name, z)
		}
	}
}

// searchesAlike looks for the hidden one's name, and for pairs of names of which
// each is borne by somebody and both together by nobody. Words differ in how long
// they are looked for, and whoever is found takes time to be shown, so the question
// is whether the hidden one's time lies among that of pairs which find as many.
func searchesAlike(t *tally, v *outside.Visitor, e db.Engine, u unseen, n int) error {
	r := t.stream(2)
	const pairs = 40
	borne := map[[2]string]bool{}
	for _, o := range u.others {
		borne[o] = true
	}
	ask := func(who string) (outside.Page, error) {
		return v.Ask(http.MethodPost, "/find/suggest", url.Values{"who": {who}})
	}
	asked := []string{u.given + " " + u.family}
	p, err := ask(asked[0])
	if err != nil {
		return err
	}
	alike := foundIn(p)
	for tries := 0; len(asked) <= pairs && tries < 10_000; tries++ {
		given, family := u.others[r.IntN(len(u.others))][0], u.others[r.IntN(len(u.others))][1]
		if tries%2 == 0 {
			given = u.given
		} else {
			family = u.family
		}
		if borne[[2]string{given, family}] {
			continue
		}
		borne[[2]string{given, family}] = true // asked once
		if p, err = ask(given + " " + family); err != nil {
			return err
		}
		if foundIn(p) == alike {
			asked = append(asked, given+" "+family)
		}
	}
	if len(asked) < pairs/4 {
		return fmt.Errorf("only %d pairs of names find %d people, as the hidden one's does", len(asked)-1, alike)
	}
	times := make([][]float64, len(asked))
	for range max(10, n/len(asked)) {
		for _, i := range rand.New(r).Perm(len(asked)) {
			if p, err = ask(asked[i]); err != nil {
				return err
			}
			times[i] = append(times[i], float64(p.Took))
		}
	}
	var medians []float64
	for i := range times {
		t.count(string(e)+": searches", len(times[i]))
		medians = append(medians, float64(median(times[i])))
	}
	others := slices.Sorted(slices.Values(medians[1:]))
	fmt.Printf("%-9s search: hidden median %s among %s to %s of %d names that nobody has and that find %d as well\n", e, time.Duration(medians[0]), time.Duration(others[0]), time.Duration(others[len(others)-1]), len(others), alike)
	if medians[0] < 0.9*others[0] || medians[0] > 1.1*others[len(others)-1] {
		t.fault("%s: the time tells a hidden name from those of nobody", e)
	}
	return nil
}

// foundIn is how many people a suggestion names.
func foundIn(p outside.Page) int { return strings.Count(p.Body, `"href":`) }

func median(list []float64) time.Duration {
	if len(list) == 0 {
		return 0
	}
	return time.Duration(slices.Sorted(slices.Values(list))[len(list)/2])
}

// mannWhitney is how far the ranks of the first list lie from the middle, in
// standard deviations; ties share their rank.
func mannWhitney(a, b []float64) float64 {
	type one struct {
		value float64
		first bool
	}
	var all []one
	for _, v := range a {
		all = append(all, one{v, true})
	}
	for _, v := range b {
		all = append(all, one{v, false})
	}
	slices.SortFunc(all, func(x, y one) int {
		switch {
		case x.value < y.value:
			return -1
		case x.value > y.value:
			return 1
		}
		return 0
	})
	sum := 0.0
	for i := 0; i < len(all); {
		j := i
		for j < len(all) && all[j].value == all[i].value {
			j++
		}
		for k := i; k < j; k++ {
			if all[k].first {
				sum += float64(i+1+j) / 2
			}
		}
		i = j
	}
	n, m := float64(len(a)), float64(len(b))
	if n == 0 || m == 0 {
		return 0
	}
	return (sum - n*(n+1)/2 - n*m/2) / math.Sqrt(n*m*(n+m+1)/12)
}
