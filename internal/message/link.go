package message

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/field"
	"waymark/internal/id"
	"waymark/internal/sealed"
)

// LinkDays is for how long a link of self-report is good.
const LinkDays = 21

// mostWrong is how many wrong birth dates close a link.
const mostWrong = 5

// LinkPath is the address of a link of self-report on this server.
func LinkPath(r id.Register, token string) string { return fmt.Sprintf("/a/%d/%s", r, token) }

func (s *Service) link(r id.Register, token string) string { return s.Origin + LinkPath(r, token) }

func hashOf(token string) string {
	sum := sha256.Sum256([]byte("waymark self-report link " + token))
	return hex.EncodeToString(sum[:])
}

const (
	sqlAddLink   = `INSERT INTO self_report_link (register, hash, young_person, message, made_at, ends_at, wrong) VALUES ($1, $2, $3, $4, $5, $6, 0)`
	sqlLink      = `SELECT young_person, ends_at, wrong, used_at FROM self_report_link WHERE register = $1 AND hash = $2`
	sqlWrongLink = `UPDATE self_report_link SET wrong = wrong + 1 WHERE register = $1 AND hash = $2`
	sqlUseLinks  = `UPDATE self_report_link SET used_at = $1 WHERE register = $2 AND young_person = $3 AND used_at IS NULL`
	sqlBornOn    = `SELECT COALESCE(dob, '') FROM standing WHERE register = $1 AND young_person = $2`
	sqlAddAnswer = `INSERT INTO answer (register, ref, source, carrier, number, words, came_at, state) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT (register, source, carrier) DO NOTHING`
	sqlAddWhose = `INSERT INTO answer_person (register, id, answer, young_person, words) VALUES ($1, $2, $3, $4, $5)`
)

// makeLink makes a link for a young person and returns its token, which is
// stored nowhere.
func makeLink(tx *db.Tx, r id.Register, yp id.YoungPerson, message string) (string, error) {
	token := string(id.NewRef())
	if _, err := tx.Exec(sqlAddLink, int64(r), hashOf(token), int64(yp), message, instant(tx.Now), instant(tx.Now.AddDate(0, 0, LinkDays))); err != nil {
		return "", fmt.Errorf("make a link of self-report: %w", err)
	}
	return token, nil
}

// NewLink makes a link of self-report to be handed to a young person, and
// returns its address on this server. It is shown once. key is the form's
// one-use key. It needs access.SendMessage, and returns db.NotFound or
// access.ErrLocked.
func (s *Service) NewLink(ctx context.Context, by access.Actor, ref id.Ref, key string) (path string, err error) {
	err = s.DB.InTx(ctx, func(tx *db.Tx) error {
		yp, err := person(tx, by, ref)
		if err != nil {
			return err
		}
		if _, err := act.Begin(tx, by, access.SendMessage, yp, act.Request{Key: key, Reason: "a link for the young person to tell us what they do"}); err != nil {
			return err
		}
		token, err := makeLink(tx, by.Register, yp, "")
		path = LinkPath(by.Register, token)
		return err
	})
	return path, err
}

// ErrLink is the one answer to a link and a birth date that do not go together,
// for whatever reason: used, too old, another's, never made, or tried too often.
var ErrLink = errors.New("the link does not work with this date of birth")

// Open says whether a link opens with a birth date: nil or ErrLink. It tells
// nothing else, and counts what was wrong.
func (s *Service) Open(ctx context.Context, r id.Register, token string, born civil.Date) error {
	right := false
	err := s.DB.InTx(ctx, func(tx *db.Tx) error {
		yp, err := opens(tx, r, token, born)
		if right = yp != 0; right || err != nil {
			return err
		}
		_, err = tx.Exec(sqlWrongLink, int64(r), hashOf(token))
		return err
	})
	if err == nil && !right {
		return ErrLink
	}
	return err
}

// opens is whose link it is, 0 where it does not open with the birth date. The
// same is read whatever is wrong.
func opens(tx *db.Tx, r id.Register, token string, born civil.Date) (id.YoungPerson, error) {
	var yp, wrong int64
	var ends, used db.Instant
	err := tx.QueryRow(sqlLink, int64(r), hashOf(token)).Scan(&yp, &ends, &wrong, &used)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return 0, fmt.Errorf("open a link of self-report: %w", err)
	}
	known := err == nil
	whose, err := survivor(tx, r, id.YoungPerson(yp))
	if err != nil {
		return 0, err
	}
	var dob string
	err = tx.QueryRow(sqlBornOn, int64(r), int64(whose)).Scan(&dob)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return 0, fmt.Errorf("open a link of self-report: %w", err)
	}
	if !known || !used.IsZero() || !ends.After(tx.Now) || wrong >= mostWrong || born.IsZero() || dob != born.String() {
		return 0, nil
	}
	return whose, nil
}

// Doing is what a young person says that they do, in their own words for it.
type Doing string

