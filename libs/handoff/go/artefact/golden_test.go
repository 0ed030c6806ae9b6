package artefact

import (
	"bytes"
	"encoding/json"
	"os"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"sq/libs/handoff/go/handofftest"
	"sq/libs/handoff/go/record"
	sqv1 "sq/proto/sq/v1"
)

// golden describes artefacts and their digests. Go and Python must both compute these digests.
type golden struct {
	Artefacts     []goldenArtefact `json:"artefacts"`
	ProductHashes []goldenProduct  `json:"product_hashes"`
}

type goldenArtefact struct {
	Name      string         `json:"name"`
	Type      string         `json:"type"`
	PartBytes int            `json:"part_bytes"` // 0 means the default
	Records   []goldenRecord `json:"records"`
	Parts     int            `json:"parts"`
	Digest    string         `json:"digest"`
	// The digests of the stored, compressed bytes are not listed, because zstd libraries compress differently.
}

type goldenRecord struct {
	Repeat int             `json:"repeat"`
	JSON   json.RawMessage `json:"json"`
}

type goldenProduct struct {
	Name        string          `json:"name"`
	Product     json.RawMessage `json:"product"`
	ContentHash string          `json:"content_hash"`
}

// TestGolden updates the table if SQ_UPDATE_GOLDEN is set. A changed digest makes all earlier artefacts unreadable.
func TestGolden(t *testing.T) {
	table := handofftest.Cases[golden](t, "golden.json")
	update := os.Getenv("SQ_UPDATE_GOLDEN") != ""
	for i := range table.Artefacts {
		a := &table.Artefacts[i]
		t.Run(a.Name, func(t *testing.T) {
			manifest := writeGolden(t, *a)
			if update {
				a.Digest, a.Parts = manifest.GetDigest(), len(manifest.GetParts())
			}
			if manifest.GetDigest() != a.Digest || len(manifest.GetParts()) != a.Parts {
				t.Errorf("%s in %d parts, want %s in %d", manifest.GetDigest(), len(manifest.GetParts()), a.Digest, a.Parts)
			}
		})
	}
	for i := range table.ProductHashes {
		p := &table.ProductHashes[i]
		t.Run(p.Name, func(t *testing.T) {
			hash, err := record.ContentHash(fromJSON[*sqv1.Product](t, p.Product))
			if err != nil {
				t.Fatal(err)
			}
			if update {
				p.ContentHash = hash
			}
			if hash != p.ContentHash {
				t.Errorf("%s, want %s", hash, p.ContentHash)
			}
		})
	}
	if update {
		rewrite(t, table)
	}
}

func rewrite(t *testing.T, table golden) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(table); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(handofftest.CasesPath(t, "golden.json"), text.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

func writeGolden(t *testing.T, a goldenArtefact) *sqv1.Manifest {
	switch a.Type {
	case "sq.v1.QuerySetRecord":
		return writeAndRead[*sqv1.QuerySetRecord](t, a)
	case "sq.v1.RetrievalRecord":
		return writeAndRead[*sqv1.RetrievalRecord](t, a)
	case "sq.v1.JudgingRecord":
		return writeAndRead[*sqv1.JudgingRecord](t, a)
	case "sq.v1.TagDifference":
		return writeAndRead[*sqv1.TagDifference](t, a)
	case "sq.v1.MarketReport":
		return writeAndRead[*sqv1.MarketReport](t, a)
	}
	t.Fatalf("unknown type %s", a.Type)
	return nil
}

func writeAndRead[M proto.Message](t *testing.T, a goldenArtefact) *sqv1.Manifest {
	var records []M
	for _, r := range a.Records {
		for range r.Repeat {
			records = append(records, fromJSON[M](t, r.JSON))
		}
	}
	uri := t.TempDir()
	manifest, err := write(t.Context(), uri, a.PartBytes, records)
	if err != nil {
		t.Fatal(err)
	}
	found, err := read[M](t.Context(), uri)
	if err != nil {
		t.Fatal(err)
	}
	requireSame(t, found, records)
	return manifest
}

func fromJSON[M proto.Message](t *testing.T, text []byte) M {
	t.Helper()
	var none M
	message := none.ProtoReflect().New().Interface().(M)
	if err := protojson.Unmarshal(text, message); err != nil {
		t.Fatal(err)
	}
	return message
}
