package shop

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// Synonyms replace a term of a query by the one that documents use.
type Synonyms map[string]string

// ReadSynonyms reads a rule a line, "word => word"; empty lines and those that begin with # are left out. terms analyses a
// word: each side has to be one term.
func ReadSynonyms(file io.Reader, terms func(string) []string) (Synonyms, error) {
	synonyms := Synonyms{}
	lines := bufio.NewScanner(file)
	for number := 1; lines.Scan(); number++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		left, right, _ := strings.Cut(line, "=>")
		from, to := terms(left), terms(right)
		if len(from) != 1 || len(to) != 1 {
			return nil, fmt.Errorf("line %d: %q is no rule: write one word => one word", number, line)
		}
		synonyms[from[0]] = to[0]
	}
	return synonyms, lines.Err()
}

// Resolve gives the term that documents use.
func (s Synonyms) Resolve(term string) string {
	if other, known := s[term]; known {
		return other
	}
	return term
}
