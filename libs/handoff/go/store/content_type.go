package store

import "path/filepath"

// contentType is set for each object because blob would otherwise guess it from the data.
func contentType(name string) string {
	switch filepath.Ext(name) {
	case ".json":
		return "application/json"
	case ".html":
		return "text/html; charset=utf-8"
	}
	return "application/octet-stream"
}
