package stagekit

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
)

// measures are the instruments of a stage, each with its unit.
type measures struct {
	about                            []attribute.KeyValue
	records, failures, calls, tokens metric.Int64Counter
	cost                             metric.Float64Counter
	stage, phase                     metric.Float64Histogram
}

func newMeasures(meter metric.Meter, about map[string]string) (*measures, error) {
	m := &measures{}
	for _, name := range []string{"stage", "market"} {
		if about[name] != "" {
			m.about = append(m.about, attribute.String("sq."+name, about[name]))
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
	m.calls = counter("sq.calls", "{call}", "Calls of services, paid ones apart.")
	m.tokens = counter("sq.tokens", "{token}", "Tokens of models, by kind.")
	m.stage = histogram("sq.stage.duration", "From start to end, by outcome.")
	m.phase = histogram("sq.phase.duration", "Of each phase of a stage.")
	var err error
	m.cost, err = meter.Float64Counter("sq.cost", metric.WithUnit("USD"), metric.WithDescription("What paid calls cost."))
	return m, errors.Join(append(failed, err)...)
}

func (m *measures) with(more ...attribute.KeyValue) metric.MeasurementOption {
	return metric.WithAttributes(append(append([]attribute.KeyValue{}, m.about...), more...)...)
}

func (m *measures) published(counts map[string]uint64) {
	for kind, records := range counts {
		m.records.Add(context.Background(), int64(records), m.with(attribute.String("sq.kind", kind)))
	}
	m.failures.Add(context.Background(), int64(counts["failure"]), m.with())
}

func (m *measures) called(name string, fields map[string]attribute.Value) {
	_, paid := fields["usd"]
	about := []attribute.KeyValue{attribute.String("sq.calls.of", name), attribute.Bool("sq.paid", paid)}
	m.calls.Add(context.Background(), fields["calls"].AsInt64(), m.with(about...))
	m.cost.Add(context.Background(), fields["usd"].AsFloat64(), m.with(about...))
	for _, kind := range []string{"input_tokens", "cached_tokens", "output_tokens"} {
		if tokens := fields[kind].AsInt64(); tokens > 0 {
			of := attribute.String("sq.token.kind", strings.TrimSuffix(kind, "_tokens"))
			m.tokens.Add(context.Background(), tokens, m.with(append(about, of)...))
		}
	}
}

func (m *measures) phaseTook(name string, took time.Duration) {
	m.phase.Record(context.Background(), took.Seconds(), m.with(attribute.String("sq.phase", name)))
}

func (m *measures) stageTook(outcome string, took time.Duration) {
	m.stage.Record(context.Background(), took.Seconds(), m.with(attribute.String("sq.outcome", outcome)))
}

func outcomeOf(code int) string {
	switch code {
	case ExitDone:
		return "done"
	case ExitBadInput:
		return "bad input"
	case ExitTryAgain:
		return "try again"
	}
	return "bug"
}

// newInstanceID tells apart the processes of a stage, whose counters all begin with 0.
func newInstanceID() string { return rand.Text() }
