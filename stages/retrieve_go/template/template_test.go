package template

import (
	"errors"
	"strings"
	"testing"

	stagekit "sq/libs/stagekit/go"
	sqv1 "sq/proto/sq/v1"
)

var query = &sqv1.Query{Text: `7" {{size}} & größe`, Language: "de"}

func TestText(t *testing.T) {
	for text, want := range map[string]string{
		"":                                 "",
		"q":                                "q",
		"{{query}}":                        `7" {{size}} & größe`,
		"a {{size}}/{{language}} {{size}}": "a 25/de 25",
		"{{filter.shop}}!":                 "uk & more!",
		"{query} {{":                       "{query} {{",
	} {
		parsed, err := New(25, map[string]string{"shop": "uk & more"}).Text(text, "f")
		if err != nil {
			t.Fatal(err)
		}
		if found := parsed.Fill(query); found != want {
			t.Errorf("%s: %s, want %s", text, found, want)
		}
	}
}

func TestPlaceholderThatStandsForNothing(t *testing.T) {
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

func TestFiltersThatNothingAsksFor(t *testing.T) {
	placeholders := New(25, map[string]string{"a": "1", "b": "2"})
	if _, err := placeholders.Text("{{filter.a}}", "f"); err != nil {
		t.Fatal(err)
	}
	err := placeholders.CheckFilters("json.filters")
	if err == nil || !strings.Contains(err.Error(), "json.filters.b") {
		t.Error(err)
	}
}

func TestLiteralIsNoTemplate(t *testing.T) {
	if found := Literal("{{query}}").Fill(query); found != "{{query}}" {
		t.Error(found)
	}
}
