"""The metrics of a stage."""

from __future__ import annotations

from collections.abc import Mapping

from opentelemetry.sdk.metrics import MeterProvider

_TOKENS = ("input_tokens", "cached_tokens", "output_tokens")


class Metrics:
    """The instruments, each with its unit.

    Args:
        attributes: of every measurement.
    """

    def __init__(self, meters: MeterProvider, attributes: Mapping[str, str]) -> None:
        meter = meters.get_meter("sq")
        self._attributes = attributes
        self._records = meter.create_counter("sq.records", "{record}", "Records published, by kind.")
        self._failures = meter.create_counter("sq.failures", "{record}", "Failure records published.")
        self._stage = meter.create_histogram("sq.stage.duration", "s", "Duration of a stage, by outcome.")
        self._phase = meter.create_histogram("sq.phase.duration", "s", "Duration of each phase of a stage.")
        self._calls = meter.create_counter("sq.calls", "{call}", "Calls of services; sq.paid marks paid ones.")
        self._cost = meter.create_counter("sq.cost", "USD", "Cost of paid calls.")
        self._tokens = meter.create_counter("sq.tokens", "{token}", "Tokens of language models, by kind.")

    def count_records(self, counts: Mapping[str, int]) -> None:
        for kind, records in counts.items():
            self._records.add(records, {**self._attributes, "sq.kind": kind})
        self._failures.add(counts.get("failure", 0), self._attributes)

    def time_phase(self, name: str, seconds: float) -> None:
        self._phase.record(seconds, {**self._attributes, "sq.phase": name})

    def time_stage(self, outcome: str, seconds: float) -> None:
        self._stage.record(seconds, {**self._attributes, "sq.outcome": outcome})

    def count_calls(self, name: str, fields: Mapping[str, object]) -> None:
        """Counts calls of a service, with their cost and tokens.

        Args:
            fields: of the log event: calls, usd, input_tokens, cached_tokens, output_tokens.
        """
        attributes = {**self._attributes, "sq.calls.of": name, "sq.paid": "usd" in fields}
        self._calls.add(fields["calls"], attributes)
        self._cost.add(fields.get("usd", 0), attributes)
        for kind in _TOKENS:
            if fields.get(kind):
                self._tokens.add(fields[kind], attributes | {"sq.token.kind": kind.removesuffix("_tokens")})
