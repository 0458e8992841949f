package app

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestAMistypedFolderIsRefusedAndNotMade(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "typo")
	for _, command := range []string{"serve", "user list", "user add --name A --sign-in a --role adviser", "user password --sign-in a", "register list", "figures", "return list", "import open_test.go"} {
		var said bytes.Buffer
		code := Main(append(strings.Fields(command), "--data", dir), strings.NewReader("seven purple otters\n"), &said, &said)
		if code != 2 || !strings.Contains(said.String(), "there is no register in "+dir+"; make one with waymark register add") {
			t.Errorf("waymark %s: %d, %s", command, code, said.String())
		}
		if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
			t.Fatalf("waymark %s made the folder", command)
		}
	}
	var said bytes.Buffer
	if code := Main([]string{"register", "add", "--data", dir, "--name", "Sandmere Council", "--database-id", "123", "--authority", "341"}, strings.NewReader(""), &said, &said); code != 0 {
		t.Fatalf("%d, %s", code, said.String())
	}
	if code := Main([]string{"user", "list", "--data", dir}, strings.NewReader(""), &said, &said); code != 0 {
		t.Errorf("%d, %s", code, said.String())
	}
}
