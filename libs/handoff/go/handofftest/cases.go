// Package handofftest has test helpers for Go code that reads or writes artefacts.
package handofftest

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// CasesPath finds a table of proto/cases in the folders above the package under test. Go and Python run the same tables.
func CasesPath(t testing.TB, name string) string {
	t.Helper()
	folder, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		path := filepath.Join(folder, "proto", "cases", name)
		if _, err := os.Stat(path); err == nil {
			return path
		}
		if folder == filepath.Dir(folder) {
			t.Fatalf("no folder above has proto/cases/%s", name)
		}
		folder = filepath.Dir(folder)
	}
}

// Cases reads a table of proto/cases.
func Cases[T any](t testing.TB, name string) T {
	t.Helper()
	data, err := os.ReadFile(CasesPath(t, name))
	if err != nil {
		t.Fatal(err)
	}
	var table T
	if err := json.Unmarshal(data, &table); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return table
}
