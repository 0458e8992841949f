package main

import (
	"fmt"
	"strings"

	"waymark/internal/life"
)

// digestQueries ask for what a register says now, without the keys, acts and
// references by which it says it: those differ whenever something is done again.
func digestQueries() []string {
	const who = "p.young_persons_id, "
	queries := []string{
		"SELECT young_persons_id, given, family, dob, gender, ethnicity, lead_la, educated_la, cohort_status, stated_on, send, sen_support, level, vulnerable, activity, activity_started, establishment_name, verified_on, lapses_on, neet_since, review_on, adviser_name, last_contact_on FROM standing",
		"SELECT young_persons_id FROM young_person WHERE known_to IS NULL",
		"SELECT period, authorities, version, state, sha256, size FROM monthly_return",
	}
	for _, t := range life.Tables() {
		var columns []string
		for _, c := range t.Columns {
			// The key of the spell that was confirmed, and what is sealed, which
			// reads otherwise each time: db check opens it.
			if c == "spell" || t.Name == "contact" && c == "note" {
				continue
			}
			columns = append(columns, "f."+c)
		}
		queries = append(queries, fmt.Sprintf("SELECT %sf.started, f.ended, %s FROM %s f JOIN young_person p ON p.register = f.register AND p.id = f.young_person WHERE f.known_to IS NULL", who, strings.Join(columns, ", "), t.Name))
	}
	return queries
}
