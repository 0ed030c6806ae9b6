package stagekit

import (
	"context"
	"errors"
	"strings"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
)

// metrics are the OpenTelemetry instruments of a stage.
type metrics struct {
	labels                           []attribute.KeyValue
	records, failures, calls, tokens metric.Int64Counter
	cost                             metric.Float64Counter
	stage, phase                     metric.Float64Histogram
}

func newMetrics(meter metric.Meter, labels map[string]string) (*metrics, error) {
	m := &metrics{}
	for _, name := range []string{"stage", "market"} {
		if labels[name] != "" {
			m.labels = append(m.labels, attribute.String("sq."+name, labels[name]))
		}
	}
	var failed []error
	counter := func(name, unit, description string) metric.Int64Counter {
		made, err := meter.Int64Counter(name, metric.WithUnit(unit), metric.WithDescription(description))
		failed = append(failed, err)
		return made
	}
	histogram := func(name, description string) metric.Float64Histogram {
		made, err := meter.Float64Histogram(name, metric.WithUnit("s"), metric.WithDescription(description))
		failed = append(failed, err)
		return made
	}
	m.records = counter("sq.records", "{record}", "Records published, by kind.")
	m.failures = counter("sq.failures", "{record}", "Failure records published.")
	m.calls = counter("sq.calls", "{call}", "Calls of services, by service and whether they cost money.")
	m.tokens = counter("sq.tokens", "{token}", "Tokens of models, by kind.")
	m.stage = histogram("sq.stage.duration", "Duration of a stage, by outcome.")
	m.phase = histogram("sq.phase.duration", "Duration of each phase of a stage.")
	var err error
	m.cost, err = meter.Float64Counter("sq.cost", metric.WithUnit("USD"), metric.WithDescription("Cost of paid calls."))
	return m, errors.Join(append(failed, err)...)
}

func (m *metrics) with(more ...attribute.KeyValue) metric.MeasurementOption {
	return metric.WithAttributes(append(append([]attribute.KeyValue{}, m.labels...), more...)...)
}

func (m *metrics) published(counts map[string]uint64) {
	for kind, records := range counts {
		m.records.Add(context.Background(), int64(records), m.with(attribute.String("sq.kind", kind)))
	}
	m.failures.Add(context.Background(), int64(counts["failure"]), m.with())
}

func (m *metrics) called(name string, fields map[string]attribute.Value) {
	_, paid := fields["usd"]
	labels := []attribute.KeyValue{attribute.String("sq.calls.of", name), attribute.Bool("sq.paid", paid)}
	m.calls.Add(context.Background(), fields["calls"].AsInt64(), m.with(labels...))
	m.cost.Add(context.Background(), fields["usd"].AsFloat64(), m.with(labels...))
	for _, kind := range []string{"input_tokens", "cached_tokens", "output_tokens"} {
		if tokens := fields[kind].AsInt64(); tokens > 0 {
			of := attribute.String("sq.token.kind", strings.TrimSuffix(kind, "_tokens"))
			m.tokens.Add(context.Background(), tokens, m.with(append(labels, of)...))
		}
	}
}

func (m *metrics) phaseTook(name string, took time.Duration) {
	m.phase.Record(context.Background(), took.Seconds(), m.with(attribute.String("sq.phase", name)))
}

func (m *metrics) stageTook(outcome string, took time.Duration) {
	m.stage.Record(context.Background(), took.Seconds(), m.with(attribute.String("sq.outcome", outcome)))
}
