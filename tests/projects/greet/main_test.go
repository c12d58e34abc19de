package main

import (
	"strings"
	"testing"
)

func TestRun(t *testing.T) {
	version = "1.2.3"
	cases := []struct {
		arguments      string
		code           int
		stdout, stderr string
	}{
		{"", 0, "Hello, world!\n", ""},
		{"--name Ada --language de", 0, "Hallo, Ada!\n", ""},
		{"--version", 0, "greet 1.2.3\n", ""},
		{"--language tlh", 2, "", "greet: no greeting in \"tlh\", only in de, en, es, fr, ja\n"},
		{"Ada", 2, "", "greet: unexpected argument \"Ada\"\n"},
	}
	for _, c := range cases {
		var stdout, stderr strings.Builder
		code := run(strings.Fields(c.arguments), &stdout, &stderr)
		if code != c.code || stdout.String() != c.stdout || stderr.String() != c.stderr {
			t.Errorf("greet %s: code %d, stdout %q, stderr %q", c.arguments, code, stdout.String(), stderr.String())
		}
	}
}

func TestUnknownFlagIsWrongUsage(t *testing.T) {
	var stdout, stderr strings.Builder
	if code := run([]string{"--loud"}, &stdout, &stderr); code != 2 || stdout.Len() != 0 || stderr.Len() == 0 {
		t.Errorf("code %d, stdout %q, stderr %q", code, stdout.String(), stderr.String())
	}
}
