// Command greet says hello to somebody in one of a few languages.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"strings"

	"github.com/acme/greet/greeting"
)

// version is stamped in by the linker: -ldflags "-X main.version=1.0.0".
var version string

func main() {
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

// run is main without the process: it returns the exit code, 0 for done, 2 for wrong usage.
func run(arguments []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("greet", flag.ContinueOnError)
	flags.SetOutput(stderr)
	name := flags.String("name", "world", "who is greeted")
	language := flags.String("language", "en", "one of "+strings.Join(greeting.Languages(), ", "))
	showVersion := flags.Bool("version", false, "print the version and end")

	if err := flags.Parse(arguments); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return 0
		}
		return 2
	}
	if flags.NArg() > 0 {
		fmt.Fprintf(stderr, "greet: unexpected argument %q\n", flags.Arg(0))
		return 2
	}
	if *showVersion {
		fmt.Fprintln(stdout, "greet", stampedVersion())
		return 0
	}
	sentence, err := greeting.For(*language, *name)
	if err != nil {
		fmt.Fprintln(stderr, "greet:", err)
		return 2
	}
	fmt.Fprintln(stdout, sentence)
	return 0
}

// stampedVersion falls back to what the go command recorded, so that
// `go install github.com/acme/greet@v1.0.0` knows its version too.
func stampedVersion() string {
	if version != "" {
		return version
	}
	if build, ok := debug.ReadBuildInfo(); ok && strings.HasPrefix(build.Main.Version, "v") {
		return strings.TrimPrefix(build.Main.Version, "v")
	}
	return "0.0.0-dev"
}
