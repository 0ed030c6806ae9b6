package stagekit

import (
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	metricscollector "go.opentelemetry.io/proto/otlp/collector/metrics/v1"
	tracecollector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

const runTrace, runSpan = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"

// receiver is an OTLP collector that keeps the spans and metrics it receives.
type receiver struct {
	mutex    sync.Mutex
	spans    map[string]*tracepb.Span // by name
	values   map[string]float64       // of metrics, by name and attributes
	resource map[string]string        // the resource's attributes
}

// receive starts a receiver and sets it as the endpoint of the stages that the test starts.
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
		r.resource = plain(sent.ResourceSpans[0].Resource.Attributes)
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

// last is the attribute that distinguishes the points of a metric, such as " kind=result".
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
