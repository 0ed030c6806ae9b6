package shop

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"github.com/blevesearch/bleve/v2"
	"github.com/blevesearch/bleve/v2/analysis"
	"github.com/blevesearch/bleve/v2/index/scorch"
	"github.com/blevesearch/bleve/v2/search/query"
)

const longestLine = 1 << 20

// Market is the search index of one market, in memory. After loading, it is safe for concurrent use.
type Market struct {
	index     bleve.Index
	analyzer  analysis.Analyzer
	synonyms  Synonyms
	ignored   map[string]bool
	known     map[string]bool // terms of the documents
	spelling  spelling        // nil if typing errors stay as they are
	documents map[string]json.RawMessage
}

// Hit is a document that matches a query.
type Hit struct {
	ID       string
	Score    float64
	Document json.RawMessage
}

// NewMarket returns an empty index.
func NewMarket(analysis Analysis) (*Market, error) {
	rules, err := newMapping(analysis)
	if err != nil {
		return nil, err
	}
	// Without a path, scorch keeps the index in memory.
	index, err := bleve.NewUsing("", rules, scorch.Name, scorch.Name, nil)
	if err != nil {
		return nil, err
	}
	market := &Market{
		index: index, analyzer: rules.AnalyzerNamed(analyzer), synonyms: Synonyms{}, ignored: map[string]bool{},
		known: map[string]bool{}, documents: map[string]json.RawMessage{},
	}
	if !analysis.Misspelt {
		market.spelling = spelling{}
	}
	for _, word := range analysis.Ignored {
		for _, term := range market.terms(word) {
			market.ignored[term] = true
		}
	}
	return market, nil
}

// Close frees the index.
func (m *Market) Close() error { return m.index.Close() }

// Load indexes NDJSON documents, each with an id, in one batch.
func (m *Market) Load(file io.Reader) error {
	batch := m.index.NewBatch()
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, longestLine)
	for number := 1; lines.Scan(); number++ {
		line := bytes.Clone(bytes.TrimSpace(lines.Bytes()))
		if len(line) == 0 {
			continue
		}
		var document map[string]any
		if err := json.Unmarshal(line, &document); err != nil {
			return fmt.Errorf("line %d: %w", number, err)
		}
		id, _ := document["id"].(string)
		if id == "" {
			return fmt.Errorf("line %d: id is missing", number)
		}
		if m.documents[id] != nil {
			return fmt.Errorf("line %d: id %s is already used", number, id)
		}
		m.documents[id] = line
		m.learn(document)
		if err := batch.Index(id, document); err != nil {
			return fmt.Errorf("line %d: %w", number, err)
		}
	}
	return errors.Join(lines.Err(), m.index.Batch(batch))
}

// learn takes the words of a document's searched fields.
func (m *Market) learn(document map[string]any) {
	if m.spelling == nil {
		return
	}
	var texts []string
	for _, name := range Fields {
		switch value := document[name].(type) {
		case string:
			texts = append(texts, value)
		case []any:
			for _, each := range value {
				texts = append(texts, fmt.Sprint(each))
			}
		}
	}
	m.spelling.add(texts)
	for _, text := range texts {
		for _, term := range m.terms(text) {
			m.known[term] = true
		}
	}
}

// corrected returns a text with the nearest word of the documents for each word that neither they nor the lists know.
func (m *Market) corrected(text string) string {
	if m.spelling == nil {
		return text
	}
	return letters.ReplaceAllStringFunc(text, func(typed string) string {
		for _, word := range words(m.analyzer, m.synonyms, typed) {
			if len(word.parts) == 0 && !m.known[word.term] && !m.ignored[word.term] {
				return m.spelling.nearest(strings.ToLower(typed))
			}
		}
		return typed
	})
}

// LoadSynonyms replaces the synonyms by the rules of a file. ReadSynonyms describes its format.
func (m *Market) LoadSynonyms(file io.Reader) error {
	synonyms, err := ReadSynonyms(file, m.terms)
	m.synonyms = synonyms
	return err
}

// Count is the number of documents.
func (m *Market) Count() int { return len(m.documents) }

// Search returns all documents that match, best first. Equal scores are ordered by id.
func (m *Market) Search(wanted Clause) ([]Hit, error) {
	scores, err := wanted.scores(m)
	if err != nil {
		return nil, err
	}
	hits := make([]Hit, 0, len(scores))
	for id, score := range scores {
		hits = append(hits, Hit{id, score, m.documents[id]})
	}
	slices.SortFunc(hits, func(a, b Hit) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.ID, b.ID))
	})
	return hits, nil
}

func (q Query) scores(m *Market) (map[string]float64, error) {
	words := slices.DeleteFunc(words(m.analyzer, m.synonyms, m.corrected(q.Text)), func(w word) bool { return m.ignored[w.term] })
	scores := map[string]float64{}
	if len(words) == 0 {
		return scores, nil
	}
	for _, part := range split(q, words) {
		if err := m.score(part, scores); err != nil {
			return nil, err
		}
	}
	return scores, nil
}

// part is a subquery. A document has the best score of all parts.
type part struct {
	query query.Query
	boost float64
}

// split returns one subquery over all fields, or one for each field. bleve's normalisation cancels a boost that applies to the
// whole query, so the boost of a single field is multiplied later.
func split(wanted Query, words []word) []part {
	minimum := wanted.MinimumShouldMatch(len(words))
	if wanted.Type == CrossFields {
		return []part{{all(words, minimum, func(w word) query.Query { return w.anywhere(wanted.Fields) }), 1}}
	}
	parts := make([]part, len(wanted.Fields))
	for i, field := range wanted.Fields {
		plain := Field{field.Name, 1}
		parts[i] = part{all(words, minimum, func(w word) query.Query { return w.inField(plain) }), field.Boost}
	}
	return parts
}

func all(words []word, minimum int, ask func(word) query.Query) query.Query {
	parts := make([]query.Query, len(words))
	for i, word := range words {
		parts[i] = ask(word)
	}
	return atLeast(minimum, parts)
}

func (m *Market) score(part part, scores map[string]float64) error {
	request := bleve.NewSearchRequestOptions(part.query, len(m.documents), 0, false)
	result, err := m.index.Search(request)
	if err != nil {
		return err
	}
	for _, hit := range result.Hits {
		// Rounding to nine digits removes differences that come from the order of floating-point additions.
		score := roundTo(hit.Score*part.boost, 9)
		scores[hit.ID] = max(scores[hit.ID], score)
	}
	return nil
}

func roundTo(value float64, digits int) float64 {
	if value == 0 {
		return 0
	}
	scale := math.Pow(10, float64(digits-1)-math.Floor(math.Log10(math.Abs(value))))
	return math.Round(value*scale) / scale
}

func (m *Market) terms(text string) []string {
	var found []string
	for _, word := range words(m.analyzer, nil, text) {
		found = append(found, word.term)
	}
	return found
}
