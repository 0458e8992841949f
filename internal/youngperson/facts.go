// Package youngperson keeps who a young person is: names, birth date,
// identifiers, addresses, ways to reach them, parents and carers, and the
// adviser who works with them.
//
// In the trade the young person is "the client", and the record "the client
// record". Each has one YoungPersonsID for life within a database: three
// digits that the Department gave to the database, and ten of its own.
package youngperson

import (
	"waymark/internal/fact"
	"waymark/internal/id"
)

// Person is the anchor that all facts about one young person hang on.
type Person struct {
	ID  id.YoungPerson
	Ref id.Ref
	// YoungPersonsID is as it came from the file that brought the person; ours
	// is 13 digits.
	YoungPersonsID string
	KnownFrom      id.Act
}

// Kinds of name.
const (
	Legal   = "legal"
	KnownAs = "known_as"
	Former  = "former"
)

// Name is one name of one kind, as it came.
type Name struct{ Kind, Given, Middle, Family string }

// Particulars are what seldom changes: birth date (as it came, CCYY-MM-DD where
// it can be read), gender and ethnic code.
type Particulars struct{ DOB, Gender, Ethnicity string }

// Schemes of identifiers.
const (
	ULN      = "ULN"      // unique learner number
	UPN      = "UPN"      // unique pupil number
	Previous = "previous" // the YoungPersonsID in the database that they came from
)

// Identifier is a number that some body gave to the young person.
type Identifier struct{ Scheme, Value string }

// Address is where they live, as it came.
type Address struct{ Line1, Line2, Line3, Line4, Town, County, Postcode string }

// Ways to reach a young person.
const (
	Telephone = "telephone"
	Email     = "email"
)

// Reach is one way to reach the young person.
type Reach struct{ Kind, Value, Note string }

// Carer is a parent or carer.
type Carer struct{ Name, Relationship, Telephone, Email string }

// Allocation says which adviser works with the young person. Adviser is the
// reference of an account, "" where the adviser has none.
type Allocation struct{ Adviser, AdviserName, Team string }

// Scopes of an opt-out.
const (
	// OptOutBeyond leaves what an institution must always tell: name, birth date,
	// address, and the parent's name (Education and Skills Act 2008, sections 14
	// and 72).
	OptOutBeyond = "all but name, birth date, address and parent"
	// OptOutAll is that nothing of partners' files may be taken over.
	OptOutAll = "everything"
)

// FormerUPN is the scheme of a UPN that another has replaced.
const FormerUPN = "former UPN"

// Carried is a data item of an older edition that has no room of its own,
// kept so that a file goes out as it came in.
type Carried struct{ Item, Value string }

// The tables.
var (
	Names = fact.Table[Name]{Name: "name", What: "name", Columns: []string{"kind", "given", "middle", "family"},
		Fields: func(n *Name) []any { return []any{&n.Kind, &n.Given, &n.Middle, &n.Family} }}
	ParticularsTable = fact.Table[Particulars]{Name: "particulars", What: "birth date, gender or ethnicity", Columns: []string{"dob", "gender", "ethnicity"},
		Fields: func(p *Particulars) []any { return []any{&p.DOB, &p.Gender, &p.Ethnicity} }}
	Identifiers = fact.Table[Identifier]{Name: "identifier", What: "identifiers", Columns: []string{"scheme", "value"},
		Fields: func(i *Identifier) []any { return []any{&i.Scheme, &i.Value} }}
	Addresses = fact.Table[Address]{Name: "address", What: "address", Columns: []string{"line1", "line2", "line3", "line4", "town", "county", "postcode"},
		Fields: func(a *Address) []any {
			return []any{&a.Line1, &a.Line2, &a.Line3, &a.Line4, &a.Town, &a.County, &a.Postcode}
		}}
	Reaches = fact.Table[Reach]{Name: "reach", What: "telephone or e-mail", Columns: []string{"kind", "value", "note"},
		Fields: func(r *Reach) []any { return []any{&r.Kind, &r.Value, &r.Note} }}
	Carers = fact.Table[Carer]{Name: "carer", What: "parent or carer", Columns: []string{"name", "relationship", "telephone", "email"},
		Fields: func(c *Carer) []any { return []any{&c.Name, &c.Relationship, &c.Telephone, &c.Email} }}
	Allocations = fact.Table[Allocation]{Name: "allocation", What: "adviser", Columns: []string{"adviser", "adviser_name", "team"},
		Fields: func(a *Allocation) []any { return []any{&a.Adviser, &a.AdviserName, &a.Team} }}
	OptOuts = fact.Table[OptOut]{Name: "opt_out", What: "opt-out", Columns: []string{"scope", "feed", "said_by", "said_name", "competence"},
		Fields: func(o *OptOut) []any { return []any{&o.Scope, &o.Feed, &o.SaidBy, &o.SaidName, &o.Competence} }}
	Restrictions = fact.Table[Restriction]{Name: "processing_restriction", What: "restriction of processing", Columns: []string{"ground", "reason", "request"},
		Fields: func(r *Restriction) []any { return []any{&r.Ground, &r.Reason, &r.Request} }}
	Disagreements = fact.Table[Disagreement]{Name: "disagreement", What: "disagreement", Columns: []string{"about", "words", "request"},
		Fields: func(d *Disagreement) []any { return []any{&d.About, &d.Words, &d.Request} }}
	NoMessages = fact.Table[NoMessage]{Name: "no_message", What: "messages not wanted", Columns: []string{"channel", "said_by"},
		Fields: func(n *NoMessage) []any { return []any{&n.Channel, &n.SaidBy} }}
	CarriedItems = fact.Table[Carried]{Name: "carried", What: "older data items", Columns: []string{"item", "value"},
		Fields: func(c *Carried) []any { return []any{&c.Item, &c.Value} }}
)
