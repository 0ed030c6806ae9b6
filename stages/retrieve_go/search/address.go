package search

import (
	"net/url"
	"strings"

	stagekit "sq/libs/stagekit/go"
)

// Address takes a configured URL apart: the URL without credentials, its path beginning with a slash, and the credentials.
// Errors: *stagekit.InputError, which does not repeat the URL, as it may hold a password.
func Address(text, field string) (*url.URL, *url.Userinfo, error) {
	address, err := url.Parse(text)
	if err != nil || address.Host == "" {
		return nil, nil, &stagekit.InputError{Field: field, Problem: "is not a URL", Fix: "give one such as https://search.example.com:9200"}
	}
	if address.RawQuery != "" || address.Fragment != "" {
		return nil, nil, &stagekit.InputError{Field: field, Problem: "has a query or fragment", Fix: "leave out what follows ? or #"}
	}
	user := address.User
	address.User = nil
	// Joined to an empty path, the result would not begin with a slash.
	address.Path = "/" + strings.TrimPrefix(address.Path, "/")
	return address, user, nil
}

// Below is the URL of an index or collection below another. Errors: *stagekit.InputError.
func Below(address *url.URL, name, field string, more ...string) (*url.URL, error) {
	if name == "." || name == ".." {
		return nil, &stagekit.InputError{Field: field, Problem: name + " is no name", Fix: "give the name the endpoint knows it by"}
	}
	return address.JoinPath(append([]string{url.PathEscape(name)}, more...)...), nil
}
