package visit

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"waymark/internal/access"
	"waymark/internal/account"
	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/fact"
	"waymark/internal/field"
	"waymark/internal/id"
	"waymark/internal/life"
	"waymark/internal/place"
	"waymark/internal/record"
	"waymark/internal/round"
	"waymark/internal/safety"
	"waymark/internal/standing"
	"waymark/internal/youngperson"
)

// Plan is what a round is made from.
type Plan struct {
	Day   civil.Date
	ByCar bool
	// Start is the postcode at which the way begins and ends.
	Start string
	// Worker is the reference of the account that goes.
	Worker id.Ref
	// People are whom to visit, in the order of the list; at most MostPeople.
	People []id.Ref
	// Most is how many doors one round has at most; where there are more, there
	// are several rounds.
	Most int
	// Campaign is the campaign from whose list they are, "" for none: what comes of
	// their doors counts as its tries, on whosever round they stand then.
	Campaign id.Ref
	Key      string
}

// MostPeople is how many can be planned at once, MostDoors the most doors of one
// round.
const (
	MostPeople = 300
	MostDoors  = 60
)

func (p *Plan) check(today civil.Date) error {
	var wrong field.Errors
	if p.Day.IsZero() || p.Day.Before(today) {
		wrong.Add("day", "Enter the day of the visits, today or later")
	}
	if p.Most < 1 || p.Most > MostDoors {
		wrong.Add("most", fmt.Sprintf("Enter how many doors one round may have, from 1 to %d", MostDoors))
	}
	if len(p.People) == 0 {
		wrong.Add("person", "Select whom to visit")
	}
	if len(p.People) > MostPeople {
		wrong.Add("person", fmt.Sprintf("Select at most %d people at once", MostPeople))
	}
	return wrong.Err()
}

// door is all who live at one address.
type door struct {
	at     round.Point
	line   string // the address, folded
	number int    // of the house, 0 where it has none
	people []id.YoungPerson
}

// planned is one person of the plan.
type planned struct {
	yp  id.YoungPerson
	why Why
}

