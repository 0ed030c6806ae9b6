package shop

import (
	"slices"
	"testing"

	"github.com/blevesearch/bleve/v2/analysis"
)

func TestCompounds(t *testing.T) {
	words := analysis.NewTokenMap()
	for _, word := range []string{"leder", "jacke", "wolle", "baumwolle", "seide", "bluse", "hemd", "tasche", "handtasche"} {
		words.AddToken(word)
	}
	compounds := &Compounds{words}
	for word, want := range map[string][]string{
		"lederjacke":      {"leder", "jacke"},
		"seidenbluse":     {"seide", "bluse"},
		"wollhemd":        {"wolle", "hemd"},
		"baumwollhemd":    {"baumwolle", "hemd"},
		"lederhandtasche": {"leder", "handtasche"},
		"baumwolle":       nil, // a word of its own, though "wolle" is in it
		"handtasche":      nil,
		"lederwaren":      nil, // "waren" is unknown: not taken apart halfway
		"wildleder":       nil,
		"leder":           nil,
		"":                nil,
	} {
		if found := compounds.parts(word); !slices.Equal(found, want) {
			t.Errorf("%q: %q, want %q", word, found, want)
		}
	}
}

func TestPartsStandAtTheirCompoundsPosition(t *testing.T) {
	words := analysis.NewTokenMap()
	words.AddToken("leder")
	words.AddToken("jacke")
	found := (&Compounds{words}).Filter(analysis.TokenStream{
		{Term: []byte("lederjacke"), Position: 1}, {Term: []byte("damen"), Position: 2},
	})
	var terms []string
	var positions []int
	for _, token := range found {
		terms, positions = append(terms, string(token.Term)), append(positions, token.Position)
	}
	if !slices.Equal(terms, []string{"lederjacke", "leder", "jacke", "damen"}) || !slices.Equal(positions, []int{1, 1, 1, 2}) {
		t.Error(terms, positions)
	}
}
