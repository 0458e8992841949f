package api

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/field"
	"waymark/internal/notice"
)

// Person is who a notice is about, as the sender's system holds them.
type Person struct {
	GivenName   string `json:"given_name" maxLength:"100" doc:"Given name"`
	FamilyName  string `json:"family_name" maxLength:"100" doc:"Family name"`
	DateOfBirth string `json:"date_of_birth" example:"2009-03-27" maxLength:"10" doc:"CCYY-MM-DD"`
	Postcode    string `json:"postcode,omitempty" maxLength:"10"`
	ULN         string `json:"uln,omitempty" maxLength:"14" doc:"Unique learner number"`
	UPN         string `json:"upn,omitempty" maxLength:"20" doc:"Unique pupil number"`
	// TheirReference is what the sender calls them.
	TheirReference string `json:"their_reference,omitempty" maxLength:"40" doc:"Your own reference"`
	HomeAuthority  string `json:"home_authority,omitempty" maxLength:"3" doc:"Three digits of the authority in which they live, where you know it"`
}

// Leaver is a leaver notice.
type Leaver struct {
	Person
	LeftOn      string `json:"left_on" example:"2026-10-30" maxLength:"10" doc:"Last day, CCYY-MM-DD; expected where it is still to come"`
	Reason      string `json:"reason,omitempty" maxLength:"20" doc:"Why they have left"`
	Destination string `json:"destination,omitempty" maxLength:"3" doc:"What they do now: a current activity code of the Department's"`
}

// AtRisk is a notice of risk of leaving.
type AtRisk struct {
	Person
	Reasons []string `json:"reasons" minItems:"1" maxItems:"11" doc:"Why they may leave"`
	WhoActs string   `json:"who_acts" maxLength:"80" doc:"Who will act first: a name or a post"`
	ActBy   string   `json:"act_by" example:"2026-11-30" maxLength:"10" doc:"By which day, CCYY-MM-DD"`
}

// Receipt is what a sender is told of a notice. It says nothing of the young
// person but what the sender said.
type Receipt struct {
	Reference  string `json:"reference" example:"LN-ABCDE-FGHIJ" doc:"What to quote"`
	Kind       string `json:"kind" enum:"left,risk,staying"`
	State      string `json:"state" enum:"received,dealt with"`
	ReceivedAt string `json:"received_at" format:"date-time"`
}

// The key is new for each notice.
type sendLeaver struct {
	Key  string `header:"Idempotency-Key" required:"true" minLength:"8" maxLength:"100" doc:"New for each notice, and the same when you send it again: it is then received once"`
	Body Leaver
}

type sendRisk struct {
	Key  string `header:"Idempotency-Key" required:"true" minLength:"8" maxLength:"100" doc:"New for each notice, and the same when you send it again: it is then received once"`
	Body AtRisk
}

type receiptOut struct {
	Status int
	Body   Receipt
}

type askReceipt struct {
	Reference string `path:"reference" maxLength:"20" example:"LN-ABCDE-FGHIJ"`
}

// register adds the operations, each with its permission.
func (s *Server) register(a huma.API) {
	security := []map[string][]string{{"token": {}}}
	errs := []int{400, 401, 403, 413, 422, 429, 500, 503}
	receipt := a.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[Receipt](), true, "")
	post := func(path, name, words string) huma.Operation {
		s.routes = append(s.routes, Route{http.MethodPost, Prefix + path, access.SendNotice})
		return huma.Operation{OperationID: name, Method: http.MethodPost, Path: Prefix + path, Summary: words, Security: security, DefaultStatus: http.StatusCreated, MaxBodyBytes: mostBody, Errors: errs,
			Responses: map[string]*huma.Response{"200": {Description: "It came before, and is received once", Content: map[string]*huma.MediaType{"application/json": {Schema: receipt}}}}}
	}
	huma.Register(a, post("leaver-notices", "sendLeaverNotice", "Tell that a young person has left (Education and Skills Act 2008, section 13)"), s.leaver)
	huma.Register(a, post("risk-notices", "sendRiskNotice", "Tell that a young person may leave"), s.risk)
	for _, path := range []string{"leaver-notices", "risk-notices"} {
		s.routes = append(s.routes, Route{http.MethodGet, Prefix + path + "/{reference}", access.SendNotice})
		huma.Register(a, huma.Operation{OperationID: "ask-" + path, Method: http.MethodGet, Path: Prefix + path + "/{reference}", Summary: "Ask what became of a notice that you sent", Security: security, Errors: append([]int{404}, errs...)}, s.receipt)
	}
}

