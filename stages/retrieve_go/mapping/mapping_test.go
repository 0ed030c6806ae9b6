package mapping_test

import (
	"encoding/json"
	"errors"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"sq/libs/handoff/go/handofftest"
	"sq/libs/handoff/go/record"
	sqv1 "sq/proto/sq/v1"
	"sq/stages/retrieve_go/mapping"
)

type table struct {
	Cases []struct {
		Name     string
		Fields   json.RawMessage
		Document json.RawMessage
		Product  json.RawMessage
		Error    bool
	}
}

func TestProduct(t *testing.T) {
	for _, c := range handofftest.Cases[table](t, "mapping.json").Cases {
		t.Run(c.Name, func(t *testing.T) {
			fields, want := &sqv1.FieldMapping{}, &sqv1.Product{}
			if err := protojson.Unmarshal(c.Fields, fields); err != nil {
				t.Fatal(err)
			}
			document, err := mapping.Parse(c.Document)
			if err != nil {
				t.Fatal(err)
			}
			found, err := mapping.New(fields).Product(document)
			if c.Error {
				var noID *mapping.NoIDError
				if !errors.As(err, &noID) || noID.Field != fields.GetId() {
					t.Fatalf("%v, %v", found, err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if err := protojson.Unmarshal(c.Product, want); err != nil {
				t.Fatal(err)
			}
			if err := record.Seal(want); err != nil {
				t.Fatal(err)
			}
			if !proto.Equal(found, want) {
				t.Errorf("%v\nwant %v", found, want)
			}
		})
	}
}

func TestParseRejectsInvalidDocuments(t *testing.T) {
	for _, text := range []string{``, `[]`, `{"a":NaN}`, `{"a":1`, `{"a":1} x`, `"text"`} {
		if document, err := mapping.Parse([]byte(text)); err == nil {
			t.Errorf("%q was parsed as %v", text, document)
		}
	}
}
