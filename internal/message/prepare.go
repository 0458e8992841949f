package message

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/campaign"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/fact"
	"waymark/internal/id"
	"waymark/internal/life"
	"waymark/internal/list"
	"waymark/internal/notify"
	"waymark/internal/record"
	"waymark/internal/youngperson"
)

// Order is what is to be sent to whom: to those of a list, to those of a campaign
// whom its rules still let be reached, or to people who were chosen.
type Order struct {
	Template id.Ref
	Campaign id.Ref
	Question *list.Question
	People   []id.Ref
}

// asks is the list as it is kept with the batch; it names nobody.
func (o Order) asks() string {
	if o.Question == nil {
		return ""
	}
	return o.Question.Values().Encode()
}

// Why somebody is left out of a batch.
const (
	IsLocked     = "the record is locked, or is your own or a relative’s"
	NotYours     = "somebody else is their adviser"
	IsRestricted = "the use of their record is restricted"
	WantsNone    = "they want no messages like this"
	NoNumber     = "no number or address is held"
	BadNumber    = "what is held is no mobile number, or no address"
	IsProtected  = "their address is protected"
	HasIt        = "they were sent this less than a day ago"
)

// hasItFor is for how long nobody is sent one template again by a list: two people
// who press at once, or one who comes back to the page, send it once. One person is
// sent it again whenever somebody asks for it.
const hasItFor = 24 * time.Hour

// reasons are all, in the order in which they are told.
func reasons() []string {
	return []string{WantsNone, IsRestricted, NotYours, NoNumber, BadNumber, IsProtected, HasIt, IsLocked}
}

// Named is somebody whom a page names.
type Named struct {
	Ref  id.Ref
	Name string
}

// LeftOut are those whom a batch leaves out for one reason.
type LeftOut struct {
	Why string
	N   int
	// Some are the first of them; nobody whose record is locked is named.
	Some []Named
}

// someNamed is how many of those left out are named for each reason.
const someNamed = 20

// Preview is what a batch would be, before it is sent.
type Preview struct {
	Template Template
	// People is how many would get a message; LeftOut who would not.
	People  int
	LeftOut []LeftOut
	// Sample is the message to the first of them. Parts is in how many parts the
	// longest text goes, and Odd the letter that makes texts go in shorter ones.
	Sample string
	Parts  int
	Odd    rune
	// From is when it would begin to go: later than now where texts wait for the
	// morning.
	From time.Time
	// Carrier says who carries it.
	Carrier string
}

// recipient is somebody to whom a message goes.
type recipient struct {
	person                 id.YoungPerson
	ref                    id.Ref
	given, family, adviser string
	account                string
	to                     string
	reach                  id.Fact
	address                []string
}

func (r *recipient) values(link string) map[string]string {
	return map[string]string{FirstName: r.given, Adviser: cmp.Or(r.adviser, "your adviser"), Link: link}
}

// prepared is a batch as it would be sent.
type prepared struct {
	template Template
	to       []recipient
	left     map[string][]Named
}

// Prepare says what a batch would be. It needs access.SendMessage, sends
// nothing, and records who of those left out was named. It returns db.NotFound
// for a template that is not in use.
func (s *Service) Prepare(ctx context.Context, by access.Actor, o Order) (Preview, error) {
	if err := access.Decide(by, access.SendMessage, access.Subject{Register: by.Register}); err != nil {
		return Preview{}, err
	}
	people, err := s.people(ctx, by, o)
	if err != nil {
		return Preview{}, err
	}
	var p prepared
	if err := s.DB.Read(ctx, func(tx *db.Tx) error { p, err = s.prepare(tx, by, o, people); return err }); err != nil {
		return Preview{}, err
	}
	out := s.preview(p)
	var shown []id.Ref
	for _, l := range out.LeftOut {
		for _, one := range l.Some {
			shown = append(shown, one.Ref)
		}
	}
	if len(p.to) > 0 {
		shown = append(shown, p.to[0].ref) // the sample names them
	}
	return out, s.sawRefs(ctx, by, shown, "messages to send")
}

func (s *Service) preview(p prepared) Preview {
	out := Preview{Template: p.template, People: len(p.to), From: Opens(p.template.Channel, s.DB.Now())}
	if c := s.Desk.For(p.template.Channel); c != nil {
		out.Carrier = c.Name()
	}
	for i := range p.to {
		text := notify.Fill(p.template.Body, p.to[i].values(s.link(0, "abcdefghijklmnopqrstuvwxyz")))
		if i == 0 {
			out.Sample = text
		}
		if p.template.Channel == notify.Text {
			if parts, odd := Parts(text); parts > out.Parts {
				out.Parts, out.Odd = parts, odd
			}
		}
	}
	for _, why := range reasons() {
		if all := p.left[why]; len(all) > 0 {
			one := LeftOut{Why: why, N: len(all)}
			if why != IsLocked {
				one.Some = all[:min(len(all), someNamed)]
			}
			out.LeftOut = append(out.LeftOut, one)
		}
	}
	return out
}

