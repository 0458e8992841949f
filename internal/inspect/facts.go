package inspect

import (
	"fmt"

	"waymark/internal/life"
)

const (
	sqlActs      = `SELECT count(*) FROM act WHERE register = $1`
	sqlActGaps   = `SELECT number, before, 0 FROM (SELECT number, COALESCE(LAG(number) OVER (ORDER BY number), 0) AS before FROM act WHERE register = $1) AS a WHERE number <> before + 1 ORDER BY number`
	sqlActLast   = `SELECT r.last_act, COALESCE((SELECT MAX(number) FROM act WHERE register = r.id), 0), 0 FROM register r WHERE r.id = $1`
	sqlActUndoes = `SELECT a.number, a.undoes, 0 FROM act a LEFT JOIN act u ON u.register = a.register AND u.number = a.undoes
		WHERE a.register = $1 AND a.undoes IS NOT NULL AND (u.number IS NULL OR u.number >= a.number) ORDER BY a.number`
	sqlActPerson = `SELECT a.number, a.young_person, 0 FROM act a LEFT JOIN young_person p ON p.register = a.register AND p.id = a.young_person
		WHERE a.register = $1 AND a.young_person IS NOT NULL AND p.id IS NULL ORDER BY a.number`
)

func (i *inspection) acts(c *Check) error {
	var err error
	if c.Looked, err = i.count(sqlActs); err != nil {
		return err
	}
	if err := i.each(sqlActGaps, func(number, before, _ int64) {
		c.wrong("after act %d comes act %d: what is between them is gone", before, number)
	}); err != nil {
		return err
	}
	if err := i.each(sqlActLast, func(counter, last, _ int64) {
		if counter != last {
			c.wrong("the register counts %d acts and the last that is there is %d", counter, last)
		}
	}); err != nil {
		return err
	}
	if err := i.each(sqlActUndoes, func(number, undoes, _ int64) {
		c.wrong("act %d takes back act %d, which did not come before it", number, undoes)
	}); err != nil {
		return err
	}
	return i.each(sqlActPerson, func(number, yp, _ int64) {
		c.wrong("act %d is about the young person with the key %d, who is not there", number, yp)
	})
}

const (
	sqlEvidence       = `SELECT count(*) FROM evidence WHERE register = $1`
	sqlEvidenceAct    = `SELECT e.id, e.act, 0 FROM evidence e LEFT JOIN act a ON a.register = e.register AND a.number = e.act WHERE e.register = $1 AND a.number IS NULL ORDER BY e.id`
	sqlEvidenceImport = `SELECT e.id, e.import, 0 FROM evidence e LEFT JOIN import m ON m.register = e.register AND m.id = e.import
		LEFT JOIN intake n ON n.register = e.register AND n.id = e.import WHERE e.register = $1 AND e.import IS NOT NULL AND m.id IS NULL AND n.id IS NULL ORDER BY e.id`
)

func (i *inspection) evidence(c *Check) error {
	var err error
	if c.Looked, err = i.count(sqlEvidence); err != nil {
		return err
	}
	if err := i.each(sqlEvidenceAct, func(key, act, _ int64) {
		c.wrong("evidence %d is of act %d, which is not there", key, act)
	}); err != nil {
		return err
	}
	return i.each(sqlEvidenceImport, func(key, file, _ int64) {
		c.wrong("evidence %d is from the file with the key %d, which is not there", key, file)
	})
}

// sqlLastAct is the last act that there is: acts are numbered without gaps,
// which a check of its own sees to.
const sqlLastAct = `SELECT COALESCE(MAX(number), 0) FROM act WHERE register = $1`

// facts looks through every fact table: each row once, and again those of which
// there are several versions.
func (i *inspection) facts(c *Check) error {
	last, err := i.count(sqlLastAct)
	if err != nil {
		return err
	}
	for _, t := range life.Tables() {
		n, err := i.count("SELECT count(*) FROM " + t.Name + " WHERE register = $1")
		if err != nil {
			return err
		}
		c.Looked += n
		if err := i.each(twoAtOnce(t.Name), func(yp, key, act int64) {
			c.wrong("%s %d of %s is held in two versions at once: the later is of act %d", t.Name, key, i.person(yp), act)
		}); err != nil {
			return fmt.Errorf("%s: %w", t.Name, err)
		}
		if err := i.rows(c, t.Name, last); err != nil {
			return fmt.Errorf("%s: %w", t.Name, err)
		}
	}
	return nil
}

