package record_test

import (
	"encoding/json"
	"errors"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	"sq/libs/handoff/go/handofftest"
	"sq/libs/handoff/go/record"
	_ "sq/proto/sq/v1"
)

type recordCase struct {
	Name  string
	Type  protoreflect.FullName
	JSON  json.RawMessage
	Error string
}

func TestCheck(t *testing.T) {
	for _, c := range handofftest.Cases[[]recordCase](t, "records.json") {
		t.Run(c.Name, func(t *testing.T) {
			kind, err := protoregistry.GlobalTypes.FindMessageByName(c.Type)
			if err != nil {
				t.Fatal(err)
			}
			message := kind.New().Interface()
			if err := protojson.Unmarshal(c.JSON, message); err != nil {
				t.Fatal(err)
			}
			if found := field(record.Check(message)); found != c.Error {
				t.Errorf("invalid field %q, want %q", found, c.Error)
			}
		})
	}
}

func field(err error) string {
	var broken *record.Error
	if errors.As(err, &broken) {
		return broken.Field
	}
	return ""
}
