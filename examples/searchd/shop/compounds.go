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

// What German puts between the parts of a compound.
var links = []string{"", "n", "en", "s", "es"}

// Compounds is a token filter that adds the parts of a compound ("lederjacke": "leder", "jacke") behind it, at its position.
// Unlike bleve's dict_compound it takes a word apart only as a whole and leaves words of the dictionary alone, so that no
// "wolle" is found in "baumwolle".
type Compounds struct{ words analysis.TokenMap }

func init() {
	err := registry.RegisterTokenFilter(compoundsFilter, func(_ map[string]any, cache *registry.Cache) (analysis.TokenFilter, error) {
		words, err := cache.TokenMapNamed(compoundWords)
		if err != nil {
			return nil, fmt.Errorf("words of compounds: %w", err)
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

// parts are the two or more words of the dictionary that make up a word; nil where it is no compound of them.
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

// head finds the word that stands before another one: with a link behind it, or without its final "e".
func (c *Compounds) head(text string) (string, bool) {
	for _, link := range links {
		if at := len(text) - len(link); at > 0 && text[at:] == link && c.words[text[:at]] {
			return text[:at], true
		}
	}
	return text + "e", c.words[text+"e"]
}
