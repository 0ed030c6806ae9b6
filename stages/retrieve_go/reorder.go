package retrieve

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	sqv1 "sq/proto/sq/v1"
	"sq/stages/retrieve_go/search"
)

// reorder puts the results of a probe into the order that its boosts ask for, where the endpoint cannot: those that hold the
// words of a raised field first, those that hold a lowered word last, and each group in the endpoint's order. Products that the
// endpoint did not return stay away, so a repair in the engine gives at least as much. Words are compared
// without case and without the s of plurals. Error: *search.ProbeError, if no result states anything in the field.
func reorder(made *outcome, boosts []*sqv1.Boost) error {
	standing := make(map[string]int, len(made.products))
	for _, boost := range boosts {
		wanted, stated := wordsOf(boost.GetValue()), false
		for _, product := range made.products {
			held := wordsOf(textsOf(product, boost.GetTagType())...)
			stated = stated || len(held) > 0
			switch {
			case boost.GetWeight() > 0 && holdsAll(held, wanted):
				standing[product.GetProductId()]++
			case boost.GetWeight() < 0 && holdsAny(held, wanted):
				standing[product.GetProductId()]--
			}
		}
		if !stated && len(made.products) > 0 {
			return &search.ProbeError{Problem: fmt.Sprintf("no result states a %s, by which results would be put in another order", nameOf(boost.GetTagType()))}
		}
	}
	slices.SortStableFunc(made.products, func(a, b *sqv1.Product) int { return standing[b.GetProductId()] - standing[a.GetProductId()] })
	for i, product := range made.products {
		// The endpoint's score belongs to its own order.
		made.result.Hits[i] = hitOf(product, i, 0)
	}
	return nil
}

// textsOf returns what a product states for a tag type; its title for none.
func textsOf(product *sqv1.Product, tagType string) []string {
	switch tagType {
	case "":
		return []string{product.GetTitle()}
	case "BRAND":
		return []string{product.GetBrand()}
	case "CATEGORY":
		return product.GetCategories()
	}
	var values []string
	for _, attribute := range product.GetAttributes() {
		if attribute.GetTagType() == tagType {
			values = append(values, attribute.GetValues()...)
		}
	}
	return values
}

func nameOf(tagType string) string {
	if tagType == "" {
		return "title"
	}
	return tagType
}

func wordsOf(texts ...string) map[string]bool {
	words := map[string]bool{}
	for _, text := range texts {
		for _, word := range strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) }) {
			words[singular(word)] = true
		}
	}
	return words
}

// singular drops the s of most plurals, as stemmers do: accessories are named in the singular, and titles have both.
func singular(word string) string {
	if len(word) > 3 {
		return strings.TrimSuffix(word, "s")
	}
	return word
}

func holdsAll(held, wanted map[string]bool) bool {
	for word := range wanted {
		if !held[word] {
			return false
		}
	}
	return len(wanted) > 0
}

func holdsAny(held, wanted map[string]bool) bool {
	for word := range wanted {
		if held[word] {
			return true
		}
	}
	return false
}
