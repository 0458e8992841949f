package audit

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"waymark/internal/db"
	"waymark/internal/id"
)

// Head is the state of a register's log at one moment. Signed and written
// outside the database it is a seal.
type Head struct {
	// Origin says whose log it is: waymark/ and the register's reference.
	Origin string
	// Entries is how many entries it covers, and Root the root of their tree.
	Entries int64
	Root    tlog.Hash
	// Seal is its number, from 1; 0 where nobody signed it.
	Seal int64
	At   time.Time
	// Signed is the whole note as it stands outside, empty where nobody signed.
	Signed string
}

const headTime = "2006-01-02T15:04:05Z"

// text is what is signed: a checkpoint as other transparency logs write it
// (C2SP tlog-checkpoint), with two lines of our own.
func (h Head) text() string {
	return fmt.Sprintf("%s\n%d\n%s\nseal %d\nat %s\n", h.Origin, h.Entries, base64.StdEncoding.EncodeToString(h.Root[:]), h.Seal, h.At.UTC().Format(headTime))
}

func parseHead(text string) (Head, error) {
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	var h Head
	if len(lines) < 5 {
		return h, errors.New("a head has five lines")
	}
	root, err := base64.StdEncoding.DecodeString(lines[2])
	if err != nil || len(root) != tlog.HashSize {
		return h, fmt.Errorf("%q is no root of a log", lines[2])
	}
	h.Origin, h.Root = lines[0], tlog.Hash(root)
	if h.Entries, err = strconv.ParseInt(lines[1], 10, 64); err != nil || h.Entries < 0 {
		return h, fmt.Errorf("%q is no number of entries", lines[1])
	}
	seal, ok := strings.CutPrefix(lines[3], "seal ")
	if h.Seal, err = strconv.ParseInt(seal, 10, 64); err != nil || !ok {
		return h, fmt.Errorf("%q is no number of a seal", lines[3])
	}
	at, ok := strings.CutPrefix(lines[4], "at ")
	if h.At, err = time.Parse(headTime, at); err != nil || !ok {
		return h, fmt.Errorf("%q is no moment of a seal", lines[4])
	}
	return h, nil
}

// Key signs seals.
type Key struct {
	signer note.Signer
	// Public is the public key, for whoever checks seals: one line of text.
	Public string
}

const keyName = "waymark"

// OpenKey reads the private key that a file holds. Where there is no such file
// a key is made and kept there, readable by its owner alone; made says so. A
// file that others may read is refused.
func OpenKey(path string) (key *Key, made bool, err error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		key, err = makeKey(path)
		return key, err == nil, err
	}
	if err != nil {
		return nil, false, fmt.Errorf("read the key that signs the audit log: %w", err)
	}
	if info, err := os.Stat(path); err == nil && info.Mode().Perm()&0o077 != 0 && os.PathSeparator == '/' {
		return nil, false, fmt.Errorf("the key that signs the audit log, %s, may be read by others: chmod 600 it, and if somebody may have read it move it away, so that a new one is made", path)
	}
	lines := strings.Fields(string(text))
	if len(lines) != 2 {
		return nil, false, fmt.Errorf("%s holds no key of the audit log: it has two lines, the private key and the public key", path)
	}
	signer, err := note.NewSigner(lines[0])
	if err != nil {
		return nil, false, fmt.Errorf("%s holds no key of the audit log: %w", path, err)
	}
	return &Key{signer: signer, Public: lines[1]}, false, nil
}

func makeKey(path string) (*Key, error) {
	secret, public, err := note.GenerateKey(rand.Reader, keyName)
	if err != nil {
		return nil, fmt.Errorf("make a key for the audit log: %w", err)
	}
	signer, err := note.NewSigner(secret)
	if err != nil {
		return nil, fmt.Errorf("make a key for the audit log: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("make the folder of the audit log's key: %w", err)
	}
	if err := appendTo(path, secret+"\n"+public+"\n", os.O_EXCL); err != nil {
		return nil, fmt.Errorf("keep the key of the audit log: %w", err)
	}
	return &Key{signer: signer, Public: public}, nil
}

// PublicKey is the public key beside the private one in a file.
func PublicKey(path string) (string, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	lines := strings.Fields(string(text))
	if len(lines) != 2 {
		return "", fmt.Errorf("%s holds no key of the audit log", path)
	}
	return lines[1], nil
}

func (k *Key) sign(h Head) (Head, error) {
	signed, err := note.Sign(&note.Note{Text: h.text()}, k.signer)
	if err != nil {
		return h, fmt.Errorf("sign the audit log: %w", err)
	}
	h.Signed = string(signed)
	return h, nil
}

// appendTo writes at the end of a file, and on the disk, whatever stands in it.
func appendTo(path, text string, how int) error {
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY|how, 0o600)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	return errors.Join(err, f.Sync(), f.Close())
}

