// Package examples_test shows what the rules promise a Go target: generated messages, modules, validation.
package examples_test

import (
	"errors"
	"os"
	"strings"
	"testing"

	"buf.build/go/protovalidate"
	"google.golang.org/protobuf/proto"

	sqv1 "sq/proto/sq/v1"
)

func handoff() *sqv1.Handoff {
	return &sqv1.Handoff{
		Stage:       "retrieve",
		RunId:       "r1",
		Market:      "de",
		Uri:         "file:///tmp/a",
		Digest:      "sha256:" + strings.Repeat("0", 64),
		MessageType: "sq.v1.Retrieval",
		Records:     1,
	}
}

func TestRoundTrip(t *testing.T) {
	raw, err := proto.Marshal(handoff())
	if err != nil {
		t.Fatal(err)
	}
	var got sqv1.Handoff
	if err := proto.Unmarshal(raw, &got); err != nil {
		t.Fatal(err)
	}
	if !proto.Equal(&got, handoff()) {
		t.Errorf("got %v, want %v", &got, handoff())
	}
}

func TestValidMessagePasses(t *testing.T) {
	if err := protovalidate.Validate(handoff()); err != nil {
		t.Error(err)
	}
}

func TestInvalidMessageIsRefusedWithItsField(t *testing.T) {
	bad := handoff()
	bad.Digest = "md5:0"
	var refused *protovalidate.ValidationError
	if err := protovalidate.Validate(bad); !errors.As(err, &refused) {
		t.Fatalf("got %v, want a validation error", err)
	}
	if got := refused.Violations[0].Proto.GetField().GetElements()[0].GetFieldName(); got != "digest" {
		t.Errorf("got field %q, want digest", got)
	}
}

func TestRunsInItsFolderWithItsData(t *testing.T) {
	got, err := os.ReadFile("testdata/greeting.txt")
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != "hello\n" {
		t.Errorf("got %q", got)
	}
}
