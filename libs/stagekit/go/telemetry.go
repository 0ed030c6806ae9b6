package stagekit

import (
	"context"
	"log/slog"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/go-logr/logr"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetrichttp"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/propagation"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	sqv1 "sq/proto/sq/v1"
)

const (
	// lastWait is how long a stage's end waits for the receiver.
	lastWait         = 3 * time.Second
	secondsARequest  = 2 * time.Second
	metricsPause     = 30 * time.Second
	eventsOfOneSpan  = 100
	receiverVariable = "OTEL_EXPORTER_OTLP_ENDPOINT"
)

// telemetry sends the spans and metrics of one stage to where OTEL_EXPORTER_OTLP_ENDPOINT says, as the Python stages do.
// nil says nothing to anybody.
//
// The span of a stage is a child of TRACEPARENT's. Its phases are spans within it, and what it logs is on them as events. A log
// event that counts "calls" of a service (with "usd" where they are paid for) becomes a span of its own, and feeds the metrics.
type telemetry struct {
	spans    *sdktrace.TracerProvider
	meters   *sdkmetric.MeterProvider
	tracer   trace.Tracer
	measures *measures
	started  time.Time

	mutex  sync.Mutex
	open   []span // the stage's own, then the phases at work
	failed string // the last error that was logged
}

// span is one that is not ended yet, and what it needs to begin others in it.
type span struct {
	trace.Span
	ctx     context.Context
	started time.Time
	events  int
}

// startTelemetry returns nil where no receiver is named, or telemetry cannot be: the stage's work goes on.
func startTelemetry(about map[string]string, log *slog.Logger) *telemetry {
	if os.Getenv(receiverVariable) == "" || strings.EqualFold(os.Getenv("OTEL_SDK_DISABLED"), "true") {
		return nil
	}
	complainOnce(log)
	t, err := newTelemetry(context.Background(), about)
	if err != nil {
		log.Warn("telemetry could not be started", "error", err.Error())
		return nil
	}
	return t
}

func newTelemetry(ctx context.Context, about map[string]string) (*telemetry, error) {
	spans, err := otlptracehttp.New(ctx, otlptracehttp.WithTimeout(secondsARequest))
	if err != nil {
		return nil, err
	}
	metrics, err := otlpmetrichttp.New(ctx, otlpmetrichttp.WithTimeout(secondsARequest))
	if err != nil {
		return nil, err
	}
	described, err := resource.New(ctx, resource.WithTelemetrySDK(), resource.WithFromEnv(), resource.WithAttributes(resourceOf(about)...))
	if err != nil {
		return nil, err
	}
	reader := sdkmetric.NewPeriodicReader(metrics, sdkmetric.WithInterval(metricsPause))
	t := &telemetry{
		spans:   sdktrace.NewTracerProvider(sdktrace.WithBatcher(spans), sdktrace.WithResource(described)),
		meters:  sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader), sdkmetric.WithResource(described)),
		started: time.Now(),
	}
	t.tracer = t.spans.Tracer("sq")
	t.measures, err = newMeasures(t.meters.Meter("sq"), about)
	if err != nil {
		return nil, err
	}
	parent := propagation.TraceContext{}.Extract(ctx, propagation.MapCarrier{"traceparent": os.Getenv("TRACEPARENT")})
	t.begin(parent, about["stage"])
	return t, nil
}

// begin opens a span. It is for the first one, or for one whose mutex is held.
func (t *telemetry) begin(within context.Context, name string) {
	started := time.Now()
	ctx, opened := t.tracer.Start(within, name, trace.WithTimestamp(started))
	t.open = append(t.open, span{Span: opened, ctx: ctx, started: started})
}

// phase opens a span over a part of the stage's work, until end is called. Phases may nest.
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
		t.measures.phaseTook(name, time.Since(last.started))
	}
}

// published takes the records of the artefact.
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
	t.measures.published(counts)
}

