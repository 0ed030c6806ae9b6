package shop

import (
	"fmt"
	"regexp"
	"strings"
)

// Words with fewer letters are left alone. Longer ones may have one typing error, or two.
const (
	oneError  = 4
	twoErrors = 8
	maxCount  = 999_999_999
)

// endings of plurals and cases. A word that no document holds with its ending is corrected to the word without it.
var endings = []string{"", "s", "es", "e", "n", "en"}

var letters = regexp.MustCompile(`[\p{L}'’]+`)

// spelling counts the documents that hold each word, in lower case.
type spelling map[string]int

// add counts the words of the texts of one document.
func (s spelling) add(texts []string) {
	found := map[string]bool{}
	for _, text := range texts {
		for _, word := range letters.FindAllString(strings.ToLower(text), -1) {
			found[word] = true
		}
	}
	for word := range found {
		s[word]++
	}
}

// nearest returns the word of the documents with the fewest differences, without an ending rather than with one, of several the one
// in most documents. It returns the word itself if there is none.
func (s spelling) nearest(word string) string {
	size := len([]rune(word))
	if size < oneError {
		return word
	}
	most := 1
	if size >= twoErrors {
		most = 2
	}
	best, least := word, ""
	for other, count := range s {
		for _, ending := range endings {
			errors := distance(word, other+ending)
			if errors > most {
				continue
			}
			// Ordered as nearest says.
			rank := fmt.Sprintf("%d %t %09d %s", errors, ending != "", maxCount-count, other)
			if least == "" || rank < least {
				best, least = other, rank
			}
		}
	}
	return best
}

// distance is the number of letters to insert, remove, replace or swap with their neighbour.
func distance(one, other string) int {
	a, b := []rune(one), []rune(other)
	before, last := make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row := make([]int, len(b)+1)
		row[0] = i
		for j := 1; j <= len(b); j++ {
			differs := 0
			if a[i-1] != b[j-1] {
				differs = 1
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+differs)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last = last, row
	}
	return last[len(b)]
}