// rows finds the versions whose acts or evidence are not there.
func (i *inspection) rows(c *Check, table string, last int64) error {
	rows, err := i.tx.Query("SELECT f.young_person, f.id, f.known_from, COALESCE(f.known_to, 0), f.evidence, EXISTS (SELECT 1 FROM evidence e WHERE e.register = f.register AND e.id = f.evidence) FROM "+table+` f
		WHERE f.register = $1 AND (f.known_from NOT BETWEEN 1 AND $2 OR f.known_to NOT BETWEEN f.known_from AND $2 OR NOT EXISTS (SELECT 1 FROM evidence e WHERE e.register = f.register AND e.id = f.evidence))
		ORDER BY f.young_person, f.id, f.known_from`, int64(i.register), last)
	if err != nil {
		return err
	}
	defer rows.Close()
	type version struct {
		yp, key, from, to, evidence int64
		rests                       bool
	}
	var wrong []version
	for rows.Next() {
		var v version
		if err := rows.Scan(&v.yp, &v.key, &v.from, &v.to, &v.evidence, &v.rests); err != nil {
			return err
		}
		wrong = append(wrong, v)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	for _, v := range wrong {
		what := fmt.Sprintf("%s %d of %s ", table, v.key, i.person(v.yp))
		if v.from < 1 || v.from > last {
			c.wrong("%sis known from act %d, which is not there", what, v.from)
		}
		if v.to > last {
			c.wrong("%swas closed by act %d, which is not there", what, v.to)
		}
		if v.to != 0 && v.to < v.from {
			c.wrong("%swas closed by act %d, before it was known", what, v.to)
		}
		if !v.rests {
			c.wrong("%srests on evidence %d, which is not there", what, v.evidence)
		}
	}
	return nil
}

// twoAtOnce asks for versions of a fact that were held while another of it was.
// Most facts have one version, which the key alone tells.
func twoAtOnce(table string) string {
	return "SELECT young_person, id, after FROM (SELECT f.young_person, f.id, f.known_to, LEAD(f.known_from) OVER (PARTITION BY f.young_person, f.id ORDER BY f.known_from) AS after FROM (SELECT young_person, id FROM " + table +
		" WHERE register = $1 GROUP BY young_person, id HAVING count(*) > 1) AS g JOIN " + table + " f ON f.register = $1 AND f.young_person = g.young_person AND f.id = g.id) AS v WHERE after IS NOT NULL AND (known_to IS NULL OR known_to > after) ORDER BY young_person, id"
}

// others are the tables that hold versions and are no facts: the columns that
// name what a version is of, as two numbers.
var others = []struct{ table, what string }{
	{"young_person", "id, 0"}, {"merged", "young_person, 0"}, {"pair_answer", "first, second"},
}

const (
	sqlSourceTwice = `SELECT young_person, count(*), 0 FROM source_record WHERE register = $1 AND known_to IS NULL GROUP BY young_person, source HAVING count(*) > 1 ORDER BY young_person`
	sqlListTwice   = `SELECT MIN(known_from), count(*), 0 FROM saved_list WHERE register = $1 AND known_to IS NULL GROUP BY ref HAVING count(*) > 1 ORDER BY 1`
	sqlRoleTwice   = `SELECT account, count(*), 0 FROM account_role WHERE register = $1 AND known_to IS NULL GROUP BY account, role HAVING count(*) > 1 ORDER BY account`
)

// versions looks through what else is kept in versions.
func (i *inspection) versions(c *Check) error {
	for _, o := range others {
		if err := i.each("SELECT "+o.what+", known_from FROM "+o.table+" f WHERE register = $1 AND NOT EXISTS (SELECT 1 FROM act a WHERE a.register = f.register AND a.number = f.known_from) ORDER BY known_from", func(a, _, act int64) {
			c.wrong("a row of %s about the key %d is known from act %d, which is not there", o.table, a, act)
		}); err != nil {
			return err
		}
	}
	for _, table := range []string{"young_person", "merged", "pair_answer", "source_record", "saved_list", "account_role", "restriction", "restriction_named", "own_record"} {
		n, err := i.count("SELECT count(*) FROM " + table + " WHERE register = $1")
		if err != nil {
			return err
		}
		c.Looked += n
		if err := i.each("SELECT f.known_from, f.known_to, 0 FROM "+table+" f WHERE f.register = $1 AND f.known_to IS NOT NULL AND (f.known_to < f.known_from OR NOT EXISTS (SELECT 1 FROM act a WHERE a.register = f.register AND a.number = f.known_to)) ORDER BY f.known_from", func(from, to, _ int64) {
			c.wrong("a row of %s known from act %d was closed by act %d, which is not there or came before", table, from, to)
		}); err != nil {
			return err
		}
	}
	for query, words := range map[string]string{
		sqlSourceTwice: "what one source says of a young person (key %d) is held in %d versions at once",
		sqlListTwice:   "the saved list first known from act %d is held in %d versions at once",
		sqlRoleTwice:   "the account with the key %d holds one role %d times at once",
	} {
		if err := i.each(query, func(a, n, _ int64) { c.wrong(words, a, n) }); err != nil {
			return err
		}
	}
	return nil
}

const (
	sqlLastKey = `SELECT r.last_key, COALESCE((SELECT MAX(id) FROM evidence WHERE register = r.id), 0), COALESCE((SELECT MAX(id) FROM young_person WHERE register = r.id), 0) FROM register r WHERE r.id = $1`
	sqlPeople  = `SELECT count(*) FROM young_person WHERE register = $1`
)

// keys sees that the counter of keys is past every key.
func (i *inspection) keys(c *Check) error {
	var err error
	if c.Looked, err = i.count(sqlPeople); err != nil {
		return err
	}
	return i.each(sqlLastKey, func(last, evidence, person int64) {
		if highest := max(evidence, person); highest > last {
			c.wrong("the register has handed out keys up to %d, and %d is in use", last, highest)
		}
	})
}
