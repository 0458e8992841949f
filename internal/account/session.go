package account

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/alexedwards/scs/v2"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/db"
	"waymark/internal/id"
)

const (
	// touchAfter spares a write on every page: idleness is counted to the
	// minute.
	touchAfter = time.Minute
	// rememberedFor is how long it is known whose a session was that is over,
	// so that what they were writing can be kept for them.
	rememberedFor = 24 * time.Hour
)

// What a session's content holds besides a door's own notes. Only text is kept
// in it.
const (
	// InSession is the reference of the account that is signed in.
	InSession = "account"
	// BrowserInSession is the browser in words.
	BrowserInSession = "browser"
	// HowInSession is how they proved who they are: ByPassword, ByPasskey or
	// BySSO.
	HowInSession = "how"
	// BeganInSession is when they signed in, in RFC 3339.
	BeganInSession = "began"
)

// Session is one browser in which somebody is signed in.
type Session struct {
	Ref         id.Ref
	Browser     string
	Began, Used time.Time
}

// Sessions is the keeper of sessions for a web door. Over https the cookie is
// __Host-session: no other host and no unsafe page can set it.
func (s *Service) Sessions(https bool) *scs.SessionManager {
	m := scs.New()
	m.Store = sessionStore{s}
	m.Codec = textCodec{}
	m.HashTokenInStore = true
	// The store counts both limits by the database's clock; this one only has
	// to be no shorter.
	m.Lifetime = 2 * mostLasts
	m.Cookie.Persist = false
	m.Cookie.HttpOnly = true
	m.Cookie.SameSite = http.SameSiteLaxMode
	if https {
		m.Cookie.Name, m.Cookie.Secure = "__Host-session", true
	}
	return m
}

// textCodec keeps the content as readable text, so that the store can tell
// whose session it is.
type textCodec struct{}

type content struct {
	Deadline time.Time         `json:"deadline"`
	Values   map[string]string `json:"values"`
}

// Encode writes the content; anything but text in it is an error of ours.
func (textCodec) Encode(deadline time.Time, values map[string]any) ([]byte, error) {
	c := content{Deadline: deadline, Values: map[string]string{}}
	for k, v := range values {
		text, ok := v.(string)
		if !ok {
			return nil, fmt.Errorf("keep the session: %q is not text", k)
		}
		c.Values[k] = text
	}
	return json.Marshal(c)
}

// Decode reads what Encode wrote.
func (textCodec) Decode(b []byte) (time.Time, map[string]any, error) {
	var c content
	if err := json.Unmarshal(b, &c); err != nil {
		return time.Time{}, nil, fmt.Errorf("read the session: %w", err)
	}
	values := map[string]any{}
	for k, v := range c.Values {
		values[k] = v
	}
	return c.Deadline, values, nil
}

const (
	sqlSession    = `SELECT content, began, used FROM session WHERE register = $1 AND token = $2`
	sqlUse        = `UPDATE session SET used = $3 WHERE register = $1 AND token = $2`
	sqlEndSession = `DELETE FROM session WHERE register = $1 AND token = $2`
	sqlKeep       = `INSERT INTO session (register, token, ref, account, browser, content, began, used)
		VALUES ($1, $2, $3, $4, $5, $6, $8, $7)
		ON CONFLICT (register, token) DO UPDATE SET content = excluded.content, account = excluded.account, browser = excluded.browser, used = excluded.used`
	sqlSweep      = `DELETE FROM session WHERE register = $1 AND used < $2`
	sqlOwn        = `SELECT ref, browser, began, used FROM session WHERE register = $1 AND account = $2 AND used >= $3 AND began >= $4 ORDER BY used DESC, ref`
	sqlEndOne     = `DELETE FROM session WHERE register = $1 AND account = $2 AND ref = $3`
	sqlEndOthers  = `DELETE FROM session WHERE register = $1 AND account = $2 AND ref <> $3`
	sqlSessionRef = `SELECT ref FROM session WHERE register = $1 AND token = $2`
	sqlLastOf     = `SELECT account FROM session WHERE register = $1 AND token = $2`
)

