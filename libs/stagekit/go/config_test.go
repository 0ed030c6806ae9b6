package stagekit

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	sqv1 "sq/proto/sq/v1"
)

const generate = `
source_language: en
target_language: de
log: {uri: [log.ndjson]}
catalogue: {uri: catalogue.ndjson}
translation: {glossary: {uri: glossary.csv}}
`

func TestBrokenConfigurationNamesTheField(t *testing.T) {
	for name, c := range map[string]struct{ text, says string }{
		"a rule over two fields":  {strings.Replace(generate, "translation", "#", 1), "translation is needed"},
		"a pattern":               {strings.Replace(generate, "en", "english", 1), "source_language"},
		"a required message":      {strings.Replace(generate, "catalogue", "#", 1), "catalogue"},
		"both arms of a choice":   {generate + "fixed: {text: [a]}", "queries"},
		"an item of a list":       {generate + "value_tag_types: [BRAND, colour]", "value_tag_types[1]"},
		"an enum's name":          {generate + "engine: ENGINE_MAGIC", "give one of ENGINE_DUCKDB, "},
		"an unknown nested field": {strings.Replace(generate, "{uri: glossary.csv}", "{url: x}", 1), "url"},
		"a number out of range":   {generate + "seed: -1", "seed"},
	} {
		t.Run(name, func(t *testing.T) {
			err := ParseConfig([]byte(c.text), "market.yaml", &sqv1.GenerateConfig{})
			if input, is := asInputError(err); !is || input.Field != "market.yaml" || !strings.Contains(input.Error(), c.says) {
				t.Error(err)
			}
		})
	}
}

func TestASecretInAWrongPlaceIsNotShown(t *testing.T) {
	for _, text := range []string{
		"credentials: s3cret", "credentials: {api_key: s3cret}", "credentials: {api_key: [s3cret]}", "credentials: {api_key: *s3cret}",
		"credentials: {api_key: {env: [s3cret]}}", "top_k: s3cret", "credentials: {api_key: {env: s3cret-s3cret}}",
		"json: {method: s3cret}", `credentials: {api_key: "s3cret`, "credentials: {api_key: {env: s3cret, file: s3cret}}",
	} {
		err := ParseConfig([]byte(text), "x", &sqv1.RetrieveConfig{})
		if input, is := asInputError(err); !is || strings.Contains(input.Error(), "s3") {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestGoodConfigurationParses(t *testing.T) {
	config := &sqv1.GenerateConfig{}
	text := strings.Replace(generate, "[log.ndjson]", "[a], start: 2026-01-01T00:00:00Z", 1)
	if err := ParseConfig([]byte(text), "x", config); err != nil {
		t.Fatal(err)
	}
	if config.GetTranslation().GetGlossary().GetUri() != "glossary.csv" || config.GetLog().GetStart().GetSeconds() != 1767225600 {
		t.Error(config)
	}
}

func TestConfigurationFromAFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "c.json")
	os.WriteFile(path, []byte(`{"depth": 3}`), 0o600)
	config := &sqv1.NerDiffConfig{}
	if err := ReadConfig(path, config); err != nil || config.GetDepth() != 3 {
		t.Fatal(config, err)
	}
}
