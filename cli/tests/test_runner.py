from collections.abc import Callable, Sequence

import pytest

from sq.v1.handoff_pb2 import Handoff
from sq.v1.ner_diff_config_pb2 import NerDiffConfig
from sq.v1.stage_contract_pb2 import RetryPolicy, StageContract
from sq_cli.ending import Ending
from sq_cli.plan import Task, TaskKey
from sq_cli.runner import Runner


class Scripted:
    """A runtime whose stages end as a table says. It records their inputs."""

    def __init__(self, codes: dict[TaskKey, list[int]]) -> None:
        self._codes = codes
        self.given: dict[TaskKey, list[str]] = {}
        self.outputs: dict[TaskKey, str] = {}
        self.tries: list[tuple[TaskKey, int]] = []

    def run(
        self,
        task: Task,
        handoffs: Sequence[tuple[str, Handoff]],
        attempt: int,
        on_event: Callable[[dict], None],
    ) -> Ending:
        self.given[task.key] = [handoff.uri for _, handoff in handoffs]
        self.outputs[task.key] = task.output
        self.tries.append((task.key, attempt))
        codes = self._codes.get(task.key, [])
        code = codes[attempt - 1] if attempt <= len(codes) else 0
        handoff = None if code else Handoff(uri="/".join(map(str, task.key)))
        return Ending(code, handoff, "as scripted", usage={"calls": attempt} if task.key == A else {})

    def stop(self) -> None: ...


def task(key: TaskKey, *inputs: TaskKey, needs_all: bool = True) -> Task:
    contract = StageContract(name=key[1], retry=RetryPolicy(max_attempts=3))
    return Task(
        key, contract, key[0], "", NerDiffConfig(), tuple(("in", i) for i in inputs), "/".join(key[:2]), needs_all
    )


A, B = ("uk", "generate", 0), ("de", "generate", 0)
A2, B2 = ("uk", "report", 0), ("de", "report", 0)
END = ("", "consolidate", 0)
TASKS = [task(A), task(B), task(A2, A), task(B2, B), task(END, A2, B2, needs_all=False)]


def run(codes: dict[TaskKey, list[int]], tries: int | None = None) -> tuple[Scripted, object]:
    runtime = Scripted(codes)
    return runtime, Runner(runtime, 2, lambda *_: None, tries).run(TASKS)


def test_every_task_reads_what_its_sources_returned() -> None:
    runtime, outcome = run({})
    assert runtime.given[END] == ["uk/report/0", "de/report/0"]
    assert outcome.exit_code == 0


def test_a_market_that_fails_does_not_hold_up_the_others() -> None:
    runtime, outcome = run({B: [2]})
    assert runtime.given[END] == ["uk/report/0"]
    assert outcome.skipped == [B2]
    assert outcome.exit_code == 2


@pytest.mark.parametrize(
    ("codes", "place"),
    [({}, "consolidate"), ({B: [2]}, "consolidate-without-de"), ({A2: [2]}, "consolidate-without-uk")],
)
def test_what_is_made_without_a_market_has_a_place_of_its_own(codes: dict[TaskKey, list[int]], place: str) -> None:
    runtime, _ = run(codes)
    assert runtime.outputs[END] == f"/{place}"
    assert runtime.outputs[A2] == "uk/report" or A2 in codes


@pytest.mark.parametrize("codes", [{A: [75, 75, 75]}, {A: [75, 75]}])
def test_the_usage_of_the_last_attempt_counts(codes: dict[TaskKey, list[int]]) -> None:
    _, outcome = run(codes)
    assert outcome.usage == {A: {"calls": 3}}


def test_nothing_is_consolidated_without_a_market() -> None:
    _, outcome = run({A: [1], B: [1]})
    assert END in outcome.skipped
    assert outcome.exit_code == 1


@pytest.mark.parametrize(
    ("codes", "tries", "exit_code"),
    [([75, 75], 3, 0), ([75, 75, 75], 3, 75), ([2], 1, 2), ([1], 1, 1), ([], 1, 0)],
)
def test_only_75_is_tried_again_and_only_as_often_as_allowed(codes: list[int], tries: int, exit_code: int) -> None:
    runtime, outcome = run({A: codes})
    assert [number for key, number in runtime.tries if key == A] == list(range(1, tries + 1))
    assert outcome.exit_code == exit_code


@pytest.mark.parametrize(("tries", "made"), [(1, 1), (2, 2), (9, 3)])
def test_a_run_may_allow_fewer_tries_than_the_contract_and_never_more(tries: int, made: int) -> None:
    runtime, outcome = run({A: [75, 75, 75, 75]}, tries)
    assert len([key for key, _ in runtime.tries if key == A]) == made
    assert outcome.exit_code == 75
