"""Waits until the log of a run's days is there."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from airflow.providers.standard.triggers.temporal import TimeDeltaTrigger
from airflow.sdk import BaseOperator
from airflow.sdk.exceptions import AirflowSkipException

from sq_airflow.failure import Failure
from sq_airflow.pinned import pinned_files
from sq_airflow.run_days import explained, interval_of
from sq_airflow.storage_failure import explained_storage
from sq_airflow.store import exists

KIND = "no-log"
_SHOWN = 3


class LogSensor(BaseOperator):
    """Looks for each file or prefix of a market's log. Between two looks it is deferred and takes no worker.

    The trigger is one of Airflow's own, so the triggerer needs none of the DAGs' code.

    Args:
        market: whose log.
        storage_conn_id: Airflow's connection to the storage, by which it looks.
        poke_seconds: between two looks.
        timeout_seconds: after which the task fails.
    """

    def __init__(
        self, *, market: str, storage_conn_id: str, poke_seconds: int, timeout_seconds: int, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.market = market
        self.storage_conn_id = storage_conn_id
        self.poke_seconds = poke_seconds
        self.timeout_seconds = timeout_seconds

    def execute(self, context: Any) -> None:
        """Looks for the first time."""
        self.look(context, since=datetime.now(UTC).isoformat())

    def look(self, context: Any, event: object = None, since: str = "") -> None:
        """Ends if all is there; otherwise looks again later.

        Args:
            since: when the task began to wait (ISO 8601).

        Raises:
            AirflowSkipException: the run leaves out the market.
            AirflowFailException: the log did not come in time.
        """
        title = f"log of {self.market}"
        with explained_storage(title):
            missing = [uri for uri in self._uris(context, title) if not exists(uri, self.storage_conn_id)]
        if not missing:
            self.log.info("The log of %s is there", self.market)
            return
        waited = datetime.now(UTC) - datetime.fromisoformat(since)
        if waited >= timedelta(seconds=self.timeout_seconds):
            more = f" and {len(missing) - _SHOWN} more" if len(missing) > _SHOWN else ""
            places = f"{', '.join(missing[:_SHOWN])}{more}"
            sentence = f"The log did not come within {self.timeout_seconds} s: there is no {places}."
            raise Failure(KIND, sentence, retry=False).error(title)
        self.log.info("Waiting for %s", ", ".join(missing))
        self.defer(
            trigger=TimeDeltaTrigger(timedelta(seconds=self.poke_seconds)), method_name="look", kwargs={"since": since}
        )

    def _uris(self, context: Any, title: str) -> list[str]:
        """The places of the market's log in this run; none for a list of queries, and for a log with a fixed window."""
        files = pinned_files(context, title, self.storage_conn_id)
        chosen = context["params"].get("markets")
        if self.market not in files.logs or (chosen and self.market not in chosen):
            raise AirflowSkipException(f"market {self.market} is not among this run's markets")
        logs = files.logs[self.market]
        if not logs.follows("generate"):
            return []
        with explained(title):
            return [_folder(uri) for uri in logs.filled(interval_of(context), whole=False)["generate"]["uri"]]


def _folder(place: str) -> str:
    """A file or prefix as Airflow's paths take it: a URI without a slash at its end."""
    return (place if "://" in place else f"file://{place}").rstrip("/")
