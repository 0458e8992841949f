package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"waymark/internal/access"
)

// Route is one line of the pages' route table, as it is printed.
type Route struct {
	Method     string `json:"method"`
	Pattern    string `json:"pattern"`
	Permission string `json:"permission"`
	Changes    bool   `json:"changes"`
	// Personal are the kinds of things about young people that the page may hold;
	// none where it is about nobody.
	Personal []string `json:"personal"`
}

// Routes is `waymark routes`.
type Routes struct {
	JSON bool `name:"json" help:"Print JSON."`
}

// Run lists the routes.
func (c *Routes) Run(env *Env) error {
	routes, err := env.Routes()
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(env.Stdout, routes)
	}
	for _, r := range routes {
		fmt.Fprintf(env.Stdout, "%-5s %-50s %s\n", r.Method, r.Pattern, r.Permission)
	}
	return nil
}

// Policy is `waymark policy`.
type Policy struct {
	JSON bool `name:"json" help:"Print JSON."`
}

// Run lists which role may do what.
func (c *Policy) Run(env *Env) error {
	type line struct {
		Action string   `json:"action"`
		Roles  []string `json:"roles"`
		// To is to whom each role may do it: everybody of the register, or those of
		// an agreement in force with their organisation.
		To map[string]string `json:"to"`
		// Relations are what ties those people to whoever holds the role, where it is
		// not everybody.
		Relations map[string][]string `json:"relations,omitempty"`
		// Fields are what each role sees of a young person, on the line that says who
		// sees one: for partners the most that an agreement may give.
		Fields map[string][]string `json:"fields,omitempty"`
	}
	var lines []line
	for _, action := range access.Actions() {
		l := line{Action: string(action), Roles: []string{}, To: map[string]string{}, Relations: map[string][]string{}, Fields: map[string][]string{}}
		for _, role := range access.Roles() {
			if access.May(access.Actor{Ref: "policy", Roles: []access.Role{role}}, action) {
				l.Roles = append(l.Roles, string(role))
				reach := access.ReachOf(access.Actor{Roles: []access.Role{role}}, action)
				l.To[string(role)] = reach.String()
				if reach == access.Theirs {
					l.Relations[string(role)] = []string{access.Agreed.Words()}
				}
				if action == access.SeePerson {
					l.Fields[string(role)] = role.Fields().Words()
				}
			}
		}
		lines = append(lines, l)
	}
	slices.SortFunc(lines, func(a, b line) int { return strings.Compare(a.Action, b.Action) })
	if c.JSON {
		return printJSON(env.Stdout, lines)
	}
	for _, l := range lines {
		fmt.Fprintf(env.Stdout, "%-34s %s\n", l.Action, strings.Join(l.Roles, ", "))
	}
	fmt.Fprintln(env.Stdout, "\nWhat each role sees of a young person")
	for _, role := range access.Roles() {
		words := strings.Join(role.Fields().Words(), ", ")
		switch {
		case words == "":
			words = "nobody"
		case role.ByAgreement():
			words = "at most, as an agreement in force says: " + words
		}
		fmt.Fprintf(env.Stdout, "%-34s %s\n", role, words)
	}
	return nil
}

func printJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(v)
}
