package seed

import (
	"fmt"

	"waymark/internal/act"
	"waymark/internal/contact"
	"waymark/internal/id"
	"waymark/internal/need"
	"waymark/internal/record"
	"waymark/internal/youngperson"
)

// word is a pronounceable word that was not given out before: nine letters, so
// that nothing else says it by chance.
func (p *planter) word() string {
	const consonants, vowels = "bdfgklmnprstvz", "aeiou"
	for {
		b := make([]byte, 0, 10)
		for range 5 {
			b = append(b, consonants[p.rand.IntN(len(consonants))], vowels[p.rand.IntN(len(vowels))])
		}
		b[0] -= 'a' - 'A'
		if word := string(b); !p.used[word] {
			p.used[word] = true
			return word
		}
	}
}

// person makes one young person with a canary in each field, and protects the
// record.
func (p *planter) person(protection string) error {
	one := Person{Protection: protection, Enrolled: len(p.in.People) != 1, Canaries: map[string]string{}}
	canary := func(field string) string {
		one.Canaries[field] = p.word()
		return one.Canaries[field]
	}
	told := record.Told{Kind: act.Telephone, SaidBy: canary("said by")}
	postcode := fmt.Sprintf("QX%d %dAB", 1+p.rand.IntN(9), 1+p.rand.IntN(9))
	var err error
	one.Ref, err = p.Record.Add(p.ctx, p.by, record.NewPerson{
		Name: youngperson.Name{Given: canary("given name"), Family: canary("family name")}, Born: p.today.AddDays(-17*365 - p.rand.IntN(300)), Gender: "F", Ethnicity: "WBRI",
		Address: youngperson.Address{Line1: "4 " + canary("address"), Town: canary("town"), Postcode: postcode}, LeadLA: p.in.Authority, EducatedLA: p.in.Authority,
		Need: need.Need{Level: "2", SEND: "N", SENSupport: "Y"}}, told)
	if err != nil {
		return fmt.Errorf("add somebody %s: %w", protection, err)
	}
	if err := p.facts(one.Ref, one.Enrolled, canary, told); err != nil {
		return fmt.Errorf("tell of somebody %s: %w", protection, err)
	}
	summary, err := p.Record.Summary(p.ctx, p.by, one.Ref)
	if err != nil {
		return err
	}
	one.YoungPersonsID = summary.Life.Person.YoungPersonsID
	if err := p.restricts(one); err != nil {
		return fmt.Errorf("protect somebody %s: %w", protection, err)
	}
	p.in.People = append(p.in.People, one)
	return nil
}

func (p *planter) facts(ref id.Ref, enrolled bool, canary func(string) string, told record.Told) error {
	if err := p.Record.SetReach(p.ctx, p.by, ref, 0, youngperson.Reach{Kind: youngperson.Email, Value: canary("e-mail") + "@example.org", Note: canary("note of a way to reach")}, 0, told); err != nil {
		return err
	}
	if err := p.Record.SetCarer(p.ctx, p.by, ref, 0, youngperson.Carer{Name: canary("carer"), Relationship: "aunt"}, 0, told); err != nil {
		return err
	}
	if err := p.Record.RecordContact(p.ctx, p.by, ref, record.Spoken{Made: contact.Made{On: p.today.AddDays(-3), SaidBy: canary("contact with"), Contact: contact.Contact{How: contact.Phone,
		WithWhom: contact.Family, Outcome: contact.Reached, Note: canary("note of a contact"), Words: canary("their own words"), NextStep: canary("next step")}}}, ""); err != nil {
		return err
	}
	spell := record.NewSpell{Activity: "220", Started: p.today.AddDays(-60), PredictedEnd: p.today.AddDays(300)}
	if enrolled {
		spell.EstablishmentName, spell.EstablishmentNumber = p.college(), collegeNumber(p.in.Authority)
	} else {
		spell.EstablishmentName = canary("establishment")
	}
	return p.Record.RecordActivity(p.ctx, p.by, ref, spell, 0, told)
}
