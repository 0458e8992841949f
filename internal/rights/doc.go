// Package rights keeps what young people and parents ask of us as is their
// right, and answers them.
//
// In the trade a subject access request is a young person asking for all that is
// held about them. It is answered within one month of the day it came, which
// stands still while we wait for what we need to know to answer it; two months
// more may be taken where it is complex, and they are told so within the first
// (UK GDPR articles 12 and 15; Data (Use and Access) Act 2025). A complaint is
// acknowledged within 30 days, and then answered without undue delay. Requests
// to correct, to restrict, to erase and to object have the clock of the first.
//
// Whether a young person is competent to ask for themselves, and who a person
// is, somebody decides and writes down: it is not worked out from an age.
package rights
