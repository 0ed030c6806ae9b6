"""Parameters of a run, with the schema that Airflow's trigger form shows and checks."""

from __future__ import annotations

from collections.abc import Sequence

from airflow.sdk import Param

from sq_airflow.run_config import AS_CONFIGURED, BASELINE


def run_params(markets: Sequence[str], judges: Sequence[str]) -> dict[str, Param]:
    """The parameters of search_quality.

    Args:
        markets: all there are.
        judges: that a run may choose, besides the configured one and the baseline.
    """
    return {
        "markets": Param(
            list(markets),
            type="array",
            title="Markets",
            description="Which markets to run; the others' tasks are skipped.",
            items={"type": "string", "enum": list(markets)},
            minItems=1,
            uniqueItems=True,
            examples=list(markets),
        ),
        "segments": _optional(
            "integer", "Segments", "Top N segments by traffic; as configured where empty.", 1, 1000000
        ),
        "top_k": _optional(
            "integer", "Results", "K results asked for with each query; as configured where empty.", 1, 1000
        ),
        "judge": Param(
            AS_CONFIGURED,
            type="string",
            title="Judge",
            description="Who judges relevance.",
            enum=[AS_CONFIGURED, BASELINE, *sorted(judges)],
        ),
        "max_usd": _optional(
            "number", "Budget in US dollars", "Of each market's judging; needs a price of the model.", 0
        ),
        "max_calls": _optional("integer", "Budget in calls", "Of each market's judging.", 0),
        "baseline_run": Param(
            None,
            type=["null", "string"],
            title="Baseline run",
            description="Run whose nDCG the announcement compares with; nothing is compared where empty.",
            pattern="^[A-Za-z0-9_.:+-]{1,200}$",
        ),
        "log_level": Param(
            "INFO",
            type="string",
            title="Log level",
            description="Of the stages.",
            enum=["DEBUG", "INFO", "WARNING"],
        ),
    }


def _optional(kind: str, title: str, description: str, minimum: int, maximum: int | None = None) -> Param:
    bounds = {"minimum": minimum} | ({"maximum": maximum} if maximum is not None else {})
    return Param(None, type=["null", kind], title=title, description=description, **bounds)
