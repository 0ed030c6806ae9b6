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

func TestAnUnknownLogLevelIsBadInput(t *testing.T) {
	t.Setenv("SQ_LOG_LEVEL", "LOUD")
	done := start(t, flagsOf(differences(t), filepath.Join(t.TempDir(), "out"))...)
	if done.code != ExitBadInput || !strings.Contains(done.stderr, "SQ_LOG_LEVEL") || done.stdout != "" {
		t.Error(done.code, done.stderr)
	}
}

func TestALogLevelLeavesOutWhatIsBelowIt(t *testing.T) {
	for level, quiet := range map[string]bool{"WARNING": true, "info": false, "": false} {
		t.Setenv("SQ_LOG_LEVEL", level)
		done := start(t, flagsOf(differences(t), filepath.Join(t.TempDir(), "out"))...)
		if done.code != ExitDone || (done.stderr == "") != quiet {
			t.Errorf("%q: %d %s", level, done.code, done.stderr)
		}
	}
}
