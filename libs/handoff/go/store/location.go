package store

import (
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
)

// Absolute gives the URI, without a slash at its end, that a URI or a path seen from the working folder stands for.
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
	return "", fmt.Errorf("%s: the scheme must be one of file, s3, gs", uri)
}

// Join gives the URI of an object or folder below another.
func Join(uri string, names ...string) string {
	parts := []string{strings.TrimRight(uri, "/")}
	for _, name := range names {
		parts = append(parts, strings.Trim(name, "/"))
	}
	return strings.Join(parts, "/")
}
