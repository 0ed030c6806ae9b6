package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"sq/examples/searchd/find"
	"sq/examples/searchd/opensearch"
	"sq/examples/searchd/shop"
)

var marketName = regexp.MustCompile(`^[a-z0-9][a-z0-9-]*$`)

// settings is the content of searchd.json.
type settings struct {
	Markets []marketSettings `json:"markets"`
}

type marketSettings struct {
	Market   string   `json:"market"`
	Language string   `json:"language"`
	Without  []string `json:"without"` // steps that the analyser leaves out
	Ignored  []string `json:"ignored"` // words of queries that no document needs to have
}

// Steps of the analyser that a market may leave out.
const (
	stemming  = "stemming"
	compounds = "compounds"
	spell     = "spelling"
)

// analysis returns how the market's texts become terms. parts are the words that German compounds are made of.
func (s marketSettings) analysis(parts []string) (shop.Analysis, error) {
	analysis := shop.Analysis{Language: s.Language, Compounds: parts, Ignored: s.Ignored}
	for _, step := range s.Without {
		switch step {
		case stemming:
			analysis.Unstemmed = true
		case compounds:
			analysis.Compounds = nil
		case spell:
			analysis.Misspelt = true
		default:
			return analysis, fmt.Errorf("without: %q is not a step; use %s, %s or %s", step, stemming, compounds, spell)
		}
	}
	return analysis, nil
}

// data is the folder --data.
type data struct{ folder string }

// open reads all files and returns the handler of all routes.
func (d data) open() (http.Handler, error) {
	var settings settings
	if err := d.read("searchd.json", func(file io.Reader) error { return decode(file, &settings) }); err != nil {
		return nil, err
	}
	if len(settings.Markets) == 0 {
		return nil, errors.New("searchd.json: markets is empty; list at least one market")
	}
	parts, err := d.compoundParts()
	if err != nil {
		return nil, err
	}
	markets := map[string]*shop.Market{}
	for _, entry := range settings.Markets {
		if !marketName.MatchString(entry.Market) || markets[entry.Market] != nil {
			return nil, fmt.Errorf("searchd.json: market %q: use a unique name of a-z, 0-9 and -", entry.Market)
		}
		if markets[entry.Market], err = d.market(entry, parts); err != nil {
			return nil, err
		}
	}
	faults, err := d.faults()
	if err != nil {
		return nil, err
	}
	for name := range faults {
		if markets[name] == nil {
			return nil, fmt.Errorf("faults.json: market %q is not in searchd.json; add it there or remove it", name)
		}
	}
	routes := http.NewServeMux()
	routes.Handle("/", opensearch.NewServer(markets, faults, os.DirFS(filepath.Join(d.folder, "pictures"))))
	routes.Handle("GET /{market}/find", find.NewServer(markets, faults))
	return routes, nil
}

func (d data) market(settings marketSettings, parts []string) (*shop.Market, error) {
	analysis, err := settings.analysis(parts)
	if err != nil {
		return nil, fmt.Errorf("searchd.json: market %s: %w", settings.Market, err)
	}
	market, err := shop.NewMarket(analysis)
	if err != nil {
		return nil, fmt.Errorf("searchd.json: market %s: %w", settings.Market, err)
	}
	if err := d.read("index."+settings.Market+".ndjson", market.Load); err != nil {
		return nil, err
	}
	return market, optional(d.read("synonyms."+settings.Market+".txt", market.LoadSynonyms))
}

func (d data) compoundParts() ([]string, error) {
	text, err := os.ReadFile(filepath.Join(d.folder, "compounds.de.txt"))
	return strings.Fields(string(text)), optional(err)
}

func (d data) faults() (opensearch.Faults, error) {
	var faults opensearch.Faults
	err := d.read("faults.json", func(file io.Reader) error {
		text, err := io.ReadAll(file)
		if err == nil {
			faults, err = opensearch.ReadFaults(text)
		}
		return err
	})
	return faults, optional(err)
}

// read passes the content of a file to a function. It adds the name of the file to the error.
func (d data) read(name string, read func(io.Reader) error) error {
	text, err := os.ReadFile(filepath.Join(d.folder, name))
	if err != nil {
		return err
	}
	if err := read(bytes.NewReader(text)); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

func decode(file io.Reader, value any) error {
	decoder := json.NewDecoder(file)
	decoder.DisallowUnknownFields()
	return decoder.Decode(value)
}

// optional ignores that a file does not exist.
func optional(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
