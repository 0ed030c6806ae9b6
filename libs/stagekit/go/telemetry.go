package stagekit

import (
	"context"
	"log/slog"
	"os"
	"strings"
	"sync"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	sqv1 "sq/proto/sq/v1"
)

const endpointVariable = "OTEL_EXPORTER_OTLP_ENDPOINT"

// telemetry sends the spans and metrics of one stage to the endpoint that OTEL_EXPORTER_OTLP_ENDPOINT names, as the Python
// stages do. All methods of a nil telemetry do nothing.
//
// The span of a stage is a child of TRACEPARENT's. The stage's phases are child spans, and its log lines are span events. A
// log line with the field "calls" (and "usd" if the service costs money) becomes a span of its own and feeds the metrics.
type telemetry struct {
	spans   *sdktrace.TracerProvider
	meters  *sdkmetric.MeterProvider
	tracer  trace.Tracer
	metrics *metrics
	started time.Time

	mutex     sync.Mutex
	open      []span // the stage's span, then the phases in progress, innermost last
	lastError string // message of the last error in the log
}

// span is an open span, with the context that its child spans start from.
type span struct {
	trace.Span
	ctx     context.Context
	started time.Time
	events  int
}

// startTelemetry returns nil if no endpoint is set. It also returns nil, after a warning, if the exporters cannot start: the
// stage's work does not depend on telemetry.
func startTelemetry(labels map[string]string, log *slog.Logger) *telemetry {
	if os.Getenv(endpointVariable) == "" || strings.EqualFold(os.Getenv("OTEL_SDK_DISABLED"), "true") {
		return nil
	}
	warnOnce(log)
	t, err := newTelemetry(context.Background(), labels)
	if err != nil {
		log.Warn("telemetry could not be started", "error", err.Error())
		return nil
	}
	return t
}

// begin opens a span. Callers hold the mutex, apart from newTelemetry.
func (t *telemetry) begin(parent context.Context, name string) {
	started := time.Now()
	ctx, opened := t.tracer.Start(parent, name, trace.WithTimestamp(started))
	t.open = append(t.open, span{Span: opened, ctx: ctx, started: started})
}

// phase opens a span for a part of the stage's work. It lasts until end is called. Phases may nest.
func (t *telemetry) phase(name string) (end func()) {
	if t == nil {
		return func() {}
	}
	t.mutex.Lock()
	defer t.mutex.Unlock()
	t.begin(t.open[len(t.open)-1].ctx, name)
	return func() {
		t.mutex.Lock()
		defer t.mutex.Unlock()
		last := t.open[len(t.open)-1]
		t.open = t.open[:len(t.open)-1]
		last.End()
		t.metrics.phaseTook(name, time.Since(last.started))
	}
}

// published records how many records of each kind the artefact has.
func (t *telemetry) published(content *sqv1.Content) {
	if t == nil {
		return
	}
	counts := map[string]uint64{}
	for _, item := range content.GetCounts() {
		counts[item.GetKind()] = item.GetRecords()
	}
	if len(counts) == 0 {
		name := content.GetMessageType()
		counts[name[strings.LastIndex(name, ".")+1:]] = content.GetRecords()
	}
	for kind, records := range counts {
		t.open[0].SetAttributes(attribute.Int64("sq.records."+kind, int64(records)))
	}
	t.metrics.published(counts)
}

// end closes all spans and sends what is left. It returns after shutdownTimeout at most, even if the receiver hangs.
func (t *telemetry) end(code int) {
	if t == nil {
		return
	}
	outcome := outcomeOf(code)
	stage := t.open[0]
	stage.SetAttributes(attribute.Int("sq.exit_code", code), attribute.String("sq.outcome", outcome))
	if code != ExitDone {
		stage.SetStatus(codes.Error, t.lastError)
	}
	t.metrics.stageTook(outcome, time.Since(t.started))
	for i := len(t.open) - 1; i >= 0; i-- { // after a panic, phases are still open
		t.open[i].End()
	}
	t.shutdown()
}
