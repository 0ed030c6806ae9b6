"""Refuses a report that would say nothing, because the judge's budget ended before one query was judged."""

from __future__ import annotations

from collections.abc import Iterable
from math import ceil, fsum

from sq.v1.manifest_pb2 import ModelUsage
from sq.v1.report_pb2 import Accounting
from sq_handoff import ArtefactReader
from sq_handoff.location import absolute
from sq_stagekit.spending import nothing_bought, rounded_up

_FIELD = "evaluate.budget"
_ENDED = "BUDGET"
# The rest is estimated by what is judged so far.
_RESERVE = 1.25


def refuse_ended_budget(accounting: Accounting, judgments: Iterable[ArtefactReader]) -> None:
    """Does nothing if no budget ended: then something else is missing, which the report says.

    Args:
        judgments: artefacts of the judge, of all shards.

    Raises:
        InputError: with a budget that suffices.
    """
    provenances = [(reader.uri, reader.manifest.provenance) for reader in judgments]
    open_reasons = {item.reason for _, one in provenances for item in one.unfinished if not item.input_uri}
    if _ENDED not in open_reasons:
        return
    own = [item for uri, one in provenances for item in one.model_usage if absolute(item.uri) == uri]
    total = ModelUsage(
        calls=sum(item.calls for item in own),
        input_tokens=sum(item.input_tokens for item in own),
        output_tokens=sum(item.output_tokens for item in own),
        usd=fsum(item.usd for item in own),
        max_calls=sum(item.max_calls for item in own),
        max_tokens=sum(item.max_tokens for item in own),
        max_usd=fsum(item.max_usd for item in own),
    )
    asked = f"no query is judged, but {accounting.judgments} of {accounting.pairs} pairs"
    more = _RESERVE * accounting.pairs / max(accounting.judgments, 1)
    raise nothing_bought(_FIELD, asked, total, _enough(total, more))


def _enough(total: ModelUsage, more: float) -> dict[str, float]:
    """What was used, so many times; at least twice the limit, where kept answers cost nothing."""
    found: dict[str, float] = {}
    if total.max_usd:
        found["max_usd"] = rounded_up(max(total.usd * more, 2 * total.max_usd))
    if total.max_tokens:
        found["max_tokens"] = ceil(max((total.input_tokens + total.output_tokens) * more, 2 * total.max_tokens))
    if total.max_calls:
        found["max_calls"] = ceil(max(total.calls * more, 2 * total.max_calls))
    return found
