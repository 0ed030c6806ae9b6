package main

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"sq/examples/searchd/shop"
)

// folder writes files and gives their folder.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	folder := t.TempDir()
	for name, text := range files {
		path := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

func shopFiles(changed map[string]string) map[string]string {
	files := map[string]string{
		"searchd.json":     `{"markets":[{"market":"uk","language":"en"}]}`,
		"index.uk.ndjson":  `{"id":"1","title":"red dress"}`,
		"synonyms.uk.txt":  "frock => dress\n",
		"pictures/p1.svg":  "<svg/>",
		"compounds.de.txt": "leder\n",
	}
	for name, text := range changed {
		if text == "" {
			delete(files, name)
			continue
		}
		files[name] = text
	}
	return files
}

func TestServesUntilItIsStopped(t *testing.T) {
	data := folder(t, shopFiles(nil))
	urlFile := filepath.Join(t.TempDir(), "url")
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	written, printed := io.Pipe()
	ended := make(chan int, 1)
	go func() { ended <- run(ctx, []string{"--data", data, "--url-file", urlFile}, printed) }()
	line := make([]byte, 100)
	count, err := written.Read(line)
	if err != nil {
		t.Fatal(err)
	}
	url := strings.TrimSpace(string(line[:count]))
	if kept, err := os.ReadFile(urlFile); err != nil || strings.TrimSpace(string(kept)) != url {
		t.Errorf("%q, %v, want %q", kept, err, url)
	}
	body := `{"query":{"multi_match":{"query":"frock","fields":["title"]}}}`
	response, err := http.Post(url+"/uk/_search", "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	text, _ := io.ReadAll(response.Body)
	response.Body.Close()
	if !bytes.Contains(text, []byte(`"_id":"1"`)) {
		t.Errorf("%s", text)
	}
	stop()
	select {
	case code := <-ended:
		if code != 0 {
			t.Error("exit code", code)
		}
	case <-time.After(shutdownTimeout + 5*time.Second):
		t.Error("does not stop")
	}
}

func TestSettingsOfAMarketsAnalyser(t *testing.T) {
	settings := marketSettings{Language: "de", Without: []string{"stemming", "compounds", "spelling"}, Ignored: []string{"neu"}}
	found, err := settings.analysis([]string{"leder"})
	want := shop.Analysis{Language: "de", Unstemmed: true, Misspelt: true, Ignored: []string{"neu"}}
	if err != nil || !reflect.DeepEqual(found, want) {
		t.Errorf("%+v, %v, want %+v", found, err, want)
	}
}

func TestBadInput(t *testing.T) {
	for name, c := range map[string]struct {
		changed   map[string]string
		arguments []string
	}{
		"no data":           {arguments: []string{"--listen", "127.0.0.1:0"}},
		"unknown flag":      {arguments: []string{"--port", "1"}},
		"more than flags":   {arguments: []string{"--data", "x", "y"}},
		"no such folder":    {arguments: []string{"--data", "nowhere"}},
		"no settings":       {changed: map[string]string{"searchd.json": ""}},
		"unknown setting":   {changed: map[string]string{"searchd.json": `{"market":[]}`}},
		"no markets":        {changed: map[string]string{"searchd.json": `{"markets":[]}`}},
		"unknown language":  {changed: map[string]string{"searchd.json": `{"markets":[{"market":"uk","language":"xx"}]}`}},
		"market name":       {changed: map[string]string{"searchd.json": `{"markets":[{"market":"u/k","language":"en"}]}`}},
		"market twice":      {changed: map[string]string{"searchd.json": `{"markets":[{"market":"uk","language":"en"},{"market":"uk","language":"en"}]}`}},
		"unknown step":      {changed: map[string]string{"searchd.json": `{"markets":[{"market":"uk","language":"en","without":["lowercase"]}]}`}},
		"no index":          {changed: map[string]string{"index.uk.ndjson": ""}},
		"broken index":      {changed: map[string]string{"index.uk.ndjson": "{"}},
		"broken synonyms":   {changed: map[string]string{"synonyms.uk.txt": "frock"}},
		"broken faults":     {changed: map[string]string{"faults.json": "{"}},
		"faults of another": {changed: map[string]string{"faults.json": `{"markets":{"fr":[]}}`}},
	} {
		t.Run(name, func(t *testing.T) {
			arguments := c.arguments
			if arguments == nil {
				arguments = []string{"--data", folder(t, shopFiles(c.changed))}
			}
			ctx, stop := context.WithCancel(context.Background())
			stop()
			if code := run(ctx, arguments, io.Discard); code != exitBadInput {
				t.Error("exit code", code)
			}
		})
	}
}

func TestAnUnusableAddressOrFile(t *testing.T) {
	data := folder(t, shopFiles(nil))
	ctx, stop := context.WithCancel(context.Background())
	stop()
	underAFile := filepath.Join(data, "searchd.json", "url")
	for _, arguments := range [][]string{{"--listen", "127.0.0.1:x"}, {"--url-file", underAFile}} {
		if code := run(ctx, append(arguments, "--data", data), io.Discard); code != exitBadInput {
			t.Error(arguments, code)
		}
	}
}
