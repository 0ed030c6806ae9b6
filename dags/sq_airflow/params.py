"""Parameters of a run, with the schema that Airflow's trigger form shows and checks."""

from __future__ import annotations

from collections.abc import Sequence

from airflow.sdk import Param

from sq_airflow.overrides import AS_CONFIGURED, BASELINE
from sq_interval.run_interval import BOUND


def run_params(markets: Sequence[str], judges: Sequence[str]) -> dict[str, Param]:
    """The parameters of search_quality.

    Args:
        markets: all markets of the configuration.
        judges: judges that a run may choose, besides the configured one and the baseline.
    """
    return {
        "markets": Param(
            list(markets),
            type="array",
            title="Markets",
            description="Markets to run. Tasks of other markets are skipped.",
            items={"type": "string", "enum": list(markets)},
            minItems=1,
            uniqueItems=True,
            examples=list(markets),
        ),
        "from": _day("From", "First day of the logs, such as 2026-01-05. Only for a run without a date of its own."),
        "to": _day("To", "Day after the last one to read. Only for a run without a date of its own."),
        "query_budget": _optional(
            "integer", "Queries", "Number of queries to take of the log. Empty: as configured.", 1, 1000000
        ),
        "top_k": _optional("integer", "Results", "Number of results for each query. Empty: as configured.", 1, 1000),
        "judge": Param(
            AS_CONFIGURED,
            type="string",
            title="Judge",
            description="Judge of relevance.",
            enum=[AS_CONFIGURED, BASELINE, *sorted(judges)],
        ),
        "max_usd": _optional(
            "number", "Budget in US dollars", "Limit for judging one market. Needs the model's price.", 0
        ),
        "max_calls": _optional("integer", "Budget in calls", "Limit for judging one market.", 0),
        "baseline_run": Param(
            None,
            type=["null", "string"],
            title="Baseline run",
            description="The announcement compares nDCG with this run. Empty: no comparison.",
            # Any run id of Airflow; the folder that is read is made of it.
            pattern=r"^[^/\s]{1,250}$",
        ),
        "log_level": Param(
            "INFO",
            type="string",
            title="Log level",
            description="Log level of the stages.",
            enum=["DEBUG", "INFO", "WARNING"],
        ),
    }


def _day(title: str, description: str) -> Param:
    return Param(None, type=["null", "string"], title=title, description=description, pattern=BOUND)


def _optional(kind: str, title: str, description: str, minimum: int, maximum: int | None = None) -> Param:
    bounds = {"minimum": minimum} | ({"maximum": maximum} if maximum is not None else {})
    return Param(None, type=["null", kind], title=title, description=description, **bounds)
