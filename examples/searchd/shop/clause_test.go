package shop

import (
	"slices"
	"strings"
	"testing"
)

const clauseShop = `{"id": "1", "title": "navy dress"}
{"id": "2", "title": "navy belt", "brand": "acme"}
{"id": "3", "title": "red dress", "brand": "acme"}`

func titled(text string) Query {
	return Query{Text: text, Fields: []Field{{"title", 1}}, Type: BestFields, MinimumShouldMatch: func(int) int { return 1 }}
}

func TestClauses(t *testing.T) {
	market, err := NewMarket(Analysis{Language: "en"})
	if err != nil {
		t.Fatal(err)
	}
	defer market.Close()
	if err := market.Load(strings.NewReader(clauseShop)); err != nil {
		t.Fatal(err)
	}
	acme := Query{Text: "acme", Fields: []Field{{"brand", 1}}, Type: BestFields, MinimumShouldMatch: func(int) int { return 1 }}
	for name, c := range map[string]struct {
		clause Clause
		want   []string
	}{
		"any word":                 {titled("navy dress"), []string{"1", "2", "3"}},
		"a filter keeps its own":   {All{Must: []Clause{titled("navy dress")}, Filter: []Clause{titled("navy")}}, []string{"1", "2"}},
		"should raises":            {All{Must: []Clause{titled("dress")}, Should: []Clause{Constant{acme, 9}}}, []string{"3", "1"}},
		"should alone adds none":   {All{Must: []Clause{titled("belt")}, Should: []Clause{Constant{acme, 9}}}, []string{"2"}},
		"lowered stands behind":    {Lowered{Positive: titled("navy dress"), Negative: titled("navy"), Factor: 0.1}, []string{"3", "1", "2"}},
		"nothing matches no words": {titled(""), nil},
	} {
		t.Run(name, func(t *testing.T) {
			hits, err := market.Search(c.clause)
			if err != nil {
				t.Fatal(err)
			}
			var found []string
			for _, hit := range hits {
				found = append(found, hit.ID)
			}
			if !slices.Equal(found, c.want) {
				t.Errorf("found %v, want %v", found, c.want)
			}
		})
	}
}
