package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"waymark/internal/match"
	"waymark/internal/match/matchtest"
)

// benchSearch types queries letter by letter among a million people.
func benchSearch(ctx context.Context) error {
	dir, err := os.MkdirTemp("", "waymark-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	people := filepath.Join(dir, "people.csv")
	w := matchtest.New(1, 1_000_000)
	var cells []string
	if err := writeLines(people, func(line func([]string)) {
		for i := range w.Len() {
			cells = w.Person(i, cells)
			line(cells)
		}
	}); err != nil {
		return err
	}
	fmt.Println("Search as one types, among 1,000,000 people")
	_, err = runPart(ctx, "search", "-part", "search", "-people", people)
	return err
}

// searchPart types names, forms of names, dates and postcodes of people who are
// there, one letter more each time, and tells how long the answers took.
func searchPart(path string) error {
	table, err := readPeople(nil, path)
	if err != nil {
		return err
	}
	start := time.Now()
	s := match.NewSearch(table)
	built := time.Since(start)
	w := matchtest.New(1, 1_000_000)
	var took, plain []time.Duration
	var slowest string
	found, whole := 0, 0
	var cells []string
	for i := 0; i < w.Len(); i += w.Len() / 60 {
		cells = w.Person(i, cells)
		for _, query := range []string{cells[2] + " " + cells[4], cells[4] + " " + cells[2] + " " + cells[5], cells[9] + " " + cells[2], cells[0]} {
			for n := 2; n <= len(query); n++ {
				start := time.Now()
				hits := s.Find(query[:n], 20, nil)
				d := time.Since(start)
				if len(took) == 0 || d > slices.Max(took) {
					slowest = query[:n]
				}
				took = append(took, d)
				if n == len(query) && strings.ContainsAny(query, "0123456789") {
					whole++
					if slices.ContainsFunc(hits, func(h match.Hit) bool { return int(h.Person) == i }) {
						found++
					}
				}
			}
		}
		if i%(w.Len()/6) < w.Len()/60 {
			plain = append(plain, plainSearch(w, cells[2]+" "+cells[4]))
		}
	}
	slices.Sort(took)
	p95 := took[len(took)*95/100]
	slices.Sort(plain)
	fmt.Printf("p50 %v, p95 %v, most %v (%q) of %d; index %.2f s, %.0f MB beside %.0f MB of table; %d of %d found by name with date or postcode, or UPN; a plain loop over all names %v\n",
		took[len(took)/2].Round(time.Microsecond), p95.Round(time.Microsecond), took[len(took)-1].Round(time.Microsecond), slowest, len(took), built.Seconds(), float64(s.Bytes())/1e6, float64(table.Bytes())/1e6, found, whole, plain[len(plain)/2].Round(time.Millisecond))
	runtime.KeepAlive(s)
	if p95 > 20*time.Millisecond {
		return errors.New("search: p95 is over 20 ms")
	}
	return nil
}

// plainSearch is the baseline: every name is folded and looked through.
func plainSearch(w *matchtest.World, query string) time.Duration {
	words := strings.Fields(match.Fold(query))
	var cells []string
	start := time.Now()
	for i := range 50_000 { // a twentieth; writing the rest of the people would be the cost
		cells = w.Person(i, cells)
		text := match.Fold(cells[2] + " " + cells[4])
		for _, word := range words {
			if !strings.Contains(text, word) {
				break
			}
		}
	}
	return time.Since(start) * 20
}

// plainPart is the baseline: rows of one birth date are compared by the text, each
// with each, and are one person where both names are alike.
func plainPart(people, file string) error {
	start := time.Now()
	byBirth := map[string][][2]string{}
	err := eachLine(people, func(c []string) { byBirth[c[5]] = append(byBirth[c[5]], [2]string{c[2], c[4]}) })
	if err != nil {
		return err
	}
	same := 0
	err = eachLine(file, func(c []string) {
		birth := c[5]
		if len(birth) == 10 {
			birth = birth[6:] + "-" + birth[3:5] + "-" + birth[:2]
		}
		given, family := match.Fold(c[2]), match.Fold(c[4])
		for _, p := range byBirth[birth] {
			if match.JaroWinkler(given, match.Fold(p[0])) > 0.9 && match.JaroWinkler(family, match.Fold(p[1])) > 0.9 {
				same++
			}
		}
	})
	fmt.Printf("cold %.2f s; %d pairs\n", time.Since(start).Seconds(), same)
	return err
}

func eachLine(path string, visit func(cells []string)) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	lines := bufio.NewScanner(bufio.NewReaderSize(f, 1<<20))
	var cells []string
	for lines.Scan() {
		cells = split(cells[:0], lines.Text())
		visit(cells)
	}
	return lines.Err()
}
