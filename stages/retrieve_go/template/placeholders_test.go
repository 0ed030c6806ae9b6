package template

import (
	"errors"
	"strings"
	"testing"

	stagekit "sq/libs/stagekit/go"
)

func TestUnknownPlaceholder(t *testing.T) {
	for text, name := range map[string]string{
		"{{q}}": "{{q}}", "{{ query }}": "{{ query }}", "{{filter.other}}": "{{filter.other}}", "{{}}": "{{}}", "{{Query}}": "{{Query}}",
	} {
		_, err := New(25, map[string]string{"shop": "uk"}).Text(text, "solr.parameters[0].value")
		var bad *stagekit.InputError
		if !errors.As(err, &bad) || bad.Field != "solr.parameters[0].value" || !strings.Contains(err.Error(), name) ||
			!strings.Contains(err.Error(), "{{query}}, {{language}}, {{filter.shop}}, {{size}}") {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestUnusedFilter(t *testing.T) {
	placeholders := New(25, map[string]string{"a": "1", "b": "2"})
	if _, err := placeholders.Text("{{filter.a}}", "f"); err != nil {
		t.Fatal(err)
	}
	err := placeholders.CheckFilters("json.filters")
	if err == nil || !strings.Contains(err.Error(), "json.filters.b") {
		t.Error(err)
	}
}
