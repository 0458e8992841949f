package web

import (
	"bufio"
	"bytes"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"waymark/internal/access"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/db/dbtest"
)

// leaver is a connection whose reader leaves the house half-way.
type leaver struct {
	*httptest.ResponseRecorder
	after  int
	leave  func()
	left   bool
	late   bytes.Buffer
	closed bool
}

func (l *leaver) Write(b []byte) (int, error) {
	if l.left {
		l.late.Write(b)
	} else if l.after -= len(b); l.after <= 0 {
		l.left = true
		l.leave()
	}
	return l.ResponseRecorder.Write(b)
}

// Hijack is what breaks a connection.
func (l *leaver) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	l.closed = true
	one, other := net.Pipe()
	other.Close()
	return one, nil, nil
}

// TestARunningExportEnds has somebody's account, session or role end while they
// are sent a file, by each way of writing one, and holds that no more than a
// thousand rows follow and that the file is broken off.
func TestARunningExportEnds(t *testing.T) {
	const rows = 20_000
	line := []string{"Wren", "Ashdown", "2009-04-03", "NEET"}
	export := func(name string, handler func(w http.ResponseWriter, r *http.Request) error) Route {
		return Route{Method: "GET", Pattern: "/export/" + name, Permission: access.SeePerson, Handler: handler}
	}
	extra := []Route{
		export("csv", func(w http.ResponseWriter, _ *http.Request) error {
			return sendCSV(w, "people.csv", []string{"Given", "Family", "Born", "State"}, func(write func(...string) error) error {
				for range rows {
					if err := write(line...); err != nil {
						return err
					}
				}
				return nil
			})
		}),
		export("stream", func(w http.ResponseWriter, _ *http.Request) error {
			attach(w, "return.xml", "application/xml")
			for range rows {
				if _, err := fmt.Fprintln(w, strings.Join(line, ",")); err != nil {
					return err
				}
			}
			return nil
		}),
		export("whole", func(w http.ResponseWriter, _ *http.Request) error {
			attach(w, "return.xml", "application/xml")
			_, err := w.Write([]byte(strings.Repeat(strings.Join(line, ",")+"\n", rows)))
			return err
		}),
	}
	operator := access.Actor{Register: 1, Ref: "operator:test", Roles: []access.Role{access.Operator}}
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d, extra...)
		a := h.accountOf(t, "adviser@sandmere.example")
		ctx := t.Context()
		yesterday := civil.On(d.Now(), civil.London()).AddDays(-1)
		for i, one := range []struct {
			name       string
			end, again func() error
		}{
			{"ends", func() error { return h.Account.SetDays(ctx, operator, a.Ref, civil.Date{}, yesterday, "") },
				func() error { return h.Account.SetDays(ctx, operator, a.Ref, civil.Date{}, civil.Date{}, "") }},
			{"moves", func() error { return h.Account.SetRoles(ctx, operator, a.Ref, []access.Role{access.Commissioner}, "") },
				func() error { return h.Account.SetRoles(ctx, operator, a.Ref, []access.Role{access.Adviser}, "") }},
			{"closes", func() error { return h.Account.Disable(ctx, operator, a.Ref, "left") }, nil},
		} {
			for _, way := range []string{"csv", "stream", "whole"} {
				cookie := h.signInAs(t, "adviser@sandmere.example")
				r := httptest.NewRequest("GET", "/export/"+way, nil)
				r.AddCookie(cookie)
				l := &leaver{ResponseRecorder: httptest.NewRecorder(), after: 100 << 10, leave: func() {
					if err := one.end(); err != nil {
						t.Error(err)
					}
				}}
				h.ServeHTTP(l, r)
				if after := strings.Count(l.late.String(), "\n"); !l.left || !l.closed || after > 1000 {
					t.Errorf("%s, %s: left %v, broken off %v, %d rows followed", one.name, way, l.left, l.closed, after)
				}
				if l.Body.Len() > rows*len("Wren,Ashdown,2009-04-03,NEET\n")/2 {
					t.Errorf("%s, %s: %d bytes were sent", one.name, way, l.Body.Len())
				}
				if one.again == nil {
					break
				}
				if err := one.again(); err != nil {
					t.Fatal(err)
				}
			}
			if i == 2 {
				h.cookies["closed"] = h.cookies[access.Adviser]
				h.run(t, []Scenario{{Name: "the next request", As: "closed", URL: "/account", Status: 303, Location: "/sign-in?next=%2Faccount"}})
			}
		}
	})
}

// TestARealExportEnds ends an account while it is sent the file of a return.
func TestARealExportEnds(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		people := 1500
		h.load(t, people)
		r := httptest.NewRequest("GET", "/returns/2026-10/draft.xml", nil)
		r.AddCookie(h.cookies[access.DataOfficer])
		whole := httptest.NewRecorder()
		h.ServeHTTP(whole, r)
		all := strings.Count(whole.Body.String(), "<YoungPersonsID>")
		if whole.Code != 200 || all < people {
			t.Fatalf("%d, %d rows: %.300s", whole.Code, all, whole.Body)
		}
		a := h.accountOf(t, "data.officer@sandmere.example")
		operator := access.Actor{Register: 1, Ref: "operator:test", Roles: []access.Role{access.Operator}}
		l := &leaver{ResponseRecorder: httptest.NewRecorder(), after: 1, leave: func() {
			if err := h.Account.Disable(t.Context(), operator, a.Ref, "left"); err != nil {
				t.Error(err)
			}
		}}
		h.ServeHTTP(l, r)
		if after := strings.Count(l.late.String(), "<YoungPersonsID>"); !l.left || !l.closed || after > 1000 {
			t.Errorf("left %v, broken off %v, %d of %d rows followed", l.left, l.closed, after, all)
		}
	})
}
