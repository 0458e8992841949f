package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/user"

	"waymark/internal/access"
	"waymark/internal/account"
	"waymark/internal/db"
	"waymark/internal/id"
	"waymark/internal/imports"
	"waymark/internal/nccis"
	"waymark/internal/record"
	"waymark/internal/register"
	figures "waymark/internal/report"
	"waymark/internal/returns"
	"waymark/internal/standing"
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

// Data names a database and one register in it: the flags that every command
// about a register has.
type Data struct {
	Data     string `help:"Folder of the data (SQLite)." default:"./waymark-data" env:"WAYMARK_DATA" placeholder:"DIR"`
	DB       string `name:"db" help:"Address of a PostgreSQL database to use instead of a folder: postgres://…" env:"WAYMARK_DB" placeholder:"URL"`
	Register string `help:"Name or authority code of the register, where there is more than one." env:"WAYMARK_REGISTER" placeholder:"NAME"`
	// Make lets the folder be made where there is none, for the commands that
	// make a register. All others refuse a mistyped folder, and leave no trace.
	Make bool `kong:"-"`
}

// ErrNoData is what Open says for a folder without data, unless it may make
// it.
func ErrNoData(dir string) error {
	return fmt.Errorf("there is no register in %s; make one with waymark register add --data %s --name NAME --database-id NNN --authority CODE, or name another folder with --data", dir, dir)
}

// ServeOptions say how browsers are answered.
type ServeOptions struct {
	Addr  string
	HTTPS bool
	// HSTS is off, host or subdomains: for what browsers are told to use https
	// alone, where HTTPS is set.
	HSTS string
	// Ready is told the address that was taken.
	Ready func(address string)
}

// House is the product on one database: its services, built once by app.
type House struct {
	DB          *db.DB
	Requirement *nccis.Requirement
	Standing    standing.Keeper
	Registers   *register.Service
	// Register is the one that the command named.
	Register register.Register
	Accounts *account.Service
	Record   *record.Service
	Imports  *imports.Service
	Returns  *returns.Service
	Figures  *figures.Service
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
