package jsonsearch

import (
	"fmt"
	"net/textproto"
	"regexp"
	"slices"
	"strings"

	stagekit "sq/libs/stagekit/go"
	sqv1 "sq/proto/sq/v1"
	"sq/stages/retrieve_go/search"
	"sq/stages/retrieve_go/template"
)

// token is the syntax of a header name (RFC 9110, 5.6.2).
var token = regexp.MustCompile("^[A-Za-z0-9!#$%&'*+.^_`|~-]+$")

// ownHeaders are set by the HTTP client.
var ownHeaders = map[string]bool{"Host": true, "Content-Length": true, "Transfer-Encoding": true, "Connection": true, "Accept-Encoding": true}

// SetsAuthorization implements search.Authorizer.
func (p *Protocol) SetsAuthorization() bool {
	return slices.ContainsFunc(p.header, func(each search.Parameter) bool { return strings.EqualFold(each.Name, "Authorization") })
}

func headers(endpoint *sqv1.JsonEndpoint, placeholders *template.Placeholders, secrets search.Secrets) ([]search.Parameter, error) {
	for i, each := range endpoint.GetHeaders() {
		field := fmt.Sprintf("json.headers[%d]", i)
		switch {
		case !token.MatchString(each.GetName()):
			return nil, &stagekit.InputError{Field: field + ".name", Problem: "is not a valid header name", Fix: "use a name such as X-Api-Key"}
		case ownHeaders[textproto.CanonicalMIMEHeaderKey(each.GetName())]:
			return nil, &stagekit.InputError{Field: field + ".name", Problem: each.GetName() + " is set by the HTTP client", Fix: "remove it"}
		case strings.ContainsFunc(each.GetValue(), func(r rune) bool { return r < ' ' || r == 0x7f }):
			return nil, &stagekit.InputError{Field: field + ".value", Problem: "contains a control character", Fix: "remove it"}
		case strings.Contains(each.GetValue(), "{{query}}"):
			return nil, &stagekit.InputError{Field: field + ".value", Problem: "contains {{query}}, but headers cannot carry every character", Fix: "put {{query}} into url, parameters or body_template"}
		}
	}
	return search.Parameters(endpoint.GetHeaders(), "json.headers", placeholders, secrets)
}
