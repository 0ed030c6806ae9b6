package stagekit

import (
	"context"
	"crypto/rand"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/go-logr/logr"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetrichttp"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/propagation"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

const (
	exportTimeout   = 2 * time.Second
	exportInterval  = 30 * time.Second // of metrics
	shutdownTimeout = 3 * time.Second
)

// newTelemetry starts the OTLP exporters over HTTP and opens the span of the stage.
func newTelemetry(ctx context.Context, labels map[string]string) (*telemetry, error) {
	spans, err := otlptracehttp.New(ctx, otlptracehttp.WithTimeout(exportTimeout))
	if err != nil {
		return nil, err
	}
	points, err := otlpmetrichttp.New(ctx, otlpmetrichttp.WithTimeout(exportTimeout))
	if err != nil {
		return nil, err
	}
	source, err := resource.New(ctx, resource.WithTelemetrySDK(), resource.WithFromEnv(), resource.WithAttributes(resourceOf(labels)...))
	if err != nil {
		return nil, err
	}
	reader := sdkmetric.NewPeriodicReader(points, sdkmetric.WithInterval(exportInterval))
	t := &telemetry{
		spans:   sdktrace.NewTracerProvider(sdktrace.WithBatcher(spans), sdktrace.WithResource(source)),
		meters:  sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader), sdkmetric.WithResource(source)),
		started: time.Now(),
	}
	t.tracer = t.spans.Tracer("sq")
	t.metrics, err = newMetrics(t.meters.Meter("sq"), labels)
	if err != nil {
		return nil, err
	}
	parent := propagation.TraceContext{}.Extract(ctx, propagation.MapCarrier{"traceparent": os.Getenv("TRACEPARENT")})
	t.begin(parent, labels["stage"])
	return t, nil
}

func resourceOf(labels map[string]string) []attribute.KeyValue {
	attributes := []attribute.KeyValue{
		attribute.String("service.name", "sq-"+labels["stage"]),
		attribute.String("service.namespace", "sq"),
		// Each process counts from 0, so that receivers must tell the processes of a stage apart.
		attribute.String("service.instance.id", rand.Text()),
	}
	for name, value := range labels {
		if value != "" {
			attributes = append(attributes, attribute.String("sq."+name, value))
		}
	}
	return attributes
}

// shutdown sends what is left. The exporters do not always return at their deadline, so it does not wait for them.
func (t *telemetry) shutdown() {
	ctx, cancel := context.WithTimeout(context.Background(), shutdownTimeout)
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

// warnOnce logs the first error of the OpenTelemetry libraries as a warning and drops the rest. Errors in the log are those
// of the stage itself.
func warnOnce(log *slog.Logger) {
	var once sync.Once
	otel.SetLogger(logr.Discard())
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) {
		once.Do(func() { log.Warn("telemetry is not sent", "problem", err.Error()) })
	}))
}
