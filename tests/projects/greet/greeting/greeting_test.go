package greeting

import (
	"strings"
	"testing"
)

func TestEveryLanguageNamesWhoIsGreeted(t *testing.T) {
	for _, code := range Languages() {
		sentence, err := For(code, "Ada")
		if err != nil || strings.Count(sentence, "Ada") != 1 {
			t.Errorf("%s: %q, %v", code, sentence, err)
		}
	}
}

func TestCodesAreReadInAnyCase(t *testing.T) {
	if sentence, err := For("FR", "Ada"); err != nil || sentence != "Bonjour, Ada !" {
		t.Errorf("%q, %v", sentence, err)
	}
}

func TestUnknownLanguageIsRefused(t *testing.T) {
	if sentence, err := For("tlh", "Ada"); err == nil || sentence != "" {
		t.Errorf("%q, %v", sentence, err)
	}
}
