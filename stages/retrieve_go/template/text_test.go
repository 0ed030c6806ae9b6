package template

import (
	"testing"

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

func TestLiteralIsNotInterpreted(t *testing.T) {
	if found := Literal("{{query}}").Fill(query); found != "{{query}}" {
		t.Error(found)
	}
}
