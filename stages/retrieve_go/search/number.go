package search

import (
	"math"
	"strconv"
	"strings"
)

// Count reads a number of products as JSON: a whole number of at least 0, which some engines and proxies write as a string or
// with a decimal point.
func Count(text string) (uint64, bool) {
	text = strings.Trim(text, `"`)
	if count, err := strconv.ParseUint(text, 10, 64); err == nil {
		return count, true
	}
	number, err := strconv.ParseFloat(text, 64)
	if err != nil || number < 0 || number != math.Trunc(number) || number >= 1<<63 {
		return 0, false
	}
	return uint64(number), true
}

// Score reads a score as JSON: a number, or a string with one. It is 0 for anything else, such as null and "NaN", because the
// order of the hits does not depend on it.
func Score(text string) float64 {
	score, err := strconv.ParseFloat(strings.Trim(text, `"`), 64)
	if err != nil || math.IsNaN(score) || math.IsInf(score, 0) {
		return 0
	}
	return score
}
