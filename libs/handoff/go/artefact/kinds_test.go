package artefact

import (
	"testing"

	sqv1 "sq/proto/sq/v1"
)

func TestRecordsAreCountedByKind(t *testing.T) {
	failure := &sqv1.JudgingRecord{Record: &sqv1.JudgingRecord_Failure{Failure: &sqv1.JudgeFailure{
		QueryId: "q", ProductId: "p", Judge: "j", Reason: sqv1.JudgeFailureReason_JUDGE_FAILURE_REASON_BUDGET,
	}}}
	counts := mustWrite(t, t.TempDir(), 0, []*sqv1.JudgingRecord{judgment(1), failure, judgment(2)}).GetContent().GetCounts()
	if len(counts) != 2 || counts[0].GetKind() != "failure" || counts[1].GetRecords() != 2 {
		t.Fatal(counts)
	}
}
