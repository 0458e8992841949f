package main

import (
	"bytes"
	"strings"
	"testing"
)

func TestTally(t *testing.T) {
	const good = `{"Action":"output","Package":"p","Test":"TestA","Output":"=== RUN TestA\n"}
{"Action":"pass","Package":"p","Test":"TestA/sub"}
{"Action":"pass","Package":"p","Test":"TestA"}
{"Action":"output","Package":"p","Test":"TestB","Output":"    b_test.go:3: NOT TESTED: no server\n"}
{"Action":"output","Package":"p","Test":"TestB","Output":"    b_test.go:4: \n"}
{"Action":"output","Package":"p","Test":"TestB","Output":"--- SKIP: TestB (0.00s)\n"}
{"Action":"skip","Package":"p","Test":"TestB"}
{"Action":"pass","Package":"p","Elapsed":1.5}
{"Action":"skip","Package":"empty"}
`
	for _, tc := range []struct {
		name, in string
		checks   []string
		last     string
		failed   bool
		want     string
	}{
		{"all is well", good, []string{"gofmt=passed"}, "3 passed, 0 failed, 1 skipped", false, "skipped  1: NOT TESTED: no server"},
		{"a check fails", good, []string{"gofmt=failed"}, "2 passed, 1 failed, 1 skipped", true, "FAILED   gofmt"},
		{"a test fails", good + `{"Action":"output","Package":"q","Test":"TestC","Output":"wanted 3\n"}` + "\n" + `{"Action":"fail","Package":"q","Test":"TestC"}` + "\n" + `{"Action":"fail","Package":"q"}`,
			nil, "2 passed, 1 failed, 1 skipped", true, "wanted 3"},
		{"a package does not build", good + `{"Action":"build-output","ImportPath":"q","Output":"undefined: x\n"}` + "\n" + `{"Action":"fail","Package":"q","FailedBuild":"q"}`,
			nil, "2 passed, 1 failed, 1 skipped", true, "undefined: x"},
		{"nothing ran", "", nil, "0 passed, 1 failed, 0 skipped", true, "no package was tested"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var out bytes.Buffer
			tl := &tally{out: &out, lines: map[string][]string{}}
			for _, c := range tc.checks {
				tl.check(c)
			}
			if err := tl.read(strings.NewReader(tc.in)); err != nil {
				t.Fatal(err)
			}
			if failed := tl.close(); failed != tc.failed {
				t.Errorf("failed is %v", failed)
			}
			lines := strings.Split(strings.TrimSpace(out.String()), "\n")
			if got := lines[len(lines)-1]; got != tc.last {
				t.Errorf("the last line is %q, wanted %q", got, tc.last)
			}
			if !strings.Contains(out.String(), tc.want) {
				t.Errorf("%q is not in:\n%s", tc.want, out.String())
			}
		})
	}
}
