package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5/pgconn"
)

// The second lock (ux-security.md 5.3). Every statement of this house names
// the register it is about; on PostgreSQL a policy on every table lets a
// transaction reach only the rows of the registers that it was begun for, so
// that a statement which forgot shows nobody else's young people. A
// transaction that was begun for none reaches no row.
//
// A policy binds neither a superuser nor a role with BYPASSRLS, and the owner
// of a table only where it is forced. It is forced, and whoever connects takes
// the role waymark_app where that can be made or is there.

// appRole is the role that pages and commands have.
const appRole = "waymark_app"

// rowPolicy is the name of the policy: its number rises when what it says
// changes, and it is made anew.
const rowPolicy = "waymark_register_1"

// rowRule is what the policy says of a column. The setting is read once for a
// statement, not once for a row.
const rowRule = `%s = ANY ((SELECT string_to_array(nullif(current_setting('waymark.registers', true), '*'), ',')::bigint[])::bigint[])
	OR (SELECT current_setting('waymark.registers', true)) = '*'`

const (
	// sqlUnlocked lists the tables that the policy should bind and does not: all
	// with a column register, and the registers themselves.
	sqlUnlocked = `SELECT c.relname, a.attname FROM pg_class c
		JOIN pg_attribute a ON a.attrelid = c.oid AND NOT a.attisdropped
		 AND (a.attname = 'register' OR (c.relname = 'register' AND a.attname = 'id'))
		WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p')
		 AND NOT (c.relrowsecurity AND c.relforcerowsecurity AND EXISTS (SELECT 1 FROM pg_policy p WHERE p.polrelid = c.oid AND p.polname = '` + rowPolicy + `'))
		ORDER BY c.relname`
	sqlOldPolicies = `SELECT polname FROM pg_policy WHERE polrelid = (SELECT oid FROM pg_class WHERE relname = $1 AND relnamespace = current_schema()::regnamespace) ORDER BY polname`
	sqlWhoAmI      = `SELECT current_user, rolsuper OR rolbypassrls, rolsuper OR rolcreaterole,
		EXISTS (SELECT 1 FROM pg_roles WHERE rolname = '` + appRole + `' AND NOT rolsuper AND NOT rolbypassrls)
		FROM pg_roles WHERE rolname = current_user`
	sqlMakeRole  = `CREATE ROLE ` + appRole + ` NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE`
	sqlMayTake   = `SELECT pg_has_role(current_user, '` + appRole + `', 'MEMBER')`
	sqlUngranted = `SELECT c.relname FROM pg_class c
		WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p') AND NOT (has_table_privilege('` + appRole + `', c.oid, 'SELECT')
		 AND (c.relname IN ('` + mainVersions + `', '` + sideVersions + `') OR (has_table_privilege('` + appRole + `', c.oid, 'INSERT')
		  AND has_table_privilege('` + appRole + `', c.oid, 'UPDATE') AND has_table_privilege('` + appRole + `', c.oid, 'DELETE'))))
		ORDER BY c.relname`
	sqlMayEnter = `SELECT current_schema(), has_schema_privilege('` + appRole + `', current_schema(), 'USAGE')`
)

// Lock is what holds one register's rows from another's.
type Lock struct {
	// Bites says that the database itself refuses another register's rows.
	Bites bool
	// Why says in words why it does not, and what to do about it.
	Why string
}

// Lock is what was found when the database was opened.
func (d *DB) Lock() Lock { return d.lock }

const sqliteLock = "SQLite has no row-level security: where several authorities share one house, keep them in a PostgreSQL database"

// lockRows makes the policies that are missing, takes the role that they bind,
// and goes on with connections that have it.
func (d *DB) lockRows(ctx context.Context) error {
	if err := makePolicies(ctx, d.write); err != nil {
		return err
	}
	role, err := d.takeRole(ctx)
	if err != nil || role == "" {
		return err
	}
	owner, rest := d.write, d.read
	d.role = role
	d.usePools(role)
	return errors.Join(owner.Close(), rest.Close())
}

