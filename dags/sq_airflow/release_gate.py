"""Whether a search may be released, by the figures in the events of the report's asset."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sq_airflow.failure import Failure

KIND = "no-release"
TASK = "gate"


def check_figures(events: Sequence[Mapping[str, Any]], most_lost: float, regression: float) -> list[str]:
    """The ids of the runs, if all their markets are good enough.

    Args:
        events: the `extra` of each event.
        most_lost: share of a market's traffic that may be lost, 0..1.
        regression: nDCG that a market may lose against the baseline run, if the run has one.

    Raises:
        AirflowFailException: a market is not good enough, or there is no event with figures.
    """
    runs = [event["run_id"] for event in events if event.get("figures")]
    if not runs:
        sentence = "No event has the figures of a run: let a report of search_quality start this DAG."
        raise Failure(KIND, sentence, retry=False).error(TASK)
    problems = [problem for event in events for problem in _problems(event, most_lost, regression)]
    if problems:
        raise Failure(KIND, f"No release: {'; '.join(problems)}.", retry=False).error(TASK)
    return runs


def _problems(event: Mapping[str, Any], most_lost: float, regression: float) -> Iterator[str]:
    baseline = event.get("baseline_measures", {})
    for market, found in event.get("figures", {}).items():
        if found["loss"] > most_lost:
            yield f"{market} loses {found['loss']:.1%} of its traffic, more than {most_lost:.1%} ({event['report']})"
        if market in baseline and baseline[market] - found["ndcg"] > regression:
            before = f"{baseline[market]:.3f} in {event['baseline_run']}"
            yield f"nDCG of {market} is {found['ndcg']:.3f}, and was {before} ({event['report']})"
