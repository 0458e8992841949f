package transfer

import (
	"slices"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/activity"
	"waymark/internal/civil"
	"waymark/internal/cohort"
	"waymark/internal/contact"
	"waymark/internal/db"
	"waymark/internal/fact"
	"waymark/internal/guarantee"
	"waymark/internal/id"
	"waymark/internal/life"
	"waymark/internal/need"
	"waymark/internal/safety"
	"waymark/internal/youngperson"
)

// carrier brings what one register holds of somebody into another: new facts
// there, on evidence that says from whom they came.
type carrier struct {
	tx   *db.Tx
	a    *act.Act
	from id.Register
	// name is the authority that hands over, moved the day from which on they are
	// ours.
	name  string
	moved civil.Date
	goes  access.Fields
	// held is what we hold of them already: it stands, and what came along only
	// adds to it.
	held    *life.Life
	sources map[id.Evidence]id.Evidence
	err     error
}

// carry writes down what goes along. Notes are sealed anew, under the key of our
// own record, as every note is that is added to it.
func (c *carrier) carry(l *life.Life, t *Transfer) error {
	number, objections := previous(l), objectionsOf(l)
	l.Keep(c.goes)
	h := c.held
	bring(c, youngperson.Names, l.Names, func(f *fact.Of[youngperson.Name]) bool {
		return !has(h.Names, func(n *youngperson.Name) bool {
			return n.Kind == youngperson.Legal && f.Is.Kind == youngperson.Legal || *n == f.Is
		})
	})
	bring(c, youngperson.ParticularsTable, l.Particulars, func(*fact.Of[youngperson.Particulars]) bool { return len(h.Particulars) == 0 })
	c.identifiers(l, number)
	c.addresses(l, t)
	bring(c, youngperson.Reaches, l.Reaches, func(f *fact.Of[youngperson.Reach]) bool {
		return !has(h.Reaches, func(r *youngperson.Reach) bool { return r.Kind == f.Is.Kind && r.Value == f.Is.Value })
	})
	bring(c, youngperson.Carers, l.Carers, func(f *fact.Of[youngperson.Carer]) bool {
		return !has(h.Carers, func(k *youngperson.Carer) bool { return k.Name == f.Is.Name })
	})
	bring(c, need.Needs, l.Needs, func(f *fact.Of[need.Need]) bool { return len(h.Needs) == 0 && f.Is != need.Need{} })
	bring(c, need.Characteristics, l.Characteristics, func(f *fact.Of[need.Characteristic]) bool {
		return !has(h.Characteristics, func(k *need.Characteristic) bool { return *k == f.Is })
	})
	bring(c, guarantee.Guarantees, l.Guarantees, func(f *fact.Of[guarantee.Guarantee]) bool {
		return !has(h.Guarantees, func(g *guarantee.Guarantee) bool { return g.Node == f.Is.Node && g.Season == f.Is.Season })
	})
	bring(c, guarantee.Destinations, l.Destinations, func(*fact.Of[guarantee.Destination]) bool { return len(h.Destinations) == 0 })
	bring(c, safety.Notes, l.Safety, func(f *fact.Of[safety.Note]) bool {
		return !has(h.Safety, func(n *safety.Note) bool { return *n == f.Is })
	})
	bring(c, youngperson.NoMessages, l.NoMessages, func(f *fact.Of[youngperson.NoMessage]) bool {
		return !has(h.NoMessages, func(n *youngperson.NoMessage) bool { return n.Channel == f.Is.Channel })
	})
	c.objections(objections)
	bring(c, contact.Contacts, l.Contacts, func(f *fact.Of[contact.Contact]) bool {
		// Whose account, whose number and which list are the other register's.
		f.Is.By, f.Is.Reach, f.Is.Behind, f.Is.BehindID = "", 0, "", 0
		f.Is.NextStep, f.Is.NextOn = "", ""
		f.Is.ByName = join(f.Is.ByName, c.name)
		return true
	})
	c.spells(l)
	return c.err
}

func has[T any](list []fact.Of[T], fits func(*T) bool) bool {
	return slices.ContainsFunc(list, func(f fact.Of[T]) bool { return fits(&f.Is) })
}

// bring adds those of the facts that keep lets through, which may also mend them,
// and says under which key each now stands.
func bring[T any](c *carrier, t fact.Table[T], facts []fact.Of[T], keep func(*fact.Of[T]) bool) map[id.Fact]id.Fact {
	var list []fact.Of[T]
	var were []id.Fact
	for _, f := range facts {
		if were = append(were, f.ID); keep(&f) {
			list = append(list, f)
		} else {
			were = were[:len(were)-1]
		}
	}
	keys := map[id.Fact]id.Fact{}
	if c.err != nil || len(list) == 0 {
		return keys
	}
	key, err := c.a.Keys(len(list))
	if err != nil {
		c.err = err
		return keys
	}
	for i := range list {
		f := &list[i]
		keys[were[i]] = id.Fact(key + int64(i))
		f.YoungPerson, f.ID, f.KnownFrom, f.KnownTo = c.held.Person.ID, keys[were[i]], c.a.Number, 0
		if f.Evidence, c.err = c.source(f.Evidence); c.err != nil {
			return keys
		}
	}
	c.err = t.Add(c.tx, c.a, list)
	return keys
}

