package due

import (
	"errors"
	"fmt"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/fact"
	"waymark/internal/field"
	"waymark/internal/life"
)

// neetNames holds the names behind each number against the number.
func (w *world) neetNames(d *DaysNEET) {
	w.t.Helper()
	behind := func(part NEETPart, treatment Treatment, group string, want int) {
		w.t.Helper()
		b, err := w.NEETPeople(w.t.Context(), w.by, d.Asked, NEETCell{part, treatment, group}, 0, 10_000)
		if err != nil {
			w.t.Fatal(err)
		}
		times := 0
		for _, one := range b.People {
			times += one.Is.Times
			if one.YoungPersonsID == "" || one.Is.Counted == 0 || part == Over90 && treatment == AsNotNEET && one.Is.NEET <= 90 {
				w.t.Errorf("%s %d %s: %+v", part, treatment, group, one)
			}
		}
		if times != want || b.Total != len(b.People) {
			w.t.Errorf("%s, treatment %d, %q: %d people, %d times, the number is %d", part, treatment, group, b.Total, times, want)
		}
	}
	for _, g := range append([]NEETGroup{d.All}, d.Groups...) {
		for _, t := range Treatments() {
			behind(Everyone, t, g.Key, g.Lengths[t].People)
			behind(Over90, t, g.Key, g.Lengths[t].Over90)
			behind(Over180, t, g.Key, g.Lengths[t].Over180)
		}
		b := g.Returned
		for part, want := range map[NEETPart]int{Became: b.Became, InTime: b.InTime, Early: b.Early, Lasted13: b.Lasted13, Early13: b.Early13, Lasted26: b.Lasted26, Early26: b.Early26} {
			behind(part, 0, g.Key, want)
		}
	}
	some, err := w.NEETPeople(w.t.Context(), w.by, d.Asked, NEETCell{Part: Everyone}, 1, 2)
	if err != nil || len(some.People) != 2 || some.Total != d.All.Lengths[AsNotNEET].People {
		w.t.Errorf("a page of two: %+v, %v", some, err)
	}
	if _, err := w.NEETPeople(w.t.Context(), w.by, d.Asked, NEETCell{Part: "shoe size"}, 0, 1); !errors.As(err, new(field.Errors)) {
		w.t.Errorf("names behind no number: %v", err)
	}
	// A commissioner sees figures, and nobody behind them.
	nobody := access.Actor{Register: w.reg.ID, Ref: "account:c", Roles: []access.Role{access.Commissioner}}
	if _, err := w.NEETPeople(w.t.Context(), nobody, d.Asked, NEETCell{Part: Everyone}, 0, 1); !errors.As(err, new(access.Denied)) {
		w.t.Errorf("names for a commissioner: %v", err)
	}
}

// neetThen counts as known on a day that is past, and plainly by the facts of then.
func (w *world) neetThen(a NEETAsked) {
	w.t.Helper()
	a.KnownOn = w.on.AddDays(-150)
	d, err := w.DaysNEET(w.t.Context(), w.by, a)
	if err != nil {
		w.t.Fatal(err)
	}
	var lives []*life.Life
	err = w.DB.Read(w.t.Context(), func(tx *db.Tx) error {
		at, err := act.KnownOn(tx, w.reg.ID, a.KnownOn)
		if err != nil {
			return err
		}
		lives, err = life.Load(tx, fact.Known{Register: w.reg.ID, At: at})
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	lengths, back := recount(lives, w.reg.Book(), w.Requirement, d, a.KnownOn)
	if fmt.Sprint(d.All.Lengths, d.All.Returned) != fmt.Sprint(lengths, back) || lengths[AsNEET].Days == 0 || d.To != a.KnownOn {
		w.t.Errorf("as known on %s counted %+v %+v, plainly %+v %+v", a.KnownOn, d.All.Lengths, d.All.Returned, lengths, back)
	}
	w.neetNames(d)
	rows, err := w.WindowRows(w.t.Context(), w.by, a.KnownOn.InMonth(), []string{"all"}, a.KnownOn)
	if err != nil || len(rows) == 0 {
		w.t.Errorf("the rows of the window then: %v, %v", rows, err)
	}
	a.KnownOn = civil.Must(2001, 1, 1)
	a.Leavers = 2000
	if _, err := w.DaysNEET(w.t.Context(), w.by, a); !errors.As(err, new(act.BeforeBegan)) {
		w.t.Errorf("before the register began: %v", err)
	}
}
