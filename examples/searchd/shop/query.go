package shop

import (
	"github.com/blevesearch/bleve/v2"
	"github.com/blevesearch/bleve/v2/analysis"
	"github.com/blevesearch/bleve/v2/search/query"
)

// MatchType says where the words of a query must be: in one field (BestFields), or spread over all fields (CrossFields).
type MatchType string

// The supported types of multi_match.
const (
	BestFields  MatchType = "best_fields"
	CrossFields MatchType = "cross_fields"
)

// Field is a field to search, with its weight.
type Field struct {
	Name  string
	Boost float64
}

// Query is a text to search in some fields.
type Query struct {
	Text   string
	Fields []Field
	Type   MatchType
	// MinimumShouldMatch returns how many of n words a document must contain.
	MinimumShouldMatch func(n int) int
}

// word is a word of a query. A compound also matches if all its parts do.
type word struct {
	term  string
	parts []string
}

// words returns the analysed words of a text.
func words(analyzer analysis.Analyzer, synonyms Synonyms, text string) []word {
	var found []word
	position := -1
	for _, token := range analyzer.Analyze([]byte(text)) {
		if term := string(token.Term); token.Position == position {
			last := &found[len(found)-1]
			last.parts = append(last.parts, term)
		} else {
			found = append(found, word{term: synonyms.Resolve(term)})
			position = token.Position
		}
	}
	return found
}

// inField matches documents with the word in one field.
func (w word) inField(field Field) query.Query {
	whole := term(w.term, field)
	if len(w.parts) == 0 {
		return whole
	}
	parts := make([]query.Query, len(w.parts))
	for i, part := range w.parts {
		parts[i] = term(part, field)
	}
	return bleve.NewDisjunctionQuery(whole, bleve.NewConjunctionQuery(parts...))
}

// anywhere matches documents with the word in any of the fields.
func (w word) anywhere(fields []Field) query.Query {
	either := make([]query.Query, len(fields))
	for i, field := range fields {
		either[i] = w.inField(field)
	}
	return bleve.NewDisjunctionQuery(either...)
}

func term(text string, field Field) query.Query {
	wanted := bleve.NewTermQuery(text)
	wanted.SetField(field.Name)
	wanted.SetBoost(field.Boost)
	return wanted
}

// atLeast matches documents that match at least count of the parts.
func atLeast(count int, parts []query.Query) query.Query {
	if count >= len(parts) {
		return bleve.NewConjunctionQuery(parts...)
	}
	some := bleve.NewDisjunctionQuery(parts...)
	some.SetMin(float64(max(count, 1)))
	return some
}
