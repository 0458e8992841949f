package demo

import "waymark/internal/civil"

// ReachedBy are some of those who can be reached by a telephone or an e-mail,
// of an age at which they are asked.
func (w *World) ReachedBy(kind string, n int) []*Person {
	var out []*Person
	for _, p := range w.People {
		if len(out) == n {
			break
		}
		if w.year-p.final < 1 || w.year-p.final > 2 || !w.held(p.KnownFrom()) {
			continue
		}
		for _, reach := range p.Reaches {
			if reach.Is.Kind == kind && reach.Ended == "" {
				out = append(out, p)
				break
			}
		}
	}
	return out
}

// Born is the day of birth.
func (p *Person) Born() civil.Date { return p.born }
