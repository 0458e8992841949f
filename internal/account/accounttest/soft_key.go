// Package accounttest holds what tests of signing in are made with: a security key
// in software.
package accounttest

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"net/url"
	"testing"
)

// SoftKey is a security key in software: it does what a real one does, and
// lies where a test asks it to.
type SoftKey struct {
	ID     []byte
	key    *ecdsa.PrivateKey
	Handle []byte
	Count  uint32
	// What it says of itself.
	Origin string
	// Flags are user present (1) and user verified (4).
	Flags byte
}

// NewSoftKey is a key whose holder is present and has proved who they are, in a
// browser at an origin.
func NewSoftKey(t testing.TB, origin string) *SoftKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	raw := make([]byte, 16)
	rand.Read(raw)
	return &SoftKey{ID: raw, key: key, Origin: origin, Flags: 5}
}

var raw64 = base64.RawURLEncoding

func (k *SoftKey) client(t testing.TB, kind, challenge string) []byte {
	t.Helper()
	text, err := json.Marshal(map[string]any{"type": kind, "challenge": challenge, "origin": k.Origin, "crossOrigin": false})
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func (k *SoftKey) data(t testing.TB, extra byte) []byte {
	t.Helper()
	u, err := url.Parse(k.Origin)
	if err != nil {
		t.Fatal(err)
	}
	party := sha256.Sum256([]byte(u.Hostname()))
	return binary.BigEndian.AppendUint32(append(party[:], k.Flags|extra), k.Count)
}

// cborBytes is a byte string in CBOR.
func cborBytes(b []byte) []byte {
	switch {
	case len(b) < 24:
		return append([]byte{0x40 | byte(len(b))}, b...)
	case len(b) < 256:
		return append([]byte{0x58, byte(len(b))}, b...)
	}
	return append([]byte{0x59, byte(len(b) >> 8), byte(len(b))}, b...)
}

// Make answers what AddPasskey asks.
func (k *SoftKey) Make(t testing.TB, asked string) string {
	t.Helper()
	var options struct {
		Challenge string
		User      struct{ ID string }
	}
	if err := json.Unmarshal([]byte(asked), &options); err != nil {
		t.Fatal(err)
	}
	var err error
	if k.Handle, err = raw64.DecodeString(options.User.ID); err != nil {
		t.Fatal(err)
	}
	point, err := k.key.PublicKey.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	cose := bytes.Join([][]byte{{0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21}, cborBytes(point[1:33]), {0x22}, cborBytes(point[33:])}, nil)
	data := bytes.Join([][]byte{k.data(t, 0x40), make([]byte, 16), {0, byte(len(k.ID))}, k.ID, cose}, nil)
	object := bytes.Join([][]byte{{0xa3}, []byte("\x63fmt\x64none"), []byte("\x67attStmt\xa0"), []byte("\x68authData"), cborBytes(data)}, nil)
	return k.answer(t, map[string]any{"clientDataJSON": raw64.EncodeToString(k.client(t, "webauthn.create", options.Challenge)), "attestationObject": raw64.EncodeToString(object)})
}

// Show answers what BeginPasskeyProof asks.
func (k *SoftKey) Show(t testing.TB, asked string) string {
	t.Helper()
	var options struct{ Challenge string }
	if err := json.Unmarshal([]byte(asked), &options); err != nil {
		t.Fatal(err)
	}
	k.Count++
	client, data := k.client(t, "webauthn.get", options.Challenge), k.data(t, 0)
	hash := sha256.Sum256(client)
	digest := sha256.Sum256(append(bytes.Clone(data), hash[:]...))
	signature, err := ecdsa.SignASN1(rand.Reader, k.key, digest[:])
	if err != nil {
		t.Fatal(err)
	}
	return k.answer(t, map[string]any{"clientDataJSON": raw64.EncodeToString(client), "authenticatorData": raw64.EncodeToString(data),
		"signature": raw64.EncodeToString(signature), "userHandle": raw64.EncodeToString(k.Handle)})
}

func (k *SoftKey) answer(t testing.TB, response map[string]any) string {
	t.Helper()
	text, err := json.Marshal(map[string]any{"id": raw64.EncodeToString(k.ID), "rawId": raw64.EncodeToString(k.ID), "type": "public-key", "response": response, "clientExtensionResults": map[string]any{}})
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
