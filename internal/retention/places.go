package retention

import (
	"slices"

	"waymark/internal/life"
)

// place is what erasing somebody does to one table.
type place struct {
	table string
	// columns hold a young person; rows with one of those erased go. With none
	// nothing in the table is theirs by itself.
	columns []string
	// why says what stays, or what else is done.
	why string
}

// gone are the tables of which whatever is about the erased is deleted, beside
// the facts. Each is small, or found by an index.
func gone() []place {
	out := []place{
		{"standing", []string{"young_person"}, "derived"},
		{"source_record", []string{"young_person"}, "what suppliers last said"},
		{"sender_person", []string{"young_person"}, "what partners call them"},
		{"duplicate_pair", []string{"first", "second"}, "how they were weighed against others, in words"},
		{"import_note", []string{"young_person"}, "what was odd about them in a file; by their number too"},
		{"restriction", []string{"young_person"}, "why it was kept from most"}, {"own_record", []string{"young_person"}, "whose relative they are"},
		{"processing_restriction", []string{"young_person"}, "facts"}, {"disagreement", []string{"young_person"}, "facts"},
		{"disclosure", []string{"young_person"}, "to whom they were told of; the act stays"},
		{"same_person", []string{"young_person"}, "what is compared across the border"}, {"same_person_answer", []string{"young_person"}, "what was said of it; the act stays"},
		{"notice", []string{"young_person"}, "what institutions told of them"},
		{"transfer", []string{"young_person"}, "to whom they were offered, or from whom they came; what came along are facts"},
		{"visit_stop", []string{"young_person"}, "that somebody went to their door; the contact goes with the facts"},
		{"enrolment_named", []string{"young_person"}, "that a list of enrolments named them"},
		{"campaign_row", []string{"young_person"}, "that they were on a list to be reached; what came of it are contacts"},
		{"message", []string{"young_person"}, "what was sent to them"}, {"self_report_link", []string{"young_person"}, "links that they were sent"},
		{"answer_person", []string{"young_person"}, "what they said; sealed"},
		{"person_key", []string{"young_person"}, "the key of their notes"},
	}
	for _, t := range life.Tables() {
		if !slices.ContainsFunc(out, func(p place) bool { return p.table == t.Name }) {
			out = append(out, place{t.Name, []string{"young_person"}, "facts"})
		}
	}
	return out
}

