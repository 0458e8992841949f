package cli

import (
	"encoding/json"
	"fmt"
)

// Serve is `waymark serve`.
type Serve struct {
	Data
	Addr  string `help:"Address to listen on; port 0 takes a free one." default:"127.0.0.1:8080" env:"WAYMARK_ADDR"`
	HTTPS bool   `help:"Browsers reach this server over https, through a proxy: mark cookies so." env:"WAYMARK_HTTPS"`
	HSTS  string `name:"hsts" enum:"off,host,subdomains" default:"subdomains" help:"With --https: what browsers are told to reach over https only from now on: nothing (off), this host, or its subdomains too." env:"WAYMARK_HSTS"`
}

// Run serves until it is interrupted. It prints one line of JSON with the
// address, for whoever started it.
func (c *Serve) Run(env *Env) error {
	house, err := env.Open(env.Ctx, c.Data)
	if err != nil {
		return err
	}
	defer house.DB.Close()
	return env.Serve(env.Ctx, house, ServeOptions{Addr: c.Addr, HTTPS: c.HTTPS, HSTS: c.HSTS, Ready: func(address string) {
		line, _ := json.Marshal(map[string]string{"address": "http://" + address, "register": house.Register.Name})
		fmt.Fprintln(env.Stdout, string(line))
	}})
}
