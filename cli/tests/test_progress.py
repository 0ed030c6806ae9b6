"""What a run says while it runs, where stderr is no terminal."""

from __future__ import annotations

import pytest

from sq.v1.ner_diff_config_pb2 import NerDiffConfig
from sq.v1.stage_contract_pb2 import StageContract
from sq_cli.plan import Task
from sq_cli.progress import Display

FAILED = {"level": "warning", "message": "queries failed", "count": 56, "reason": "REFUSED", "detail": "HTTP 400: no"}
REPEATED = {"level": "warning", "message": "no answer", "error": "timed out"}
DONE = {"level": "info", "message": "done", "records": 7}


def task(market: str) -> Task:
    contract = StageContract(name="retrieve")
    return Task((market, "retrieve", 0), contract, market, "", NerDiffConfig(), (), "/out", needs_all=True)


def said(capsys: pytest.CaptureFixture[str], *events: tuple[str, dict]) -> list[str]:
    with Display() as display:
        for market, event in events:
            display.event(task(market), event)
    return capsys.readouterr().err.splitlines()


def test_a_failure_is_one_line_with_its_count_and_reason(capsys):
    lines = said(
        capsys, ("uk", FAILED), ("uk", {**FAILED, "count": 2, "reason": "TIMEOUT", "detail": ""}), ("uk", DONE)
    )
    assert lines == [
        "uk retrieve: 56 queries failed: REFUSED: HTTP 400: no",
        "uk retrieve: 2 queries failed: TIMEOUT",
        "done uk retrieve: 7 records",
    ]


def test_equal_warnings_are_counted(capsys):
    lines = said(capsys, *[("uk", REPEATED | {"query_id": n}) for n in range(3)], ("uk", DONE))
    assert lines == ["uk retrieve: no answer (3 times): timed out", "done uk retrieve: 7 records"]


def test_warnings_of_two_tasks_stay_apart(capsys):
    lines = said(capsys, ("uk", REPEATED), ("de", REPEATED), ("de", DONE), ("uk", DONE))
    assert lines == [
        "de retrieve: no answer: timed out",
        "done de retrieve: 7 records",
        "uk retrieve: no answer: timed out",
        "done uk retrieve: 7 records",
    ]


def test_another_attempt_is_said_at_once(capsys):
    again = {"level": "warning", "message": "unreachable; retry in 5 s", "retry": 5}
    assert said(capsys, ("uk", REPEATED), ("uk", again)) == [
        "uk retrieve: no answer: timed out",
        "uk retrieve: unreachable; retry in 5 s",
    ]


def test_warnings_of_a_stage_that_fails_come_before_its_error(capsys):
    error = {"level": "error", "message": "out of memory", "exit": 1}
    assert said(capsys, ("uk", REPEATED), ("uk", error)) == [
        "uk retrieve: no answer: timed out",
        "uk retrieve: out of memory",
    ]


def share(message: str) -> dict:
    return {"level": "warning", "message": message, "unusable": 1, "of": 2}


def test_a_share_is_said_once_as_it_was_last(capsys):
    first, last = (
        share("28 of 50 queries have no results: zero hits (28)"),
        share("35 of 57 queries have no results: x"),
    )
    other = share("50 of 50 queries failed: TIMEOUT (50)")
    assert said(capsys, ("uk", first), ("uk", other), ("uk", last), ("uk", DONE)) == [
        "uk retrieve: 50 of 50 queries failed: TIMEOUT (50)",
        "uk retrieve: 35 of 57 queries have no results: x",
        "done uk retrieve: 7 records",
    ]


def test_a_warning_that_the_error_repeats_is_not_said(capsys):
    failed = "50 of 50 pairs failed: UNAVAILABLE, no connection (50)"
    error = {"level": "error", "message": f"openai: {failed}"}
    why = {"level": "warning", "message": "the model gave no names", "problem": "UNAVAILABLE, no connection"}
    assert said(
        capsys, ("uk", REPEATED), ("uk", why), ("uk", share(failed)), ("uk", error), ("uk", error | {"exit": 75})
    ) == [
        "uk retrieve: no answer: timed out",
        f"uk retrieve: openai: {failed}",
    ]


def test_an_error_is_said_once(capsys):
    error = {"level": "error", "message": "catalogue.uri: there is no file"}
    assert said(capsys, ("uk", error), ("uk", error | {"exit": 2}), ("de", error)) == [
        "uk retrieve: catalogue.uri: there is no file",
        "de retrieve: catalogue.uri: there is no file",
    ]


def test_warnings_of_a_run_that_is_stopped_are_not_lost(capsys):
    assert said(capsys, ("uk", REPEATED)) == ["uk retrieve: no answer: timed out"]


@pytest.mark.parametrize(
    ("fields", "said_of_it"),
    [
        ({"status": 400, "detail": "HTTP 400: parsing_exception"}, "HTTP 400: parsing_exception"),
        ({"status": 503}, "HTTP 503"),
        ({"status": 400, "detail": "unknown field"}, "HTTP 400: unknown field"),
        ({"detail": "HTTP 400", "note": "no mapping for [titel]"}, "HTTP 400 (no mapping for [titel])"),
        ({"note": "no mapping for [titel]"}, "no mapping for [titel]"),
    ],
)
def test_a_warning_has_status_reason_and_the_engines_words(capsys, fields, said_of_it):
    event = {"level": "warning", "message": "queries failed", "count": 3, "reason": "REFUSED"}
    assert said(capsys, ("uk", event | fields)) == [f"uk retrieve: 3 queries failed: REFUSED: {said_of_it}"]


def test_a_warning_about_a_file_names_it(capsys):
    event = {"level": "warning", "message": "the text is not UTF-8", "file": "log.csv", "encoding": "windows-1252"}
    assert said(capsys, ("uk", event)) == ["uk retrieve: the text is not UTF-8: log.csv"]


def test_lines_that_the_stage_counted_are_counted(capsys):
    lines = said(capsys, ("uk", REPEATED), ("uk", REPEATED | {"repeated": 19}))
    assert lines == ["uk retrieve: no answer (20 times): timed out"]
