"""sq-ner as a process."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sq_e2e.places import ROOT

SQ_NER = [str(ROOT / "libs/ner/py/sq-ner")]
TYPOS = [str(ROOT / "examples/ner_typos/ner-typos")]
_START_SECONDS = 120


@dataclass
class Service:
    """A running server. Its log has lines of JSON."""

    process: subprocess.Popen
    log: Path
    port: int = 0

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def events(self, message: str) -> list[dict]:
        """The log events with one message, so far."""
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        events = [json.loads(line) for line in lines if line.startswith("{") and line.endswith("}")]
        return [event for event in events if event["message"] == message]

    def wait_for(self, message: str, count: int = 1) -> dict:
        """Waits for `count` events with a message and returns the last. Raises RuntimeError after the time limit."""
        deadline = time.monotonic() + _START_SECONDS
        while len(found := self.events(message)) < count:
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"no {message!r} in the server's log:\n{self.log.read_text()[-2000:]}")
            time.sleep(0.2)
        return found[-1]

    def rss(self) -> int:
        """The memory that the server uses now, in bytes."""
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Sends a signal, waits for the end, and returns the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.send_signal(number)
        return self.process.wait(60)


def launch(folder: Path, name: str, command: Sequence[str]) -> Service:
    """Starts a server and waits until it is ready."""
    log = folder / f"{name}.log"
    with log.open("wb") as sink:
        process = subprocess.Popen(
            command,
            env=os.environ | {"SQ_LOG_LEVEL": "DEBUG"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=sink,
        )
    service = Service(process, log)
    try:
        service.port = service.wait_for("serving")["port"]
    except BaseException:
        process.kill()
        process.wait()
        raise
    return service


@contextmanager
def serving(folder: Path, name: str, config: dict) -> Iterator[Service]:
    """Runs sq-ner with a configuration. `folder` gets its log."""
    service = launch(folder, name, [*SQ_NER, "--config", json.dumps(config)])
    try:
        yield service
    finally:
        service.end()
