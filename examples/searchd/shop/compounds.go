package shop

import (
	"fmt"

	"github.com/blevesearch/bleve/v2/analysis"
	"github.com/blevesearch/bleve/v2/registry"
)

const (
	compoundsFilter = "sq_compounds"
	compoundWords   = "sq_compound_words"
	shortestPart    = 3
)

// links are the letters that German puts between the parts of a compound.
var links = []string{"", "n", "en", "s", "es"}

// Compounds is a token filter that adds the parts of a German compound after it, at the same position: "leder" and "jacke" after
// "lederjacke". Unlike bleve's dict_compound, it splits a word only if the parts cover all of it, and never splits words of the
// dictionary. So "wolle" does not match "baumwolle".
type Compounds struct{ words analysis.TokenMap }

func init() {
	err := registry.RegisterTokenFilter(compoundsFilter, func(_ map[string]any, cache *registry.Cache) (analysis.TokenFilter, error) {
		words, err := cache.TokenMapNamed(compoundWords)
		if err != nil {
			return nil, fmt.Errorf("dictionary of compound parts: %w", err)
		}
		return &Compounds{words}, nil
	})
	if err != nil {
		panic(err)
	}
}

// Filter implements analysis.TokenFilter.
func (c *Compounds) Filter(input analysis.TokenStream) analysis.TokenStream {
	output := make(analysis.TokenStream, 0, len(input))
	for _, token := range input {
		output = append(output, token)
		for _, part := range c.parts(string(token.Term)) {
			output = append(output, &analysis.Token{
				Term: []byte(part), Position: token.Position, Start: token.Start, End: token.End, Type: token.Type,
			})
		}
	}
	return output
}

// parts returns the two or more words of the dictionary that a word consists of, nil if it is not a compound of them.
func (c *Compounds) parts(word string) []string {
	if c.words[word] {
		return nil
	}
	for at := len(word) - shortestPart; at >= shortestPart; at-- {
		head, known := c.head(word[:at])
		if !known {
			continue
		}
		tail := word[at:]
		if c.words[tail] {
			return []string{head, tail}
		}
		if rest := c.parts(tail); rest != nil {
			return append([]string{head}, rest...)
		}
	}
	return nil
}

// head finds the dictionary word for the first part of a compound, which may have a link after it or lack its final "e".
func (c *Compounds) head(text string) (string, bool) {
	for _, link := range links {
		if at := len(text) - len(link); at > 0 && text[at:] == link && c.words[text[:at]] {
			return text[:at], true
		}
	}
	return text + "e", c.words[text+"e"]
}
