package store_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"sq/libs/handoff/go/handofftest"
	"sq/libs/handoff/go/store"
)

type step struct {
	Op      string
	Name    string
	Data    *string
	Written bool
	Old     string
	Start   int64
	Length  int64
	Prefix  string
	Names   []string
}

type conformanceCase struct {
	Name  string
	Steps []step
}

func TestConformance(t *testing.T) {
	t.Run("file", func(t *testing.T) { testConformance(t, t.TempDir()) })
	t.Run("s3", func(t *testing.T) { testConformance(t, handofftest.S3(t)) })
	t.Run("gs", func(t *testing.T) { testConformance(t, handofftest.GS(t)) })
}

func testConformance(t *testing.T, root string) {
	for number, c := range handofftest.Cases[[]conformanceCase](t, "store.json") {
		t.Run(c.Name, func(t *testing.T) {
			objects, err := store.At(store.Join(root, fmt.Sprint("case", number)))
			if err != nil {
				t.Fatal(err)
			}
			for i, s := range c.Steps {
				if err := run(t.Context(), objects, s); err != nil {
					t.Fatalf("step %d, %s %s: %v", i+1, s.Op, s.Name, err)
				}
			}
		})
	}
}

func run(ctx context.Context, objects *store.Store, s step) error {
	switch s.Op {
	case "put":
		return objects.Put(ctx, s.Name, []byte(*s.Data))
	case "put_once":
		written, err := objects.PutOnce(ctx, s.Name, []byte(*s.Data))
		if err == nil && written != s.Written {
			err = fmt.Errorf("written: %v", written)
		}
		return err
	case "replace":
		written, err := objects.Replace(ctx, s.Name, []byte(s.Old), []byte(*s.Data))
		if err == nil && written != s.Written {
			err = fmt.Errorf("written: %v", written)
		}
		return err
	case "get":
		return same(s.Data)(objects.Get(ctx, s.Name))
	case "get_range":
		return same(s.Data)(objects.GetRange(ctx, s.Name, s.Start, s.Length))
	case "list":
		names, err := objects.List(ctx, s.Prefix)
		if err == nil && !slices.Equal(names, s.Names) {
			err = fmt.Errorf("found %q", names)
		}
		return err
	case "delete":
		return objects.Delete(ctx, s.Name)
	}
	return fmt.Errorf("unknown operation %q", s.Op)
}

// same compares the result of a read. want is nil if the object must not exist.
func same(want *string) func([]byte, error) error {
	return func(data []byte, err error) error {
		switch {
		case want == nil && errors.Is(err, store.ErrNotFound):
			return nil
		case want == nil && err == nil:
			return fmt.Errorf("read %q", data)
		case err != nil:
			return err
		case string(data) != *want:
			return fmt.Errorf("read %q", data)
		}
		return nil
	}
}

func TestOneOfManyWritersPutsOnce(t *testing.T) {
	t.Run("file", func(t *testing.T) { testOnePutsOnce(t, t.TempDir()) })
	t.Run("s3", func(t *testing.T) { testOnePutsOnce(t, handofftest.S3(t)) })
	t.Run("gs", func(t *testing.T) { testOnePutsOnce(t, handofftest.GS(t)) })
}

func testOnePutsOnce(t *testing.T, root string) {
	objects, err := store.At(root)
	if err != nil {
		t.Fatal(err)
	}
	for round := range 20 {
		name := fmt.Sprint("once", round)
		winners := make(chan string, 8)
		var writers sync.WaitGroup
		for writer := range 8 {
			writers.Go(func() {
				data := fmt.Sprint("written by ", writer)
				written, err := objects.PutOnce(t.Context(), name, []byte(data))
				if err != nil {
					t.Error(err)
				}
				if written {
					winners <- data
				}
			})
		}
		writers.Wait()
		close(winners)
		won := []string{}
		for data := range winners {
			won = append(won, data)
		}
		data, err := objects.Get(t.Context(), name)
		if err != nil || len(won) != 1 || won[0] != string(data) {
			t.Fatalf("winners %q, stored %q (%v)", won, data, err)
		}
	}
}

func TestListIgnoresFilesOfAKilledWriter(t *testing.T) {
	folder := t.TempDir()
	for _, name := range []string{"manifest.json", "manifest.json.17f3a.tmp"} {
		if err := os.WriteFile(filepath.Join(folder, name), nil, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	objects, _ := store.At(folder)
	names, err := objects.List(t.Context(), "")
	if err != nil || !slices.Equal(names, []string{"manifest.json"}) {
		t.Fatalf("%q, %v", names, err)
	}
}

func TestRemovedFolderIsCreatedAgain(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "out")
	objects, _ := store.At(folder)
	for range 2 {
		if err := objects.Put(t.Context(), "a", []byte("1")); err != nil {
			t.Fatal(err)
		}
		if err := os.RemoveAll(folder); err != nil {
			t.Fatal(err)
		}
	}
}

func TestReadingCreatesNoFolder(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "none")
	objects, _ := store.At(folder)
	if _, err := objects.Get(t.Context(), "a"); !errors.Is(err, store.ErrNotFound) {
		t.Fatal(err)
	}
	if _, err := os.Stat(folder); !errors.Is(err, os.ErrNotExist) {
		t.Fatal("the folder was created")
	}
}

func TestFoldersWithUnusualNames(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "manual__2026-01-01T00:00:00+00:00 größer %41?")
	objects, err := store.At(folder)
	if err != nil {
		t.Fatal(err)
	}
	if err := objects.Put(t.Context(), "parts/a", []byte("1")); err != nil {
		t.Fatal(err)
	}
	if data, err := os.ReadFile(filepath.Join(folder, "parts", "a")); err != nil || string(data) != "1" {
		t.Fatal(string(data), err)
	}
}

func TestInvalidURIs(t *testing.T) {
	for _, uri := range []string{"http://host/folder", "s3:///folder", "file://folder", "ftp://x", "gs:///folder"} {
		if _, err := store.At(uri); err == nil {
			t.Errorf("%s: no error", uri)
		}
	}
}

func TestFailureNamesTheObject(t *testing.T) {
	objects, _ := store.At(t.TempDir())
	_, err := objects.Get(t.Context(), "parts/x")
	var failure *store.Error
	if !errors.As(err, &failure) || failure.URI != objects.URI()+"/parts/x" || !failure.Permanent() {
		t.Fatalf("%v", err)
	}
}