// end sends what is left. It takes a few seconds at most, whatever the receiver does.
func (t *telemetry) end(code int) {
	if t == nil {
		return
	}
	outcome := outcomeOf(code)
	stage := t.open[0]
	stage.SetAttributes(attribute.Int("sq.exit_code", code), attribute.String("sq.outcome", outcome))
	if code != ExitDone {
		stage.SetStatus(codes.Error, t.failed)
	}
	t.measures.stageTook(outcome, time.Since(t.started))
	for i := len(t.open) - 1; i >= 0; i-- { // after a panic, phases are still open
		t.open[i].End()
	}
	ctx, cancel := context.WithTimeout(context.Background(), lastWait)
	defer cancel()
	var sending sync.WaitGroup
	sending.Go(func() { t.spans.Shutdown(ctx) })
	sending.Go(func() { t.meters.Shutdown(ctx) })
	done := make(chan struct{})
	go func() { sending.Wait(); close(done) }()
	select {
	case <-done:
	case <-ctx.Done():
	}
}

// note puts what the stage logs on the span at work, and counts what it counts.
func (t *telemetry) note(record slog.Record) {
	fields := fieldsOf(record)
	t.mutex.Lock()
	defer t.mutex.Unlock()
	if record.Level >= slog.LevelError {
		t.failed = record.Message
	}
	at := &t.open[len(t.open)-1]
	if _, counted := fields["calls"]; counted {
		t.noteCalls(at, record.Message, fields)
		return
	}
	if at.events++; at.events > eventsOfOneSpan {
		return
	}
	attributes := []attribute.KeyValue{attribute.String("level", strings.ToLower(record.Level.String()))}
	for name, value := range fields {
		attributes = append(attributes, attribute.KeyValue{Key: attribute.Key(name), Value: value})
	}
	at.AddEvent(record.Message, trace.WithAttributes(attributes...))
}

// noteCalls makes one span for all calls of a service: each of its own would drown the others.
func (t *telemetry) noteCalls(within *span, name string, fields map[string]attribute.Value) {
	_, calls := t.tracer.Start(within.ctx, name, trace.WithTimestamp(within.started))
	for field, value := range fields {
		calls.SetAttributes(attribute.KeyValue{Key: attribute.Key("sq." + field), Value: value})
	}
	calls.End()
	t.measures.called(name, fields)
}

func resourceOf(about map[string]string) []attribute.KeyValue {
	attributes := []attribute.KeyValue{
		attribute.String("service.name", "sq-"+about["stage"]),
		attribute.String("service.namespace", "sq"),
		attribute.String("service.instance.id", newInstanceID()),
	}
	for name, value := range about {
		if value != "" {
			attributes = append(attributes, attribute.String("sq."+name, value))
		}
	}
	return attributes
}

func fieldsOf(record slog.Record) map[string]attribute.Value {
	fields := map[string]attribute.Value{}
	record.Attrs(func(a slog.Attr) bool {
		switch value := a.Value.Resolve(); value.Kind() {
		case slog.KindBool:
			fields[a.Key] = attribute.BoolValue(value.Bool())
		case slog.KindInt64:
			fields[a.Key] = attribute.Int64Value(value.Int64())
		case slog.KindUint64:
			fields[a.Key] = attribute.Int64Value(int64(value.Uint64()))
		case slog.KindFloat64:
			fields[a.Key] = attribute.Float64Value(value.Float64())
		case slog.KindString:
			fields[a.Key] = attribute.StringValue(value.String())
		}
		return true
	})
	return fields
}

// complainOnce gives one warning for all that the libraries have to say: an error in the log is the stage's own.
func complainOnce(log *slog.Logger) {
	var once sync.Once
	otel.SetLogger(logr.Discard())
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) {
		once.Do(func() { log.Warn("telemetry is not sent", "problem", err.Error()) })
	}))
}

// listen gives the log that is heard by the telemetry too.
func (t *telemetry) listen(log *slog.Logger) *slog.Logger {
	if t == nil {
		return log
	}
	return slog.New(&heardHandler{log.Handler(), t})
}

type heardHandler struct {
	slog.Handler
	by *telemetry
}

func (h *heardHandler) Handle(ctx context.Context, record slog.Record) error {
	if record.Level >= slog.LevelInfo {
		h.by.note(record)
	}
	return h.Handler.Handle(ctx, record)
}

func (h *heardHandler) WithAttrs(attributes []slog.Attr) slog.Handler {
	return &heardHandler{h.Handler.WithAttrs(attributes), h.by}
}

func (h *heardHandler) WithGroup(name string) slog.Handler {
	return &heardHandler{h.Handler.WithGroup(name), h.by}
}
