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
	Markets []struct {
		Market   string `json:"market"`
		Language string `json:"language"`
	} `json:"markets"`
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
	compounds, err := d.compounds()
	if err != nil {
		return nil, err
	}
	markets := map[string]*shop.Market{}
	for _, entry := range settings.Markets {
		if !marketName.MatchString(entry.Market) || markets[entry.Market] != nil {
			return nil, fmt.Errorf("searchd.json: market %q: use a unique name of a-z, 0-9 and -", entry.Market)
		}
		if markets[entry.Market], err = d.market(entry.Market, entry.Language, compounds); err != nil {
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

func (d data) market(name, language string, compounds []string) (*shop.Market, error) {
	market, err := shop.NewMarket(language, compounds)
	if err != nil {
		return nil, fmt.Errorf("searchd.json: market %s: %w", name, err)
	}
	if err := d.read("index."+name+".ndjson", market.Load); err != nil {
		return nil, err
	}
	return market, optional(d.read("synonyms."+name+".txt", market.LoadSynonyms))
}

func (d data) compounds() ([]string, error) {
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
