// Command waymark is the whole product: pages, commands and the demo.
package main

import (
	"os"

	"waymark/internal/app"
)

func main() { os.Exit(app.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }
