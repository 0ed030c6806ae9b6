package retrieve

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sq/libs/handoff/go/artefact"
	sqv1 "sq/proto/sq/v1"
)

func TestBadInput(t *testing.T) {
	t.Setenv("BROKEN", "a\nb")
	queries := querySet(t, 1)
	other := t.TempDir()
	writer, _ := artefact.NewWriter[*sqv1.JudgingRecord](other, 0)
	if _, err := writer.Publish(t.Context(), &sqv1.Provenance{Stage: "evaluate", RunId: "r"}, nil); err != nil {
		t.Fatal(err)
	}
	damaged := querySet(t, 1)
	parts, _ := filepath.Glob(damaged + "/parts/*")
	os.WriteFile(parts[0], []byte("x"), 0o600)
	const url = "http://127.0.0.1:9"
	for name, c := range map[string]struct {
		line commandLine
		says string
	}{
		"unknown field":       {commandLine{queries: queries, config: config(url, `"top_kk":3`)}, `unknown field \"top_kk\"`},
		"rule":                {commandLine{queries: queries, config: config(url, `"top_k":1001`)}, "top_k: must be less than or equal to 1000"},
		"wrong type":          {commandLine{queries: other, config: config(url)}, "contains sq.v1.JudgingRecord, not sq.v1.QuerySetRecord"},
		"no artefact":         {commandLine{queries: t.TempDir(), config: config(url)}, "no artefact is published here"},
		"flipped bits":        {commandLine{queries: damaged, config: config(url)}, "parts/"},
		"shard":               {commandLine{queries: queries, config: config(url), shard: "3/3"}, "--shard"},
		"secret not set":      {commandLine{queries: queries, config: config(url, `"credentials":{"bearer":{"env":"NOT_SET"}}`)}, "NOT_SET is empty or not set"},
		"secret of two lines": {commandLine{queries: queries, config: config(url, `"credentials":{"bearer":{"env":"BROKEN"}}`)}, "control character"},
		"no such CA file":     {commandLine{queries: queries, config: config(url, `"ca_file":"/none.pem"`)}, "ca_file: open /none.pem"},
		"template":            {commandLine{queries: queries, config: `{"opensearch":{"url":"http://h","index":"i","body_template":"{}"},"fields":{"id":"id","title":"t"}}`}, "opensearch.body_template: does not contain {{query}}"},
		"neither request":     {commandLine{queries: queries, config: `{"opensearch":{"url":"http://h","index":"i"},"fields":{"id":"id","title":"t"}}`}, "give search_fields or body_template"},
		"URL with a query":    {commandLine{queries: queries, config: config("http://h/?s3cret")}, "opensearch.url: has a query"},
		"invalid URL":         {commandLine{queries: queries, config: config("http://s3cret:port")}, "opensearch.url: is not a valid URL"},
		"secret in a header":  {commandLine{queries: queries, config: `{"json":{"url":"http://h/{{query}}","headers":[{"name":"X-Api-Key","value":"s3cret"}],"answer":{"hits":"$.h","id":"$.i","title":"$.t"}}}`}, "json.headers[0].value: is the value of X-Api-Key, which is a secret"},
		"secret parameter":    {commandLine{queries: queries, config: `{"json":{"url":"http://h/{{query}}","parameters":[{"name":"access_token","value":"s3cret"}],"answer":{"hits":"$.h","id":"$.i","title":"$.t"}}}`}, "json.parameters[0].value: is the value of access_token"},
		"credentials in URL":  {commandLine{queries: queries, config: config("http://me:s3cret@h")}, "opensearch.url: has credentials in the URL"},
	} {
		t.Run(name, func(t *testing.T) {
			e := execute(t, c.line)
			if e.code != 2 || !strings.Contains(e.logs, c.says) || e.handoff != nil || strings.Contains(e.logs, "s3cret") {
				t.Errorf("%d, %s", e.code, e.logs)
			}
		})
	}
}
