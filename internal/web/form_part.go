package web

import "strings"

// FormPart is one part of a form: a heading, a text, or one field; "form-part".
// Forms that are a list of parts can also tell what they hold in words.
type FormPart struct {
	Heading, Text              string
	Input                      *Input
	Date                       *DateInput
	Select, Radios, Checkboxes *Choice
	Textarea                   *Textarea
	More                       *MoreParts
}

// MoreParts are parts that most readers need not see.
type MoreParts struct {
	Summary string
	Open    bool
	Parts   []FormPart
}

func headingPart(text string) FormPart { return FormPart{Heading: text} }

func (f *Form) inputPart(i Input) FormPart { i = f.Input(i); return FormPart{Input: &i} }

func (f *Form) datePart(d DateInput) FormPart { d = f.DateInput(d); return FormPart{Date: &d} }

func (f *Form) selectPart(c Choice) FormPart { c = f.Choice(c); return FormPart{Select: &c} }

func (f *Form) radiosPart(c Choice) FormPart { c = f.Choice(c); return FormPart{Radios: &c} }

func (f *Form) checkboxesPart(c Choice) FormPart { c = f.Choice(c); return FormPart{Checkboxes: &c} }

func (f *Form) textareaPart(t Textarea) FormPart { t = f.Textarea(t); return FormPart{Textarea: &t} }

// morePart opens by itself where something in it is filled in or wrong.
func morePart(summary string, parts ...FormPart) FormPart {
	m := &MoreParts{Summary: summary, Parts: parts}
	for _, p := range parts {
		_, value := p.words()
		m.Open = m.Open || value != "" || p.wrong()
	}
	return FormPart{More: m}
}

// field is the name of the part's field; a date's is its day's.
func (p FormPart) field() string {
	switch {
	case p.Input != nil:
		return p.Input.Name
	case p.Date != nil:
		return p.Date.Name + "-day"
	case p.Select != nil:
		return p.Select.Name
	case p.Radios != nil:
		return p.Radios.Name
	case p.Checkboxes != nil:
		return p.Checkboxes.Name
	case p.Textarea != nil:
		return p.Textarea.Name
	}
	return ""
}

func (p FormPart) wrong() bool {
	return p.Input != nil && p.Input.Error != "" || p.Date != nil && p.Date.Error != "" || p.Select != nil && p.Select.Error != "" ||
		p.Radios != nil && p.Radios.Error != "" || p.Checkboxes != nil && p.Checkboxes.Error != "" || p.Textarea != nil && p.Textarea.Error != ""
}

// words are the field's label and what it holds, as a page says it.
func (p FormPart) words() (label, value string) {
	switch {
	case p.Input != nil:
		return p.Input.Label, strings.TrimSpace(p.Input.Value)
	case p.Textarea != nil:
		return p.Textarea.Label, strings.TrimSpace(p.Textarea.Value)
	case p.Date != nil:
		if d, ok := p.Date.Typed.Date(); ok {
			return p.Date.Label, d.Words()
		}
		return p.Date.Label, strings.TrimSpace(p.Date.Typed.Day + " " + p.Date.Typed.Month + " " + p.Date.Typed.Year)
	case p.Select != nil:
		return p.Select.Label, p.Select.chosenWords()
	case p.Radios != nil:
		return p.Radios.Label, p.Radios.chosenWords()
	case p.Checkboxes != nil:
		return p.Checkboxes.Label, p.Checkboxes.chosenWords()
	}
	return "", ""
}

func (c Choice) chosenWords() string {
	var texts []string
	for _, o := range c.Options {
		if o.Chosen && o.Value != "" {
			texts = append(texts, o.Text)
		}
	}
	return strings.Join(texts, ", ")
}

// eachField calls fn with every part that is a field, those in More and those
// that an answer opens too.
func eachField(parts []FormPart, fn func(FormPart)) {
	for _, p := range parts {
		if p.More != nil {
			eachField(p.More.Parts, fn)
		} else if p.field() != "" {
			fn(p)
			eachField(p.revealed(), fn)
		}
	}
}

// revealed are the fields that an answer opens.
func (p FormPart) revealed() (parts []FormPart) {
	if p.Radios == nil {
		return nil
	}
	for _, o := range p.Radios.Options {
		if o.Reveal == nil {
			continue
		}
		for i := range o.Reveal.Inputs {
			parts = append(parts, FormPart{Input: &o.Reveal.Inputs[i]})
		}
		for i := range o.Reveal.Selects {
			parts = append(parts, FormPart{Select: &o.Reveal.Selects[i]})
		}
		for i := range o.Reveal.Dates {
			parts = append(parts, FormPart{Date: &o.Reveal.Dates[i]})
		}
		for i := range o.Reveal.Textareas {
			parts = append(parts, FormPart{Textarea: &o.Reveal.Textareas[i]})
		}
		for i := range o.Reveal.More {
			parts = append(parts, FormPart{Input: &o.Reveal.More[i]})
		}
	}
	return parts
}
