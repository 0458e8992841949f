package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
)

//go:embed static
var staticFiles embed.FS

// assets are the embedded files, under an address that changes with their
// content: browsers may keep them for a year, and fetch new ones at once after
// an upgrade. One hash covers all, so that a script may import its neighbour.
type assets struct {
	hash  string
	files map[string]asset
}

type asset struct {
	kind          string
	plain, zipped []byte
}

func readAssets(files fs.FS) (assets, error) {
	a := assets{files: map[string]asset{}}
	sum := sha256.New()
	names, err := fs.Glob(files, "static/*")
	if err != nil {
		return a, err
	}
	for _, name := range names {
		body, err := fs.ReadFile(files, name)
		if err != nil {
			return a, fmt.Errorf("read %s: %w", name, err)
		}
		var zipped bytes.Buffer
		z, _ := gzip.NewWriterLevel(&zipped, gzip.BestCompression) // the level is one that exists
		z.Write(body)
		z.Close()
		fmt.Fprintf(sum, "%s %d\n", name, len(body))
		sum.Write(body)
		a.files[path.Base(name)] = asset{kind: kindOf(name), plain: body, zipped: zipped.Bytes()}
	}
	a.hash = hex.EncodeToString(sum.Sum(nil))[:16]
	return a, nil
}

// kindOf does not ask the machine's own tables alone: they differ, and a wrong
// kind stops a script under nosniff.
func kindOf(name string) string {
	switch path.Ext(name) {
	case ".css":
		return "text/css; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	}
	return mime.TypeByExtension(path.Ext(name))
}

// address is where the page finds the file; unknown names are an error, so
// that a mistyped one fails the tests and not the reader.
func (a assets) address(name string) (string, error) {
	if _, ok := a.files[name]; !ok {
		return "", fmt.Errorf("there is no static file %q", name)
	}
	return "/static/" + a.hash + "/" + name, nil
}

func (s *Server) static(w http.ResponseWriter, r *http.Request) error {
	f, ok := s.assets.files[r.PathValue("name")]
	if !ok {
		return errNoPage
	}
	h := w.Header()
	h.Set("Content-Type", f.kind)
	h.Set("Vary", "Accept-Encoding")
	// A page from before an upgrade still gets its file, but may not keep it.
	h.Set("Cache-Control", "no-cache")
	if r.PathValue("hash") == s.assets.hash {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	body := f.plain
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		body = f.zipped
	}
	_, err := w.Write(body)
	return err
}

// errNoPage is an address that leads nowhere.
var errNoPage = errors.New("no such page")
