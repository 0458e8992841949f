package message

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/fact"
	"waymark/internal/id"
	"waymark/internal/notify"
	"waymark/internal/youngperson"
)

// Incoming is a text that came.
type Incoming struct {
	// Carrier is the carrier's own name of it, by which one that is told twice is
	// known.
	Carrier, From, Words string
}

// weeksBack is for how long a text counts as an answer to what was sent to its
// number.
const weeksBack = 26

const (
	sqlSentTo     = `SELECT DISTINCT young_person FROM message WHERE register = $1 AND sent_to = $2 AND channel = 'text' AND queued_at > $3 AND state IN ('sending', 'sent', 'delivered', 'not sure') ORDER BY young_person`
	sqlTelephones = `SELECT young_person, value FROM reach WHERE register = $1 AND kind = 'telephone' AND known_to IS NULL AND value <> ''
		UNION ALL SELECT young_person, telephone FROM carer WHERE register = $1 AND known_to IS NULL AND telephone <> ''`
	sqlCameBefore = `SELECT COUNT(*) FROM answer WHERE register = $1 AND source = 'text' AND carrier = $2`
)

// Receive takes in a text. STOP is done at once, for everybody who has the
// number; anything else waits for a person, and where several have the number it
// is said to be of none of them until a person chooses. One that was told before
// changes nothing.
func (s *Service) Receive(ctx context.Context, r id.Register, in Incoming) error {
	number, ok := Mobile(in.From)
	if !ok {
		number = strings.TrimSpace(in.From) // a short number, or one from abroad
	}
	in.Carrier = strings.TrimSpace(in.Carrier)
	if in.Carrier == "" || len(in.Carrier) > 200 || number == "" || len(number) > 50 {
		return errors.New("a text that came names no number, or has no name of its own")
	}
	words := []rune(strings.ToValidUTF8(in.Words, "?"))
	words = words[:min(len(words), 2000)]
	said := Said{Words: strings.Map(printable, string(words))}
	said.Doing = Meaning(said.Words)
	return s.DB.InTx(ctx, func(tx *db.Tx) error {
		var before int
		if err := tx.QueryRow(sqlCameBefore, int64(r), in.Carrier).Scan(&before); err != nil || before > 0 {
			return err
		}
		whose, err := haveNumber(tx, r, number)
		if err != nil {
			return err
		}
		about := id.YoungPerson(0)
		if len(whose) == 1 {
			about = whose[0]
		}
		a, err := act.Begin(tx, system(r), access.TakeInAnswer, about, act.Request{Evidence: &act.Evidence{Kind: act.Text}})
		if err != nil {
			return err
		}
		state := Waiting
		if IsStop(said.Words) {
			state = Stop
			if err := stopAll(tx, a, whose, string(notify.Text), "STOP by text"); err != nil {
				return err
			}
		}
		return keepAnswer(tx, a, ByText, in.Carrier, number, whose, said, state)
	})
}

func printable(r rune) rune {
	if r == '\n' || unicode.IsPrint(r) {
		return r
	}
	return ' '
}

// haveNumber are those to whom texts to the number were sent, and those of whom,
// or of whose carers, it is held: those of them who are held now.
func haveNumber(tx *db.Tx, r id.Register, number string) ([]id.YoungPerson, error) {
	keys, err := column(tx, sqlSentTo, int64(r), number, instant(tx.Now.Add(-weeksBack*7*24*time.Hour)))
	if err != nil {
		return nil, err
	}
	set := map[id.YoungPerson]bool{}
	for _, k := range keys {
		yp, err := survivor(tx, r, id.YoungPerson(k))
		if err != nil {
			return nil, err
		}
		set[yp] = true
	}
	rows, err := tx.Query(sqlTelephones, int64(r))
	if err != nil {
		return nil, fmt.Errorf("find who has a number: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var yp int64
		var value string
		if err := rows.Scan(&yp, &value); err != nil {
			return nil, fmt.Errorf("find who has a number: %w", err)
		}
		if held, _ := Mobile(value); held == number {
			set[id.YoungPerson(yp)] = true
		}
	}
	out := make([]id.YoungPerson, 0, len(set))
	for yp := range set {
		out = append(out, yp)
	}
	slices.Sort(out)
	return out, rows.Err()
}

// stopAll writes that some people want no messages of a channel, where they have
// not said so before.
func stopAll(tx *db.Tx, a *act.Act, people []id.YoungPerson, channel, saidBy string) error {
	if len(people) == 0 {
		return nil
	}
	today := civil.On(tx.Now, civil.London())
	already, err := youngperson.Unwilling(tx, a.Register, people, channel, today)
	if err != nil {
		return err
	}
	for _, yp := range people {
		if already[yp] {
			continue
		}
		if _, err := youngperson.NoMessages.New(tx, a, yp, today.String(), youngperson.NoMessage{Channel: channel, SaidBy: saidBy}); err != nil {
			return err
		}
	}
	return nil
}

// stopWords are the texts that ask for no more.
var stopWords = []string{"stop", "stopall", "stop all", "unsubscribe", "opt out", "optout", "stop texting me", "stop texting", "stop messaging me", "stop please", "please stop", "no more texts", "no more messages", "leave me alone", "remove me", "quit", "end", "stopio", "stop texts", "stop contacting me"}

// plain is a text in small letters, words alone.
func plain(text string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(strings.NewReplacer("’", "", "'", "").Replace(text)), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }), " ")
}

