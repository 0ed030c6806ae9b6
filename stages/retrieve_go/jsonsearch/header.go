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

// token is what a header's name is made of (RFC 9110, 5.6.2).
var token = regexp.MustCompile("^[A-Za-z0-9!#$%&'*+.^_`|~-]+$")

// ownHeaders are written by the connection itself.
var ownHeaders = map[string]bool{"Host": true, "Content-Length": true, "Transfer-Encoding": true, "Connection": true, "Accept-Encoding": true}

// Authorizes reports whether a header of the configuration is Authorization.
func (p *Protocol) Authorizes() bool {
	return slices.ContainsFunc(p.header, func(each search.Parameter) bool { return strings.EqualFold(each.Name, "Authorization") })
}

func headers(endpoint *sqv1.JsonEndpoint, placeholders *template.Placeholders, secrets search.Secrets) ([]search.Parameter, error) {
	for i, each := range endpoint.GetHeaders() {
		field := fmt.Sprintf("json.headers[%d]", i)
		switch {
		case !token.MatchString(each.GetName()):
			return nil, &stagekit.InputError{Field: field + ".name", Problem: "is no name of a header", Fix: "give one such as X-Api-Key"}
		case ownHeaders[textproto.CanonicalMIMEHeaderKey(each.GetName())]:
			return nil, &stagekit.InputError{Field: field + ".name", Problem: each.GetName() + " is not yours to give", Fix: "leave it out"}
		case strings.ContainsFunc(each.GetValue(), func(r rune) bool { return r < ' ' || r == 0x7f }):
			return nil, &stagekit.InputError{Field: field + ".value", Problem: "holds a control character", Fix: "remove it"}
		case strings.Contains(each.GetValue(), "{{query}}"):
			return nil, &stagekit.InputError{Field: field + ".value", Problem: "a header can't carry every query", Fix: "put {{query}} into url, parameters or body_template"}
		}
	}
	return search.Parameters(endpoint.GetHeaders(), "json.headers", placeholders, secrets)
}
