package shop

import (
	"slices"
	"testing"
)

func TestDistance(t *testing.T) {
	for _, c := range []struct {
		one, other string
		want       int
	}{
		{"dress", "dress", 0}, {"derss", "dress", 1}, {"dres", "dress", 1}, {"drress", "dress", 1}, {"drexs", "dress", 1},
		{"dsrse", "dress", 3}, {"", "red", 3}, {"grün", "gürn", 1}, {"grün", "grnü", 1},
	} {
		if got := distance(c.one, c.other); got != c.want {
			t.Errorf("%s, %s: %d, want %d", c.one, c.other, got, c.want)
		}
	}
}

func TestTypingErrorsAreCorrected(t *testing.T) {
	documents := append(slices.Clone(english), `{"id":"6","title":"Acme men's cardigan"}`)
	for query, want := range map[string][]string{
		"navy derss":  {"3"},
		"abelt":       {"1", "2", "3"},
		"nvay betl":   {"1", "2", "3"},
		"acrdigna":    {"6"},      // two errors in a long word
		"bletss":      nil,        // two errors in a short one
		"rdesses":     {"4", "3"}, // no document holds "dresses"
		"rde dress":   nil,        // too short to tell
		"frocl":       nil,        // near a word of the synonyms, which no document holds
		"frock":       {"4", "3"},
		"best belt":   {"1", "2", "3"}, // ignored, and no error for "belt"
		"purple belt": nil,
	} {
		analysis := Analysis{Language: "en", Ignored: []string{"best"}}
		if found := ids(t, analysed(t, analysis, "frock => dress\n", documents...), asked(query)); !slices.Equal(found, want) {
			t.Errorf("%q: %v, want %v", query, found, want)
		}
		analysis.Misspelt = true
		if found := ids(t, analysed(t, analysis, "", documents...), asked("derss")); found != nil {
			t.Errorf("uncorrected: %v", found)
		}
	}
}
