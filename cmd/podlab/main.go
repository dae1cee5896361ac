// Podlab is a trainer for multi-container Pods: it provisions a cluster,
// hands out exercises and grades what the learner builds.
package main

import (
	"os"

	"podlab/cmd/cli"
)

// version is stamped by the linker (see the Makefile); empty in a plain
// "go build".
var version string

func main() { os.Exit(cli.Main(version)) }