func (s *Server) leaver(ctx context.Context, in *sendLeaver) (*receiptOut, error) {
	var wrong field.Errors
	said := in.Body.said(notice.Left, &wrong)
	said.LeftOn, said.Destination = day(in.Body.LeftOn, "left-on", &wrong), in.Body.Destination
	if in.Body.Reason != "" {
		said.Reasons = []string{in.Body.Reason}
	}
	return s.send(ctx, said, in.Key, wrong)
}

func (s *Server) risk(ctx context.Context, in *sendRisk) (*receiptOut, error) {
	var wrong field.Errors
	said := in.Body.said(notice.Risk, &wrong)
	said.Reasons, said.WhoActs, said.ActBy = in.Body.Reasons, in.Body.WhoActs, day(in.Body.ActBy, "act-by", &wrong)
	return s.send(ctx, said, in.Key, wrong)
}

func (p Person) said(k notice.Kind, wrong *field.Errors) notice.Said {
	return notice.Said{Kind: k, Given: p.GivenName, Family: p.FamilyName, Born: day(p.DateOfBirth, "date-of-birth", wrong), Postcode: p.Postcode, ULN: p.ULN, UPN: p.UPN, TheirRef: p.TheirReference, HomeLA: p.HomeAuthority}
}

func day(text, name string, wrong *field.Errors) civil.Date {
	d, err := civil.Parse(text)
	if err != nil {
		wrong.Add(name, "Write a day of the calendar as CCYY-MM-DD")
		return civil.Date{}
	}
	return d
}

// send receives a notice once, however often it is sent: 201 for the first time,
// 200 with the same reference after it.
func (s *Server) send(ctx context.Context, said notice.Said, key string, wrong field.Errors) (*receiptOut, error) {
	if err := wrong.Err(); err != nil {
		return nil, s.inWords(ctx, err)
	}
	c := callerOf(ctx)
	// The key is the sender's own: another sender may draw the same.
	n, err := c.in.Notices.Receive(ctx, c.by, notice.Sent{Said: said, Channel: notice.BySystem, Key: notice.PartKey(c.by.Ref, key)})
	status := http.StatusCreated
	if errors.Is(err, act.ErrRepeated) {
		status, err = http.StatusOK, nil
	}
	if err != nil {
		return nil, s.inWords(ctx, err)
	}
	return &receiptOut{Status: status, Body: Receipt{Reference: n.Stamp, Kind: string(n.Kind), State: "received", ReceivedAt: n.ReceivedAt.UTC().Format("2006-01-02T15:04:05Z")}}, nil
}

func (s *Server) receipt(ctx context.Context, in *askReceipt) (*receiptOut, error) {
	c := callerOf(ctx)
	r, err := c.in.Notices.Receipt(ctx, c.by, strings.TrimSpace(in.Reference))
	if err != nil {
		return nil, s.inWords(ctx, err)
	}
	return &receiptOut{Status: http.StatusOK, Body: Receipt{Reference: r.Stamp, Kind: string(r.Kind), State: r.State(), ReceivedAt: r.ReceivedAt.UTC().Format("2006-01-02T15:04:05Z")}}, nil
}

// problem writes an answer of problem+json (RFC 9457) before huma is reached.
func problem(w http.ResponseWriter, status int, detail string) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	text, err := json.Marshal(map[string]any{"title": http.StatusText(status), "status": status, "detail": detail})
	if err != nil {
		return // three plain values are always written
	}
	w.Write(text)
}
