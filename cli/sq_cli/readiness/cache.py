"""Looks into the places that keep a market's paid answers."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from sq.v1.run_config_pb2 import MarketConfig
from sq.v1.source_pb2 import AnswerCache
from sq_cli.readiness.finding import Finding, check
from sq_llm import Place, place_at

_NAME = "sq-doctor"


def caches(market: MarketConfig) -> Iterator[Finding]:
    """Whether each cache_uri of the market can be read."""
    held = {"evaluate": market.evaluate}
    if market.generate.HasField("translation"):
        held["generate.translation"] = market.generate.translation
    if market.diagnose.HasField("vocabulary"):
        held["diagnose.vocabulary"] = market.diagnose.vocabulary
    for field, config in held.items():
        if config.cache_uri:
            yield _cache(f"{market.market} {field} answers", config.cache_uri, config.cache, f"{field}.")


def _cache(name: str, uri: str, settings: AnswerCache, field: str) -> Finding:
    return check(name, lambda: asyncio.run(_look(uri, place_at(uri, settings, field))))


async def _look(uri: str, place: Place) -> str:
    try:
        await place.get([_NAME])
    finally:
        await place.close()
    return f"{uri} answers"
