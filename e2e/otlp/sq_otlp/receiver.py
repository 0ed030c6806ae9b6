"""Receives spans and metrics by OTLP (protobuf over HTTP), as a collector does, and keeps them."""

from __future__ import annotations

import gzip
import http.server
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import TracebackType

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
    ExportMetricsServiceResponse,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.metrics.v1.metrics_pb2 import Metric


@dataclass(frozen=True)
class Span:
    """One span. Ids are hexadecimal, and times are seconds since 1970.

    Attributes:
        about: attributes of the resource, which describe the process.
        error: message of the status if that is an error, otherwise None.
    """

    name: str
    trace_id: str
    span_id: str
    parent_id: str
    start: float
    end: float
    error: str | None
    attributes: Mapping[str, object]
    events: tuple[str, ...]
    about: Mapping[str, object]

    @property
    def service(self) -> str:
        return str(self.about["service.name"])


@dataclass(frozen=True)
class Point:
    """One point of a metric: the value of a counter, or the sum of a histogram."""

    metric: str
    unit: str
    value: float
    count: int
    attributes: Mapping[str, object]
    about: Mapping[str, object]


@dataclass
class Receiver:
    """A server that runs while a `with` block runs.

    Args:
        host: address on which it listens.
    """

    host: str = "127.0.0.1"
    spans: list[Span] = field(default_factory=list)
    points: list[Point] = field(default_factory=list)

    def __enter__(self) -> Receiver:
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                body = gzip.decompress(body) if self.headers.get("Content-Encoding") == "gzip" else body
                answer = receiver.take(self.path, body)
                self.send_response(200 if answer is not None else 404)
                self.send_header("Content-Type", "application/x-protobuf")
                self.end_headers()
                self.wfile.write(answer or b"")

            def log_message(self, *_: object) -> None:
                pass

        self._server = http.server.ThreadingHTTPServer((self.host, 0), Handler)
        self.url = f"http://{self.host}:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: type | BaseException | TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()

    def take(self, path: str, body: bytes) -> bytes | None:
        """Keeps the spans or metrics of a request. Returns the answer, or None if the path is unknown."""
        if path == "/v1/traces":
            self.spans += _spans(ExportTraceServiceRequest.FromString(body))
            return ExportTraceServiceResponse().SerializeToString()
        if path == "/v1/metrics":
            self.points += _points(ExportMetricsServiceRequest.FromString(body))
            return ExportMetricsServiceResponse().SerializeToString()
        return None

    def span(self, service: str, name: str) -> Span:
        """The only span of a service with that name. Raises ValueError if there are none or several."""
        (found,) = [span for span in self.spans if (span.service, span.name) == (service, name)]
        return found

    def total(self, metric: str, **attributes: object) -> float:
        """The sum of the last points of a metric with these attributes (a double underscore stands for a dot)."""
        wanted = {name.replace("__", "."): value for name, value in attributes.items()}
        last = {}
        for point in self.points:
            if point.metric == metric and wanted.items() <= {**point.about, **point.attributes}.items():
                last[point.about["service.instance.id"], tuple(sorted(point.attributes.items()))] = point.value
        return sum(last.values())


def _spans(request: ExportTraceServiceRequest) -> Iterable[Span]:
    for group in request.resource_spans:
        about = _plain(group.resource.attributes)
        for span in (span for scope in group.scope_spans for span in scope.spans):
            yield Span(
                name=span.name,
                trace_id=span.trace_id.hex(),
                span_id=span.span_id.hex(),
                parent_id=span.parent_span_id.hex(),
                start=span.start_time_unix_nano / 1e9,
                end=span.end_time_unix_nano / 1e9,
                error=span.status.message if span.status.code == span.status.STATUS_CODE_ERROR else None,
                attributes=_plain(span.attributes),
                events=tuple(event.name for event in span.events),
                about=about,
            )


def _points(request: ExportMetricsServiceRequest) -> Iterable[Point]:
    for group in request.resource_metrics:
        about = _plain(group.resource.attributes)
        for metric in (metric for scope in group.scope_metrics for metric in scope.metrics):
            yield from _points_of(metric, about)


def _points_of(metric: Metric, about: Mapping[str, object]) -> Iterable[Point]:
    for point in metric.sum.data_points:
        value = point.as_double if point.WhichOneof("value") == "as_double" else point.as_int
        yield Point(metric.name, metric.unit, value, 1, _plain(point.attributes), about)
    for point in metric.histogram.data_points:
        yield Point(metric.name, metric.unit, point.sum, point.count, _plain(point.attributes), about)


def _plain(attributes: Iterable[KeyValue]) -> dict[str, object]:
    return {attribute.key: _value(attribute.value) for attribute in attributes}


def _value(value: AnyValue) -> object:
    kind = value.WhichOneof("value")
    return getattr(value, kind) if kind else None
