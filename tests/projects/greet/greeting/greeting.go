// Package greeting knows how people are greeted in a few languages.
package greeting

import (
	"fmt"
	"sort"
	"strings"
)

// forms holds one sentence for each ISO 639 code; %s is the name.
var forms = map[string]string{
	"de": "Hallo, %s!",
	"en": "Hello, %s!",
	"es": "¡Hola, %s!",
	"fr": "Bonjour, %s !",
	"ja": "こんにちは、%sさん",
}

// Languages lists the known codes in alphabetical order.
func Languages() []string {
	codes := make([]string, 0, len(forms))
	for code := range forms {
		codes = append(codes, code)
	}
	sort.Strings(codes)
	return codes
}

// For returns the greeting of name in the language with the given code.
func For(language, name string) (string, error) {
	form, known := forms[strings.ToLower(language)]
	if !known {
		return "", fmt.Errorf("no greeting in %q, only in %s", language, strings.Join(Languages(), ", "))
	}
	return fmt.Sprintf(form, name), nil
}
