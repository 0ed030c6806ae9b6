package search

import (
	"net/url"
	"strings"

	stagekit "sq/libs/stagekit/go"
)

// Address parses a configured URL. The path of the result begins with a slash. Errors: *stagekit.InputError. It does not quote
// the URL, which may contain a secret.
func Address(text, field string) (*url.URL, error) {
	address, err := url.Parse(text)
	if err != nil || address.Host == "" {
		return nil, &stagekit.InputError{Field: field, Problem: "is not a valid URL", Fix: "use a URL such as https://search.example.com:9200"}
	}
	if address.RawQuery != "" || address.Fragment != "" {
		return nil, &stagekit.InputError{Field: field, Problem: "has a query or fragment", Fix: "remove everything from ? or # on"}
	}
	if address.User != nil {
		return nil, &stagekit.InputError{Field: field, Problem: "has credentials in the URL", Fix: "remove them, and give credentials"}
	}
	// Without the slash, JoinPath would return a relative path.
	address.Path = "/" + strings.TrimPrefix(address.Path, "/")
	return address, nil
}

// Below returns the URL of an index or collection. Errors: *stagekit.InputError.
func Below(address *url.URL, name, field string, more ...string) (*url.URL, error) {
	if name == "." || name == ".." {
		return nil, &stagekit.InputError{Field: field, Problem: name + " is not a valid name", Fix: "use the name of an index or collection"}
	}
	return address.JoinPath(append([]string{url.PathEscape(name)}, more...)...), nil
}
