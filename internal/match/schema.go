package match

// Kind says what a column of a file of people holds.
type Kind uint8

// What a column can hold. A second column of one kind holds another value of the
// same thing: a former family name, an earlier postcode, the former UPN.
const (
	Other          Kind = iota // takes no part in matching
	Given                      // first name
	Middle                     // further given names
	Family                     // family name
	Birth                      // date of birth
	Sex                        // sex or gender, by its first letter
	Postcode                   // a postcode of any country
	House                      // house number or name
	Street                     // first line of the address; a number at its start is the house
	Locality                   // second line of the address
	Town                       // town or city
	Region                     // county or state
	Phone                      // any telephone number
	Email                      // e-mail address
	School                     // school, college or provider, by name or number
	ULN                        // unique learner number
	UPN                        // unique pupil number
	YoungPersonsID             // the permanent number of the client record
	Number                     // any other number that is one person's: NHS number, social security
	kinds
)

// String is the kind in words, as an explanation names it.
func (k Kind) String() string {
	return [...]string{"other", "given name", "middle name", "family name", "birth date", "sex", "postcode", "house number",
		"street", "second address line", "town", "region", "telephone", "e-mail", "school", "ULN", "UPN", "YoungPersonsID", "number"}[k]
}

// feature is one comparison of a pair. Features are numbered like kinds, with the
// order of the two names in the place of Other.
const (
	order    = int(Other)
	features = int(kinds)
)

// vector holds the degree to which a pair agrees in each feature; 0 is not known.
type vector [features]uint8

// The two orders of names.
const (
	orderStraight = 1 + iota
	orderTurned   // the given name of one is the family name of the other
)

// The degrees in which a sex agrees, and a house number and a school.
const (
	plainSame = 1 + iota
	plainFar
)
