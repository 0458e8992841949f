//go:build testclock

package app

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"waymark/internal/issuer"
)

// onlyForTrials is `waymark fake-issuer`: a sign-in service on loopback that
// signs in whoever it is told to, for trying single sign-on from outside. It
// prints one line of JSON with its address. A request for /next?object=ID&lie=LIE
// says who comes next.
func onlyForTrials(ctx context.Context, args []string, now func() time.Time, out io.Writer) (bool, error) {
	if len(args) == 0 || args[0] != "fake-issuer" {
		return false, nil
	}
	flags := flag.NewFlagSet("fake-issuer", flag.ContinueOnError)
	addr := flags.String("addr", "127.0.0.1:0", "address on loopback")
	client := flags.String("client", "waymark", "client id")
	secret := flags.String("secret", "for trials only", "client secret")
	tenant := flags.String("tenant", "5f6e1f0a-1111-4111-8111-111111111111", "tenant id")
	object := flags.String("object", "", "object id of who signs in")
	if err := flags.Parse(args[1:]); err != nil {
		return true, err
	}
	listener, err := net.Listen("tcp", *addr)
	if err != nil {
		return true, err
	}
	if at, ok := listener.Addr().(*net.TCPAddr); !ok || !at.IP.IsLoopback() {
		listener.Close()
		return true, errors.New("a fake issuer listens on loopback alone")
	}
	i, err := issuer.New(*client, *secret, *tenant, now)
	if err != nil {
		return true, err
	}
	i.Base = "http://" + listener.Addr().String()
	i.Next(*object, issuer.Truth)
	line, err := json.Marshal(map[string]string{"issuer": i.Base, "client": *client, "secret": *secret, "tenant": *tenant})
	if err != nil {
		return true, err
	}
	fmt.Fprintln(out, string(line))
	server := &http.Server{Handler: i, ReadHeaderTimeout: 5 * time.Second}
	go func() { <-ctx.Done(); server.Close() }()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return true, err
	}
	return true, nil
}
