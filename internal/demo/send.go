package demo

import (
	"context"
	"time"

	"waymark/internal/civil"
	"waymark/internal/returns"
)

// send signs a month's return by two people, sends it and has it accepted, in
// the first days of the next month.
func (f *filler) send(ctx context.Context, k int) error {
	month := f.w.first.Add(k)
	at := func(day, hour int) {
		next := month.Add(1)
		f.clock = time.Date(next.Year, next.Month, day, hour, 20, 0, 0, civil.London()).UTC()
	}
	second := otherDataOfficer
	if k%2 == 0 {
		second = teamManager
	}
	var signed *returns.Return
	for i, by := range []int{dataOfficer, second} {
		at(3+2*i, 10+i)
		p, err := f.returns.Position(ctx, f.actors[by], month, nil)
		if err != nil {
			return err
		}
		if signed, err = f.returns.Sign(ctx, f.actors[by], month, nil, returns.Signature{SHA256: p.SHA256, Declared: true}); err != nil {
			return err
		}
	}
	at(6, 9)
	if _, err := f.returns.Record(ctx, f.actors[dataOfficer], signed.Ref, returns.Sent, "", ""); err != nil {
		return err
	}
	at(8, 15)
	_, err := f.returns.Record(ctx, f.actors[dataOfficer], signed.Ref, returns.Accepted, "", "")
	return err
}
