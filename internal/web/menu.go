package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"waymark/internal/access"
)

// menuGroup is one item of the menu that stands for several pages: what belongs
// to one part of the work, so that the menu stays a line that can be read.
type menuGroup struct {
	text  string
	pages []string
}

// menuGroups are the groups. Whoever may open only one page of a group finds that
// page itself in the menu.
func menuGroups() []menuGroup {
	return []menuGroup{
		{"Contact", []string{"/campaigns", "/visits", "/messages", "/notices"}},
		{"Returns", []string{"/returns", "/check-a-file"}},
		{"Files in", []string{"/imports", "/reference", "/duplicates"}},
		{"Sharing", []string{"/sharing", "/partner-systems"}},
		{"Rights", []string{"/requests", "/retention", "/restricted"}},
	}
}

// menu is the routes with a Nav that the actor may open, and the pages of the
// group of the one that is open.
func (s *Server) menu(actor access.Actor, path, section string) (items []Link, group *SubNavigation) {
	best := -1
	for _, route := range s.routes {
		if route.Nav == "" || !access.May(actor, route.Permission) {
			continue
		}
		items = append(items, Link{Text: route.Nav, Href: route.Pattern})
		i := len(items) - 1
		if section != "" {
			if route.Pattern == section {
				best = i
			}
		} else if within(path, route.Pattern) && (best < 0 || len(route.Pattern) > len(items[best].Href)) {
			best = i
		}
	}
	if best >= 0 {
		items[best].Current = true
	}
	for _, g := range menuGroups() {
		var open *SubNavigation
		if items, open = g.fold(items); open != nil {
			group = open
		}
	}
	return items, group
}

// fold puts one item in the place of the group's pages, and gives the pages where
// one of them is open.
func (g menuGroup) fold(items []Link) ([]Link, *SubNavigation) {
	in := func(l Link) bool { return slices.Contains(g.pages, l.Href) }
	sub := &SubNavigation{Label: g.text}
	open := false
	for _, l := range items {
		if in(l) {
			sub.Items, open = append(sub.Items, l), open || l.Current
		}
	}
	if len(sub.Items) < 2 {
		return items, nil
	}
	first := slices.IndexFunc(items, in)
	rest := slices.DeleteFunc(slices.Clone(items[first+1:]), in)
	out := append(slices.Clone(items[:first]), Link{Text: g.text, Href: sub.Items[0].Href, Current: open})
	if !open {
		sub = nil
	}
	return append(out, rest...), sub
}

// mayOpen says whether the actor may open the page at an address of this house.
func (s *Server) mayOpen(actor access.Actor, href string) bool {
	at, err := url.Parse(href)
	if err != nil || href == "" {
		return false
	}
	_, pattern := s.mux.Handler(&http.Request{Method: http.MethodGet, URL: at, Host: at.Host})
	i := slices.IndexFunc(s.routes, func(r Route) bool { return r.Method+" "+muxPattern(r.Pattern) == pattern })
	return i >= 0 && access.May(actor, s.routes[i].Permission)
}

// ifOpen is the address, or nothing where the reader may not open it.
func (s *Server) ifOpen(r *http.Request, href string) string {
	if s.mayOpen(actorOf(r), href) {
		return href
	}
	return ""
}

func within(path, prefix string) bool {
	if prefix == "/" {
		return path == "/"
	}
	return path == prefix || strings.HasPrefix(path, prefix+"/")
}
