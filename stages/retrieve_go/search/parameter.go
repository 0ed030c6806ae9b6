package search

import (
	"fmt"
	"net/url"
	"strings"

	sqv1 "sq/proto/sq/v1"
	"sq/stages/retrieve_go/template"
)

// Secrets reads a secret that a field of the configuration names.
type Secrets func(source *sqv1.SecretSource, field string) (string, error)

// Parameter is a named value of a request.
type Parameter struct {
	Name  string
	Value template.Text
}

// Parameters reads those of a field. Errors: those of secrets, or *stagekit.InputError on a placeholder that is none.
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

// Encode writes parameters in their order as a URL's query, or a form, has them.
func Encode(parameters []Parameter, query *sqv1.Query) string {
	var pairs []string
	for _, each := range parameters {
		pairs = append(pairs, url.QueryEscape(each.Name)+"="+url.QueryEscape(each.Value.Fill(query)))
	}
	return strings.Join(pairs, "&")
}