const sqlByRef = `SELECT id FROM young_person WHERE register = $1 AND known_to IS NULL AND ref IN (`

// people are whom an order is about, locked records with them.
func (s *Service) people(ctx context.Context, by access.Actor, o Order) ([]id.YoungPerson, error) {
	if o.Question != nil {
		return s.Lists.People(ctx, by, access.SendMessage, *o.Question)
	}
	var out []id.YoungPerson
	if o.Campaign != "" {
		rows, err := s.Campaigns.Otherwise(ctx, by, o.Campaign)
		if errors.As(err, new(campaign.Barred)) {
			return nil, nil // it is closed: nobody is left to reach
		}
		for _, r := range rows {
			out = append(out, r.Person)
		}
		return out, err
	}
	err := s.DB.Read(ctx, func(tx *db.Tx) error {
		for some := range slices.Chunk(o.People, 200) {
			args := []any{int64(by.Register)}
			for _, ref := range some {
				args = append(args, string(ref))
			}
			keys, err := column(tx, sqlByRef+db.Params(2, len(some))+") ORDER BY id", args...)
			if err != nil {
				return err
			}
			for _, k := range keys {
				out = append(out, id.YoungPerson(k))
			}
		}
		return nil
	})
	return out, err
}

// column reads one column of keys.
func column(tx *db.Tx, query string, args ...any) ([]int64, error) {
	out, err := db.Values[int64](tx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("find people for messages: %w", err)
	}
	return out, nil
}

// prepare works out who gets a message and who does not, some people at a time.
func (s *Service) prepare(tx *db.Tx, by access.Actor, o Order, people []id.YoungPerson) (prepared, error) {
	t, err := inUse(tx, by.Register, o.Template)
	if err != nil {
		return prepared{}, err
	}
	p := prepared{template: t, left: map[string][]Named{}}
	veil, err := access.VeilOf(tx, by)
	if err != nil {
		return prepared{}, err
	}
	today := civil.On(tx.Now, civil.London())
	lately, err := sentLately(tx, by.Register, o)
	if err != nil {
		return prepared{}, err
	}
	for some := range slices.Chunk(people, 200) { // a wide IN is slow on SQLite
		found, err := recipients(tx, by, some)
		if err != nil {
			return prepared{}, err
		}
		out, err := sieve(tx, by.Register, t.Channel, found, today)
		if err != nil {
			return prepared{}, err
		}
		for _, yp := range some {
			r := found[yp]
			if r == nil {
				continue // hidden, or not held any more
			}
			why := out[yp]
			switch {
			case veil.Locks(yp):
				why = IsLocked
			case !theirs(by, r):
				why = NotYours
			case t.Channel == notify.Letter && veil.Protects(yp) && (why == "" || why == NoNumber || why == BadNumber):
				why = IsProtected
			case why == "" && lately[yp]:
				why = HasIt
			}
			if why == "" {
				p.to = append(p.to, *r)
				continue
			}
			p.left[why] = append(p.left[why], Named{r.ref, strings.TrimSpace(r.given + " " + r.family)})
		}
	}
	return p, nil
}

const sqlLately = `SELECT m.young_person FROM message_batch b JOIN message m ON m.register = b.register AND m.batch = b.ref
	WHERE b.register = $1 AND b.template = $2 AND b.at > $3 AND m.state NOT IN ('failed', 'stopped')`

// sentLately are those who have the message of an order to many already, or are about
// to.
func sentLately(tx *db.Tx, r id.Register, o Order) (map[id.YoungPerson]bool, error) {
	if len(o.People) == 1 {
		return nil, nil
	}
	keys, err := column(tx, sqlLately, int64(r), string(o.Template), db.Instant{Time: tx.Now.Add(-hasItFor)})
	out := make(map[id.YoungPerson]bool, len(keys))
	for _, yp := range keys {
		out[id.YoungPerson(yp)] = true
	}
	return out, err
}

// theirs says that the actor may send to somebody: an adviser sends to their
// own, others to everybody.
func theirs(by access.Actor, r *recipient) bool {
	if by.Holds(access.TeamManager) || by.Holds(access.DataOfficer) || by.Holds(access.Operator) {
		return true
	}
	account, ok := strings.CutPrefix(by.Ref, "account:")
	return ok && r.account == account
}

const sqlStanding = `SELECT s.young_person, s.ref, s.given, s.family, s.adviser, s.adviser_name FROM standing s`

// recipients are those of some people whom the actor may know of.
func recipients(tx *db.Tx, by access.Actor, people []id.YoungPerson) (map[id.YoungPerson]*recipient, error) {
	var w db.Where
	access.ScopeLines(&w, by, access.SendMessage, "s")
	keys := make([]any, len(people))
	for i, yp := range people {
		keys[i] = int64(yp)
	}
	w.In("s.young_person", keys...)
	rows, err := tx.Query(sqlStanding+w.SQL(), w.Args...)
	if err != nil {
		return nil, fmt.Errorf("read who gets messages: %w", err)
	}
	defer rows.Close()
	out := map[id.YoungPerson]*recipient{}
	for rows.Next() {
		r := &recipient{}
		if err := rows.Scan((*int64)(&r.person), (*string)(&r.ref), &r.given, &r.family, &r.account, &r.adviser); err != nil {
			return nil, fmt.Errorf("read who gets messages: %w", err)
		}
		out[r.person] = r
	}
	return out, rows.Err()
}