// sessionStore keeps sessions for scs; tokens come already hashed.
type sessionStore struct{ s *Service }

func (st sessionStore) FindCtx(ctx context.Context, token string) ([]byte, bool, error) {
	var text string
	found := false
	rules, err := st.s.Rules(ctx)
	if err != nil {
		return nil, false, err
	}
	err = st.s.db.InSideTx(ctx, func(tx *db.Tx) error {
		var began, used db.Instant
		found = false
		err := tx.QueryRow(sqlSession, st.s.register, token).Scan(&text, &began, &used)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		if tx.Now.Sub(used.Time) > rules.Idle || tx.Now.Sub(began.Time) > rules.Lasts {
			return nil // the sweep takes it away
		}
		found = true
		if tx.Now.Sub(used.Time) >= touchAfter {
			_, err = tx.Exec(sqlUse, st.s.register, token, db.Instant{Time: tx.Now})
		}
		return err
	})
	if err != nil {
		return nil, false, fmt.Errorf("find the session: %w", err)
	}
	return []byte(text), found, nil
}

func (st sessionStore) CommitCtx(ctx context.Context, token string, b []byte, _ time.Time) error {
	var c content
	if err := json.Unmarshal(b, &c); err != nil {
		return fmt.Errorf("keep the session: %w", err)
	}
	err := st.s.db.InSideTx(ctx, func(tx *db.Tx) error {
		if _, err := tx.Exec(sqlSweep, st.s.register, db.Instant{Time: tx.Now.Add(-rememberedFor)}); err != nil {
			return err
		}
		_, err := tx.Exec(sqlKeep, st.s.register, token, string(id.NewRef()), c.Values[InSession], c.Values[BrowserInSession], string(b), db.Instant{Time: tx.Now}, db.Instant{Time: began(c, tx.Now)})
		return err
	})
	if err != nil {
		return fmt.Errorf("keep the session: %w", err)
	}
	return nil
}

// began is when the session began: under a new token, after a new proof of who
// it is, it lasts no longer than under the old.
func began(c content, now time.Time) time.Time {
	at, err := time.Parse(time.RFC3339, c.Values[BeganInSession])
	if err != nil || at.After(now) {
		return now
	}
	return at
}

func (st sessionStore) DeleteCtx(ctx context.Context, token string) error {
	err := st.s.db.InSideTx(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(sqlEndSession, st.s.register, token)
		return err
	})
	if err != nil {
		return fmt.Errorf("end the session: %w", err)
	}
	return nil
}

// The three without a context are what scs's interface also asks for; it calls
// those above.

func (st sessionStore) Find(token string) ([]byte, bool, error) {
	return st.FindCtx(context.Background(), token)
}
func (st sessionStore) Commit(token string, b []byte, until time.Time) error {
	return st.CommitCtx(context.Background(), token, b, until)
}
func (st sessionStore) Delete(token string) error {
	return st.DeleteCtx(context.Background(), token)
}

// OwnSessions lists the browsers in which the actor is signed in, the last
// used first.
func (s *Service) OwnSessions(ctx context.Context, by access.Actor) ([]Session, error) {
	a, err := s.ByID(ctx, by.Account)
	if err != nil {
		return nil, err
	}
	return s.sessionsOf(ctx, a.Ref)
}

// SessionsOf is OwnSessions for somebody else's account. It needs
// access.ManageStaff.
func (s *Service) SessionsOf(ctx context.Context, by access.Actor, account id.Ref) ([]Session, error) {
	if err := access.Decide(by, access.ManageStaff, access.Subject{Register: s.register}); err != nil {
		return nil, err
	}
	return s.sessionsOf(ctx, account)
}

