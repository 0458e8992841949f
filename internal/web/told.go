package web

import (
	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/record"
)

// toldParts end every form that changes a record: how did you learn this?
func (f *Form) toldParts() []FormPart {
	kinds := Choice{Name: "told-kind", Label: "How you learned it", Options: []Option{{Value: "", Text: "Choose one"}}}
	for _, k := range act.EvidenceKinds() {
		if k != act.System { // what the program works out by itself
			kinds.Options = append(kinds.Options, Option{Value: k, Text: capital(k)})
		}
	}
	return []FormPart{
		headingPart("How did you learn this?"),
		f.selectPart(kinds),
		f.inputPart(Input{Name: "told-by", Label: "Who told us (optional)", Hint: "For example, the young person’s aunt, or the college office"}),
		f.datePart(DateInput{Name: "told-on", Label: "The day we learned it"}),
	}
}

// setTold fills in today, which is when most things are learned.
func (f *Form) setTold(today civil.Date) { f.SetDate("told-on", today) }

// told reads what toldParts asked.
func (f *Form) told() record.Told {
	return record.Told{Kind: f.Text("told-kind"), SaidBy: f.Text("told-by"), On: f.Date("told-on", "The day we learned it"), Key: f.Key}
}