// IsStop says that a text asks for no more texts. "I stopped college" does not.
func IsStop(text string) bool { return slices.Contains(stopWords, plain(text)) }

// says are the words by which a text says plainly what somebody does.
var says = map[Doing][]string{
	AtSchool:     {"school", "sixth form", "6th form", "sixthform", "a levels", "alevels"},
	AtCollege:    {"college", "coleg", "btec", "t level", "t levels"},
	AtUniversity: {"uni", "university"},
	Apprentice:   {"apprentice", "apprenticeship"},
	InTraining:   {"training", "traineeship", "training course"},
	Working:      {"work", "working", "job", "employed", "full time job", "part time job"},
	Volunteering: {"volunteering", "volunteer"},
	Looking:      {"looking", "unemployed", "nothing", "job hunting", "searching", "neet"},
	Unwell:       {"ill", "sick", "hospital", "unwell"},
	Caring:       {"pregnant", "baby", "carer", "caring", "mum", "looking after"},
}

// doubts make a text not plain: what somebody does not do, did, or may do.
var doubts = []string{"not", "no", "dont", "didnt", "isnt", "left", "dropped", "quit", "stopped", "was", "might", "may", "want", "wanted", "maybe", "hope", "hoping", "if", "or", "but", "until", "finished", "start", "starting", "soon", "next", "hate", "who", "wrong"}

// Meaning is what a text plainly says that somebody does; NothingPlainly where
// it says more than one thing, or something with a doubt: a person reads it.
func Meaning(text string) Doing {
	words := " " + plain(text) + " "
	for _, doubt := range doubts {
		if strings.Contains(words, " "+doubt+" ") {
			return NothingPlainly
		}
	}
	// The longer expressions first: "looking after my sister" is not looking.
	found, rest := NothingPlainly, words
	for _, long := range []bool{true, false} {
		for _, doing := range Doings() {
			for _, one := range says[doing] {
				if strings.Contains(one, " ") != long || !strings.Contains(rest, " "+one+" ") {
					continue
				}
				if found != NothingPlainly && found != doing {
					if found == Looking && doing == Working || found == Working && doing == Looking {
						found = Looking // "looking for work"
						continue
					}
					return NothingPlainly
				}
				found, rest = doing, strings.ReplaceAll(rest, " "+one+" ", " ")
			}
		}
	}
	return found
}

// StopMessages notes that a young person wants no messages of a channel, or of
// none at all (""). It needs access.StopMessages, and returns db.NotFound,
// access.ErrLocked or act.ErrRepeated.
func (s *Service) StopMessages(ctx context.Context, by access.Actor, ref id.Ref, channel, saidBy, key string) error {
	if channel != "" && !slices.Contains(notify.Channels(), notify.Channel(channel)) {
		return wrongField("channel", "Select which messages they do not want")
	}
	saidBy = strings.Join(strings.Fields(saidBy), " ")
	if saidBy == "" || len(saidBy) > 200 {
		return wrongField("said-by", "Enter who asked for it and how, in a few words")
	}
	return s.DB.InTx(ctx, func(tx *db.Tx) error {
		yp, err := person(tx, by, ref)
		if err != nil {
			return err
		}
		a, err := act.Begin(tx, by, access.StopMessages, yp, act.Request{Key: key, Evidence: &act.Evidence{Kind: act.Telephone, SaidBy: saidBy, Grade: act.SaidByPerson}})
		if err != nil {
			return err
		}
		return stopAll(tx, a, []id.YoungPerson{yp}, channel, saidBy)
	})
}

// AllowMessages ends what StopMessages noted: they have asked for messages again.
// seen is the version that was shown; where another is held by now it returns
// db.Conflict. It needs access.StopMessages.
func (s *Service) AllowMessages(ctx context.Context, by access.Actor, ref id.Ref, which id.Fact, seen id.Act, key string) error {
	return s.DB.InTx(ctx, func(tx *db.Tx) error {
		yp, err := person(tx, by, ref)
		if err != nil {
			return err
		}
		a, err := act.Begin(tx, by, access.StopMessages, yp, act.Request{Key: key})
		if err != nil {
			return err
		}
		var old *fact.Of[youngperson.NoMessage]
		if err := youngperson.NoMessages.Each(tx, fact.Known{Register: by.Register, People: []id.YoungPerson{yp}}, func(f *fact.Of[youngperson.NoMessage]) error {
			if f.ID == which && f.KnownFrom == seen {
				one := *f
				old = &one
			}
			return nil
		}); err != nil {
			return err
		}
		if old == nil {
			return db.Conflict{What: "which messages this young person wants"}
		}
		return youngperson.NoMessages.Close(tx, a, old.Version)
	})
}
