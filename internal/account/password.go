package account

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	_ "embed"
	"encoding/base64"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
)

// The cost of one hash, OWASP's least for argon2id (ux-security.md 5.5).
const (
	memoryKiB  = 19 << 10
	passes     = 2
	lanes      = 1
	hashLength = 32
	atOnce     = 4 // hashes at the same time: a flood may take this much memory and no more
)

const (
	shortest = 12
	longest  = 256
)

//go:embed denied.txt
var deniedFile string

// hasher makes and compares password hashes, a few at a time.
type hasher struct {
	slots chan struct{}
	// dummy is compared with where there is no such account, so that the
	// answer takes as long.
	dummy string
}

func newHasher() *hasher {
	h := &hasher{slots: make(chan struct{}, atOnce)}
	h.dummy = encode(rand.Text())
	return h
}

func (h *hasher) hash(ctx context.Context, password string) (string, error) {
	if err := h.enter(ctx); err != nil {
		return "", err
	}
	defer h.leave()
	return encode(password), nil
}

// matches says whether the password is the hash's.
func (h *hasher) matches(ctx context.Context, password, hash string) (bool, error) {
	if err := h.enter(ctx); err != nil {
		return false, err
	}
	defer h.leave()
	var memory, time uint32
	var threads uint8
	parts := strings.Split(hash, "$")
	if len(parts) != 6 || parts[1] != "argon2id" {
		return false, fmt.Errorf("a stored password is not an argon2id hash")
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &memory, &time, &threads); err != nil {
		return false, fmt.Errorf("a stored password does not name its cost: %w", err)
	}
	salt, err := base64.RawStdEncoding.DecodeString(parts[4])
	if err != nil {
		return false, fmt.Errorf("a stored password has a broken salt: %w", err)
	}
	want, err := base64.RawStdEncoding.DecodeString(parts[5])
	if err != nil {
		return false, fmt.Errorf("a stored password is broken: %w", err)
	}
	got := argon2.IDKey([]byte(password), salt, time, memory, threads, uint32(len(want)))
	return subtle.ConstantTimeCompare(got, want) == 1, nil
}

func (h *hasher) enter(ctx context.Context) error {
	select {
	case h.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("check a password: %w", ctx.Err())
	}
}

func (h *hasher) leave() { <-h.slots }

func encode(password string) string {
	var salt [16]byte
	rand.Read(salt[:]) // never fails: crypto/rand ends the program instead
	sum := argon2.IDKey([]byte(password), salt[:], passes, memoryKiB, lanes, hashLength)
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, memoryKiB, passes, lanes, b64.EncodeToString(salt[:]), b64.EncodeToString(sum))
}

// weak says what is wrong with a new password, or nothing. It asks for length
// and refuses what is guessed first; it asks for no mixture of signs.
func weak(password, signIn, name string) string {
	n := utf8.RuneCountInString(password)
	switch {
	case n < shortest:
		return fmt.Sprintf("Enter a password of at least %d characters; three random words are good", shortest)
	case len(password) > longest:
		return fmt.Sprintf("Enter a password of at most %d characters", longest)
	}
	plain := letters(password)
	local, _, _ := strings.Cut(signIn, "@")
	rest := plain
	for _, own := range append(strings.Fields(strings.ToLower(name)), local) {
		if own := letters(own); len(own) >= 3 {
			rest = strings.ReplaceAll(rest, own, "")
		}
	}
	if rest != plain && utf8.RuneCountInString(rest) < 4 {
		return "Enter a password that is not made of your own name"
	}
	if few(password) || denied(password, plain) {
		return "Enter a password that is harder to guess: this one is among those tried first"
	}
	return ""
}

// few says that the password repeats very few different characters.
func few(password string) bool {
	different := map[rune]bool{}
	for _, c := range password {
		different[c] = true
	}
	return len(different) < 5
}

// denied looks the password up as it is, and its letters alone: "Password2026!"
// is "password". Runs of the alphabet, the digits or the keyboard count too.
func denied(password, plain string) bool {
	folded := strings.ToLower(password)
	for line := range strings.Lines(deniedFile) {
		word := strings.TrimSpace(line)
		if word == "" || strings.HasPrefix(word, "#") {
			continue
		}
		if folded == word || plain == word || (plain != "" && strings.Trim(strings.ReplaceAll(plain, word, " "), " ") == "") {
			return true
		}
	}
	for _, run := range []string{"abcdefghijklmnopqrstuvwxyz", "01234567890123456789", "qwertyuiopasdfghjklzxcvbnm", "zyxwvutsrqponmlkjihgfedcba", "98765432109876543210"} {
		if strings.Contains(run, folded) {
			return true
		}
	}
	return false
}

// letters folds a password to its letters, reading the usual digits and signs
// in the middle as the letters they stand for.
func letters(s string) string {
	s = strings.TrimRightFunc(strings.ToLower(s), func(c rune) bool { return !unicode.IsLetter(c) })
	s = strings.NewReplacer("0", "o", "1", "i", "3", "e", "4", "a", "5", "s", "@", "a", "$", "s", "!", "i").Replace(s)
	return strings.Map(func(c rune) rune {
		if unicode.IsLetter(c) {
			return c
		}
		return -1
	}, s)
}
