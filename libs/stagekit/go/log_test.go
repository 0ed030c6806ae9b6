package stagekit

import (
	"encoding/json"
	"io"
	"path/filepath"
	"strings"
	"testing"
)

func TestLogsAreJSONWithTheContext(t *testing.T) {
	t.Setenv("SQ_TRY", "3")
	done := start(t, flagsOf(differences(t), filepath.Join(t.TempDir(), "out"), "--shard=0/2")...)
	lines := json.NewDecoder(strings.NewReader(done.stderr))
	count := 0
	for ; ; count++ {
		var event struct{ Time, Level, Message, Run, Market, Stage, Shard, Try string }
		if err := lines.Decode(&event); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		if event.Run+event.Market+event.Stage+event.Shard+event.Try != "r1ukecho0/23" || event.Level != "info" || event.Message == "" {
			t.Error(event)
		}
	}
	if count < 2 {
		t.Fatal(done.stderr)
	}
}
