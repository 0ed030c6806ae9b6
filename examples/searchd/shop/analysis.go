// Package shop is the search engine over the catalogue of a market.
package shop

import (
	"fmt"
	"slices"

	"github.com/blevesearch/bleve/v2/analysis/analyzer/custom"
	"github.com/blevesearch/bleve/v2/analysis/lang/de"
	"github.com/blevesearch/bleve/v2/analysis/lang/en"
	"github.com/blevesearch/bleve/v2/analysis/token/lowercase"
	"github.com/blevesearch/bleve/v2/analysis/token/porter"
	"github.com/blevesearch/bleve/v2/analysis/tokenizer/unicode"
	"github.com/blevesearch/bleve/v2/analysis/tokenmap"
	"github.com/blevesearch/bleve/v2/mapping"
	index "github.com/blevesearch/bleve_index_api"
)

const analyzer = "shop"

// Fields are the fields that can be searched. Other fields of a document are only returned.
var Fields = []string{"title", "description", "brand", "category", "colour", "material", "gender", "sizes"}

// Analysis is how a market's texts become terms.
type Analysis struct {
	Language  string   // en or de
	Compounds []string // words that German compounds are made of; if empty, compounds stay whole
	Unstemmed bool     // singular and plural are different terms
	Misspelt  bool     // typing errors stay as they are
	Ignored   []string // words that a query may have and no document needs
}

var filters = map[string][]any{
	"en": {en.PossessiveName, lowercase.Name, en.StopName},
	"de": {lowercase.Name, compoundsFilter, de.StopName, de.NormalizeName},
}

var stemmers = map[string]string{"en": porter.Name, "de": de.LightStemmerName}

// newMapping returns the index mapping of an analysis. It scores by BM25, as OpenSearch does.
func newMapping(analysis Analysis) (*mapping.IndexMappingImpl, error) {
	chain, known := filters[analysis.Language]
	if !known {
		return nil, fmt.Errorf("language %q: use en or de", analysis.Language)
	}
	if !analysis.Unstemmed {
		chain = append(slices.Clone(chain), stemmers[analysis.Language])
	}
	rules := mapping.NewIndexMapping()
	rules.ScoringModel = index.BM25Scoring
	words := make([]any, len(analysis.Compounds))
	for i, word := range analysis.Compounds {
		words[i] = word
	}
	if err := rules.AddCustomTokenMap(compoundWords, map[string]any{"type": tokenmap.Name, "tokens": words}); err != nil {
		return nil, err
	}
	if err := rules.AddCustomTokenFilter(compoundsFilter, map[string]any{"type": compoundsFilter}); err != nil {
		return nil, err
	}
	err := rules.AddCustomAnalyzer(analyzer, map[string]any{"type": custom.Name, "tokenizer": unicode.Name, "token_filters": chain})
	if err != nil {
		return nil, err
	}
	rules.DefaultAnalyzer = analyzer
	document := mapping.NewDocumentStaticMapping()
	for _, name := range Fields {
		field := mapping.NewTextFieldMapping()
		field.Analyzer, field.Store, field.IncludeInAll, field.IncludeTermVectors = analyzer, false, false, false
		document.AddFieldMappingsAt(name, field)
	}
	rules.DefaultMapping = document
	return rules, nil
}
