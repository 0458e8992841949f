package list

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/db"
	"waymark/internal/field"
	"waymark/internal/id"
)

// Everybody is who a list is shared with where it is shared with all who may
// see young people.
const Everybody = "everybody"

// Saved is a list that is kept under a name.
type Saved struct {
	Ref  id.Ref
	Name string
	// Asks is the question as an address has it.
	Asks url.Values
	// Owner is the actor who keeps it, by OwnerName.
	Owner, OwnerName string
	// Shared is "" for its owner alone, Everybody, or the role whose members
	// see it.
	Shared string
}

// SharedWith are who a list can be shared with besides its owner: the teams, by
// their work, and everybody.
func SharedWith() []string {
	return []string{string(access.Adviser), string(access.TeamManager), string(access.DataOfficer), string(access.InformationGovernance), Everybody}
}

// visible says that the actor sees the list.
func (l Saved) visible(by access.Actor) bool {
	return l.Owner == by.Ref || l.Shared == Everybody || l.Shared != "" && by.Holds(access.Role(l.Shared))
}

const (
	sqlSaved     = `SELECT ref, name, asks, owner, owner_name, shared FROM saved_list WHERE register = $1 AND known_to IS NULL ORDER BY name, ref`
	sqlSave      = `INSERT INTO saved_list (register, ref, name, asks, owner, owner_name, shared, known_from) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`
	sqlRemove    = `UPDATE saved_list SET known_to = $1 WHERE register = $2 AND ref = $3 AND owner = $4 AND known_to IS NULL`
	longestName  = 80
	mostOfOneOwn = 200
)

// Saved are the lists that the actor keeps or that are shared with them. It
// needs access.KeepList.
func (s *Service) Saved(ctx context.Context, by access.Actor) ([]Saved, error) {
	if err := access.Decide(by, access.KeepList, access.Subject{Register: by.Register}); err != nil {
		return nil, err
	}
	var out []Saved
	err := s.DB.Read(ctx, func(tx *db.Tx) error {
		var err error
		out, err = saved(tx, by.Register)
		return err
	})
	return slices.DeleteFunc(out, func(l Saved) bool { return !l.visible(by) }), err
}

func saved(tx *db.Tx, r id.Register) ([]Saved, error) {
	rows, err := tx.Query(sqlSaved, int64(r))
	if err != nil {
		return nil, fmt.Errorf("read the saved lists: %w", err)
	}
	defer rows.Close()
	var out []Saved
	for rows.Next() {
		var l Saved
		var asks string
		if err := rows.Scan((*string)(&l.Ref), &l.Name, &asks, &l.Owner, &l.OwnerName, &l.Shared); err != nil {
			return nil, fmt.Errorf("read the saved lists: %w", err)
		}
		if l.Asks, err = url.ParseQuery(asks); err != nil {
			return nil, fmt.Errorf("read the saved list %s: %w", l.Ref, err)
		}
		out = append(out, l)
	}
	return out, rows.Err()
}

// Get is one saved list, or db.NotFound where there is none that the actor
// sees.
func (s *Service) Get(ctx context.Context, by access.Actor, ref id.Ref) (Saved, error) {
	all, err := s.Saved(ctx, by)
	if err != nil {
		return Saved{}, err
	}
	i := slices.IndexFunc(all, func(l Saved) bool { return l.Ref == ref })
	if i < 0 {
		return Saved{}, db.NotFound
	}
	return all[i], nil
}

