// Package register keeps registers: the book that one controller keeps.
//
// A register belongs to one local authority, or to a joint service of several.
// It is the first column of every key, and no row ever points into another
// register. Its database id is the three digits that the Department gave to the
// database, with which every YoungPersonsID begins.
package register

import (
	"context"
	"errors"
	"fmt"

	"waymark/internal/db"
	"waymark/internal/id"
	"waymark/internal/nccis"
)

// Register is one register.
type Register struct {
	ID           id.Register
	Ref          id.Ref
	Name         string
	DatabaseID   string
	SupplierName string
	LastAct      id.Act
	Authorities  []Authority
	// PasswordAlone makes a register in which nobody needs a second factor to
	// sign in: a demo. It counts when the register is added; an administrator
	// changes it later.
	PasswordAlone bool
}

// Authority is one local authority that a register answers for. Invented ones
// are a demo's, and unknown to the Department.
type Authority struct {
	Code, Name string
	Invented   bool
}

// Invented are the codes of the authorities that exist in a demo only: its own,
// and those that lie beside it, to which its young people move.
func (r Register) Invented() map[string]string {
	out := map[string]string{}
	for _, a := range r.Authorities {
		if !a.Invented {
			continue
		}
		if len(out) == 0 {
			out = nccis.InventedAuthorities()
		}
		out[a.Code] = a.Name
	}
	return out
}

// Codes are the codes of the authorities.
func (r Register) Codes() []string {
	var out []string
	for _, a := range r.Authorities {
		out = append(out, a.Code)
	}
	return out
}

// Book is what a register is to the records in it: the authorities it answers
// for.
type Book struct{ Authorities map[string]bool }

// Book is the register as its records need it.
func (r Register) Book() Book {
	b := Book{Authorities: map[string]bool{}}
	for _, a := range r.Authorities {
		b.Authorities[a.Code] = true
	}
	return b
}

// ErrNone is what Only returns where the database holds no register yet.
var ErrNone = errors.New("there is no register yet: make one with `waymark register add --name NAME --database-id NNN --authority CODE`, or look at an invented one with `waymark demo`")

// Service reads and makes registers.
type Service struct{ DB *db.DB }

const (
	sqlAddRegister  = `INSERT INTO register (id, ref, name, database_id, supplier_name, second_factor) SELECT COALESCE(MAX(id), 0) + 1, $1, $2, $3, $4, $5 FROM register RETURNING id`
	sqlAddAuthority = `INSERT INTO register_authority (register, la_code, la_name, invented) VALUES ($1, $2, $3, $4)`
	sqlRegisters    = `SELECT id, ref, name, database_id, supplier_name, last_act FROM register ORDER BY id`
	sqlAuthorities  = `SELECT la_code, la_name, invented FROM register_authority WHERE register = $1 ORDER BY la_code`
)

// Add makes a register. It is the one thing that is no act: there is no
// register yet whose log could hold it.
func (s *Service) Add(ctx context.Context, r Register) (Register, error) {
	if len(r.DatabaseID) != 3 || len(r.Authorities) == 0 || r.Name == "" {
		return r, errors.New("a register needs a name, the three digits that the Department gave to its database, and at least one local authority")
	}
	if r.Ref == "" {
		r.Ref = id.NewRef()
	}
	if r.SupplierName == "" {
		r.SupplierName = "Waymark"
	}
	err := s.DB.InTx(ctx, func(tx *db.Tx) error {
		if err := tx.QueryRow(sqlAddRegister, string(r.Ref), r.Name, r.DatabaseID, r.SupplierName, !r.PasswordAlone).Scan(&r.ID); err != nil {
			return fmt.Errorf("make the register: %w", err)
		}
		for _, a := range r.Authorities {
			if _, err := tx.Exec(sqlAddAuthority, int64(r.ID), a.Code, a.Name, a.Invented); err != nil {
				return fmt.Errorf("make the register: %w", err)
			}
		}
		return nil
	})
	return r, err
}

// All are the registers of the database.
func (s *Service) All(ctx context.Context) ([]Register, error) {
	var out []Register
	err := s.DB.Read(ctx, func(tx *db.Tx) error {
		var err error
		out, err = all(tx)
		return err
	})
	return out, err
}

// Get is one register by its key, or db.NotFound.
func (s *Service) Get(ctx context.Context, key id.Register) (Register, error) {
	var found Register
	err := s.DB.Read(ctx, func(tx *db.Tx) error {
		var err error
		found, err = Of(tx, key)
		return err
	})
	return found, err
}

// Of is Get inside a transaction.
func Of(tx *db.Tx, key id.Register) (Register, error) {
	list, err := all(tx)
	if err != nil {
		return Register{}, err
	}
	for _, r := range list {
		if r.ID == key {
			return r, nil
		}
	}
	return Register{}, db.NotFound
}

// Choose is the register that a command means: the one named (by its name or
// one of its authority's codes), or the only one.
func (s *Service) Choose(ctx context.Context, name string) (Register, error) {
	list, err := s.All(ctx)
	if err != nil {
		return Register{}, err
	}
	if len(list) == 0 {
		return Register{}, ErrNone
	}
	if name == "" {
		if len(list) > 1 {
			return Register{}, errors.New("there are several registers here: name one with --register")
		}
		return list[0], nil
	}
	for _, r := range list {
		if r.Name == name || string(r.Ref) == name {
			return r, nil
		}
		for _, code := range r.Codes() {
			if code == name {
				return r, nil
			}
		}
	}
	return Register{}, fmt.Errorf("there is no register called %q", name)
}

func all(tx *db.Tx) ([]Register, error) {
	rows, err := tx.Query(sqlRegisters)
	if err != nil {
		return nil, fmt.Errorf("read the registers: %w", err)
	}
	defer rows.Close()
	var out []Register
	for rows.Next() {
		var r Register
		if err := rows.Scan(&r.ID, &r.Ref, &r.Name, &r.DatabaseID, &r.SupplierName, &r.LastAct); err != nil {
			return nil, fmt.Errorf("read the registers: %w", err)
		}
		out = append(out, r)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	for i := range out {
		if out[i].Authorities, err = authorities(tx, out[i].ID); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func authorities(tx *db.Tx, r id.Register) ([]Authority, error) {
	rows, err := tx.Query(sqlAuthorities, int64(r))
	if err != nil {
		return nil, fmt.Errorf("read the authorities: %w", err)
	}
	defer rows.Close()
	var out []Authority
	for rows.Next() {
		var a Authority
		if err := rows.Scan(&a.Code, &a.Name, &a.Invented); err != nil {
			return nil, fmt.Errorf("read the authorities: %w", err)
		}
		out = append(out, a)
	}
	return out, rows.Err()
}