// What they may say.
const (
	AtSchool       Doing = "school"
	AtCollege      Doing = "college"
	AtUniversity   Doing = "university"
	Apprentice     Doing = "apprenticeship"
	InTraining     Doing = "training"
	Working        Doing = "work"
	Volunteering   Doing = "volunteering"
	Looking        Doing = "looking"
	Unwell         Doing = "unwell"
	Caring         Doing = "caring"
	SomethingElse  Doing = "other"
	NothingPlainly Doing = "" // what was said is not plain
)

// Doings are what the page offers, in its order.
func Doings() []Doing {
	return []Doing{AtSchool, AtCollege, AtUniversity, Apprentice, InTraining, Working, Volunteering, Looking, Unwell, Caring, SomethingElse}
}

// Said is what a young person told us.
type Said struct {
	Doing Doing
	// Where and Since are theirs: a name, and a month or a day as they put it.
	Where, Since string
	// Help is whether they want any, HelpWith with what.
	Help     bool
	HelpWith string
	// Words is a text as it came.
	Words string
}

// most letters of what somebody tells.
const mostSaid = 500

func (a *Said) check() error {
	var wrong field.Errors
	if !slices.Contains(Doings(), a.Doing) {
		wrong.Add("doing", "Choose what you are doing now")
	}
	for _, one := range []struct {
		name string
		text *string
	}{{"where", &a.Where}, {"since", &a.Since}, {"help-with", &a.HelpWith}} {
		*one.text = strings.Join(strings.Fields(*one.text), " ")
		if len([]rune(*one.text)) > mostSaid {
			wrong.Add(one.name, "Use fewer words")
		}
	}
	return wrong.Err()
}

// CheckDoing, for a page that asks one question at a time: whether it is one of
// Doings.
func CheckDoing(d Doing) bool { return slices.Contains(Doings(), d) }

// Tell takes in what a young person says by their link, which is used up by it.
// It returns ErrLink as Open does, and field.Errors. Sent twice it is taken in
// once, and the second is told the same as the first.
func (s *Service) Tell(ctx context.Context, r id.Register, token string, born civil.Date, said Said) error {
	if err := said.check(); err != nil {
		return err
	}
	right := false
	err := s.DB.InTx(ctx, func(tx *db.Tx) error {
		yp, err := opens(tx, r, token, born)
		if err != nil {
			return err
		}
		if right = yp != 0; !right {
			_, err := tx.Exec(sqlWrongLink, int64(r), hashOf(token))
			return err
		}
		a, err := act.Begin(tx, system(r), access.TakeInAnswer, yp, act.Request{})
		if err != nil {
			return err
		}
		if _, err := tx.Exec(sqlUseLinks, instant(tx.Now), int64(r), int64(yp)); err != nil {
			return fmt.Errorf("use up a link of self-report: %w", err)
		}
		return keepAnswer(tx, a, BySelfReport, hashOf(token), "", []id.YoungPerson{yp}, said, Waiting)
	})
	if err == nil && !right {
		return ErrLink
	}
	return err
}

// keepAnswer stores an answer for each whose it may be. One that came before
// changes nothing.
func keepAnswer(tx *db.Tx, a *act.Act, source Source, carrier, number string, whose []id.YoungPerson, said Said, state AnswerState) error {
	ref, words := id.NewRef(), ""
	if len(whose) == 0 { // nobody's, as far as is known: it is sealed with the register's key
		lock, err := sealed.OfRegister(tx, a.Register)
		if err != nil {
			return err
		}
		words = lock.Words(said.Words, unknownAt(ref))
	}
	done, err := tx.Exec(sqlAddAnswer, int64(a.Register), string(ref), string(source), carrier, number, words, instant(tx.Now), string(state))
	if err != nil {
		return fmt.Errorf("keep an answer: %w", err)
	}
	if n, err := done.RowsAffected(); err != nil || n == 0 || len(whose) == 0 {
		return err
	}
	text, err := json.Marshal(said)
	if err != nil {
		return err
	}
	keys, err := sealed.Read(tx, a.Register, whose)
	if err != nil {
		return err
	}
	first, err := a.Keys(len(whose))
	if err != nil {
		return err
	}
	for i, yp := range whose {
		row := first + int64(i)
		locked, err := keys.Seal(tx, yp, answerPlace(a.Register, row), string(text))
		if err != nil {
			return err
		}
		if _, err := tx.Exec(sqlAddWhose, int64(a.Register), row, string(ref), int64(yp), locked); err != nil {
			return fmt.Errorf("keep an answer: %w", err)
		}
	}
	return nil
}

// unknownAt is where the words of a text stand that is nobody's.
func unknownAt(ref id.Ref) string { return "answer.words " + string(ref) }

func answerPlace(r id.Register, row int64) sealed.Place {
	return sealed.Place{Register: r, Table: "answer_person", Column: "words", Row: row}
}

// Until is the last moment at which a link that is made now is good.
func (s *Service) Until() time.Time { return s.DB.Now().AddDate(0, 0, LinkDays) }
