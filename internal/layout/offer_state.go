package layout

// offerStates are the states of an offer, in the order in which it goes through
// them.
var offerStates = []Choice{{"applied", "applied"}, {"interview", "interview"}, {"conditional", "offered with conditions"}, {"offered", "offered"},
	{"accepted", "accepted"}, {"declined", "declined by the young person"}, {"withdrawn", "withdrawn, or not successful"}}

// offerState is what a state is called, "" where it is none.
func offerState(code string) string {
	for _, s := range offerStates {
		if s.ID == code {
			return s.Words
		}
	}
	return ""
}
