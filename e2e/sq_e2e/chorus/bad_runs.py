"""Runs that have to fail with a given exit code and a clear message."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass

from sq_e2e.checks import Checks
from sq_e2e.chorus.configuration import market, write_config
from sq_e2e.chorus.data import Chorus
from sq_e2e.chorus.programs import sq


@dataclass(frozen=True)
class BadRun:
    """A run that must fail.

    Attributes:
        code: the exit code of `sq run`.
        message: a part of what `sq run` prints.
    """

    name: str
    code: int
    message: str

    @property
    def run_id(self) -> str:
        return self.name.replace(" ", "-")

    def run(self, chorus: Chorus, environment: dict[str, str]) -> str:
        """Returns the stderr of `sq run`. Raises RuntimeError if it ended with another exit code."""
        spoiled = self._spoil(market("m", chorus, "http://127.0.0.1:9", {"baseline": {}}), chorus)
        path = chorus.folder / f"{self.run_id}.yaml"
        write_config(path, [spoiled])
        return sq("run", str(path), "--run-id", self.run_id, "--tries", "1", environment=environment, expect=self.code)

    def _spoil(self, given: dict, chorus: Chorus) -> dict:
        generate_ = {name: value for name, value in given["generate"].items() if name != "fixed"}
        match self.name:
            case "unreachable endpoint":
                return given | {"retrieve": given["retrieve"] | {"max_retries": 0, "query_timeout_seconds": 2}}
            case "unknown field":
                return given | {"retrieve": given["retrieve"] | {"top_n": 5}}
            case "unknown column":
                log = {"uri": [str(chorus.judgments)], "columns": {"query": "search_term"}}
                return given | {"generate": generate_ | {"log": log}}
            case "empty log":
                (chorus.folder / "empty.csv").write_text("query\n", encoding="utf-8")
                return given | {"generate": generate_ | {"log": {"uri": [str(chorus.folder / "empty.csv")]}}}
        raise ValueError(self.name)


BAD_RUNS = (
    BadRun("unreachable endpoint", 75, "retrieve"),
    BadRun("unknown field", 2, "top_n"),
    BadRun("unknown column", 2, "search_term"),
    BadRun("empty log", 2, "empty.csv"),
)


def check_bad_runs(checks: Checks, chorus: Chorus, ended: dict[BadRun, Future[str]]) -> None:
    for bad, future in ended.items():
        with checks.check(f"{bad.name}: exit {bad.code}, and it says {bad.message}"):
            text = future.result()
            assert bad.message in text, text[-800:]
            assert not list((chorus.folder / "runs" / bad.run_id).glob("m/report/manifest.json"))
