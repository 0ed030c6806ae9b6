package shop

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// Synonyms maps terms of queries to the terms that documents use.
type Synonyms map[string]string

// ReadSynonyms reads one rule "word => word" per line. It skips empty lines and lines that begin with #. terms analyses a word.
// Each side of a rule must be one term.
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
			return nil, fmt.Errorf("line %d: %q is not a rule; write: word => word", number, line)
		}
		synonyms[from[0]] = to[0]
	}
	return synonyms, lines.Err()
}

// Resolve returns the term that documents use.
func (s Synonyms) Resolve(term string) string {
	if other, known := s[term]; known {
		return other
	}
	return term
}
