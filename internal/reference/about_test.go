package reference

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"waymark/internal/access"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/db/dbtest"
)

func TestWhatIsKnownAboutAPersonsPlaces(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		day := civil.MustParse("2026-11-10")
		about := func(by access.Actor) (About, error) {
			return k.About(k.ctx, by, "qx1 1aa", "9954012", day, civil.Date{})
		}
		if got, err := about(k.by); err != nil || !cmp.Equal(got, About{}) {
			t.Errorf("with nothing loaded: %+v, %v", got, err)
		}
		for _, name := range []string{gias, links, nspl, iod2025} {
			k.load(name)
		}
		if got, err := about(k.by); err != nil || got.Ward != "X05000101" || !got.Ranked || got.Deprivation.IDACIDecile != 1 || got.School != "Café Bay Girls’ High School (now Sandyford Bay School)" {
			t.Errorf("%+v, %v", got, err)
		}
		k.load(wards)
		if got, err := about(k.by); err != nil || got.Ward != "Gullhaven Harbour" {
			t.Errorf("%+v, %v", got, err)
		}
		by := k.by
		by.Roles = []access.Role{access.Commissioner}
		var denied access.Denied
		if _, err := about(by); !errors.As(err, &denied) {
			t.Errorf("a commissioner asked and got %v", err)
		}
	})
}
