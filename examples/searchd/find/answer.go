package find

import (
	"encoding/json"

	"sq/examples/searchd/shop"
)

type wireAnswer struct {
	Query string `json:"query"`
	Page  struct {
		Found   int     `json:"found"`
		Entries []entry `json:"entries"`
	} `json:"page"`
}

type entry struct {
	Position  int     `json:"position"`
	Relevance float64 `json:"relevance"`
	Item      item    `json:"item"`
}

type item struct {
	SKU   string `json:"sku"`
	Texts struct {
		Name  string `json:"name"`
		About string `json:"about,omitempty"`
	} `json:"texts"`
	Shelf string  `json:"shelf,omitempty"`
	Maker *maker  `json:"maker,omitempty"`
	Offer *offer  `json:"offer,omitempty"`
	Media []media `json:"media,omitempty"`
	Facts []fact  `json:"facts"`
}

type maker struct {
	Name string `json:"name"`
}

type offer struct {
	Amount json.Number `json:"amount"`
}

type media struct {
	Href string `json:"href"`
}

type fact struct {
	Name   string `json:"name"`
	Values any    `json:"values"` // a string, or a list of strings
}

// document is a line of index.MARKET.ndjson.
type document struct {
	ID, Title, Description, Category, Brand, Colour, Material, Gender, Image string
	Price                                                                    json.Number
	Sizes                                                                    []string
}

// answer returns the body for the first count hits.
func answer(query string, hits []shop.Hit, count int) ([]byte, error) {
	made := wireAnswer{Query: query}
	made.Page.Found = len(hits)
	made.Page.Entries = []entry{}
	for i, hit := range hits[:min(count, len(hits))] {
		var found document
		if err := json.Unmarshal(hit.Document, &found); err != nil {
			return nil, err
		}
		made.Page.Entries = append(made.Page.Entries, entry{i + 1, hit.Score, found.item()})
	}
	return json.Marshal(made)
}

func (d *document) item() item {
	shown := item{SKU: d.ID, Shelf: d.Category, Facts: []fact{}}
	shown.Texts.Name, shown.Texts.About = d.Title, d.Description
	if d.Brand != "" {
		shown.Maker = &maker{d.Brand}
	}
	if d.Price != "" {
		shown.Offer = &offer{d.Price}
	}
	if d.Image != "" {
		shown.Media = []media{{d.Image}}
	}
	for _, each := range []struct{ name, value string }{{"colour", d.Colour}, {"material", d.Material}, {"gender", d.Gender}} {
		if each.value != "" {
			shown.Facts = append(shown.Facts, fact{each.name, each.value})
		}
	}
	if len(d.Sizes) > 0 {
		shown.Facts = append(shown.Facts, fact{"size", d.Sizes})
	}
	return shown
}
