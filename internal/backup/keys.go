package backup

import (
	"fmt"
	"os"
	"strings"

	"filippo.io/age"
)

// Recipients reads the public keys to which a backup is encrypted: keys as
// they are (age1…), and files with one on each line.
func Recipients(keys []string, files []string) ([]age.Recipient, error) {
	var out []age.Recipient
	for _, key := range keys {
		got, err := age.ParseRecipients(strings.NewReader(key))
		if err != nil || len(got) != 1 {
			if strings.HasPrefix(strings.ToUpper(key), "AGE-SECRET-KEY-") {
				return nil, fmt.Errorf("--recipient was given a secret key: it belongs on no server. Give the public one that stands beside it, which begins with age1")
			}
			return nil, fmt.Errorf("%q is no public key of age: one looks like age1…, and age-keygen prints it when it makes a pair", key)
		}
		out = append(out, got...)
	}
	for _, name := range files {
		f, err := os.Open(name)
		if err != nil {
			return nil, fmt.Errorf("the file of recipients cannot be read: %w", err)
		}
		got, err := age.ParseRecipients(f)
		f.Close()
		if err != nil {
			return nil, fmt.Errorf("the file %s is no list of public keys of age, one age1… on each line: %w", name, err)
		}
		out = append(out, got...)
	}
	return out, nil
}

// Identities reads the secret keys in files that age-keygen wrote.
func Identities(files []string) ([]age.Identity, error) {
	var out []age.Identity
	for _, name := range files {
		f, err := os.Open(name)
		if err != nil {
			return nil, fmt.Errorf("the file of the key cannot be read: %w", err)
		}
		got, err := age.ParseIdentities(f)
		f.Close()
		if err != nil {
			return nil, fmt.Errorf("the file %s holds no secret key of age, one line that begins with AGE-SECRET-KEY-1 (a key under a passphrase must be opened with age first)", name)
		}
		out = append(out, got...)
	}
	return out, nil
}
