package stagekit

import (
	"strings"
	"testing"
)

func TestHelp(t *testing.T) {
	done := start(t, "--help")
	if done.code != ExitDone || !strings.Contains(done.stdout, "sq-echo: Copies its input") {
		t.Fatal(done)
	}
}
