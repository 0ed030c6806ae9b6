"""Logs on stderr: one JSON line for each event, equal ones once; on a terminal, short lines."""

from __future__ import annotations

import json
import logging
import os
import sys
from datetime import UTC, datetime

from sq_stagekit.errors import InputError
from sq_stagekit.repeats import OnceHandler

_STANDARD = set(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


def own_fields(record: logging.LogRecord) -> dict[str, object]:
    """The fields of an event besides its message."""
    return {key: value for key, value in vars(record).items() if key not in _STANDARD}


class _JsonFormatter(logging.Formatter):
    def __init__(self, context: dict[str, str]) -> None:
        super().__init__()
        self._context = {key: value for key, value in context.items() if value}

    def format(self, record: logging.LogRecord) -> str:
        event = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "message": record.getMessage(),
            **self._context,
            **own_fields(record),
        }
        if record.exc_info:
            event["exception"] = self.formatException(record.exc_info)
        return json.dumps(event, ensure_ascii=False, default=str)


class _TerminalFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        extra = [f"{key}={value}" for key, value in own_fields(record).items()]
        text = " ".join([record.getMessage(), *extra])
        if record.exc_info:
            text += "\n" + self.formatException(record.exc_info)
        return f"\r\x1b[K{text}" if record.levelno < logging.WARNING else f"\r\x1b[K{record.levelname}: {text}"


_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")


def log_level() -> str:
    """The level that SQ_LOG_LEVEL names, INFO by default. Raises InputError if there is no such level."""
    given = os.environ.get("SQ_LOG_LEVEL", "")
    level = given.upper() or "INFO"
    if level not in _LEVELS:
        raise InputError("SQ_LOG_LEVEL", f"there is no level {given!r}", f"give one of {', '.join(_LEVELS)}")
    return level


def start_logging(context: dict[str, str], level: str = "INFO") -> logging.Logger:
    """Configures logging and returns the logger "sq".

    Args:
        context: fields of every JSON line, such as run, market and stage; empty ones are left out.
    """
    handler = OnceHandler(sys.stderr, own_fields)
    handler.setFormatter(_TerminalFormatter() if sys.stderr.isatty() else _JsonFormatter(context))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    log = logging.getLogger("sq")
    log.setLevel(level)
    return log
