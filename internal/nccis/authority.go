package nccis

import "waymark/internal/civil"

// LAKind is what a local authority code stands for.
type LAKind string

const (
	// Authority is an English local authority.
	Authority LAKind = "authority"
	// Service is Service Children's Education (702), which counts as one.
	Service LAKind = "service"
	// Elsewhere is a place outside England, or none known (000 to 004).
	Elsewhere LAKind = "elsewhere"
	// Invented is an authority that exists only in a demonstration.
	Invented LAKind = "invented"
)

// LA is one local authority code over the days on which it holds (nccis.md 12).
type LA struct {
	Code, GSS, Name, Region string
	Kind                    LAKind
	// From and To are the first and last day; no date where it is open.
	From, To civil.Date
	// Successor is the code, or the codes with a space between, that replaced it.
	Successor string
	// Mark says how sure we are; Note why.
	Mark, Note string
}

// English says that the code stands for an authority to which records belong,
// not for a place elsewhere.
func (la LA) English() bool { return la.Kind != Elsewhere && la.Kind != "" }

func (la *LA) covers(on civil.Date) bool {
	return !la.From.After(on) && (la.To.IsZero() || !la.To.Before(on))
}

// LocalAuthority finds the code as it holds on a day.
func (req *Requirement) LocalAuthority(code string, on civil.Date) (LA, bool) {
	if la := req.authority(code, on, false); la != nil {
		return *la, true
	}
	return LA{}, false
}

// LocalAuthorityEver finds the code as it holds on a day or, failing that, as
// it last held before: what a young person's authority at Year 11 or a school's
// number may still say after a reorganisation.
func (req *Requirement) LocalAuthorityEver(code string, on civil.Date) (LA, bool) {
	if la := req.authority(code, on, true); la != nil {
		return *la, true
	}
	return LA{}, false
}

// LocalAuthorities are all codes that hold on a day, in order of code.
func (req *Requirement) LocalAuthorities(on civil.Date) []LA {
	var out []LA
	for _, rows := range req.authorities {
		for i := range rows {
			if rows[i].covers(on) {
				out = append(out, rows[i])
			}
		}
	}
	return out
}

func (req *Requirement) authority(code string, on civil.Date, past bool) *LA {
	n, ok := threeDigits(code)
	if !ok {
		return nil
	}
	rows := req.authorities[n]
	var last *LA
	for i := range rows {
		if rows[i].covers(on) {
			return &rows[i]
		}
		if past && !rows[i].From.After(on) {
			last = &rows[i]
		}
	}
	return last
}

// WithInvented is a copy that also knows authorities which do not exist: name
// by code. Only demonstration registers and files use it.
func (req *Requirement) WithInvented(codes map[string]string) *Requirement {
	out := *req
	for code, name := range codes {
		n, ok := threeDigits(code)
		if !ok || len(req.authorities[n]) > 0 {
			continue
		}
		out.authorities[n] = []LA{{Code: code, Name: name, Region: "Invented", Kind: Invented, Mark: "ours"}}
	}
	return &out
}

func threeDigits(s string) (int, bool) {
	if len(s) != 3 || !allDigits(s) {
		return 0, false
	}
	return int(s[0]-'0')*100 + int(s[1]-'0')*10 + int(s[2]-'0'), true
}

func loadAuthorities(req *Requirement) error {
	columns := []string{"code", "gss", "name", "region", "kind", "from", "to", "successor", "mark", "note"}
	return eachRow("local_authority.csv", columns, func(r *tableRow) {
		la := LA{
			Code: r.must("code"), GSS: r.text("gss"), Name: r.must("name"), Region: r.text("region"),
			Kind: LAKind(r.oneOf("kind", string(Authority), string(Service), string(Elsewhere))),
			From: r.date("from"), To: r.date("to"), Successor: r.text("successor"), Mark: r.mark(), Note: r.text("note"),
		}
		n, ok := threeDigits(la.Code)
		if !ok {
			r.fail("code is %q; write three digits", la.Code)
			return
		}
		if !la.To.IsZero() && la.To.Before(la.From) {
			r.fail("%s ends before it begins", la.Code)
		}
		for _, other := range req.authorities[n] {
			if other.To.IsZero() || !other.To.Before(la.From) {
				r.fail("%s is there twice for the same days; close the earlier row first", la.Code)
			}
		}
		req.authorities[n] = append(req.authorities[n], la)
	})
}
