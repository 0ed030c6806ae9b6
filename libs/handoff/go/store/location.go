package store

import (
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
)

// Absolute returns the URI, without a trailing slash, of a URI or of a path relative to the working folder.
func Absolute(uri string) (string, error) {
	scheme, _, found := strings.Cut(uri, "://")
	if !found {
		path, err := filepath.Abs(uri)
		if err != nil {
			return "", fmt.Errorf("%s: %w", uri, err)
		}
		return (&url.URL{Scheme: "file", Path: path}).String(), nil
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
