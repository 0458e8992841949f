package demo

import (
	"time"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/civil"
)

// Each month of history has the same acts, in the order of its days: the lists
// that come in by the 12th, what each adviser wrote up, and the lists of the
// 26th. Those of one month end before the next month's 9th, so that the return
// of a month is built on what was learned in it.
const (
	firstList = 0
	lastList  = 1 + advisers
	slots     = 2 + advisers
)

// The sources by index.
const (
	fromSchools = iota
	fromSixthForms
	fromColleges
	fromTrainers
	fromEmployers
	fromOtherAuthority
	fromSupplier
	fromRollOver
	fromSEND
	fromSocialCare
)

func sources() []Source {
	return []Source{
		{act.SchoolList, "Saltmarsh secondary schools"}, {act.EnrolmentList, "school sixth forms"},
		{act.EnrolmentList, "Saltmarsh colleges"}, {act.EnrolmentList, "training providers"},
		{act.LRS, "apprenticeship starts"}, {act.OtherAuthority, "the authority that they moved from or to"},
		{act.MigratedFile, "the supplier's file with which the register began"}, {act.System, "roll-over on 1 September"},
		{act.Census, "the SEND team's list"}, {act.Care, "children's social care"},
	}
}

func (w *World) schedule() []Act {
	var acts []Act
	for k := range Months + 1 {
		m := w.first.Add(k)
		add := func(day, hour, minute, by int, action access.Action, reason string) {
			acts = append(acts, Act{
				At: time.Date(m.Year, m.Month, day, hour, minute, 0, 0, civil.London()).UTC(),
				By: by, Action: string(action), Reason: reason,
			})
		}
		add(12, 9, 40, dataOfficer, access.ImportFile, "lists of schools, colleges and training providers, "+m.Words())
		for a := range advisers {
			add(15+a, 16, 5+7*a, firstAdviser+a, access.RecordActivity, "what young people and families told, "+m.Words())
		}
		add(26, 11, 15, otherDataOfficer, access.ImportFile, "late lists and moves, "+m.Words())
	}
	for a := range advisers {
		on := w.On.AddDays(a - advisers)
		y, month, day := on.YMD()
		acts = append(acts, Act{At: time.Date(y, month, day, 16, 30+a, 0, 0, civil.London()).UTC(), By: firstAdviser + a,
			Action: string(access.RecordActivity), Reason: "contacts with young people, " + on.Words()})
	}
	acts[0].Reason = "everything from the system before, to begin the register with"
	return acts
}

// slot is the KnownFrom of an act of a month, and the day of it. Before the
// register began everything is known by the first act.
func (w *World) slot(m civil.Month, s int) (known int, day civil.Date) {
	k := (m.Year-w.first.Year)*12 + int(m.Month) - int(w.first.Month)
	day = m.First().AddDays(11)
	switch {
	case s == lastList:
		day = m.First().AddDays(25)
	case s > 0:
		day = m.First().AddDays(13 + s)
	}
	if k < 0 {
		return 1, day
	}
	return 1 + k*slots + s, day
}

// known says that something learned in an act is known at all by the end of the
// waiting file's month.
func (w *World) known(k int) bool { return k <= w.Filed }

// held says that the register itself holds what the act told.
func (w *World) held(known int) bool { return known <= w.Told || known > w.Filed }
