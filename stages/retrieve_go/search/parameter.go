package search

import (
	"fmt"
	"net/url"
	"strings"

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

// Parameters parses the parameters in a field of the configuration. Errors: those of secrets, or *stagekit.InputError for an
// unknown placeholder.
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
		return placeholders.Text(given.GetValue(), field+"value")
	}
	secret, err := secrets(given.GetSecret(), field+"secret")
	return template.Literal(secret), err
}

// Encode writes parameters as a URL query or a form, in their order.
func Encode(parameters []Parameter, query *sqv1.Query) string {
	var pairs []string
	for _, each := range parameters {
		pairs = append(pairs, url.QueryEscape(each.Name)+"="+url.QueryEscape(each.Value.Fill(query)))
	}
	return strings.Join(pairs, "&")
}
