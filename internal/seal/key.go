// Package seal locks words so that only whoever has the right key can read
// them, and locks keys with keys.
//
// In the trade, notes about young people are sealed so that a stolen backup, or
// somebody with the database alone, reads nothing. There are three storeys of
// keys: a master key that stands in a file and never in the database, a key for
// each register, wrapped by the master key, and a key for each young person,
// wrapped by the register's. Whoever destroys a young person's key makes every
// copy of their notes unreadable for good.
//
// Everything is AES-256 in Galois/Counter Mode (the standard library's), with a
// random nonce and with what it belongs to as associated data: words that were
// moved to another row do not open.
package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
)

// KeySize is the length of every key in bytes.
const KeySize = 32

// Key locks and opens. Its bytes leave it only wrapped.
type Key struct {
	// ID names the key in what it has locked; it tells nothing about the key.
	ID     string
	secret [KeySize]byte
	aead   cipher.AEAD
}

// ErrWrongKey says that something was locked with another key, belongs to
// another row, or was changed since.
var ErrWrongKey = errors.New("it was sealed with another key, or changed since")

// NewKey makes a key by chance.
func NewKey() (*Key, error) {
	var name [8]byte
	var secret [KeySize]byte
	rand.Read(name[:])
	rand.Read(secret[:])
	return keyOf(hex.EncodeToString(name[:]), secret[:])
}

func keyOf(name string, secret []byte) (*Key, error) {
	k := &Key{ID: name}
	if len(secret) != KeySize {
		return nil, fmt.Errorf("a key has %d bytes and not %d", KeySize, len(secret))
	}
	copy(k.secret[:], secret)
	block, err := aes.NewCipher(k.secret[:])
	if err != nil {
		return nil, fmt.Errorf("prepare a key: %w", err)
	}
	k.aead, err = cipher.NewGCM(block)
	return k, err
}

// Digest is what words come to under the key, to hold against what the same words
// came to before: whoever has not the key neither reads it nor finds it by trying.
func (k *Key) Digest(words, belongs string) string {
	h := hmac.New(sha256.New, k.secret[:])
	fmt.Fprintf(h, "digest %d %s %s", len(belongs), belongs, words)
	return hex.EncodeToString(h.Sum(nil))
}

func (k *Key) lock(clear []byte, belongs string) []byte {
	nonce := make([]byte, k.aead.NonceSize(), k.aead.NonceSize()+len(clear)+k.aead.Overhead())
	rand.Read(nonce)
	return k.aead.Seal(nonce, nonce, clear, []byte(belongs))
}

func (k *Key) unlock(locked []byte, belongs string) ([]byte, error) {
	n := k.aead.NonceSize()
	if len(locked) < n {
		return nil, ErrWrongKey
	}
	clear, err := k.aead.Open(nil, locked[:n], locked[n:], []byte(belongs))
	if err != nil {
		return nil, ErrWrongKey
	}
	return clear, nil
}

// Wrap locks another key, which belongs to what is said.
func (k *Key) Wrap(other *Key, belongs string) []byte {
	return k.lock(other.secret[:], "key "+other.ID+" of "+belongs)
}

// Unwrap opens a key of that name that Wrap locked, or returns ErrWrongKey.
func (k *Key) Unwrap(name string, wrapped []byte, belongs string) (*Key, error) {
	secret, err := k.unlock(wrapped, "key "+name+" of "+belongs)
	if err != nil {
		return nil, err
	}
	return keyOf(name, secret)
}

// mark begins every sealed text. Nobody types the first character.
const mark = "\x1awords1:"

// Seal locks words that belong to one place in the database. Nothing is left
// as it is: that a note is empty is no secret.
func (k *Key) Seal(words, belongs string) string {
	if words == "" {
		return ""
	}
	return mark + k.ID + ":" + base64.RawStdEncoding.EncodeToString(k.lock([]byte(words), belongs))
}

// Open is the words that Seal locked, or ErrWrongKey.
func (k *Key) Open(sealed, belongs string) (string, error) {
	_, locked, ok := parts(sealed)
	if !ok {
		return "", ErrWrongKey
	}
	raw, err := base64.RawStdEncoding.DecodeString(locked)
	if err != nil {
		return "", ErrWrongKey
	}
	clear, err := k.unlock(raw, belongs)
	return string(clear), err
}

// SealBytes locks bytes that belong to one place in the database. Unlike words
// they do not name their key: whoever keeps them keeps its ID beside them.
func (k *Key) SealBytes(clear []byte, belongs string) []byte {
	return k.lock(clear, "bytes of "+belongs)
}

// OpenBytes is what SealBytes locked, or ErrWrongKey.
func (k *Key) OpenBytes(locked []byte, belongs string) ([]byte, error) {
	return k.unlock(locked, "bytes of "+belongs)
}

// KeyOf is the name of the key that sealed the text, "" where it is not sealed.
func KeyOf(text string) string {
	name, _, _ := parts(text)
	return name
}

func parts(text string) (key, locked string, sealed bool) {
	rest, ok := strings.CutPrefix(text, mark)
	if !ok {
		return "", "", false
	}
	return strings.Cut(rest, ":")
}
