package cli

import (
	"bufio"
	"errors"
	"fmt"
	"strings"

	"waymark/internal/access"
	"waymark/internal/account"
	"waymark/internal/civil"
)

// UserCommands is `waymark user`.
type UserCommands struct {
	Add      UserAdd      `cmd:"" help:"Make an account. The password is read from standard input."`
	List     UserList     `cmd:"" help:"List the accounts."`
	Reset    UserReset    `cmd:"" help:"Make a code by which somebody chooses their own password, once."`
	Password UserPassword `cmd:"" help:"Give somebody who lost their password another one, read from standard input, and end their sessions."`
}

// UserAdd is `waymark user add`: how the first administrator is made, for
// there is no account to begin with.
type UserAdd struct {
	Data
	Name   string   `required:"" help:"Full name."`
	SignIn string   `required:"" name:"sign-in" help:"Name to sign in with, like an e-mail address."`
	Role   []string `required:"" help:"adviser, team manager, data officer, information governance, administrator or commissioner; may be repeated."`
}

// Run makes the account.
func (c *UserAdd) Run(env *Env) error {
	house, err := env.openRegister(c.Data)
	if err != nil {
		return err
	}
	defer house.DB.Close()
	n := account.NewAccount{Name: c.Name, SignIn: c.SignIn}
	for _, r := range c.Role {
		n.Roles = append(n.Roles, access.Role(strings.ToLower(r)))
	}
	if n.Password, err = askPassword(env); err != nil {
		return err
	}
	a, err := house.Accounts.Create(env.Ctx, Operator(house.Register.ID), n)
	if err != nil {
		return err
	}
	fmt.Fprintf(env.Stdout, "%s can sign in as %s\n", a.Name, a.SignIn)
	return nil
}

// askPassword reads one line of standard input.
func askPassword(env *Env) (string, error) {
	fmt.Fprint(env.Stderr, "Password (at least 12 characters): ")
	line, err := bufio.NewReader(env.Stdin).ReadString('\n')
	password := strings.TrimRight(line, "\r\n")
	if password == "" {
		return "", fmt.Errorf("no password was given on standard input (%v)", err)
	}
	fmt.Fprintln(env.Stderr)
	return password, nil
}

// UserPassword is `waymark user password`: the way back in for whoever lost
// their password, the only administrator too.
type UserPassword struct {
	Data
	SignIn string `required:"" name:"sign-in" help:"Name that they sign in with."`
}

// Run gives the account the password.
func (c *UserPassword) Run(env *Env) error {
	house, err := env.openRegister(c.Data)
	if err != nil {
		return err
	}
	defer house.DB.Close()
	password, err := askPassword(env)
	if err != nil {
		return err
	}
	a, err := house.Accounts.ResetPassword(env.Ctx, Operator(house.Register.ID), c.SignIn, password)
	if err != nil {
		return err
	}
	closed := ""
	if a.Disabled {
		closed = " The account is closed all the same, and cannot sign in."
	}
	fmt.Fprintf(env.Stdout, "%s has another password, and is signed out everywhere.%s\n", a.Name, closed)
	return nil
}

// UserList is `waymark user list`.
type UserList struct{ Data }

// Run lists the accounts.
func (c *UserList) Run(env *Env) error {
	house, err := env.openRegister(c.Data)
	if err != nil {
		return err
	}
	defer house.DB.Close()
	all, err := house.Accounts.All(env.Ctx, Operator(house.Register.ID))
	if err != nil {
		return err
	}
	for _, a := range all {
		roles := make([]string, len(a.Roles))
		for i, r := range a.Roles {
			roles[i] = string(r)
		}
		state := ""
		if !a.Open {
			state = "\t" + strings.ToLower(a.State(civil.On(house.DB.Now(), civil.London())))
		}
		fmt.Fprintf(env.Stdout, "%s\t%s\t%s%s\n", a.SignIn, a.Name, strings.Join(roles, ", "), state)
	}
	return nil
}

// UserReset is `waymark user reset`: a code by which somebody chooses their own
// password, for the only administrator too.
type UserReset struct {
	Data
	SignIn string `required:"" name:"sign-in" help:"Name that they sign in with."`
	Anew   bool   `help:"Remove their authenticator app and passkeys too, for whoever has lost them, and sign them out everywhere."`
}

// Run prints the code.
func (c *UserReset) Run(env *Env) error {
	house, err := env.openRegister(c.Data)
	if err != nil {
		return err
	}
	defer house.DB.Close()
	by := Operator(house.Register.ID)
	all, err := house.Accounts.All(env.Ctx, by)
	if err != nil {
		return err
	}
	for _, a := range all {
		if !strings.EqualFold(a.SignIn, strings.TrimSpace(c.SignIn)) {
			continue
		}
		code, err := house.Accounts.StartAgain(env.Ctx, by, a.Ref, c.Anew, "")
		if err != nil {
			return err
		}
		fmt.Fprintf(env.Stdout, "%s chooses a password at the address of Waymark followed by\n/begin/%s\nonce, within %d hours. Give it to them alone.\n", a.Name, code, int(account.StartHolds.Hours()))
		return nil
	}
	return errors.New("nobody signs in with this name: waymark user list shows the names")
}
