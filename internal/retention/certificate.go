package retention

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"waymark/internal/access"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/id"
	"waymark/internal/register"
)

const (
	sqlErasedRefs = `SELECT y.ref FROM erased e JOIN young_person y ON y.register = e.register AND y.id = e.young_person WHERE e.register = $1 AND e.proposal = $2 ORDER BY y.ref`
	sqlByRule     = `SELECT COALESCE(r.category, ''), COALESCE(r.counted_from, ''), COALESCE(r.months, 0), COALESCE(r.basis, ''), count(*)
		FROM retention_case c LEFT JOIN retention_rule r ON r.register = c.register AND r.ref = c.rule
		WHERE c.register = $1 AND c.proposal = $2 AND c.came_to = $3 GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4`
)

// refsOf are the references of those whom a proposal erased, in order.
func refsOf(tx *db.Tx, r id.Register, proposal id.Ref) ([]string, error) {
	out, err := db.Values[string](tx, sqlErasedRefs, int64(r), string(proposal))
	if err != nil {
		return nil, fmt.Errorf("read who was erased: %w", err)
	}
	return out, nil
}

// digest is the SHA-256 of references, one a line, in hexadecimal.
func digest(refs []string) string {
	h := sha256.Sum256([]byte(strings.Join(refs, "\n") + "\n"))
	return hex.EncodeToString(h[:])
}

// certificate says what was erased, by which rules and who released it. It
// names staff, and of the erased nothing but the hash of their references. It
// follows from what is stored, so that it can be compared later.
func certificate(tx *db.Tx, r id.Register, p *Proposal) (string, error) {
	book, err := register.Of(tx, r)
	if err != nil {
		return "", err
	}
	refs, err := refsOf(tx, r, p.Ref)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("CERTIFICATE OF ERASURE")
	line("")
	line("Register: %s (%s)", book.Name, book.Ref)
	line("Certificate: %s", p.Ref)
	line("Erased: %s, with every record that was one with theirs (%s)", count(p.By[Erased], "young person's record"), count(len(refs), "reference"))
	line("Finished: %s", stamp(p.Ended.At))
	line("")
	line("Put forward by %s, %s (act %d)", p.Made.Name, stamp(p.Made.At), p.Made.Act)
	line("Agreed by %s, %s (act %d)", p.Agreed.Name, stamp(p.Agreed.At), p.Agreed.Act)
	line("Released by %s, %s (act %d)", p.Release.Name, stamp(p.Release.At), p.Release.Act)
	line("")
	if p.Request {
		line("Under: a request for erasure that was granted")
	} else if err := byRule(tx, r, p.Ref, line); err != nil {
		return "", err
	}
	kept := 0
	for _, what := range sortedKeys(p.By) {
		if what != Erased && what != "" {
			line("Left as they were, %s: %d", strings.TrimPrefix(what, "kept: "), p.By[what])
			kept += p.By[what]
		}
	}
	if kept == 0 {
		line("Left as they were: none")
	}
	line("")
	line("Erased were the facts, the evidence that told of them alone, what files said of them, what was derived, the reasons that")
	line("people gave for acts and for looking, and the key of their notes. What stays is the reference, who did and saw what and when,")
	line("and the files of returns that the Department has, which are kept for a time of their own.")
	line("")
	line("SHA-256 of the references, one a line, in order: %s", digest(refs))
	return b.String(), nil
}

func byRule(tx *db.Tx, r id.Register, ref id.Ref, line func(string, ...any)) error {
	rows, err := tx.Query(sqlByRule, int64(r), string(ref), Erased)
	if err != nil {
		return fmt.Errorf("count by rule: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var one Rule
		var n int
		if err := rows.Scan((*string)(&one.Category), (*string)(&one.From), &one.Months, &one.Basis, &n); err != nil {
			return err
		}
		line("Under the rule %s (%s): %d", one.Words(), one.Basis, n)
	}
	return rows.Err()
}

func sortedKeys(m map[string]int) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

func stamp(at time.Time) string { return at.In(civil.London()).Format("2 January 2006 15:04:05 MST") }

// Verify says whether a certificate is the one that was made: it is written
// anew from what is stored and compared, and nothing of those erased may be
// there again. It returns a Refusal in words where anything differs. It needs
// access.SeeRetention.
func (s *Service) Verify(ctx context.Context, by access.Actor, text string) (*Proposal, error) {
	if err := access.Decide(by, access.SeeRetention, access.Subject{Register: by.Register}); err != nil {
		return nil, err
	}
	var ref id.Ref
	for l := range strings.Lines(text) {
		if rest, ok := strings.CutPrefix(strings.TrimSpace(l), "Certificate: "); ok {
			ref = id.Ref(rest)
		}
	}
	var p *Proposal
	err := s.DB.Read(ctx, func(tx *db.Tx) error {
		var err error
		if p, err = proposal(tx, by.Register, ref); err != nil {
			return Refusal{"No certificate of this register has the reference that stands in this file."}
		}
		again, err := certificate(tx, by.Register, p)
		if err != nil {
			return err
		}
		if strings.ReplaceAll(text, "\r\n", "\n") != p.Certificate {
			return Refusal{"This file is not the certificate that was made: a word or a number in it was changed."}
		}
		if again != p.Certificate {
			return Refusal{"The register no longer says what the certificate says: rows of it were changed since. Tell whoever looks after Waymark."}
		}
		return s.back(tx, by.Register, ref)
	})
	return p, err
}

// back is a Refusal where facts of somebody erased are there again.
func (s *Service) back(tx *db.Tx, r id.Register, ref id.Ref) error {
	for _, p := range gone() {
		for _, column := range p.columns {
			n := 0
			if err := tx.QueryRow("SELECT count(*) FROM "+p.table+" t JOIN erased e ON e.register = t.register AND e.young_person = t."+column+" WHERE t.register = $1 AND e.proposal = $2", int64(r), string(ref)).Scan(&n); err != nil {
				return fmt.Errorf("look for what was erased: %w", err)
			}
			if n > 0 {
				return Refusal{fmt.Sprintf("Something of somebody erased is there again, in %s. Tell whoever looks after Waymark.", p.table)}
			}
		}
	}
	return nil
}
