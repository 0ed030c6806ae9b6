package artefact

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"google.golang.org/protobuf/proto"

	sqv1 "sq/proto/sq/v1"
)

// stored returns the files of an artefact of three parts, and their sorted names.
func stored(t testing.TB) (files map[string][]byte, names []string) {
	folder := t.TempDir()
	if _, err := write(t.Context(), folder, 300, judgments(6)); err != nil {
		t.Fatal(err)
	}
	files = map[string][]byte{}
	err := filepath.Walk(folder, func(path string, info os.FileInfo, err error) error {
		if err != nil || info.IsDir() {
			return err
		}
		name, _ := filepath.Rel(folder, path)
		names = append(names, name)
		files[name], err = os.ReadFile(path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(names)
	return files, names
}

func lay(t *testing.T, folder string, files map[string][]byte) {
	for name, data := range files {
		path := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

// requireErrorOrSame fails if a damaged artefact yields other records than before. An error is expected, unless the damage is
// in bytes that no digest covers: the provenance, and bits of a zstd frame without content. The records before the error must
// be the first ones of the artefact.
func requireErrorOrSame(t *testing.T, folder string, maySucceed bool) {
	want := judgments(6)
	found, err := read[*sqv1.JudgingRecord](t.Context(), folder)
	if err != nil && !errors.Is(err, ErrCorrupt) && !errors.Is(err, ErrWrongType) {
		t.Fatal(err)
	}
	if err == nil && (!maySucceed || len(found) != len(want)) {
		t.Fatalf("%d records were read", len(found))
	}
	for i, r := range found {
		if !proto.Equal(r, want[i]) {
			t.Fatalf("record %d is %v", i, r)
		}
	}
}

func FuzzFlippedBit(f *testing.F) {
	files, names := stored(f)
	for file := range names {
		for _, position := range []uint{0, 5, 40, 99, 1000} {
			f.Add(uint(file), position, uint(position%8))
		}
	}
	f.Fuzz(func(t *testing.T, file, position, bit uint) {
		name := names[file%uint(len(names))]
		damaged := mapWith(files, name, slices.Clone(files[name]))
		damaged[name][position%uint(len(files[name]))] ^= 1 << (bit % 8)
		folder := t.TempDir()
		lay(t, folder, damaged)
		requireErrorOrSame(t, folder, true)
	})
}

func FuzzTruncatedFile(f *testing.F) {
	files, names := stored(f)
	for file := range names {
		for _, length := range []uint{0, 1, 20, 77, 1000} {
			f.Add(uint(file), length)
		}
	}
	f.Fuzz(func(t *testing.T, file, length uint) {
		name := names[file%uint(len(names))]
		folder := t.TempDir()
		lay(t, folder, mapWith(files, name, files[name][:length%uint(len(files[name]))]))
		requireErrorOrSame(t, folder, false)
	})
}

func FuzzDelimited(f *testing.F) {
	f.Add(appendDelimited(appendDelimited(nil, []byte("one")), nil))
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01})
	f.Add([]byte{0x80})
	f.Fuzz(func(t *testing.T, data []byte) {
		total := 0
		for piece, err := range splitDelimited(data) {
			if err != nil {
				return
			}
			total += len(piece)
		}
		if total > len(data) {
			t.Fatal("the records are longer than the data")
		}
	})
}

func mapWith(files map[string][]byte, name string, data []byte) map[string][]byte {
	changed := map[string][]byte{}
	for key, value := range files {
		changed[key] = value
	}
	changed[name] = data
	return changed
}

// TestFlippedBitIsDetectedOrHarmless flips each bit of each file once.
func TestFlippedBitIsDetectedOrHarmless(t *testing.T) {
	files, names := stored(t)
	folder := t.TempDir()
	lay(t, folder, files)
	for _, name := range names {
		path := filepath.Join(folder, name)
		for position := range files[name] {
			for bit := range 8 {
				damaged := slices.Clone(files[name])
				damaged[position] ^= 1 << bit
				os.WriteFile(path, damaged, 0o666)
				requireErrorOrSame(t, folder, true)
			}
		}
		os.WriteFile(path, files[name], 0o666)
	}
}
