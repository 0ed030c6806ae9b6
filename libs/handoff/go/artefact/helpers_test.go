package artefact

import (
	"context"
	"fmt"
	"testing"

	"google.golang.org/protobuf/proto"

	sqv1 "sq/proto/sq/v1"
)

func judgment(number int) *sqv1.JudgingRecord {
	judgment := &sqv1.Judgment{
		QueryId:     fmt.Sprint("q", number),
		ProductId:   fmt.Sprint("p", number),
		ContentHash: fmt.Sprintf("%064x", number),
		Grade:       3,
		Reasons:     []*sqv1.Reason{{Code: sqv1.ReasonCode_REASON_CODE_TERM_MISSING, Value: "größe"}},
		Judge:       "baseline/1",
	}
	return &sqv1.JudgingRecord{Record: &sqv1.JudgingRecord_Judgment{Judgment: judgment}}
}

func judgments(count int) []*sqv1.JudgingRecord {
	records := make([]*sqv1.JudgingRecord, count)
	for i := range records {
		records[i] = judgment(i)
	}
	return records
}

func write[M proto.Message](ctx context.Context, uri string, partBytes int, records []M) (*sqv1.Manifest, error) {
	writer, err := NewWriter[M](uri, partBytes)
	if err != nil {
		return nil, err
	}
	return writeTo(ctx, writer, records, "r1")
}

func writeTo[M proto.Message](ctx context.Context, writer *Writer[M], records []M, run string) (*sqv1.Manifest, error) {
	for _, r := range records {
		if err := writer.Write(ctx, r); err != nil {
			return nil, err
		}
	}
	return writer.Publish(ctx, &sqv1.Provenance{Stage: "evaluate", RunId: run}, nil)
}

func read[M proto.Message](ctx context.Context, uri string) ([]M, error) {
	reader, err := Open[M](ctx, uri)
	if err != nil {
		return nil, err
	}
	var records []M
	for r, err := range reader.All(ctx) {
		if err != nil {
			return records, err
		}
		records = append(records, r)
	}
	return records, nil
}

func requireSame[M proto.Message](t *testing.T, found, want []M) {
	t.Helper()
	if len(found) != len(want) {
		t.Fatalf("%d records, want %d", len(found), len(want))
	}
	for i := range found {
		if !proto.Equal(found[i], want[i]) {
			t.Fatalf("record %d is %v, want %v", i, found[i], want[i])
		}
	}
}

func mustWrite(t *testing.T, uri string, partBytes int, records []*sqv1.JudgingRecord) *sqv1.Manifest {
	t.Helper()
	manifest, err := write(t.Context(), uri, partBytes, records)
	if err != nil {
		t.Fatal(err)
	}
	return manifest
}
