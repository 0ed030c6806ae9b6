"""Lets calls start at a pace."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from math import isfinite

from sq_llm.pace.policy import Pace, Told


class Call:
    """A call that was let through. `told` is what its end says about the service."""

    def __init__(self) -> None:
        self.told: Told | None = None


class Gate:
    """Belongs to one event loop. Calls start in the order in which they come."""

    def __init__(self, pace: Pace, clock: Callable[[], float] = time.monotonic) -> None:
        self._pace = pace
        self._clock = clock
        self._line = asyncio.Lock()
        self._changed = asyncio.Event()

    @asynccontextmanager
    async def passing(self, tokens: int) -> AsyncIterator[Call]:
        """Waits until a call of this size may start, and takes its end from the `told` of what it yields."""
        async with self._line:
            while (seconds := self._pace.delay(tokens, self._clock())) > 0:
                await self._change(seconds)
            number = self._pace.start(tokens, self._clock())
        call = Call()
        try:
            yield call
        finally:
            if call.told is None:
                self._pace.abandon(number)
            else:
                self._pace.end(number, call.told, self._clock())
            self._changed.set()

    async def _change(self, seconds: float) -> None:
        self._changed.clear()
        try:
            await asyncio.wait_for(self._changed.wait(), seconds if isfinite(seconds) else None)
        except TimeoutError:
            return
