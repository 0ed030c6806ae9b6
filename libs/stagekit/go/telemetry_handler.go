package stagekit

import (
	"context"
	"log/slog"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"
)

const maxSpanEvents = 100

// telemetryHandler passes log records on, and gives those of level info and above to the telemetry.
type telemetryHandler struct {
	slog.Handler
	telemetry *telemetry
}

// attach returns a log whose records the telemetry sees too.
func (t *telemetry) attach(log *slog.Logger) *slog.Logger {
	if t == nil {
		return log
	}
	return slog.New(&telemetryHandler{log.Handler(), t})
}

func (h *telemetryHandler) Handle(ctx context.Context, record slog.Record) error {
	if record.Level >= slog.LevelInfo {
		h.telemetry.observe(record)
	}
	return h.Handler.Handle(ctx, record)
}

func (h *telemetryHandler) WithAttrs(attributes []slog.Attr) slog.Handler {
	return &telemetryHandler{h.Handler.WithAttrs(attributes), h.telemetry}
}

func (h *telemetryHandler) WithGroup(name string) slog.Handler {
	return &telemetryHandler{h.Handler.WithGroup(name), h.telemetry}
}

// observe adds a log record to the innermost open span as an event. A record with the field "calls" becomes a span.
func (t *telemetry) observe(record slog.Record) {
	fields := fieldsOf(record)
	t.mutex.Lock()
	defer t.mutex.Unlock()
	if record.Level >= slog.LevelError {
		t.lastError = record.Message
	}
	innermost := &t.open[len(t.open)-1]
	if _, counts := fields["calls"]; counts {
		t.addCalls(innermost, record.Message, fields)
		return
	}
	if innermost.events++; innermost.events > maxSpanEvents {
		return
	}
	attributes := []attribute.KeyValue{attribute.String("level", strings.ToLower(record.Level.String()))}
	for name, value := range fields {
		attributes = append(attributes, attribute.KeyValue{Key: attribute.Key(name), Value: value})
	}
	innermost.AddEvent(record.Message, trace.WithAttributes(attributes...))
}

// addCalls makes one span for all calls of a service. One span for each call would hide all others.
func (t *telemetry) addCalls(parent *span, name string, fields map[string]attribute.Value) {
	_, calls := t.tracer.Start(parent.ctx, name, trace.WithTimestamp(parent.started))
	for field, value := range fields {
		calls.SetAttributes(attribute.KeyValue{Key: attribute.Key("sq." + field), Value: value})
	}
	calls.End()
	t.metrics.called(name, fields)
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