func (s *Service) sessionsOf(ctx context.Context, account id.Ref) ([]Session, error) {
	rules, err := s.Rules(ctx)
	if err != nil {
		return nil, err
	}
	var own []Session
	err = s.db.InSideTx(ctx, func(tx *db.Tx) error {
		own = nil
		rows, err := tx.Query(sqlOwn, s.register, string(account), db.Instant{Time: tx.Now.Add(-rules.Idle)}, db.Instant{Time: tx.Now.Add(-rules.Lasts)})
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var one Session
			var began, used db.Instant
			if err := rows.Scan(&one.Ref, &one.Browser, &began, &used); err != nil {
				return err
			}
			one.Began, one.Used = began.Time, used.Time
			own = append(own, one)
		}
		return rows.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("list the sessions: %w", err)
	}
	return own, nil
}

// SessionRef is the reference of the session with the given hashed token, as
// its owner sees it in the list.
func (s *Service) SessionRef(ctx context.Context, hashed string) (id.Ref, error) {
	var ref id.Ref
	err := s.db.InSideTx(ctx, func(tx *db.Tx) error {
		return tx.QueryRow(sqlSessionRef, s.register, hashed).Scan(&ref)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return "", db.NotFound
	}
	return ref, err
}

// LastOf is the account whose session the hashed token is or was within the
// last day; db.NotFound where it is nobody's.
func (s *Service) LastOf(ctx context.Context, hashed string) (id.Ref, error) {
	var account id.Ref
	err := s.db.ReadSide(ctx, func(tx *db.Tx) error {
		return tx.QueryRow(sqlLastOf, s.register, hashed).Scan(&account)
	})
	if errors.Is(err, sql.ErrNoRows) || err == nil && account == "" {
		return "", db.NotFound
	}
	return account, err
}

// ErrEnded says that whoever was being answered may no longer be: their account
// or their session has ended meanwhile.
var ErrEnded = errors.New("the account or the session has ended")

// Still says whether an answer that takes long may go on: nil while the account
// is open, may do the action, and the session of the hashed token is there;
// ErrEnded otherwise. Everything is read anew.
func (s *Service) Still(ctx context.Context, account id.Ref, action access.Action, hashed string) error {
	a, err := s.ByRef(ctx, account)
	if err != nil && !errors.Is(err, db.NotFound) {
		return err
	}
	if err != nil || !a.Open || !access.May(a.Actor(""), action) {
		return ErrEnded
	}
	if _, err = s.SessionRef(ctx, hashed); errors.Is(err, db.NotFound) {
		return ErrEnded
	}
	return err
}

// EndSession ends one of the actor's own sessions, or is db.NotFound.
func (s *Service) EndSession(ctx context.Context, by access.Actor, ref id.Ref) error {
	a, err := s.ByID(ctx, by.Account)
	if err != nil {
		return err
	}
	return s.endOne(ctx, a.Ref, ref)
}

// EndSessionOf ends one session of somebody else's account, or is db.NotFound.
// It needs access.ManageStaff, and is logged.
func (s *Service) EndSessionOf(ctx context.Context, by access.Actor, account, ref id.Ref, key string) error {
	err := s.db.InTx(ctx, func(tx *db.Tx) error {
		_, err := act.Begin(tx, by, access.ManageStaff, 0, act.Request{Reason: "a session of account " + string(account) + " ended", Key: key})
		return err
	})
	if err != nil {
		return err
	}
	return s.endOne(ctx, account, ref)
}

func (s *Service) endOne(ctx context.Context, account, ref id.Ref) error {
	return s.db.InSideTx(ctx, func(tx *db.Tx) error {
		found, err := changed(tx.Exec(sqlEndOne, s.register, string(account), string(ref)))
		if err != nil {
			return fmt.Errorf("end the session: %w", err)
		}
		if !found {
			return db.NotFound
		}
		return nil
	})
}

// endAll ends an account's sessions but for one, and forgets its browsers.
func (s *Service) endAll(ctx context.Context, account, keep id.Ref) error {
	err := s.db.InSideTx(ctx, func(tx *db.Tx) error {
		if _, err := tx.Exec(sqlUnknowUser, s.register, string(account)); err != nil {
			return err
		}
		_, err := tx.Exec(sqlEndOthers, s.register, string(account), string(keep))
		return err
	})
	if err != nil {
		return fmt.Errorf("end the sessions: %w", err)
	}
	return nil
}