// objections are what somebody, or a parent, has said against what is held or
// passed on.
type objections struct {
	optOuts       []fact.Of[youngperson.OptOut]
	disagreements []fact.Of[youngperson.Disagreement]
}

func objectionsOf(l *life.Life) objections {
	return objections{slices.Clone(l.OptOuts), slices.Clone(l.Disagreements)}
}

// objections bring what was said against passing on, whatever is agreed: whoever
// takes them over keeps to it as we do. How it was decided that they may say so,
// which parent did, and what they disagree with go along where opt-outs are agreed.
func (c *carrier) objections(o objections) {
	told := c.goes.Has(access.OptOuts)
	bring(c, youngperson.OptOuts, o.optOuts, func(f *fact.Of[youngperson.OptOut]) bool {
		if !told {
			f.Is.SaidName, f.Is.Competence = "", ""
		}
		return !slices.ContainsFunc(c.held.OptOuts, func(k fact.Of[youngperson.OptOut]) bool {
			return k.Is.Scope == f.Is.Scope && k.Is.Feed == f.Is.Feed && k.Ended == f.Ended
		})
	})
	if told {
		bring(c, youngperson.Disagreements, o.disagreements, func(f *fact.Of[youngperson.Disagreement]) bool {
			f.Is.Request = "" // the request is the other register's
			return !has(c.held.Disagreements, func(k *youngperson.Disagreement) bool { return *k == f.Is })
		})
	}
}

// identifiers bring the numbers that we do not hold, and the one under which the
// other register knew them.
func (c *carrier) identifiers(l *life.Life, number youngperson.Identifier) {
	held := func(i youngperson.Identifier) bool {
		return has(c.held.Identifiers, func(k *youngperson.Identifier) bool { return k.Scheme == i.Scheme })
	}
	bring(c, youngperson.Identifiers, l.Identifiers, func(f *fact.Of[youngperson.Identifier]) bool {
		return f.Is.Scheme != youngperson.Previous && f.Is.Scheme != youngperson.FormerID && f.Is.Scheme != youngperson.MergedID && !held(f.Is)
	})
	if c.err == nil && number.Value != "" && !has(c.held.Identifiers, func(k *youngperson.Identifier) bool { return *k == number }) {
		_, c.err = youngperson.Identifiers.New(c.tx, c.a, c.held.Person.ID, c.moved.String(), number)
	}
}

// addresses bring where they lived, and where they live now. An address that we
// hold is in our own area, and stands.
func (c *carrier) addresses(l *life.Life, t *Transfer) {
	now := youngperson.Address{Line1: t.line1, Town: t.town, Postcode: t.postcode}
	moved := now != youngperson.Address{}
	bring(c, youngperson.Addresses, l.Addresses, func(f *fact.Of[youngperson.Address]) bool {
		if ended, err := civil.Parse(f.Ended); moved && (err != nil || !ended.Before(c.moved)) {
			f.Ended = c.moved.AddDays(-1).String()
		}
		return len(c.held.Addresses) == 0
	})
	if c.err == nil && moved && len(c.held.Addresses) == 0 {
		_, c.err = youngperson.Addresses.New(c.tx, c.a, c.held.Person.ID, c.moved.String(), now)
	}
}

// spells bring what they did, with what confirmed it: no spell where we hold one
// for the same days, and none that goes on into one of ours.
func (c *carrier) spells(l *life.Life) {
	keys := bring(c, activity.Spells, l.Spells, func(f *fact.Of[activity.Spell]) bool {
		started, _ := civil.Parse(f.Started)
		for i := range c.held.Spells {
			ours := &c.held.Spells[i]
			from, _ := civil.Parse(ours.Started)
			to, err := civil.Parse(ours.Ended)
			if !from.After(started) && (err != nil || !to.Before(started)) {
				return false
			}
			if ended, err := civil.Parse(f.Ended); from.After(started) && (err != nil || !ended.Before(from)) {
				f.Ended = from.AddDays(-1).String()
			}
		}
		return true
	})
	bring(c, activity.Verifications, l.Verifications, func(f *fact.Of[activity.Verification]) bool {
		spell, ok := keys[f.Is.Spell]
		f.Is.Spell = spell
		return ok
	})
}

// joins states that they are ours from the day on which they moved. Their age
// says whether they are in the return.
func (c *carrier) joins(t *Transfer, l *life.Life) error {
	for _, held := range c.held.Statuses {
		if err := endBefore(c.tx, c.a, held, c.moved); err != nil {
			return err
		}
	}
	next := cohort.Status{LeadLA: t.OwnLA}
	if ours := life.InForce(c.held.Statuses, c.moved); ours != nil {
		next.EducatedLA, next.LAAtYear11 = ours.Is.EducatedLA, ours.Is.LAAtYear11
	}
	if theirs := life.InForce(l.Statuses, c.moved); theirs != nil && c.goes.Has(access.Cohort) {
		if next.EducatedLA == "" {
			next.EducatedLA = theirs.Is.EducatedLA
		}
		if next.LAAtYear11 == "" {
			next.LAAtYear11 = theirs.Is.LAAtYear11
		}
	}
	_, err := cohort.Statuses.New(c.tx, c.a, c.held.Person.ID, c.moved.String(), next)
	return err
}
