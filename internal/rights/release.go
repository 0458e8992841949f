package rights

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html/template"
	"io"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/field"
	"waymark/internal/id"
	"waymark/internal/sheet"
)

const sqlRelease = `UPDATE access_pack SET state = 'released', kept = $3, withheld = $4, sha256 = $5, released = $6 WHERE register = $1 AND id = $2 AND state = 'draft'`

// Release freezes the pack: from then on its file is the one whose hash is kept.
// Where the disclosure of what came from Work and Pensions is a part of it, the
// ground is logged. It needs access.ReleasePack, and returns field.Errors while
// an item waits to be decided about, nobody wrote down who asks, or their address was
// protected since the pack was made.
func (s *Service) Release(ctx context.Context, by access.Actor, request id.Ref, key string) error {
	return s.DB.InTx(ctx, func(tx *db.Tx) error {
		r, p, err := s.draftOf(tx, by, request)
		if err != nil {
			return err
		}
		if err := addressDecided(tx, by.Register, r, p); err != nil {
			return err
		}
		if p.Waiting > 0 {
			return field.Errors{{Field: "pack", Message: fmt.Sprintf("Decide first about the %d items that are marked", p.Waiting)}}
		}
		if r.Last(Identity) == nil {
			return field.Errors{{Field: "pack", Message: "Write down first how it was checked who asks"}}
		}
		a, err := act.Begin(tx, by, access.ReleasePack, r.person, act.Request{Reason: "What is held, released", Key: key})
		if err != nil {
			return err
		}
		if err := eachItem(tx, a.Register, r, p.key, "", func(i Item) error {
			if i.Decision == Withhold {
				p.Withheld++
			} else {
				p.Kept++
			}
			return nil
		}); err != nil {
			return err
		}
		sum := sha256.New()
		if err := s.write(tx, a.Register, r, p, sum); err != nil {
			return err
		}
		if err := changed(tx.Exec(sqlRelease, int64(a.Register), p.key, p.Kept, p.Withheld, hex.EncodeToString(sum.Sum(nil)), int64(a.Number))); err != nil {
			return err
		}
		return disclosed(tx, a, r, p)
	})
}

// addressDecided refuses a pack that was made before their address was protected:
// nobody has decided about it as that.
func addressDecided(tx *db.Tx, register id.Register, r *Request, p *Pack) error {
	stranger, err := access.VeilOf(tx, access.Actor{Register: register})
	if err != nil || !stranger.Protects(r.person) {
		return err
	}
	return eachItem(tx, register, r, p.key, "", func(i Item) error {
		if i.isAddress() && i.Review != reviewAddress {
			return field.Errors{{Field: "pack", Message: "Make the pack again: their address has been protected since it was made"}}
		}
		return nil
	})
}

const sqlOfDWP = `review <> '' AND decision = 'keep'`

// disclosed logs that what section 15 of the Education and Skills Act 2008
// protects was told to the one whom it is about.
func disclosed(tx *db.Tx, a *act.Act, r *Request, p *Pack) error {
	n := 0
	if err := eachItem(tx, a.Register, r, p.key, sqlOfDWP, func(i Item) error {
		if i.Review == reviewDWP {
			n++
		}
		return nil
	}); err != nil || n == 0 {
		return err
	}
	return AddDisclosure(tx, a, r.person, Disclosure{What: fmt.Sprintf("%d items from Work and Pensions", n), ToWhom: "whoever asked for access: " + r.AskedBy,
		Ground: "UK GDPR, article 15: to the young person, or for them", DecidedBy: a.By.Name, On: civil.On(tx.Now, civil.London()), OfClaims: true})
}

// File is the released pack, ready to be written.
type File struct {
	Name, SHA256 string
	write        func(io.Writer) error
}

// Send writes the file.
func (f *File) Send(w io.Writer) error { return f.write(w) }

// Fetch is the file of a released pack. That it was fetched is an act. It needs
// access.ReleasePack, and returns db.NotFound before it is released, and an
// error where what is kept is not what was released.
func (s *Service) Fetch(ctx context.Context, by access.Actor, request id.Ref) (*File, error) {
	f := &File{}
	err := s.DB.InTx(ctx, func(tx *db.Tx) error {
		r, err := s.one(tx, by, request)
		if err != nil {
			return err
		}
		p, err := packOf(tx, by.Register, r.key)
		if err != nil {
			return err
		}
		if p == nil || p.State != ReleasedPack {
			return db.NotFound
		}
		if _, err := act.Begin(tx, by, access.ReleasePack, r.person, act.Request{Reason: "What is held, fetched"}); err != nil {
			return err
		}
		sum := sha256.New()
		if err := s.write(tx, by.Register, r, p, sum); err != nil {
			return err
		}
		if hex.EncodeToString(sum.Sum(nil)) != p.SHA256 {
			return fmt.Errorf("rights: what is kept of the pack %s is not what was released: its hash is another", p.Ref)
		}
		f.Name, f.SHA256 = "what-is-held-"+string(p.Ref)[:8]+".zip", p.SHA256
		f.write = func(w io.Writer) error {
			return s.DB.Read(ctx, func(tx *db.Tx) error { return s.write(tx, by.Register, r, p, w) })
		}
		return nil
	})
	return f, err
}

