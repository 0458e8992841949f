package cli

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"waymark/internal/account"
	"waymark/internal/notify"
)

// Serve is `waymark serve`: it answers for every register of the database, or
// with --register for one.
type Serve struct {
	Data
	Seals
	Addr          string `help:"Address to listen on; port 0 takes a free one." default:"127.0.0.1:8080" env:"WAYMARK_ADDR"`
	PublicFigures bool   `name:"public-figures" help:"Let anybody read at /published what was published, without signing in." env:"WAYMARK_PUBLIC_FIGURES"`

	Health string `name:"health-addr" help:"Address on which /health and /ready answer, apart from browsers; none when absent. Port 0 takes a free one." env:"WAYMARK_HEALTH_ADDR"`
	HTTPS  bool   `help:"Browsers reach this server over https, through a proxy: mark cookies so." env:"WAYMARK_HTTPS"`
	Origin string `help:"The address at which browsers reach Waymark, like https://waymark.sandmere.gov.uk. Passkeys and single sign-on need it." env:"WAYMARK_ORIGIN" placeholder:"URL"`
	SSO    SSO    `embed:"" prefix:"sso-" envprefix:"WAYMARK_SSO_"`
	Notify Notify `embed:""`
	HSTS   string `name:"hsts" enum:"off,host,subdomains" default:"subdomains" help:"With --https: what browsers are told to reach over https only from now on: nothing (off), this host, or its subdomains too." env:"WAYMARK_HSTS"`
}

// Run serves until it is interrupted. It prints one line of JSON with the
// address, for whoever started it.
func (c *Serve) Run(env *Env) error {
	c.Every = c.Register == ""
	house, err := env.Open(env.Ctx, c.Data)
	if err != nil {
		return err
	}
	defer house.DB.Close()
	sso, err := c.SSO.settings(c.Origin)
	if err != nil {
		return err
	}
	names, err := served(env, house)
	if err != nil {
		return err
	}
	seals := c.Seals.in(c.Data)
	return env.Serve(env.Ctx, house, ServeOptions{Addr: c.Addr, Only: house.Register.ID, HTTPS: c.HTTPS, HSTS: c.HSTS, Notify: c.Notify.settings(), CallbackToken: os.Getenv("WAYMARK_NOTIFY_CALLBACK"), Origin: strings.TrimSuffix(c.Origin, "/"), SSO: sso, PublicFigures: c.PublicFigures, Heads: seals.Heads, AuditKey: seals.AuditKey, Health: c.Health, Ready: func(address, health string) {
		said := map[string]string{"address": "http://" + address, "register": names}
		if health != "" {
			said["health"] = "http://" + health
		}
		line, _ := json.Marshal(said)
		fmt.Fprintln(env.Stdout, string(line))
	}})
}

// Notify are the settings of who carries messages. Keys and passwords stand in
// the environment alone.
type Notify struct {
	TextTemplate   string `name:"notify-text-template" help:"Id of the template of texts at GOV.UK Notify, which holds ((body)) and no more. The key stands in WAYMARK_NOTIFY_KEY. Messages are kept in files of the data folder when no carrier is set." env:"WAYMARK_NOTIFY_TEXT_TEMPLATE" placeholder:"ID"`
	EmailTemplate  string `name:"notify-email-template" help:"The same of e-mails: the subject ((subject)), the body ((body))." env:"WAYMARK_NOTIFY_EMAIL_TEMPLATE" placeholder:"ID"`
	LetterTemplate string `name:"notify-letter-template" help:"The same of letters." env:"WAYMARK_NOTIFY_LETTER_TEMPLATE" placeholder:"ID"`
	NotifyURL      string `name:"notify-url" help:"Another address of GOV.UK Notify, for trials." env:"WAYMARK_NOTIFY_URL" placeholder:"URL"`
	MailFrom       string `name:"mail-from" help:"Who e-mails are from, where WAYMARK_SMTP names a mail server (smtp://NAME:PASSWORD@HOST:PORT)." env:"WAYMARK_SMTP_FROM" placeholder:"ADDRESS"`
}

// settings are those of the desk at which messages are handed in, with the
// secrets of the environment.
func (n Notify) settings() notify.Settings {
	return notify.Settings{Key: os.Getenv("WAYMARK_NOTIFY_KEY"), Address: n.NotifyURL, TextTemplate: n.TextTemplate, EmailTemplate: n.EmailTemplate, LetterTemplate: n.LetterTemplate,
		SMTP: os.Getenv("WAYMARK_SMTP"), From: n.MailFrom}
}

// SSO are the settings of the authority's own sign-in service.
type SSO struct {
	Issuer     string `help:"Address of the authority's own sign-in service (OpenID Connect), like https://login.microsoftonline.com/TENANT/v2.0. Nobody signs in by it when absent." env:"ISSUER" placeholder:"URL"`
	Client     string `help:"Client id that it knows Waymark by." env:"CLIENT" placeholder:"ID"`
	SecretFile string `help:"File with the client secret; WAYMARK_SSO_SECRET holds it otherwise." env:"SECRET_FILE" placeholder:"FILE"`
	Tenant     string `help:"Tenant id of the authority in Microsoft Entra; somebody is then known by their object id in it." env:"TENANT" placeholder:"ID"`
	Require    string `help:"Claim by which it says that a second factor was asked for, like amr=mfa or acrs=c1; none has Waymark ask for its own." default:"amr=mfa" env:"REQUIRE" placeholder:"CLAIM=VALUE"`
}

// settings are nil where no service was named.
func (c SSO) settings(origin string) (*account.SSOSettings, error) {
	if c.Issuer == "" {
		return nil, nil
	}
	s := &account.SSOSettings{Issuer: c.Issuer, Client: c.Client, Secret: os.Getenv("WAYMARK_SSO_SECRET"), Tenant: c.Tenant, Require: c.Require, Origin: strings.TrimSuffix(origin, "/")}
	if c.SecretFile != "" {
		text, err := os.ReadFile(c.SecretFile)
		if err != nil {
			return nil, fmt.Errorf("read the secret of single sign-on: %w", err)
		}
		s.Secret = strings.TrimSpace(string(text))
	}
	return s, nil
}

// served are the names of the registers that are served.
func served(env *Env, house *House) (string, error) {
	if house.Register.ID != 0 {
		return house.Register.Name, nil
	}
	all, err := house.Registers.All(env.Ctx)
	if err != nil {
		return "", err
	}
	var names []string
	for _, r := range all {
		names = append(names, r.Name)
	}
	return strings.Join(names, ", "), nil
}
