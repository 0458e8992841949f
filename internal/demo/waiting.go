package demo

import "waymark/internal/civil"

// reports says that somebody who is in the cohort, or leaves it, with the
// status stands in a month's return: leavers once, in the month of leaving.
func (w *World) reports(p *Person, m civil.Month, status string) bool {
	switch status {
	case "P", "G":
		return true
	case "A":
		return m == (civil.AcademicYear(int(p.final) + 3)).Start().InMonth()
	}
	return m == p.Left
}