// verifiers are those who may have signed: the keys that a checker trusts.
func verifiers(public []string) (note.Verifiers, error) {
	var list []note.Verifier
	for _, p := range public {
		v, err := note.NewVerifier(strings.TrimSpace(p))
		if err != nil {
			return nil, fmt.Errorf("%q is no public key of an audit log, which begins waymark+: %w", p, err)
		}
		if !slices.ContainsFunc(list, func(o note.Verifier) bool { return o.Name() == v.Name() && o.KeyHash() == v.KeyHash() }) {
			list = append(list, v)
		}
	}
	return note.VerifierList(list...), nil
}

// CheckKeys says which of what was given is no public key.
func CheckKeys(public []string) error {
	_, err := verifiers(public)
	return err
}

// openHead reads one signed head. It must be signed by one of the keys.
func openHead(signed string, known note.Verifiers) (Head, error) {
	n, err := note.Open([]byte(signed), known)
	if err != nil {
		var unknown *note.UnverifiedNoteError
		if errors.As(err, &unknown) {
			return Head{}, errors.New("it is signed by another key")
		}
		return Head{}, fmt.Errorf("its signature does not fit: %w", err)
	}
	h, err := parseHead(n.Text)
	h.Signed = signed
	return h, err
}

// ReadHeads reads the seals of a file, each signed by one of the public keys.
// A seal that is damaged, or that somebody else signed, is an error that names
// its line.
func ReadHeads(in io.Reader, public []string) ([]Head, error) {
	known, err := verifiers(public)
	if err != nil {
		return nil, err
	}
	var heads []Head
	var one strings.Builder
	from := 1
	scan := bufio.NewScanner(in)
	for line := 1; scan.Scan(); line++ {
		text := scan.Text()
		if one.Len() == 0 {
			if strings.TrimSpace(text) == "" {
				continue
			}
			from = line
		}
		one.WriteString(text + "\n")
		if !strings.HasPrefix(text, "— ") {
			continue
		}
		h, err := openHead(one.String(), known)
		if err != nil {
			return nil, fmt.Errorf("the seal at line %d cannot be trusted: %w", from, err)
		}
		heads = append(heads, h)
		one.Reset()
	}
	if one.Len() > 0 {
		return nil, fmt.Errorf("the seal at line %d is cut off", from)
	}
	return heads, scan.Err()
}

const (
	sqlRegisterRef = `SELECT ref FROM register WHERE id = $1`
	sqlSetHead     = `UPDATE audit_log SET seal = $2, head = $3 WHERE register = $1`
)

func origin(ctx context.Context, d *db.DB, r id.Register) (string, error) {
	var ref string
	err := d.Read(ctx, func(tx *db.Tx) error { return tx.QueryRow(sqlRegisterRef, int64(r)).Scan(&ref) })
	if err != nil {
		return "", fmt.Errorf("read whose log it is: %w", err)
	}
	return "waymark/" + ref, nil
}

// Sign signs the log as far as it is sealed, keeps the head beside the log and
// appends it to the file outside. Where no entry was added since the last head
// and that one is younger than quiet, it returns that one and writes nothing.
func Sign(ctx context.Context, d *db.DB, r id.Register, key *Key, file string, quiet time.Duration) (h Head, fresh bool, err error) {
	from, err := origin(ctx, d, r)
	if err != nil {
		return Head{}, false, err
	}
	known, err := verifiers([]string{key.Public})
	if err != nil {
		return Head{}, false, err
	}
	err = d.InSideTx(ctx, func(tx *db.Tx) error {
		fresh = false
		s, err := lockState(tx, r)
		if err != nil {
			return err
		}
		if s.head != "" {
			if h, err = openHead(s.head, known); err == nil && h.Entries == s.size && tx.Now.Sub(h.At) < quiet {
				return nil
			}
		}
		fresh = true
		if h, err = key.sign(Head{Origin: from, Entries: s.size, Root: s.root(), Seal: s.seal + 1, At: tx.Now.UTC().Truncate(time.Second)}); err != nil {
			return err
		}
		if _, err := tx.Exec(sqlSetHead, int64(r), h.Seal, h.Signed); err != nil {
			return fmt.Errorf("keep the seal: %w", err)
		}
		return nil
	})
	if err != nil || !fresh {
		return h, false, err
	}
	if err := appendTo(file, h.Signed+"\n", 0); err != nil {
		return h, true, fmt.Errorf("write seal %d to the file of seals: %w", h.Seal, err)
	}
	return h, true, nil
}
