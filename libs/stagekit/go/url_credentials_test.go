package stagekit

import (
	"errors"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	sqv1 "sq/proto/sq/v1"
)

func TestCredentialsInAURL(t *testing.T) {
	retrieve := func(fields string) (string, proto.Message) {
		return `{"fields":{"id":"id","title":"t"},` + fields + `}`, &sqv1.RetrieveConfig{}
	}
	for fields, at := range map[string]string{
		`"opensearch":{"url":"http://me:s3cret@h","index":"i","search_fields":["t"]}`:     "opensearch.url",
		`"opensearch":{"url":"https://me@h:9200/p","index":"i","search_fields":["t"]}`:    "opensearch.url",
		`"solr":{"url":"http://me:s3cret@h:port","collection":"c","search_fields":["t"]}`: "solr.url",
		`"opensearch":{"url":"http://h/a@b","index":"i","search_fields":["t"]}`:           "",
		`"opensearch":{"url":"http://h","index":"i","search_fields":["http://a:b@c"]}`:    "",
	} {
		text, config := retrieve(fields)
		err := ParseConfig([]byte(text), "--config", config)
		var input *InputError
		switch {
		case at == "":
			if err != nil {
				t.Error(fields, err)
			}
		case !errors.As(err, &input) || input.Field != at || strings.Contains(err.Error(), "s3cret"):
			t.Error(fields, err)
		case !strings.Contains(input.Fix, "credentials: {basic:"):
			t.Error(input.Fix)
		}
	}
	model := []byte(`{"openai":{"endpoint":{"model":"m","base_url":"http://me:s3cret@h/v1"}}}`)
	if err := ParseConfig(model, "--config", &sqv1.EvaluateConfig{}); err == nil || !strings.Contains(err.Error(), "openai.endpoint.base_url: has credentials in the URL; remove them, and give api_key") {
		t.Error(err)
	}
}