// makePolicies binds every table that has none of today's policy. A table that
// another owns stays as it is: db.Unlocked tells of it.
func makePolicies(ctx context.Context, q execer) error {
	tables, err := texts(ctx, q, 2, sqlUnlocked)
	if err != nil {
		return fmt.Errorf("look which tables are open to other registers: %w", err)
	}
	for _, t := range tables {
		old, err := texts(ctx, q, 1, sqlOldPolicies, t[0])
		if err != nil {
			return fmt.Errorf("read the policies of %s: %w", t[0], err)
		}
		statement := ""
		for _, p := range old {
			statement += fmt.Sprintf("DROP POLICY %q ON %q;", p[0], t[0])
		}
		rule := fmt.Sprintf(rowRule, `"`+t[1]+`"`)
		statement += fmt.Sprintf("CREATE POLICY "+rowPolicy+" ON %q USING (%s) WITH CHECK (%s); ALTER TABLE %q ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY", t[0], rule, rule, t[0])
		if _, err := q.ExecContext(ctx, statement); err != nil && !isCode(err, notAllowed) {
			return fmt.Errorf("close %s to other registers: %w", t[0], err)
		}
	}
	return nil
}

// takeRole is the role to go on with, empty to go on as who we are, and notes
// whether the policies bind it.
func (d *DB) takeRole(ctx context.Context) (string, error) {
	var me string
	var above, mayMake, there bool
	if err := d.write.QueryRowContext(ctx, sqlWhoAmI).Scan(&me, &above, &mayMake, &there); err != nil {
		return "", fmt.Errorf("read who we are in the database: %w", err)
	}
	if !there && mayMake {
		if err := d.makeRole(ctx, me); err != nil {
			return "", err
		}
		there = true
	}
	var mine bool
	if there {
		if err := d.write.QueryRowContext(ctx, sqlMayTake).Scan(&mine); err != nil {
			return "", fmt.Errorf("read who we may be in the database: %w", err)
		}
	}
	if mine && me != appRole {
		granted, err := d.grant(ctx)
		if err != nil {
			return "", err
		}
		if granted {
			return appRole, d.noteLock(ctx, false)
		}
	}
	return "", d.noteLock(ctx, above)
}

func (d *DB) noteLock(ctx context.Context, above bool) error {
	open, err := texts(ctx, d.write, 2, sqlUnlocked)
	if err != nil {
		return fmt.Errorf("look which tables are open to other registers: %w", err)
	}
	switch {
	case len(open) > 0:
		d.lock = Lock{Why: fmt.Sprintf("the table %s and %d more have no policy: open the database once as the role that owns its tables", open[0][0], len(open)-1)}
	case above:
		d.lock = Lock{Why: "the role that we connect as is bound by no policy: connect as one that is neither a superuser nor has BYPASSRLS, or make the role " + appRole + " and let it be taken"}
	default:
		d.lock = Lock{Bites: true}
	}
	return nil
}

// makeRole makes the role; another who starts at the same moment may be first.
func (d *DB) makeRole(ctx context.Context, me string) error {
	if _, err := d.write.ExecContext(ctx, sqlMakeRole); err != nil && !isCode(err, alreadyThere) && !IsDuplicate(err) {
		return fmt.Errorf("make the role %s: %w", appRole, err)
	}
	// Who makes a role without being a superuser may not take it by that alone.
	if _, err := d.write.ExecContext(ctx, fmt.Sprintf("GRANT "+appRole+" TO %q", me)); err != nil && !isCode(err, notAllowed) {
		return fmt.Errorf("take the role %s: %w", appRole, err)
	}
	return nil
}

// grant lets the role use the tables; false where that is not ours to do and
// was not done by who may.
func (d *DB) grant(ctx context.Context) (bool, error) {
	var schema string
	var enters bool
	if err := d.write.QueryRowContext(ctx, sqlMayEnter).Scan(&schema, &enters); err != nil {
		return false, fmt.Errorf("read what %s may do: %w", appRole, err)
	}
	statement := ""
	if !enters {
		statement = fmt.Sprintf("GRANT USAGE ON SCHEMA %q TO %s;", schema, appRole)
	}
	tables, err := texts(ctx, d.write, 1, sqlUngranted)
	if err != nil {
		return false, fmt.Errorf("read what %s may do: %w", appRole, err)
	}
	for _, t := range tables {
		what := "SELECT, INSERT, UPDATE, DELETE"
		if t[0] == mainVersions || t[0] == sideVersions {
			what = "SELECT"
		}
		statement += fmt.Sprintf("GRANT %s ON %q TO %s;", what, t[0], appRole)
	}
	if statement == "" {
		return true, nil
	}
	_, err = d.write.ExecContext(ctx, statement)
	if isCode(err, notAllowed) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("let %s use the tables: %w", appRole, err)
	}
	return true, nil
}

// execer also changes what it asks.
type execer interface {
	asker
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

// PostgreSQL's codes.
const (
	notAllowed   = "42501"
	alreadyThere = "42710"
)

func isCode(err error, code string) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == code
}
