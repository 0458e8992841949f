package web

import "net/http"

type helpPage struct{ Page }

func (s *Server) help(w http.ResponseWriter, r *http.Request) error {
	return s.render(w, r, "help", &helpPage{Page{Title: "Help"}})
}

func (s *Server) accessibility(w http.ResponseWriter, r *http.Request) error {
	return s.render(w, r, "accessibility", &helpPage{Page{Title: "Accessibility statement"}})
}
