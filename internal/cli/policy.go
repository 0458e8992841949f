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
	}
	var lines []line
	for _, action := range access.Actions() {
		l := line{Action: string(action), Roles: []string{}}
		for _, role := range access.Roles() {
			if access.May(access.Actor{Ref: "policy", Roles: []access.Role{role}}, action) {
				l.Roles = append(l.Roles, string(role))
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
	return nil
}

func printJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(v)
}
