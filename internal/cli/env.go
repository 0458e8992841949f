package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/user"
	"path/filepath"

	"waymark/internal/access"
	"waymark/internal/account"
	"waymark/internal/border"
	"waymark/internal/calendar"
	"waymark/internal/campaign"
	"waymark/internal/db"
	"waymark/internal/due"
	"waymark/internal/id"
	"waymark/internal/imports"
	"waymark/internal/intake"
	people "waymark/internal/list"
	"waymark/internal/nccis"
	"waymark/internal/notify"
	"waymark/internal/publish"
	"waymark/internal/record"
	"waymark/internal/reference"
	"waymark/internal/register"
	figures "waymark/internal/report"
	"waymark/internal/retention"
	"waymark/internal/returns"
	"waymark/internal/rollover"
	"waymark/internal/season"
	"waymark/internal/standing"
	"waymark/internal/survey"
	"waymark/internal/transfer"
)

// Env is what a command may touch besides its arguments.
type Env struct {
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	// Ctx ends when the operator interrupts.
	Ctx context.Context
	// Open opens the data that a command names; ErrNoData where there is none.
	// Whoever opens closes.
	Open func(context.Context, Data) (*House, error)
	// Serve answers browsers until Ctx ends. Ready is called with the address
	// once they can be answered.
	Serve func(context.Context, *House, ServeOptions) error
	// Routes is the pages' route table.
	Routes func() ([]Route, error)
}

// openRegister is Open for a command about a register; where there is none, or
// none of that name, the error says so. Whoever opens closes.
func (e *Env) openRegister(d Data) (*House, error) {
	house, err := e.Open(e.Ctx, d)
	if err != nil || house.Register.ID != 0 {
		return house, err
	}
	if house.Register, err = house.Registers.Choose(e.Ctx, d.Register); err != nil {
		return nil, errors.Join(err, house.DB.Close())
	}
	return house, nil
}

// Data names a database and one register in it: the flags that every command
// about a register has.
type Data struct {
	Data      string `help:"Folder of the data (SQLite)." default:"./waymark-data" env:"WAYMARK_DATA" placeholder:"DIR"`
	DB        string `name:"db" help:"Address of a PostgreSQL database to use instead of a folder: postgres://…" env:"WAYMARK_DB" placeholder:"URL"`
	Register  string `help:"Name or authority code of the register, where there is more than one." env:"WAYMARK_REGISTER" placeholder:"NAME"`
	MasterKey string `name:"master-key" help:"File of the master key under which notes are sealed, made at first use; master-key in the data folder unless given. WAYMARK_MASTER_KEY may hold the key itself." env:"WAYMARK_MASTER_KEY_FILE" placeholder:"FILE"`
	Erased    string `help:"File of the list of those erased, which a restore reads, best on another machine's disk; erased in the data folder unless given." env:"WAYMARK_ERASED" placeholder:"FILE"`
	// Make lets the folder be made where there is none, for the commands that
	// make a register. All others refuse a mistyped folder, and leave no trace.
	Make bool `kong:"-"`
	// Every names no register: the command is about all that are there.
	Every bool `kong:"-"`
}

// MasterKeyFile is where the master key stands.
func (d Data) MasterKeyFile() string {
	if d.MasterKey != "" {
		return d.MasterKey
	}
	return filepath.Join(d.Data, "master-key")
}

// ErasedFile is where the list of those erased stands.
func (d Data) ErasedFile() string {
	if d.Erased != "" {
		return d.Erased
	}
	return filepath.Join(d.Data, "erased")
}

// ErrNoData is what Open says for a folder without data, unless it may make
// it.
func ErrNoData(dir string) error {
	return fmt.Errorf("there is no register in %s; make one with waymark register add --data %s --name NAME --database-id NNN --authority CODE, or name another folder with --data", dir, dir)
}

// ServeOptions say how browsers are answered.
type ServeOptions struct {
	Addr string
	// Only is the one register to serve; 0 serves all.
	Only  id.Register
	HTTPS bool
	// HSTS is off, host or subdomains: for what browsers are told to use https
	// alone, where HTTPS is set.
	HSTS string
	// Origin is the address at which browsers reach the server; SSO is nil where
	// no sign-in service is connected.
	Origin string
	SSO    *account.SSOSettings
	// Heads is the file to which the seals of the audit log are appended, and
	// AuditKey that of the key which signs them.
	Heads, AuditKey string
	// PublicFigures lets anybody read what was published.
	PublicFigures bool
	// Notify says who carries messages, CallbackToken what the carrier calls with.
	Notify        notify.Settings
	CallbackToken string
	// Health is where whoever watches over the server asks after it, apart from
	// browsers; empty is nowhere.
	Health string
	// Ready is told the addresses that were taken; health is empty where there is
	// none.
	Ready func(address, health string)
}

// House is the product on one database: its services, built once by app.
type House struct {
	DB          *db.DB
	Requirement *nccis.Requirement
	Standing    standing.Keeper
	Registers   *register.Service
	// Register is the one that the command named.
	Register  register.Register
	Accounts  *account.Service
	Record    *record.Service
	Imports   *imports.Service
	Intake    *intake.Service
	Returns   *returns.Service
	Figures   *figures.Service
	Lists     *people.Service
	Due       *due.Service
	Campaigns *campaign.Service
	Reference *reference.Service
	Border    *border.Service
	Publish   *publish.Service
	Calendar  *calendar.Service
	Season    *season.Service
	Rollover  *rollover.Service
	Survey    *survey.Service
	Transfers *transfer.Service
	Retention *retention.Service
}

// Operator is whoever runs commands on this machine, as their acts name them.
func Operator(r id.Register) access.Actor {
	name := os.Getenv("USER")
	if u, err := user.Current(); err == nil && u.Username != "" {
		name = u.Username
	}
	if name == "" {
		name = "unknown"
	}
	return access.Actor{Register: r, Ref: "operator:" + name, Name: name + " (operator)", Roles: []access.Role{access.Operator}, Request: "command"}
}
