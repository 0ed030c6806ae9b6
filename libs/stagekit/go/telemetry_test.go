package stagekit

import (
	"compress/gzip"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	metricscollector "go.opentelemetry.io/proto/otlp/collector/metrics/v1"
	tracecollector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

const runTrace, runSpan = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"

// receiver takes spans and metrics by OTLP, as a collector does, and keeps them.
type receiver struct {
	mutex  sync.Mutex
	spans  map[string]*tracepb.Span // by name
	values map[string]float64       // of metrics, by name and attributes
	about  map[string]string        // the resource's attributes
}

// receive starts a receiver and tells the stages that are started of it.
func receive(t *testing.T) *receiver {
	r := &receiver{spans: map[string]*tracepb.Span{}, values: map[string]float64{}}
	server := httptest.NewServer(r)
	t.Cleanup(server.Close)
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", server.URL)
	t.Setenv("TRACEPARENT", "00-"+runTrace+"-"+runSpan+"-01")
	return r
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	reader := io.Reader(request.Body)
	if request.Header.Get("Content-Encoding") == "gzip" {
		reader, _ = gzip.NewReader(reader)
	}
	body, err := io.ReadAll(reader)
	if err == nil {
		err = r.take(request.URL.Path, body)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
	}
}

func (r *receiver) take(path string, body []byte) error {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if path == "/v1/traces" {
		sent := &tracecollector.ExportTraceServiceRequest{}
		if err := proto.Unmarshal(body, sent); err != nil {
			return err
		}
		for _, span := range sent.ResourceSpans[0].ScopeSpans[0].Spans {
			r.spans[span.Name] = span
		}
		r.about = plain(sent.ResourceSpans[0].Resource.Attributes)
		return nil
	}
	sent := &metricscollector.ExportMetricsServiceRequest{}
	if err := proto.Unmarshal(body, sent); err != nil {
		return err
	}
	for _, metric := range sent.ResourceMetrics[0].ScopeMetrics[0].Metrics {
		for _, point := range metric.GetSum().GetDataPoints() {
			r.values[metric.Name+last(point.Attributes)] = float64(point.GetAsInt()) + point.GetAsDouble()
		}
		for _, point := range metric.GetHistogram().GetDataPoints() {
			r.values[metric.Name+last(point.Attributes)] = point.GetSum()
		}
	}
	return nil
}

// last is the attribute that tells a metric's points apart, " kind=result".
func last(attributes []*commonpb.KeyValue) string {
	all := plain(attributes)
	for _, name := range []string{"kind", "phase", "outcome", "token.kind", "paid"} {
		if value := all["sq."+name]; value != "" {
			return " " + name + "=" + value
		}
	}
	return ""
}

func plain(attributes []*commonpb.KeyValue) map[string]string {
	found := map[string]string{}
	for _, a := range attributes {
		switch value := a.Value.Value.(type) {
		case *commonpb.AnyValue_StringValue:
			found[a.Key] = value.StringValue
		case *commonpb.AnyValue_IntValue:
			found[a.Key] = fmt.Sprint(value.IntValue)
		case *commonpb.AnyValue_DoubleValue:
			found[a.Key] = fmt.Sprint(value.DoubleValue)
		case *commonpb.AnyValue_BoolValue:
			found[a.Key] = fmt.Sprint(value.BoolValue)
		}
	}
	return found
}

func TestAStageIsASpanWithinItsRunWithItsPhasesInIt(t *testing.T) {
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
	got := r.about["service.name"] + r.about["sq.run"] + r.about["sq.market"] + r.about["sq.shard"] + r.about["sq.try"]
	if got != "sq-echor1uk0/12" {
		t.Error(r.about)
	}
	if plain(stage.Attributes)["sq.outcome"] != "done" || plain(stage.Attributes)["sq.records.TagDifference"] != "20" {
		t.Error(stage)
	}
}

func TestCallsOfAServiceAreOneSpanAndAreCounted(t *testing.T) {
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

func TestAFailureIsAnErrorOfTheSpan(t *testing.T) {
	for depth, says := range map[int]string{1: "a bug in sq", 75: "not now"} {
		r := receive(t)
		start(t, flagsOf(differences(t), filepath.Join(t.TempDir(), "out"), fmt.Sprintf("--config={depth: %d}", depth))...)
		status := r.spans["echo"].GetStatus()
		if status.GetCode() != tracepb.Status_STATUS_CODE_ERROR || !strings.Contains(status.GetMessage(), says) {
			t.Error(depth, status)
		}
	}
}

func TestAReceiverThatNeverAnswersCostsSecondsAndOneWarning(t *testing.T) {
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