// write writes the pack: a page to read and print, and the same for machines.
// The same pack is the same bytes: nothing is compressed, nothing says when.
func (s *Service) write(tx *db.Tx, register id.Register, r *Request, p *Pack, w io.Writer) error {
	z := zip.NewWriter(w)
	for _, part := range []struct {
		name  string
		write func(io.Writer) error
	}{{"what-is-held.html", func(w io.Writer) error { return writePage(tx, register, r, p, w) }},
		{"what-is-held.csv", func(w io.Writer) error { return writeCSV(tx, register, r, p, w) }},
		{"what-is-held.json", func(w io.Writer) error { return writeJSON(tx, register, r, p, w) }}} {
		file, err := z.CreateHeader(&zip.FileHeader{Name: part.name, Method: zip.Store})
		if err != nil {
			return err
		}
		if err := part.write(file); err != nil {
			return fmt.Errorf("write %s: %w", part.name, err)
		}
	}
	return z.Close()
}

// released calls fn with what goes out.
func released(tx *db.Tx, register id.Register, r *Request, p *Pack, fn func(Item) error) error {
	return eachItem(tx, register, r, p.key, "decision <> 'withhold'", fn)
}

var page = template.Must(template.New("page").Parse(`{{define "head"}}<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>What we hold about you</title>
<style>body{font-family:Arial,sans-serif;max-width:50em;margin:2em auto;padding:0 1em;line-height:1.4}h2{margin-top:2em;border-bottom:2px solid}article{border-bottom:1px solid #ccc;padding:.5em 0;break-inside:avoid}h3{margin:0}p{margin:.2em 0;overflow-wrap:anywhere}.small{color:#505a5f;font-size:.9em}</style></head><body>
<h1>What we hold about you</h1>
<p>You asked on {{.Received}} for what we hold about you. Here it is: {{.Kept}} items.</p>
{{if .Withheld}}<p>We left out {{.Withheld}} because they are about other people too, or because the law does not let us give them. If you do not agree with that, tell us, or the Information Commissioner (ico.org.uk).</p>{{end}}
<p>For each item we say when it was so, when we held it, and where it came from. A number in brackets is the code that we send to the Department for Education. Of our staff we say what they do, and not their names: you have the right to know when and why your record was looked at, and they have rights as well.</p>
<p>If something is wrong, tell us and we correct it. If we do not agree that it is wrong, we write what you say beside it.</p>{{end}}
{{define "section"}}<h2>{{.}}</h2>{{end}}
{{define "item"}}<article><h3>{{.Title}}</h3><p>{{.Words}}</p><p class="small">{{.Happened}}{{with .Held}}. We held it: {{.}}{{end}}{{with .Source}}. Where it came from: {{.}}{{end}}</p></article>
{{end}}
{{define "foot"}}</body></html>
{{end}}`))

func writePage(tx *db.Tx, register id.Register, r *Request, p *Pack, w io.Writer) error {
	if err := page.ExecuteTemplate(w, "head", map[string]any{"Received": r.ReceivedOn.Words(), "Kept": p.Kept, "Withheld": p.Withheld}); err != nil {
		return err
	}
	section := ""
	if err := released(tx, register, r, p, func(i Item) error {
		if i.Section != section {
			section = i.Section
			if err := page.ExecuteTemplate(w, "section", section); err != nil {
				return err
			}
		}
		return page.ExecuteTemplate(w, "item", i)
	}); err != nil {
		return err
	}
	return page.ExecuteTemplate(w, "foot", nil)
}

func writeCSV(tx *db.Tx, register id.Register, r *Request, p *Pack, w io.Writer) error {
	out := csv.NewWriter(w)
	if err := out.Write([]string{"section", "what", "words", "when it was so", "when we held it", "where it came from"}); err != nil {
		return err
	}
	if err := released(tx, register, r, p, func(i Item) error {
		cells := []string{i.Section, i.Title, i.Words, i.Happened, i.Held, i.Source}
		for n := range cells {
			cells[n] = sheet.Defuse(cells[n])
		}
		return out.Write(cells)
	}); err != nil {
		return err
	}
	out.Flush()
	return out.Error()
}

func writeJSON(tx *db.Tx, register id.Register, r *Request, p *Pack, w io.Writer) error {
	return released(tx, register, r, p, func(i Item) error {
		line, err := json.Marshal(struct {
			Section  string          `json:"section"`
			Title    string          `json:"title"`
			Happened string          `json:"happened"`
			Held     string          `json:"held"`
			Source   string          `json:"source,omitempty"`
			Values   json.RawMessage `json:"values"`
		}{i.Section, i.Title, i.Happened, i.Held, i.Source, json.RawMessage(i.Machine)})
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(w, "%s\n", line)
		return err
	})
}
