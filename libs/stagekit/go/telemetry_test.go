package stagekit

import (
	"encoding/hex"
	"fmt"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
)

func TestStageIsAChildSpanOfItsRun(t *testing.T) {
	r := receive(t)
	t.Setenv("SQ_TRY", "2")
	if done := start(t, flagsOf(differences(t), filepath.Join(t.TempDir(), "out"), "--shard=0/1")...); done.code != ExitDone {
		t.Fatal(done)
	}
	stage := r.spans["echo"]
	if stage == nil || hex.EncodeToString(stage.TraceId) != runTrace || hex.EncodeToString(stage.ParentSpanId) != runSpan {
		t.Fatal(r.spans)
	}
	for name, parent := range map[string]string{"open": "echo", "work": "echo", "publish": "echo", "copy": "work"} {
		span := r.spans[name]
		if span == nil || string(span.ParentSpanId) != string(r.spans[parent].SpanId) || span.EndTimeUnixNano < span.StartTimeUnixNano {
			t.Errorf("%s: %v", name, span)
		}
	}
	got := r.resource["service.name"] + r.resource["sq.run"] + r.resource["sq.market"] + r.resource["sq.shard"] + r.resource["sq.try"]
	if got != "sq-echor1uk0/12" {
		t.Error(r.resource)
	}
	if plain(stage.Attributes)["sq.outcome"] != "done" || plain(stage.Attributes)["sq.records.TagDifference"] != "20" {
		t.Error(stage)
	}
}

func TestCallsOfAServiceAreOneSpan(t *testing.T) {
	r := receive(t)
	start(t, flagsOf(differences(t), filepath.Join(t.TempDir(), "out"), "--config={depth: 9}")...)
	calls := r.spans["model usage"]
	if calls == nil || string(calls.ParentSpanId) != string(r.spans["copy"].SpanId) || plain(calls.Attributes)["sq.calls"] != "7" {
		t.Fatal(r.spans)
	}
	for name, want := range map[string]float64{
		"sq.calls paid=true": 7, "sq.cost paid=true": 0.25, "sq.tokens token.kind=input": 100,
		"sq.records kind=TagDifference": 20, "sq.failures": 0,
	} {
		if got, there := r.values[name]; !there || got != want {
			t.Errorf("%s is %v, not %v", name, got, want)
		}
	}
	if r.values["sq.stage.duration outcome=done"] < r.values["sq.phase.duration phase=work"] || r.values["sq.phase.duration phase=copy"] <= 0 {
		t.Error(r.values)
	}
}

func TestFailedStageIsAnErrorSpan(t *testing.T) {
	for depth, says := range map[int]string{1: "a bug in sq", 75: "not now"} {
		r := receive(t)
		start(t, flagsOf(differences(t), filepath.Join(t.TempDir(), "out"), fmt.Sprintf("--config={depth: %d}", depth))...)
		status := r.spans["echo"].GetStatus()
		if status.GetCode() != tracepb.Status_STATUS_CODE_ERROR || !strings.Contains(status.GetMessage(), says) {
			t.Error(depth, status)
		}
	}
}

func TestSilentReceiverDelaysTheStageBySecondsAtMost(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	for _, address := range []string{silent.Addr().String(), "127.0.0.1:9"} {
		t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://"+address)
		began := time.Now()
		done := start(t, flagsOf(differences(t), filepath.Join(t.TempDir(), "out"))...)
		if done.code != ExitDone || time.Since(began) > 8*time.Second || strings.Count(done.stderr, `"level":"warning"`) > 1 {
			t.Error(address, time.Since(began), done)
		}
	}
}
