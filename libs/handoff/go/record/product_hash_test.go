package record_test

import (
	"testing"

	"google.golang.org/protobuf/proto"

	"sq/libs/handoff/go/record"
	sqv1 "sq/proto/sq/v1"
)

func TestSealIgnoresAnEarlierHash(t *testing.T) {
	product := &sqv1.Product{ProductId: "p1", Title: "Größe"}
	if err := record.Seal(product); err != nil {
		t.Fatal(err)
	}
	again := proto.CloneOf(product)
	if err := record.Seal(again); err != nil || !proto.Equal(product, again) {
		t.Fatal(product, again, err)
	}
}

func TestSealRejectsTextThatIsNotUTF8(t *testing.T) {
	if err := record.Seal(&sqv1.Product{ProductId: "\xff"}); err == nil {
		t.Fatal("no error")
	}
}
