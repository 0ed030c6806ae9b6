package stagekit

import (
	"fmt"
	"path/filepath"
	"slices"
	"testing"
)

// The Python test has the same rows.
func TestShardsAreTheSameInPython(t *testing.T) {
	for query, want := range map[string][2]uint64{"q1": {2, 4}, "q2": {3, 4}, "größe": {3, 2}} {
		for i, count := range []uint64{4, 7} {
			if !(Shard{want[i], count}).Contains(query) {
				t.Errorf("%s is not in %d/%d", query, want[i], count)
			}
		}
	}
}

func TestShardsTogetherHoldEveryRecord(t *testing.T) {
	input := differences(t)
	var found []string
	for i := range 3 {
		output := filepath.Join(t.TempDir(), "out")
		if done := start(t, flagsOf(input, output, fmt.Sprintf("--shard=%d/3", i))...); done.code != ExitDone {
			t.Fatal(done)
		}
		found = append(found, queryIDs(t, output)...)
	}
	slices.Sort(found)
	if len(found) != 20 || len(slices.Compact(found)) != 20 {
		t.Fatal(found)
	}
}