// sieve fills in where the message goes, and says why it goes to some not.
func sieve(tx *db.Tx, register id.Register, c notify.Channel, found map[id.YoungPerson]*recipient, today civil.Date) (map[id.YoungPerson]string, error) {
	people := make([]id.YoungPerson, 0, len(found))
	for yp := range found {
		people = append(people, yp)
	}
	if len(people) == 0 {
		return nil, nil
	}
	slices.Sort(people)
	restricted, err := youngperson.Restricted(tx, register, people, today)
	if err != nil {
		return nil, err
	}
	unwilling, err := youngperson.Unwilling(tx, register, people, string(c), today)
	if err != nil {
		return nil, err
	}
	k := fact.Known{Register: register, People: people}
	if err := knownAs(tx, k, found, today); err != nil {
		return nil, err
	}
	out := map[id.YoungPerson]string{}
	for _, yp := range people {
		out[yp] = NoNumber
	}
	if c == notify.Letter {
		err = addresses(tx, k, found, out, today)
	} else {
		err = reaches(tx, k, c, found, out, today)
	}
	for _, yp := range people {
		switch {
		case restricted[yp]:
			out[yp] = IsRestricted
		case unwilling[yp]:
			out[yp] = WantsNone
		}
	}
	return out, err
}

// by gathers the facts of each person in their order.
func gather[T any](tx *db.Tx, t fact.Table[T], k fact.Known) (map[id.YoungPerson][]fact.Of[T], error) {
	out := map[id.YoungPerson][]fact.Of[T]{}
	err := t.Each(tx, k, func(f *fact.Of[T]) error { out[f.YoungPerson] = append(out[f.YoungPerson], *f); return nil })
	return out, err
}

// knownAs has people called by the name that they go by.
func knownAs(tx *db.Tx, k fact.Known, found map[id.YoungPerson]*recipient, today civil.Date) error {
	names, err := gather(tx, youngperson.Names, k)
	for yp, theirs := range names {
		theirs = slices.DeleteFunc(theirs, func(f fact.Of[youngperson.Name]) bool { return f.Is.Kind != youngperson.KnownAs || f.Is.Given == "" })
		if f := life.InForce(theirs, today); f != nil {
			found[yp].given = f.Is.Given
		}
	}
	return err
}

// reaches takes the first number or mailbox that can be one.
func reaches(tx *db.Tx, k fact.Known, c notify.Channel, found map[id.YoungPerson]*recipient, out map[id.YoungPerson]string, today civil.Date) error {
	kind, read := youngperson.Telephone, Mobile
	if c == notify.Email {
		kind, read = youngperson.Email, mailbox
	}
	all, err := gather(tx, youngperson.Reaches, k)
	for yp, theirs := range all {
		for _, f := range theirs {
			if f.Is.Kind != kind || life.InForce([]fact.Of[youngperson.Reach]{f}, today) == nil {
				continue
			}
			if to, ok := read(f.Is.Value); ok {
				found[yp].to, found[yp].reach, out[yp] = to, f.ID, ""
				break
			}
			out[yp] = BadNumber
		}
	}
	return err
}

func addresses(tx *db.Tx, k fact.Known, found map[id.YoungPerson]*recipient, out map[id.YoungPerson]string, today civil.Date) error {
	all, err := gather(tx, youngperson.Addresses, k)
	for yp, theirs := range all {
		f := life.InForce(theirs, today)
		if f == nil {
			continue
		}
		r := found[yp]
		lines := []string{strings.TrimSpace(r.given + " " + r.family)}
		for _, line := range []string{f.Is.Line1, f.Is.Line2, f.Is.Line3, f.Is.Line4, f.Is.Town} {
			if line = strings.TrimSpace(line); line != "" && len(lines) < 6 {
				lines = append(lines, line)
			}
		}
		if f.Is.Line1 == "" || f.Is.Postcode == "" {
			out[yp] = BadNumber
			continue
		}
		r.address, r.reach, out[yp] = append(lines, record.Postcode(f.Is.Postcode)), f.ID, ""
	}
	return err
}

// sawRefs records who was shown.
func (s *Service) sawRefs(ctx context.Context, by access.Actor, refs []id.Ref, page string) error {
	if len(refs) == 0 {
		return nil
	}
	people, err := s.people(ctx, by, Order{People: refs})
	if err != nil {
		return err
	}
	return s.saw(ctx, by, people, page)
}

func (s *Service) saw(ctx context.Context, by access.Actor, people []id.YoungPerson, page string) error {
	if len(people) == 0 {
		return nil
	}
	return s.Sights.See(ctx, act.Sight{By: by, Kind: access.SeePerson, People: people, Page: page})
}