// Save keeps a question under a name. key is the form's one-use key. It needs
// access.KeepList, and returns field.Errors or act.ErrRepeated.
func (s *Service) Save(ctx context.Context, by access.Actor, name, shared string, q Question, key string) (id.Ref, error) {
	name, wrong := checkNamed(name, shared)
	if len(q.Filters) == 0 {
		wrong.Add("name", "Choose at least one filter first: a list of everybody needs no name")
	}
	if wrong != nil {
		return "", wrong
	}
	one := Saved{Ref: id.NewRef(), Name: name, Asks: q.Values(), Shared: shared}
	return one.Ref, s.DB.InTx(ctx, func(tx *db.Tx) error {
		a, err := act.Begin(tx, by, access.KeepList, 0, act.Request{Key: key})
		if err != nil {
			return err
		}
		all, err := saved(tx, by.Register)
		if err != nil {
			return err
		}
		own := 0
		for _, l := range all {
			if l.Owner == by.Ref {
				own++
			}
		}
		if own >= mostOfOneOwn {
			return field.Errors{{Field: "name", Message: fmt.Sprintf("Remove a list first: you keep %d", own)}}
		}
		return keep(tx, a, by, all, one)
	})
}

// Change gives a list that the actor keeps another name, or shares it with
// others; what it asks stays. It needs access.KeepList, and returns
// field.Errors, db.NotFound or act.ErrRepeated.
func (s *Service) Change(ctx context.Context, by access.Actor, ref id.Ref, name, shared, key string) error {
	name, wrong := checkNamed(name, shared)
	if wrong != nil {
		return wrong
	}
	return s.DB.InTx(ctx, func(tx *db.Tx) error {
		a, err := act.Begin(tx, by, access.KeepList, 0, act.Request{Key: key})
		if err != nil {
			return err
		}
		all, err := saved(tx, by.Register)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(all, func(l Saved) bool { return l.Ref == ref })
		if err := closeOwn(tx, a, by, ref); err != nil {
			return err
		}
		one := all[i]
		one.Name, one.Shared = name, shared
		return keep(tx, a, by, all, one)
	})
}

// checkNamed tidies a name and says what is wrong with it, or with whom the
// list is to be shared.
func checkNamed(name, shared string) (string, field.Errors) {
	name = strings.Join(strings.Fields(name), " ")
	var wrong field.Errors
	switch {
	case name == "":
		wrong.Add("name", "Enter a name for the list, like Year 12 not known")
	case len([]rune(name)) > longestName:
		wrong.Add("name", fmt.Sprintf("Enter a name of %d letters or fewer", longestName))
	}
	if shared != "" && !slices.Contains(SharedWith(), shared) {
		wrong.Add("shared", "Select who sees the list")
	}
	return name, wrong
}

// keep stores a version of a list, whose name no other of its owner may have.
func keep(tx *db.Tx, a *act.Act, by access.Actor, all []Saved, one Saved) error {
	if slices.ContainsFunc(all, func(l Saved) bool { return l.Owner == by.Ref && l.Name == one.Name && l.Ref != one.Ref }) {
		return field.Errors{{Field: "name", Message: "Enter another name: you keep a list of this name already"}}
	}
	if _, err := tx.Exec(sqlSave, int64(by.Register), string(one.Ref), one.Name, one.Asks.Encode(), by.Ref, by.Name, one.Shared, int64(a.Number)); err != nil {
		return fmt.Errorf("save the list: %w", err)
	}
	return nil
}

// closeOwn ends the version of a list that the actor keeps, or returns
// db.NotFound.
func closeOwn(tx *db.Tx, a *act.Act, by access.Actor, ref id.Ref) error {
	done, err := tx.Exec(sqlRemove, int64(a.Number), int64(by.Register), string(ref), by.Ref)
	if err != nil {
		return fmt.Errorf("close the list: %w", err)
	}
	n, err := done.RowsAffected()
	if err == nil && n == 0 {
		err = db.NotFound
	}
	return err
}

// Remove takes a list away that the actor keeps, or returns db.NotFound.
func (s *Service) Remove(ctx context.Context, by access.Actor, ref id.Ref, key string) error {
	return s.DB.InTx(ctx, func(tx *db.Tx) error {
		a, err := act.Begin(tx, by, access.KeepList, 0, act.Request{Key: key})
		if err != nil {
			return err
		}
		return closeOwn(tx, a, by, ref)
	})
}
