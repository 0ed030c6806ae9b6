"""Measures all contenders in turn on one server, so that changes of the machine's speed affect all."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from sq.v1.source_pb2 import OpenAiEndpoint, SecretSource
from sq_bench_judge import perfect
from sq_bench_judge.contenders import CONTENDERS
from sq_bench_judge.work import MEDIAN_SECONDS, SIGMA, Setting, latencies, requests
from sq_llm import Endpoint

_KEY = "SQ_BENCH_KEY"
# A process that has a core for itself this much of the time may be what limits the calls.
_BUSY = 0.85


@dataclass(frozen=True)
class Result:
    """A contender's turns on one setting.

    Attributes:
        calls_per_second: median of the turns.
        of_perfect: its share of the perfect scheduler's rate on the same latencies, median of the turns.
        client_cores, server_cores: processor time of each process, relative to the time that passed.
        limited_by: "server" or "client" if that process was busy all the time, otherwise "".
    """

    setting: str
    contender: str
    turns: int
    calls_per_second: float
    of_perfect: float
    client_cores: float
    server_cores: float
    limited_by: str

    def as_dict(self) -> dict:
        return {name: round(value, 3) if isinstance(value, float) else value for name, value in asdict(self).items()}


@dataclass(frozen=True)
class _Turn:
    rate: float
    of_perfect: float
    client: float
    server: float


def measure(settings: list[Setting], turns: int, folder: Path) -> Iterator[Result]:
    """The results of each setting, contender by contender."""
    os.environ[_KEY] = "k"
    with _server() as (url, server):
        endpoint = Endpoint(OpenAiEndpoint(model="m", base_url=url, api_key=SecretSource(env=_KEY)), "bench")
        for setting in settings:
            found: dict[str, list[_Turn]] = {name: [] for name in CONTENDERS}
            for turn in range(turns):
                for name in CONTENDERS:
                    found[name].append(_turn(name, endpoint, setting, turn, server, folder / f"{setting.name}-{turn}"))
            for name, made in found.items():
                yield _result(setting, name, made)


def _turn(name: str, endpoint: Endpoint, setting: Setting, turn: int, server: int, folder: Path) -> _Turn:
    asked = requests(endpoint, setting, turn)
    best = perfect.seconds(latencies(asked), setting.at_once)
    served, worked, began = _processor_seconds(server), time.process_time(), time.perf_counter()
    CONTENDERS[name](endpoint, asked, setting.at_once, folder)
    took = time.perf_counter() - began
    return _Turn(
        rate=len(asked) / took,
        of_perfect=best / took,
        client=(time.process_time() - worked) / took,
        server=(_processor_seconds(server) - served) / took,
    )


def _result(setting: Setting, name: str, turns: list[_Turn]) -> Result:
    client, server = (statistics.median(getattr(turn, who) for turn in turns) for who in ("client", "server"))
    busiest = max((client, "client"), (server, "server"))
    return Result(
        setting=setting.name,
        contender=name,
        turns=len(turns),
        calls_per_second=statistics.median(turn.rate for turn in turns),
        of_perfect=statistics.median(turn.of_perfect for turn in turns),
        client_cores=client,
        server_cores=server,
        limited_by=busiest[1] if busiest[0] >= _BUSY else "",
    )


def _processor_seconds(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def _server() -> Iterator[tuple[str, int]]:
    """The stand-in for a model in a process of its own: its base URL and process id."""
    flags = ["--median-seconds", str(MEDIAN_SECONDS), "--sigma", str(SIGMA)]
    server = subprocess.Popen(
        [sys.executable, "-m", "sq_llm_server", *flags],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield server.stdout.readline().strip(), server.pid
    finally:
        server.terminate()
        server.wait()
