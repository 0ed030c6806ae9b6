package search

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"

	stagekit "sq/libs/stagekit/go"
	sqv1 "sq/proto/sq/v1"
	"sq/stages/retrieve_go/template"
)

// Secrets reads a secret. Errors name the field of the configuration.
type Secrets func(source *sqv1.SecretSource, field string) (string, error)

// Parameter is a named value of a request: a URL or form parameter, or a header.
type Parameter struct {
	Name  string
	Value template.Text
}

// secretNames are the names of parameters and headers whose value is a secret.
var secretNames = regexp.MustCompile(`(?i)(^|[-_.])(authorization|cookie|passw(or)?d|secret|token|api[-_]?key)$`)

// Parameters parses the parameters in a field of the configuration. Errors: those of secrets, or *stagekit.InputError for an
// unknown placeholder, or for a secret that stands in the configuration.
func Parameters(given []*sqv1.RequestParameter, field string, placeholders *template.Placeholders, secrets Secrets) ([]Parameter, error) {
	var parameters []Parameter
	for i, each := range given {
		own := fmt.Sprintf("%s[%d].", field, i)
		value, err := parameterValue(each, own, placeholders, secrets)
		if err != nil {
			return nil, err
		}
		parameters = append(parameters, Parameter{each.GetName(), value})
	}
	return parameters, nil
}

func parameterValue(given *sqv1.RequestParameter, field string, placeholders *template.Placeholders, secrets Secrets) (template.Text, error) {
	if given.GetSecret() == nil {
		if secretNames.MatchString(given.GetName()) && given.GetValue() != "" {
			return nil, &stagekit.InputError{Field: field + "value", Problem: "is the value of " + given.GetName() + ", which is a secret, and configurations are shown in pods and logs", Fix: "give secret: {env: NAME} in place of value"}
		}
		return placeholders.Text(given.GetValue(), field+"value")
	}
	secret, err := secrets(given.GetSecret(), field+"secret")
	return template.Literal(secret), err
}

// Pair is a parameter filled in for one query.
type Pair struct{ Name, Value string }

// Fill fills in parameters for one query, in their order.
func Fill(parameters []Parameter, query *sqv1.Query) []Pair {
	pairs := make([]Pair, len(parameters))
	for i, each := range parameters {
		pairs[i] = Pair{each.Name, each.Value.Fill(query)}
	}
	return pairs
}

// Encode writes pairs as a URL query or a form, in their order.
func Encode(pairs []Pair) string {
	encoded := make([]string, len(pairs))
	for i, each := range pairs {
		encoded[i] = url.QueryEscape(each.Name) + "=" + url.QueryEscape(each.Value)
	}
	return strings.Join(encoded, "&")
}
