"""Equal lines of a log are written once, with their number."""

import io
import json
import logging

import pytest

from sq_stagekit.logs import own_fields
from sq_stagekit.repeats import OnceHandler


class Log:
    """A log in memory whose clock the test moves."""

    def __init__(self) -> None:
        self._out = io.StringIO()
        self._handler = OnceHandler(self._out, own_fields)
        self._handler.setFormatter(logging.Formatter("%(levelname)s %(message)s"))

    def say(self, message: str, level: int = logging.WARNING, at: float = 0, **fields: object) -> None:
        made = {"name": "sq", "levelno": level, "levelname": logging.getLevelName(level), "msg": message}
        self._handler.handle(logging.makeLogRecord(made | {"created": at} | fields))

    def lines(self) -> list[str]:
        return self._out.getvalue().splitlines()

    def close(self) -> list[str]:
        self._handler.close()
        return self.lines()


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Log:
    def with_fields(self: logging.Formatter, record: logging.LogRecord) -> str:
        return f"{record.levelname} {record.getMessage()} {json.dumps(own_fields(record))}"

    monkeypatch.setattr(logging.Formatter, "format", with_fields)
    return Log()


def test_twenty_equal_lines_are_one_and_their_count(log: Log) -> None:
    for number in range(20):
        log.say("no answer", at=number, error="refused")
    assert log.lines() == ['WARNING no answer {"error": "refused"}']
    assert log.close()[1:] == ['WARNING no answer {"error": "refused", "repeated": 19}']


@pytest.mark.parametrize("other", [{"error": "timeout"}, {"level": logging.INFO}, {"message": "no reply"}])
def test_lines_that_differ_are_all_written(log: Log, other: dict) -> None:
    one = {"message": "no answer", "error": "refused"}
    log.say(**one)
    log.say(**one | other)
    assert len(log.close()) == 2


def test_a_long_execution_tells_the_count_after_a_minute(log: Log) -> None:
    for at in (0, 30, 61, 62):
        log.say("no answer", at=at)
    assert log.lines()[1:] == ['WARNING no answer {"repeated": 2}']
    assert log.close()[2:] == ['WARNING no answer {"repeated": 1}']


def test_the_count_comes_before_the_error_that_ends_the_stage(log: Log) -> None:
    for _ in range(3):
        log.say("no answer")
    log.say("the service is away", logging.ERROR)
    assert [line.partition(" {")[0] for line in log.close()] == [
        "WARNING no answer",
        "WARNING no answer",
        "ERROR the service is away",
    ]


def test_a_service_remembers_a_bounded_number_of_lines(log: Log) -> None:
    for number in range(5000):
        log.say("refused", peer=number)
    assert len(log._handler._lines) <= 1000
    assert len(log.close()) == 5000
