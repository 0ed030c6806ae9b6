"""From requests to tokens, dollars and hours."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sq.v1.manifest_pb2 import ModelUsage
from sq.v1.source_pb2 import Price
from sq_cli.money.requests import Requests
from sq_evaluate.judges.guideline import OUTPUT_TOKENS as GUIDELINE_TOKENS
from sq_llm import Limits, Usage

# By the tokenizer o200k, requests for 10 products of consumer electronics have 3.0 to 3.3 bytes a token. English prose
# has 4.4, so texts without numbers cost less.
BYTES_PER_TOKEN = 3.2
# Services cache a prefix of at least so many tokens, in steps.
_LEAST_PREFIX, _PREFIX_STEP = 1024, 128
# The Batch API promises an answer within a day.
_BATCH_HOURS = 24.0
_HOUR = 3600


@dataclass(frozen=True)
class Rates:
    """What is assumed, or was measured by an earlier run.

    Attributes:
        bytes_per_token: of input.
        output_tokens: for one pair; None for what is usual for the rubric.
        cached_share: of input tokens; None to follow the prefix that requests have in common.
        call_seconds: mean time of one call.
        source: where these figures come from.
    """

    bytes_per_token: float = BYTES_PER_TOKEN
    output_tokens: float | None = None
    cached_share: float | None = None
    call_seconds: float | None = None
    source: str = "assumed"


@dataclass(frozen=True)
class Estimate:
    """Attributes:
    mode: plain, flex or batch.
    usd: US dollars.
    canaries: of the calls, those that try whether the judge can be talked into grades.
    hours: for batch, the most that the service takes.
    configured: whether the run asks in this mode.
    guidelines: of the calls, those for guidelines of queries.
    pictures: in the calls.
    """

    market: str
    model: str
    mode: str
    packing: int
    pairs: int
    distinct: int
    hits: int
    calls: int
    canaries: int
    input_tokens: int
    cached_tokens: int
    output_tokens: int
    usd: float
    hours: float
    configured: bool
    guidelines: int
    pictures: int


def estimates(
    market: str,
    model: str,
    prices: Mapping[str, Price],
    requests: Requests,
    rates: Rates,
    concurrency: int,
    configured: str,
) -> list[Estimate]:
    """One estimate for each mode that has a price."""
    usage = usage_of(requests, rates)
    return [
        Estimate(
            market,
            model,
            mode,
            requests.packing,
            requests.pairs,
            requests.distinct,
            requests.hits,
            requests.calls,
            requests.canaries,
            usage.input_tokens,
            usage.cached_tokens,
            usage.output_tokens,
            Limits(price=price).cost(usage),
            _BATCH_HOURS if mode == "batch" else _hours(requests, rates, concurrency),
            mode == configured,
            requests.guidelines,
            requests.pictures,
        )
        for mode, price in prices.items()
    ]


def usage_of(requests: Requests, rates: Rates) -> Usage:
    """Tokens of the calls, each made once."""
    tokens = round(requests.input_bytes / rates.bytes_per_token) + requests.pictures * requests.picture_tokens
    if rates.cached_share is not None:
        cached = round(tokens * rates.cached_share)
    else:
        prefix = int(requests.prefix_bytes / rates.bytes_per_token)
        # The first call fills the cache.
        calls = max(requests.calls - requests.guidelines - 1, 0)
        cached = prefix // _PREFIX_STEP * _PREFIX_STEP * calls if prefix >= _LEAST_PREFIX else 0
    return Usage(requests.calls, tokens, min(cached, tokens), round(_output_tokens(requests, rates)))


def measured(requests: Requests, usage: Iterable[ModelUsage], run_id: str, rates: Rates) -> Rates:
    """The rates that a run's bill shows for the same requests; the given ones where it paid for nothing.

    The bill is spread over the share of the requests that it paid for, so kept answers and a budget's end do no harm.
    """
    items = list(usage)
    calls = sum(item.calls for item in items)
    tokens = sum(item.input_tokens for item in items)
    if not calls or not tokens or not requests.calls:
        return rates
    share = min(1.0, calls / requests.calls)
    # No bill tells the tokens of texts from those of pictures.
    of_texts = max(tokens - share * requests.pictures * requests.picture_tokens, 1.0)
    of_pairs = sum(item.output_tokens for item in items) - share * requests.guidelines * GUIDELINE_TOKENS
    return Rates(
        bytes_per_token=requests.input_bytes * share / of_texts,
        output_tokens=max(of_pairs, 0.0) / (requests.answered * share),
        cached_share=sum(item.cached_tokens for item in items) / tokens,
        call_seconds=rates.call_seconds,
        source=f"measured by run {run_id}",
    )


def _hours(requests: Requests, rates: Rates, concurrency: int) -> float:
    return requests.calls * seconds_of_call(requests, rates) / concurrency / _HOUR


def seconds_of_call(requests: Requests, rates: Rates) -> float:
    """Where no time was given: half a second, and 100 tokens a second."""
    if rates.call_seconds is not None:
        return rates.call_seconds
    return 0.5 + _output_tokens(requests, rates) / max(requests.calls, 1) / 100


def _output_tokens(requests: Requests, rates: Rates) -> float:
    """Of all answers."""
    of_one = requests.output_tokens if rates.output_tokens is None else rates.output_tokens
    return requests.answered * of_one + requests.guidelines * GUIDELINE_TOKENS
