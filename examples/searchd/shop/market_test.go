package shop

import (
	"slices"
	"strings"
	"testing"
)

var parts = []string{"leder", "jacke", "hose", "wolle", "baumwolle"}

func market(t *testing.T, language, synonyms string, documents ...string) *Market {
	t.Helper()
	return analysed(t, Analysis{Language: language, Compounds: parts}, synonyms, documents...)
}

func analysed(t *testing.T, analysis Analysis, synonyms string, documents ...string) *Market {
	t.Helper()
	market, err := NewMarket(analysis)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { market.Close() })
	if err := market.Load(strings.NewReader(strings.Join(documents, "\n"))); err != nil {
		t.Fatal(err)
	}
	if err := market.LoadSynonyms(strings.NewReader(synonyms)); err != nil {
		t.Fatal(err)
	}
	return market
}

func ids(t *testing.T, market *Market, query Query) []string {
	t.Helper()
	hits, err := market.Search(query)
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, hit := range hits {
		ids = append(ids, hit.ID)
	}
	return ids
}

func everyWord(words int) int { return words }
func anyWord(int) int         { return 1 }

func asked(text string) Query {
	return Query{Text: text, Fields: []Field{{"title", 8}, {"sizes", 2}, {"description", 1}}, Type: CrossFields, MinimumShouldMatch: everyWord}
}

var english = []string{
	`{"id":"3","title":"Acme women's navy linen dress","description":"Pairs well with a belt.","sizes":["m","38"]}`,
	`{"id":"1","title":"Acme men's navy belt","description":"Made to last."}`,
	`{"id":"2","title":"Acme men's navy belt","description":"Made to last."}`,
	`{"id":"4","title":"Acme girls' red dress","description":"Made to last.","sizes":["m"]}`,
	`{"id":"5","title":"Acme men's scarf","description":"Made to last."}`,
}

func TestEnglish(t *testing.T) {
	market := market(t, "en", "trainers => sneakers\nscarves => scarf\nfrock => dress\n", english...)
	for query, want := range map[string][]string{
		"navy dress":      {"3"},
		"dresses":         {"4", "3"}, // the shorter title first
		"belt":            {"1", "2", "3"},
		"WOMENS DRESS":    {"3"},
		"women's dress":   {"3"},
		"women’s dress":   {"3"},
		"girls dress":     {"4"},
		"dress m":         {"4", "3"},
		"dress 38":        {"3"},
		"a dress for the": {"4", "3"},
		"frocks":          {"4", "3"},
		"scarves":         {"5"},
		"green dress":     nil,
		"":                nil,
		"&!":              nil,
	} {
		if found := ids(t, market, asked(query)); !slices.Equal(found, want) {
			t.Errorf("%q: %v, want %v", query, found, want)
		}
	}
}

func TestGerman(t *testing.T) {
	market := market(t, "de", "turnschuhe => sneaker\n",
		`{"id":"1","title":"Acme Damen Jacke schwarz Leder"}`,
		`{"id":"2","title":"Acme Damen Hemd weiß Baumwolle"}`,
		`{"id":"3","title":"Acme Lederjacke grün"}`,
		`{"id":"4","title":"Acme Sneaker blau"}`,
		`{"id":"5","title":"Acme Mütze Wolle"}`,
	)
	for query, want := range map[string][]string{
		"lederjacke":   {"3", "1"},
		"jacke":        {"1", "3"},
		"jacken leder": {"1", "3"},
		"weiss hemd":   {"2"},
		"weißes hemd":  {"2"},
		"wolle":        {"5"}, // not the cotton, "Baumwolle"
		"muetze":       {"5"},
		"turnschuhe":   {"4"},
		"die mütze":    {"5"},
	} {
		if found := ids(t, market, asked(query)); !slices.Equal(found, want) {
			t.Errorf("%q: %v, want %v", query, found, want)
		}
	}
}

func TestUnstemmed(t *testing.T) {
	for language, queries := range map[string]map[string][]string{
		"en": {"dress": {"1"}, "dresses": nil, "women dress": {"1"}, "womens dress": nil},
		"de": {"jacke": {"2"}, "jacken": nil},
	} {
		market := analysed(t, Analysis{Language: language, Unstemmed: true, Misspelt: true}, "", `{"id":"1","title":"women's dress"}`, `{"id":"2","title":"Jacke"}`)
		for query, want := range queries {
			if found := ids(t, market, asked(query)); !slices.Equal(found, want) {
				t.Errorf("%s, %q: %v, want %v", language, query, found, want)
			}
		}
	}
}