// Plan makes the rounds and returns their references, in the order in which
// their ways begin. Whoever is hidden from the actor, or locked, is in none of
// them. It needs access.PlanVisits: an adviser plans for themselves, others for
// any adviser. It returns field.Errors, or act.ErrRepeated: PlannedWith then says
// what the first press made.
func (s *Service) Plan(ctx context.Context, by access.Actor, p Plan) ([]id.Ref, error) {
	if err := p.check(civil.On(s.DB.Now(), civil.London())); err != nil {
		return nil, err
	}
	worker, err := s.worker(ctx, by, p.Worker)
	if err != nil {
		return nil, err
	}
	var refs []id.Ref
	err = s.DB.InTx(ctx, func(tx *db.Tx) error {
		refs = nil
		a, err := act.Begin(tx, by, access.PlanVisits, 0, act.Request{Reason: "visits planned for " + p.Day.String(), Key: p.Key})
		if err != nil {
			return err
		}
		book, err := place.Read(tx, by.Register, 0)
		if err != nil {
			return err
		}
		start, known, err := pointOf(book, p.Start)
		if err != nil {
			return err
		}
		if !known {
			return field.Errors{{Field: "start", Message: startUnknown(book, p.Start)}}
		}
		doors, apart, err := doorsOf(tx, by, book, p)
		if err != nil {
			return err
		}
		refs, err = write(tx, a, p, worker, start, doors, apart)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("plan visits: %w", err)
	}
	return refs, nil
}

func startUnknown(book *place.Book, start string) string {
	if book.Is.Postcodes == 0 {
		return "No postcode directory is loaded, so no way can be worked out. Ask a data officer to load one on the page Reference data"
	}
	if start == "" {
		return "Enter the postcode at which the round begins and ends"
	}
	return "This postcode is not in the directory. Check it, or enter one near by"
}

// worker is whom the actor plans for.
func (s *Service) worker(ctx context.Context, by access.Actor, ref id.Ref) (account.Account, error) {
	if !plansForOthers(by) && string(ref) != accountOf(by) {
		return account.Account{}, field.Errors{{Field: "worker", Message: "You plan rounds for yourself. Ask your manager to plan one for somebody else"}}
	}
	a, err := s.Accounts.ByRef(ctx, ref)
	if err == nil && !slices.Contains(a.Roles, access.Adviser) && !slices.Contains(a.Roles, access.TeamManager) {
		err = db.NotFound
	}
	if errors.Is(err, db.NotFound) {
		return a, field.Errors{{Field: "worker", Message: "Select who goes"}}
	}
	return a, err
}

// pointOf is where a postcode is; false where that is not known.
func pointOf(book *place.Book, postcode string) (round.Point, bool, error) {
	p, known, err := book.Postcode(postcode)
	if err != nil || !known {
		return round.Point{}, false, err
	}
	x, badX := strconv.ParseFloat(p.Easting, 64)
	y, badY := strconv.ParseFloat(p.Northing, 64)
	return round.Point{X: x, Y: y}, badX == nil && badY == nil, nil
}

// asked are the people of a plan who may be visited by it at all, in its order.
func asked(tx *db.Tx, by access.Actor, refs []id.Ref) ([]id.YoungPerson, error) {
	sieve, err := access.Look(tx, by, access.PlanVisits)
	if err != nil {
		return nil, err
	}
	keys := map[id.Ref]id.YoungPerson{}
	for some := range slices.Chunk(refs, 200) {
		in := make([]any, len(some))
		for i, r := range some {
			in[i] = string(r)
		}
		var w db.Where
		w.And("register = $1 AND known_to IS NULL", int64(by.Register))
		w.In("ref", in...)
		rows, err := tx.Query("SELECT id, ref FROM young_person"+w.SQL(), w.Args...)
		if err != nil {
			return nil, err
		}
		for rows.Next() {
			var yp id.YoungPerson
			var ref id.Ref
			if err := rows.Scan((*int64)(&yp), &ref); err != nil {
				rows.Close()
				return nil, err
			}
			keys[ref] = yp
		}
		rows.Close()
		if err := rows.Err(); err != nil {
			return nil, err
		}
	}
	var out []id.YoungPerson
	for _, r := range refs {
		if yp := keys[r]; sieve.Lets(yp) && !slices.Contains(out, yp) {
			out = append(out, yp)
		}
	}
	return out, nil
}

// sqlElsewhere are those at a door of a round of the day or later that is open,
// of whom nothing is told yet.
const (
	sqlElsewhere = ` FROM visit_stop s JOIN visit_round r ON r.register = s.register AND r.id = s.round JOIN young_person y ON y.register = s.register AND y.id = s.young_person
	WHERE s.register = $1 AND r.closed = FALSE AND r.day >= $2 AND s.door > 0 AND s.outcome = ''`
	sqlElsewhereKeys = `SELECT s.young_person` + sqlElsewhere
	sqlElsewhereRefs = `SELECT y.ref` + sqlElsewhere
)

// Elsewhere are those whom no new round takes, because they are at a door of one
// that is not over. It needs access.PlanVisits and shows nobody.
func (s *Service) Elsewhere(ctx context.Context, by access.Actor) (map[id.Ref]bool, error) {
	if err := access.Decide(by, access.PlanVisits, access.Subject{Register: by.Register}); err != nil {
		return nil, err
	}
	out := map[id.Ref]bool{}
	err := s.DB.Read(ctx, func(tx *db.Tx) error {
		refs, err := db.Values[id.Ref](tx, sqlElsewhereRefs, int64(by.Register), civil.On(tx.Now, civil.London()).String())
		for _, ref := range refs {
			out[ref] = true
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read who is on a round: %w", err)
	}
	return out, nil
}

// doorsOf are the doors of a plan, in the order of the list, and who has none.
func doorsOf(tx *db.Tx, by access.Actor, book *place.Book, p Plan) (doors []door, apart []planned, err error) {
	people, err := asked(tx, by, p.People)
	if err != nil {
		return nil, nil, err
	}
	if len(people) == 0 {
		return nil, nil, field.Errors{{Field: "person", Message: "Nobody whom you selected can be visited: select others"}}
	}
	known, err := behind(tx, by, people)
	if err != nil {
		return nil, nil, err
	}
	elsewhere, err := db.Values[id.YoungPerson](tx, sqlElsewhereKeys, int64(by.Register), civil.On(tx.Now, civil.London()).String())
	if err != nil {
		return nil, nil, err
	}
	for _, yp := range people {
		b := known[yp]
		if b == nil {
			continue
		}
		if b.why == "" && slices.Contains(elsewhere, yp) {
			b.why = OnAnotherRound
		}
		at, found := round.Point{}, false
		if b.why == "" {
			if at, found, err = pointOf(book, b.address.Postcode); err != nil {
				return nil, nil, err
			}
			if !found {
				b.why = UnknownPostcode
			}
		}
		if b.why != "" {
			apart = append(apart, planned{yp, b.why})
			continue
		}
		line := standing.Fold(strings.Join([]string{b.address.Line1, b.address.Line2, b.address.Postcode}, " "))
		if i := slices.IndexFunc(doors, func(d door) bool { return d.line == line }); i >= 0 {
			doors[i].people = append(doors[i].people, yp)
			continue
		}
		doors = append(doors, door{at, line, houseNumber(b.address.Line1), []id.YoungPerson{yp}})
	}
	return doors, apart, nil
}

func houseNumber(line string) int {
	digits := strings.IndexFunc(line, func(r rune) bool { return r < '0' || r > '9' })
	if digits < 0 {
		digits = len(line)
	}
	n, err := strconv.Atoi(line[:digits])
	if err != nil {
		return 0
	}
	return n
}

// behindDoor is what is held of somebody that decides whether anybody goes.
type behindDoor struct {
	life    *life.Life
	address youngperson.Address
	notes   []safety.Note
	why     Why
}

// behind reads it for some people, as it is now, and as the actor may know it.
// Whoever is not held, or barred from the actor, is left out.
func behind(tx *db.Tx, by access.Actor, people []id.YoungPerson) (map[id.YoungPerson]*behindDoor, error) {
	veil, err := access.VeilOf(tx, by)
	if err != nil {
		return nil, err
	}
	today := civil.On(tx.Now, civil.London())
	out := map[id.YoungPerson]*behindDoor{}
	for some := range slices.Chunk(people, 200) {
		lives, err := life.Load(tx, fact.Known{Register: by.Register, People: some})
		if err != nil {
			return nil, err
		}
		for _, l := range lives {
			if veil.Bars(l.Person.ID) {
				continue
			}
			out[l.Person.ID] = behindOf(l, veil, today)
		}
	}
	return out, nil
}

func behindOf(l *life.Life, veil *access.Veil, today civil.Date) *behindDoor {
	b := &behindDoor{life: l, notes: safety.InForce(l.Safety)}
	if a := life.InForce(l.Addresses, today); a != nil {
		b.address = a.Is
	}
	switch {
	case veil.Protects(l.Person.ID):
		b.why, b.address = Protected, youngperson.Address{}
	case life.InForce(l.Restrictions, today) != nil:
		b.why = Unprocessed
	case safety.Has(b.notes, safety.DoNotVisit):
		b.why = NotVisited
	case youngperson.Strongest(l.OptOuts, "", today) == youngperson.OptOutAll:
		b.why = OptedOut
	case b.address == (youngperson.Address{}):
		b.why = NoAddress
	case b.address.Postcode == "":
		b.why = UnknownPostcode
	}
	return b
}

var (
	roundColumns = []string{"register", "id", "ref", "day", "by_car", "start_postcode", "worker", "worker_name", "planned_by", "planned_name", "metres", "list_metres", "closed", "known_from"}
	stopColumns  = []string{"register", "round", "ref", "young_person", "door", "why", "outcome", "told_by", "act", "campaign"}
)

// write stores the rounds. Whoever has no door stands beside the first.
func write(tx *db.Tx, a *act.Act, p Plan, worker account.Account, start round.Point, doors []door, apart []planned) ([]id.Ref, error) {
	points := make([]round.Point, len(doors))
	for i := range doors {
		points[i] = doors[i].at
	}
	ways := round.Split(start, points, p.Most)
	if len(ways) == 0 {
		ways = [][]int{nil} // nobody has a door: the round says why
	}
	first, err := a.Keys(len(ways))
	if err != nil {
		return nil, err
	}
	var refs []id.Ref
	var roundRows, stopRows [][]any
	stop := func(key int64, yp id.YoungPerson, door int, why Why) {
		stopRows = append(stopRows, []any{int64(a.Register), key, string(id.NewRef()), int64(yp), int64(door), string(why), "", "", int64(0), string(p.Campaign)})
	}
	for i, way := range ways {
		key, ref := first+int64(i), id.NewRef()
		refs = append(refs, ref)
		down := slices.Sorted(slices.Values(way)) // as the list has them
		neighbours(doors, way)
		roundRows = append(roundRows, []any{int64(a.Register), key, string(ref), p.Day.String(), p.ByCar, record.Postcode(p.Start), string(worker.Ref), worker.Name, a.By.Ref, a.By.Name,
			int64(round.Length(start, points, way)), int64(round.Length(start, points, down)), false, int64(a.Number)})
		for n, d := range way {
			for _, yp := range doors[d].people {
				stop(key, yp, n+1, "")
			}
		}
	}
	for _, one := range apart {
		stop(first, one.yp, 0, one.why)
	}
	if err := db.BulkInsert(tx, "visit_round", roundColumns, roundRows); err != nil {
		return nil, err
	}
	return refs, db.BulkInsert(tx, "visit_stop", stopColumns, stopRows)
}

// neighbours puts doors of one postcode, which follow one another, in the order
// of their numbers: the way is as long.
func neighbours(doors []door, way []int) {
	for from := 0; from < len(way); {
		to := from + 1
		for to < len(way) && doors[way[to]].at == doors[way[from]].at {
			to++
		}
		slices.SortStableFunc(way[from:to], func(a, b int) int {
			return cmp.Or(cmp.Compare(doors[a].number, doors[b].number), strings.Compare(doors[a].line, doors[b].line))
		})
		from = to
	}
}
