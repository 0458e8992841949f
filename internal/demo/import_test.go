package demo

import (
	"bytes"
	"context"
	"io"
	"testing"

	"github.com/google/go-cmp/cmp"

	"waymark/internal/access"
	"waymark/internal/db"
	"waymark/internal/db/dbtest"
	"waymark/internal/imports"
	"waymark/internal/nccis"
	"waymark/internal/returns"
	"waymark/internal/standing"
)

// TestWaitingFileGoesInAndItsReturnComesOut is the newcomer's first hour: the
// file is imported, and the month's return has the planted findings and no
// other.
func TestWaitingFileGoesInAndItsReturnComesOut(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		w := invent(t, 1, "2026-11-10", 0.2)
		r := filled(t, d, w)
		req := nccis.MustLoad()
		keeper := standing.Keeper{Requirement: req}
		f := w.Waiting(req)
		var file bytes.Buffer
		if err := f.Write(&file); err != nil {
			t.Fatal(err)
		}
		officer := access.Actor{Register: r.ID, Ref: "operator:test", Name: "test", Roles: []access.Role{access.Operator}}
		in := &imports.Service{DB: d, Requirement: req, Standing: keeper}
		report, err := in.Load(ctx, officer, r, imports.File{Name: "saltmarsh.xml", Size: int64(file.Len()),
			Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(file.Bytes())), nil }}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if report.Status != imports.Applied {
			t.Fatalf("%+v", report)
		}
		draft, err := (&returns.Service{DB: d, Requirement: req, Standing: keeper}).Build(ctx, officer, w.Period, returns.Options{})
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]int{}
		for _, f := range draft.Findings {
			got[f.Check]++
		}
		// A NEET start date that the file leaves out is derived.
		want := f.Planted
		delete(want, "224")
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error("planted and found differ:", diff)
		}
		sent := map[string]*nccis.Record{}
		for i := range f.Records {
			sent[f.Records[i].Get(nccis.YoungPersonsID)] = &f.Records[i]
		}
		for _, p := range draft.People {
			was := sent[p.Record.Get(nccis.YoungPersonsID)]
			if was == nil {
				t.Errorf("%s is in the return and was not in the file: %s", p.Record.Get(nccis.YoungPersonsID), p.Why)
				continue
			}
			delete(sent, p.Record.Get(nccis.YoungPersonsID))
			if p.Record.Get(nccis.NEETStartDate) != "" {
				was.Values[nccis.NEETStartDate] = p.Record.Get(nccis.NEETStartDate)
			}
			if diff := cmp.Diff(was.Values, p.Record.Values); diff != "" {
				t.Errorf("%s differs: %s", p.Record.Get(nccis.YoungPersonsID), diff)
			}
		}
		for who := range sent {
			t.Errorf("%s was in the file and is not in the return", who)
		}
	})
}
