package retrieve

import (
	"errors"
	"slices"
	"testing"

	sqv1 "sq/proto/sq/v1"
	"sq/stages/retrieve_go/search"
)

func found(products ...*sqv1.Product) *outcome {
	made := &outcome{products: products, result: &sqv1.SearchResult{}}
	for i, product := range products {
		made.result.Hits = append(made.result.Hits, &sqv1.Hit{Rank: uint32(i + 1), Score: 9, Product: &sqv1.ProductRef{ProductId: product.GetProductId()}})
	}
	return made
}

var shelf = []*sqv1.Product{
	{ProductId: "sleeve", Title: "Notebook Sleeves 15\"", Brand: "Dell", Categories: []string{"Notebook cases"}},
	{ProductId: "acme", Title: "Notebook 14", Brand: "Acme Inc.", Categories: []string{"Notebooks"}},
	{ProductId: "dell", Title: "Notebook 15", Brand: "DELL", Categories: []string{"Notebooks"}},
	{ProductId: "red", Title: "Notebook", Attributes: []*sqv1.Attribute{{Name: "colour", TagType: "COLOUR", Values: []string{"Red"}}}},
}

func TestResultsAreReorderedByBoosts(t *testing.T) {
	for name, c := range map[string]struct {
		boosts []*sqv1.Boost
		want   []string
	}{
		"raised":              {[]*sqv1.Boost{{TagType: "BRAND", Value: "dell", Weight: 3}}, []string{"sleeve", "dell", "acme", "red"}},
		"all words to raise":  {[]*sqv1.Boost{{TagType: "BRAND", Value: "acme inc", Weight: 3}}, []string{"acme", "sleeve", "dell", "red"}},
		"any word to lower":   {[]*sqv1.Boost{{Value: "cable sleeve", Weight: -1}}, []string{"acme", "dell", "red", "sleeve"}},
		"raised and lowered":  {[]*sqv1.Boost{{TagType: "CATEGORY", Value: "notebook", Weight: 1}, {TagType: "CATEGORY", Value: "case", Weight: -1}}, []string{"acme", "dell", "sleeve", "red"}},
		"an attribute":        {[]*sqv1.Boost{{TagType: "COLOUR", Value: "red", Weight: 1}}, []string{"red", "sleeve", "acme", "dell"}},
		"nothing in any word": {[]*sqv1.Boost{{TagType: "BRAND", Value: "…", Weight: 1}}, []string{"sleeve", "acme", "dell", "red"}},
	} {
		made := found(slices.Clone(shelf)...)
		if err := reorder(made, c.boosts); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var ids []string
		for i, hit := range made.result.Hits {
			ids = append(ids, hit.GetProduct().GetProductId())
			if hit.GetRank() != uint32(i+1) || hit.GetScore() != 0 || made.products[i].GetProductId() != ids[i] {
				t.Errorf("%s: hit %d is %v", name, i, hit)
			}
		}
		if !slices.Equal(ids, c.want) {
			t.Errorf("%s: %v, not %v", name, ids, c.want)
		}
	}
}

func TestAFieldThatNoResultStatesCannotReorder(t *testing.T) {
	var refused *search.ProbeError
	err := reorder(found(&sqv1.Product{ProductId: "p", Title: "Hat"}), []*sqv1.Boost{{TagType: "BRAND", Value: "acme", Weight: 1}})
	if !errors.As(err, &refused) || refused.Problem != "no result states a BRAND, by which results would be put in another order" {
		t.Errorf("%v", err)
	}
	if err := reorder(found(), []*sqv1.Boost{{TagType: "BRAND", Value: "acme", Weight: 1}}); err != nil {
		t.Errorf("without results: %v", err)
	}
}