func TestWithoutPartsCompoundsStayWhole(t *testing.T) {
	market := analysed(t, Analysis{Language: "de"}, "", `{"id":"1","title":"Lederjacke"}`, `{"id":"2","title":"Jacke Leder"}`)
	if found := ids(t, market, asked("lederjacken")); !slices.Equal(found, []string{"1"}) {
		t.Error(found)
	}
}

func TestIgnoredWordsNeedNotMatch(t *testing.T) {
	market := analysed(t, Analysis{Language: "en", Ignored: []string{"cheap", "best"}}, "", english...)
	for query, want := range map[string][]string{
		"cheap navy dress": {"3"},
		"best belts":       {"1", "2", "3"},
		"lovely dress":     nil,
		"cheap":            nil,
	} {
		if found := ids(t, market, asked(query)); !slices.Equal(found, want) {
			t.Errorf("%q: %v, want %v", query, found, want)
		}
	}
}

func TestBestFieldsWantsAllWordsInOneField(t *testing.T) {
	market := market(t, "en", "", english...)
	query := asked("dress 38")
	query.Type = BestFields
	if found := ids(t, market, query); found != nil {
		t.Error(found)
	}
	query.MinimumShouldMatch = anyWord
	if found := ids(t, market, query); !slices.Equal(found, []string{"4", "3"}) {
		t.Error(found)
	}
}

func TestMinimumShouldMatch(t *testing.T) {
	market := market(t, "en", "", english...)
	for minimum, want := range map[int][]string{1: {"1", "2", "3", "4"}, 2: {"3"}, 3: {"3"}, 4: nil} {
		query := asked("navy linen dress purple")
		query.MinimumShouldMatch = func(int) int { return minimum }
		found := ids(t, market, query)
		slices.Sort(found)
		if !slices.Equal(found, want) {
			t.Errorf("%d: %v, want %v", minimum, found, want)
		}
	}
}

func TestBoostsDecideTheOrder(t *testing.T) {
	market := market(t, "en", "", `{"id":"1","title":"belt","description":"dress"}`, `{"id":"2","title":"dress","description":"belt"}`)
	for boost, want := range map[float64][]string{10: {"2", "1"}, 0.1: {"1", "2"}} {
		for _, kind := range []MatchType{CrossFields, BestFields} {
			query := Query{"dress", []Field{{"title", boost}, {"description", 1}}, kind, anyWord}
			if found := ids(t, market, query); !slices.Equal(found, want) {
				t.Errorf("%s, title^%g: %v, want %v", kind, boost, found, want)
			}
		}
	}
}

func TestEqualSearchesGiveEqualScores(t *testing.T) {
	first, second := market(t, "en", "", english...), market(t, "en", "", english...)
	for range 20 {
		one, _ := first.Search(asked("navy belt"))
		other, _ := second.Search(asked("navy belt"))
		if !slices.EqualFunc(one, other, func(a, b Hit) bool { return a.ID == b.ID && a.Score == b.Score }) {
			t.Fatal(one, other)
		}
	}
}

func TestInvalidDocuments(t *testing.T) {
	for lines, problem := range map[string]string{
		`{"id":"1"}` + "\n" + `{"id":`:       "line 2",
		`{"title":"x"}`:                      "line 1: id is missing",
		`{"id":7}`:                           "line 1: id is missing",
		`{"id":"1"}` + "\n\n" + `{"id":"1"}`: "line 3: id 1 is already used",
		`[]`:                                 "line 1",
	} {
		market, err := NewMarket(Analysis{Language: "en"})
		if err != nil {
			t.Fatal(err)
		}
		if err := market.Load(strings.NewReader(lines)); err == nil || !strings.Contains(err.Error(), problem) {
			t.Errorf("%s: %v, want %s", lines, err, problem)
		}
		market.Close()
	}
}

func TestInvalidSynonyms(t *testing.T) {
	market := market(t, "en", "")
	for _, rule := range []string{"trainers", "trainers =>", "=> sneakers", "running shoes => sneakers", "trainers => the"} {
		if err := market.LoadSynonyms(strings.NewReader("# comment\n" + rule)); err == nil || !strings.Contains(err.Error(), "line 2") {
			t.Errorf("%s: %v", rule, err)
		}
	}
}

func TestUnknownLanguage(t *testing.T) {
	if _, err := NewMarket(Analysis{Language: "fr"}); err == nil || !strings.Contains(err.Error(), `"fr"`) {
		t.Error(err)
	}
}
