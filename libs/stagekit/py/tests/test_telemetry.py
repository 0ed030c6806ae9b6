"""What a stage sends to an OTLP receiver, and what it does without one."""

import json
import socket
import subprocess
import time
from pathlib import Path

import pytest
from stage_process import echo, flags

from sq_otlp import Receiver

TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
TRACEPARENT = f"00-{TRACE}-{PARENT}-01"


@pytest.fixture
def receiver() -> Receiver:
    with Receiver() as server:
        yield server


def traced(
    receiver: Receiver, source: str, output: Path, config: str = "{}", **env: str
) -> subprocess.CompletedProcess:
    variables = {"OTEL_EXPORTER_OTLP_ENDPOINT": receiver.url, "TRACEPARENT": TRACEPARENT, "SQ_TRY": "2"} | env
    return echo(*flags(source, output, config, "--shard=0/1"), **variables)


def test_a_stage_is_a_span_within_its_run_with_its_phases_in_it(receiver: Receiver, differences: str, tmp_path: Path):
    assert traced(receiver, differences, tmp_path / "out").returncode == 0
    assert {span.trace_id for span in receiver.spans} == {TRACE}
    stage = receiver.span("sq-echo", "echo")
    assert stage.parent_id == PARENT
    assert stage.attributes["sq.outcome"] == "done"
    assert {stage.about[f"sq.{name}"] for name in ("run", "market", "shard", "try")} == {
        "r1",
        "uk",
        "0/1",
        "2",
    }
    assert "published" in stage.events
    work = receiver.span("sq-echo", "work")
    assert {receiver.span("sq-echo", name).parent_id for name in ("open", "work", "publish")} == {stage.span_id}
    copy = receiver.span("sq-echo", "copy")
    assert copy.parent_id == work.span_id
    assert stage.start <= work.start <= copy.start <= copy.end <= work.end <= stage.end


def test_calls_of_a_service_are_one_span_and_are_counted(receiver: Receiver, differences: str, tmp_path: Path):
    assert traced(receiver, differences, tmp_path / "out", "{depth: 9}").returncode == 0
    calls = receiver.span("sq-echo", "model usage")
    assert calls.parent_id == receiver.span("sq-echo", "copy").span_id
    assert (calls.attributes["sq.calls"], calls.attributes["sq.usd"]) == (7, 0.25)
    assert receiver.total("sq.calls", sq__paid=True) == 7
    assert receiver.total("sq.cost", sq__stage="echo", sq__market="uk") == 0.25
    assert receiver.total("sq.tokens", sq__token__kind="input") == 100
    assert receiver.total("sq.records", sq__kind="TagDifference") == 20
    assert receiver.total("sq.failures") == 0
    durations = {
        point.attributes.get("sq.phase", point.metric): point for point in receiver.points if point.unit == "s"
    }
    assert set(durations) == {"open", "work", "copy", "publish", "sq.stage.duration"}
    assert durations["sq.stage.duration"].value >= durations["work"].value >= durations["copy"].value > 0


@pytest.mark.parametrize(("depth", "outcome", "error"), [(75, "try again", "is away"), (1, "bug", "a bug in sq")])
def test_a_failure_is_an_error_of_the_span(
    depth: int, outcome: str, error: str, receiver: Receiver, differences: str, tmp_path: Path
):
    assert traced(receiver, differences, tmp_path / "out", f"{{depth: {depth}}}").returncode
    stage = receiver.span("sq-echo", "echo")
    assert stage.attributes["sq.outcome"] == outcome
    assert error in stage.error


def test_the_artefact_is_the_same_with_and_without(receiver: Receiver, differences: str, tmp_path: Path):
    with_it = traced(receiver, differences, tmp_path / "a")
    without = echo(*flags(differences, tmp_path / "b", "{}", "--shard=0/1"))
    same = [
        {name: value for name, value in json.loads(done.stdout).items() if name != "uri"} for done in (with_it, without)
    ]
    assert same[0] == same[1]


def test_a_receiver_that_never_answers_costs_seconds_and_one_warning(differences: str, tmp_path: Path):
    """Once with a receiver that accepts connections and stays silent, once with no receiver at the port."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        for number, port in enumerate((silent.getsockname()[1], 9)):
            endpoint = {"OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{port}"}
            started = time.monotonic()
            plain = echo(*flags(differences, tmp_path / f"plain{number}"))
            between = time.monotonic()
            done = echo(*flags(differences, tmp_path / f"out{number}"), **endpoint)
            assert time.monotonic() - between < between - started + 8
            assert (plain.returncode, done.returncode) == (0, 0)
            events = [json.loads(line) for line in done.stderr.splitlines()]
            assert [event["level"] for event in events if event["level"] != "info"] in ([], ["warning"])
        assert "telemetry is not sent" in done.stderr


def test_an_invalid_endpoint_does_not_fail_the_stage(differences: str, tmp_path: Path):
    done = echo(*flags(differences, tmp_path / "out"), OTEL_EXPORTER_OTLP_ENDPOINT="nonsense://")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "off", [{}, {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9", "OTEL_SDK_DISABLED": "true"}]
)
def test_nothing_is_imported_without_a_receiver(off: dict, differences: str, tmp_path: Path):
    done = echo(*flags(differences, tmp_path / "out"), PYTHONVERBOSE="1", **off)
    assert done.returncode == 0
    assert "sq_stagekit.telemetry.start" in done.stderr
    assert "opentelemetry" not in done.stderr
