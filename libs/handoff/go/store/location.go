package store

import (
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
)

// ErrCredentials says that a URI holds a name or a password. The message does not show the URI: flags and configurations stand in
// logs and in pods.
var ErrCredentials = errors.New("the URI has credentials in it: remove them, and set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, " +
	"or the variables of your store")

// Absolute returns the URI, without a trailing slash, of a URI or of a path relative to the working folder. Errors:
// ErrCredentials, or an unknown scheme.
func Absolute(uri string) (string, error) {
	scheme, rest, found := strings.Cut(uri, "://")
	if !found {
		path, err := filepath.Abs(uri)
		if err != nil {
			return "", fmt.Errorf("%s: %w", uri, err)
		}
		return (&url.URL{Scheme: "file", Path: path}).String(), nil
	}
	if authority, _, _ := strings.Cut(rest, "/"); strings.Contains(authority, "@") {
		return "", ErrCredentials
	}
	switch scheme {
	case "file", "s3", "gs":
		return strings.TrimRight(uri, "/"), nil
	}
	return "", fmt.Errorf("%s: the URI scheme must be file, s3 or gs", uri)
}

// Join returns the URI of an object or folder below another URI.
func Join(uri string, names ...string) string {
	parts := []string{strings.TrimRight(uri, "/")}
	for _, name := range names {
		parts = append(parts, strings.Trim(name, "/"))
	}
	return strings.Join(parts, "/")
}
