package web

import (
	"testing"

	"waymark/internal/access"
)

// Whatever stands in the menu can be opened from it by each who may, directly or
// by its group, and nobody's menu is longer than a line.
func TestMenuLeadsToEveryPageOfItsOwn(t *testing.T) {
	const line = 10
	onBoth(t, func(t *testing.T, h *house) {
		for _, role := range access.Roles() {
			by := h.actor(role)
			items, group := h.menu(by, "/help", "")
			if len(items) > line || group != nil {
				t.Errorf("the menu of a %s has %d items; on a page of no part of it %v stands open", role, len(items), group)
			}
			for _, route := range h.routes {
				if route.Nav == "" || !access.May(by, route.Permission) {
					continue
				}
				items, group := h.menu(by, route.Pattern, "")
				open := 0
				for _, l := range items {
					if l.Current {
						open++
					}
				}
				found := group == nil && open == 1
				if group != nil {
					for _, l := range group.Items {
						found = found || l.Current && l.Href == route.Pattern && open == 1
					}
				}
				if !found {
					t.Errorf("on %s the menu of a %s shows %v, below it %v", route.Pattern, role, items, group)
				}
			}
		}
	})
}
