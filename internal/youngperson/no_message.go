package youngperson

import (
	"fmt"

	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/fact"
	"waymark/internal/id"
)

// NoMessage says that the young person wants no messages of a channel; Started
// is since when, Ended until when. It is their right (UK GDPR, article 21), and
// needs no reason. It is another thing than an OptOut, which is about passing on.
type NoMessage struct {
	// Channel is "text", "e-mail" or "letter", "" for all of them.
	Channel string
	// SaidBy says who asked and how, in words: "STOP by text".
	SaidBy string
}

// Unwilling are those who want no messages of a channel on a day, of the people
// asked for; nil is everybody.
func Unwilling(tx *db.Tx, r id.Register, people []id.YoungPerson, channel string, on civil.Date) (map[id.YoungPerson]bool, error) {
	out := map[id.YoungPerson]bool{}
	err := NoMessages.Each(tx, fact.Known{Register: r, People: people, Brief: true}, func(f *fact.Of[NoMessage]) error {
		if inForce(f.Version, on) && (f.Is.Channel == "" || f.Is.Channel == channel) {
			out[f.YoungPerson] = true
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read who wants no messages: %w", err)
	}
	return out, nil
}
