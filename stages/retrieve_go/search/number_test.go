package search

import "testing"

func TestCount(t *testing.T) {
	for text, want := range map[string]uint64{"0": 0, "7": 7, `"7"`: 7, "7.0": 7, "1e3": 1000, "18446744073709551615": 18446744073709551615} {
		if count, is := Count(text); !is || count != want {
			t.Errorf("%s: %d %t", text, count, is)
		}
	}
	for _, text := range []string{"", "null", "-1", "1.5", `"many"`, `""`, "{}", "1e300", "NaN"} {
		if count, is := Count(text); is {
			t.Errorf("%s: %d", text, count)
		}
	}
}

func TestScore(t *testing.T) {
	for text, want := range map[string]float64{"1.5": 1.5, `"1.5"`: 1.5, "-2": -2, `"NaN"`: 0, `"Infinity"`: 0, "null": 0, "": 0, `{"a":1}`: 0, "true": 0} {
		if score := Score(text); score != want {
			t.Errorf("%s: %f", text, score)
		}
	}
}