// kept are the tables in which a reference to the erased stays, or nothing is
// theirs, and why. A test walks the database and finds each table here or in
// gone: whoever adds one says what becomes of it.
func kept() []place {
	return []place{
		{"young_person", nil, "the reference stays, and no number"},
		{"act", nil, "who did what; the reasons are erased and their hashes kept"},
		{"erased_act_reason", nil, "hashes"},
		{"evidence", nil, "theirs alone is deleted by hand in erase.go; what others rest on too stays"},
		{"merged", nil, "merges in force among the erased are deleted in erase.go; keys"},
		{"pair_answer", nil, "keys"},
		{"mended", nil, "whom an act concerned: keys"},
		{"monthly_return_person", nil, "how they were counted in a frozen return: keys and codes, kept with it"},
		{"monthly_return_piece", nil, "the file that the Department has: a record of its own, kept as it was signed"},
		{"monthly_return", nil, "totals"},
		{"monthly_return_step", nil, "what became of returns"},
		{"intake", nil, "files that hold the erased lose all they held, in erase.go"},
		{"intake_content", nil, "with the file"}, {"intake_block", nil, "with the file"}, {"intake_fix", nil, "with the file"},
		{"intake_problem", nil, "with the file"}, {"intake_row", nil, "with the file"}, {"intake_decision", nil, "with the file"},
		{"intake_outcome", nil, "with the file"}, {"feedback_answer", nil, "what was done about a row of a file, which goes; no person in it"}, {"intake_gone", nil, "with the file"},
		{"import", nil, "files as wholes: names and counts"},
		{"duplicate_search", nil, "counts"},
		{"campaign", nil, "what a list asks and by which rules, not whom it showed"}, {"campaign_before", nil, "by which rules, before they were changed"}, {"campaign_hand", nil, "staff"},
		{"saved_list", nil, "what a list asks, not whom it shows"},
		{"restriction_named", nil, "with the restriction"}, {"restriction_break", nil, "with the restriction"}, {"restriction_row", nil, "with the restriction"},
		{"rights_request", nil, "what they asked is deleted in erase.go; the acts stay"}, {"rights_step", nil, "with the request"},
		{"access_pack", nil, "with the request"}, {"access_item", nil, "with the request"},
		{"publication", nil, "figures for the public, suppressed"},
		{"export", nil, "files that left: names nobody"},
		{"baseline", nil, "counts"}, {"baseline_person", nil, "whom the guarantee was owed: keys and a school, kept with the figures"}, {"rollover", nil, "counts"}, {"survey", nil, "the file that the Department has: numbers alone"},
		{"calendar_date", nil, "days of the year: about nobody"},
		{"retention_rule", nil, "about nobody"},
		{"retention_hold", nil, "the reason is erased in erase.go"},
		{"retention_proposal", nil, "the certificate names nobody"},
		{"retention_case", nil, "keys"},
		{"erased", nil, "keys: that they were erased"},
		{"border_contact", nil, "whom other authorities ask: a team"},
		{"register", nil, "about nobody"}, {"register_authority", nil, "about nobody"}, {"register_key", nil, "about nobody"},
		{"account", nil, "staff"}, {"account_role", nil, "staff"}, {"account_passkey", nil, "staff"}, {"account_recovery_code", nil, "staff"}, {"account_start", nil, "staff"},
		{"account_subject", nil, "staff"}, {"account_totp", nil, "staff"}, {"known_browser", nil, "staff"}, {"partner_account", nil, "staff of others"},
		{"organisation", nil, "about nobody"}, {"agreement", nil, "about nobody"}, {"agreement_sender", nil, "about nobody"}, {"agreement_person", nil, "whom an agreement named: keys"},
		{"sender", nil, "about nobody"}, {"sender_mapping", nil, "about nobody"}, {"sender_word", nil, "words for codes"},
		{"dataset", nil, "published"}, {"establishment", nil, "published"}, {"establishment_link", nil, "published"},
		{"learning_provider", nil, "published"}, {"postcode_sector", nil, "published"}, {"deprivation", nil, "published"}, {"ward", nil, "published"},
		{"notice_step", nil, "what was done with notices: acts and words that name nobody"}, {"notice_limit", nil, "about nobody"},
		{"notice_address", nil, "authorities and institutions"}, {"notice_reminder", nil, "stamps and days, to whom they were written; names nobody"}, {"partner_token", nil, "partners' systems"},
		{"sight", nil, "who saw; the reasons are erased and their hashes kept"},
		{"erased_sight_reason", nil, "hashes"}, {"unsealed_sight", nil, "names of batches"},
		{"audit_log", nil, "hashes"}, {"audit_tile", nil, "hashes and names of batches"},
		{"session", nil, "staff; a session and what was typed in it ends within twelve hours"}, {"sign_in_try", nil, "hashes"},
		{"kept_form", nil, "what staff had not saved yet; it goes after a day"},
		{"message_template", nil, "what messages say, to nobody in particular"}, {"message_batch", nil, "counts"},
		{"answer", nil, "that something came; the number and the words are erased in erase.go"},
		{"job", nil, "references of what is to be done"},
		{"visit_round", nil, "a worker's day; names nobody"}, {"visit_watch", nil, "staff: when a lone worker was out"},
		{"duty", nil, "staff: whom a missed check-in is told"}, {"duty_message", nil, "staff: what was told of one"},
		{"backup", nil, "about nobody"},
	}
}

// Place is what erasing somebody does to a table of the database.
type Place struct {
	Table string
	// Goes says that its rows about the erased are deleted.
	Goes bool
	// Why says it in words.
	Why string
}

// Places are all tables of the database.
func Places() []Place {
	var out []Place
	for _, p := range gone() {
		out = append(out, Place{p.table, true, p.why})
	}
	for _, p := range kept() {
		out = append(out, Place{p.table, false, p.why})
	}
	return out
}
