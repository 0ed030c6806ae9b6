"""Pictures that sq fetches, scales down and sends in the request."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import logging
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import replace
from itertools import islice
from typing import Any

from sq.v1.product_pb2 import Product
from sq_evaluate.judges.asked import Asked
from sq_evaluate.judges.pictures.fetch import AT_ONCE, Fetcher, FetchLimits
from sq_evaluate.judges.pictures.picture import Picture, PictureError, Shown, digest_of, usable_url
from sq_evaluate.judges.pictures.scale import scaled
from sq_evaluate.judges.pictures.source import PictureSource, Scaling
from sq_evaluate.judges.side_loop import SideLoop
from sq_llm import Entries, Place, Tally

_KIND = "pictures"
# Cases whose pictures are fetched, and in memory, at once; as many again are fetched ahead.
_CASES = 32
# Pictures that are decoded at once: one may take 300 MB.
_DECODED_AT_ONCE = 2
Outcome = Picture | PictureError


class Inline(PictureSource):
    """Fetches pictures ahead of the cases that they are for, each address once in a work.

    Args:
        place: keeps scaled pictures by their address. It is closed at the end.
        check_stop: raises Stopped after SIGTERM.
    """

    def __init__(
        self,
        limits: FetchLimits,
        scaling: Scaling,
        place: Place,
        tally: Tally,
        check_stop: Callable[[], None],
        log: logging.Logger,
    ) -> None:
        super().__init__(log)
        self._limits = limits
        self._scaling = scaling
        self._place = place
        self._entries: Entries[Picture] = Entries(place, _KIND, _read, tally)
        self._fetcher = Fetcher(limits)
        self._check_stop = check_stop
        # Addresses that failed, so that none is tried for each query that finds its product.
        self._failed_urls: dict[str, PictureError] = {}

    def pictured(self, asked: Iterable[Asked]) -> Iterator[Asked]:
        coming, ahead = iter(asked), deque[tuple[list[Asked], Future[Mapping[str, Outcome]]]]()
        with SideLoop(_KIND, self._close) as loop:
            while True:
                some = list(islice(coming, _CASES))
                if some:
                    urls = dict.fromkeys(product.image_uri for one in some for product in one.products)
                    ahead.append((some, loop.submit(self._all, list(urls))))
                if not ahead:
                    return
                if len(ahead) > 1 or not some:
                    ready, found = ahead.popleft()
                    outcomes = found.result()
                    self._check_stop()
                    for one in ready:
                        shown = {product.product_id: self._shown(product, outcomes) for product in one.products}
                        yield replace(one, pictures=shown)

    def _shown(self, product: Product, outcomes: Mapping[str, Outcome]) -> Shown:
        found = outcomes[product.image_uri]
        return self._failed(product, found) if isinstance(found, PictureError) else found

    async def _all(self, urls: Sequence[str]) -> Mapping[str, Outcome]:
        """What became of each address."""
        outcomes: dict[str, Outcome] = {}
        for url in urls:
            try:
                usable_url(url, self._limits.allowed_hosts)
            except PictureError as error:
                outcomes[url] = error
        outcomes |= {url: self._failed_urls[url] for url in urls if url in self._failed_urls}
        names = {url: self._name(url) for url in urls if url not in outcomes}
        kept = await self._entries.get(list(names.values()))
        outcomes |= {url: kept[name] for url, name in names.items() if name in kept}
        fetched = await self._fetch_all([url for url in names if url not in outcomes])
        new = {names[url]: _written(found) for url, found in fetched.items() if isinstance(found, Picture)}
        if new:
            await self._entries.put(new)
        self._failed_urls |= {url: found for url, found in fetched.items() if isinstance(found, PictureError)}
        return outcomes | fetched

    async def _fetch_all(self, urls: Sequence[str]) -> dict[str, Outcome]:
        gate, decoding = asyncio.Semaphore(AT_ONCE), asyncio.Semaphore(_DECODED_AT_ONCE)

        async def one(url: str) -> Outcome:
            try:
                async with gate:
                    self._check_stop()
                    data = await self._fetcher.fetch(url)
                    async with decoding:
                        small = await asyncio.to_thread(scaled, data, self._scaling.side, self._scaling.pixels)
            except PictureError as error:
                return error
            return _picture(small)

        tasks = [asyncio.ensure_future(one(url)) for url in urls]
        try:
            return dict(zip(urls, await asyncio.gather(*tasks), strict=True))
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _close(self) -> None:
        await self._fetcher.close()
        await self._place.close()

    def _name(self, url: str) -> str:
        asked = json.dumps([url, self._scaling.side, self._scaling.pixels, self._limits.bytes])
        return f"{_KIND}/{hashlib.sha256(asked.encode()).hexdigest()}"


def _picture(jpeg: bytes) -> Picture:
    return Picture(f"data:image/jpeg;base64,{base64.b64encode(jpeg).decode()}", digest_of(jpeg))


def _written(picture: Picture) -> dict[str, Any]:
    return {"jpeg": picture.url.partition(",")[2], "digest": picture.digest}


def _read(body: Mapping[str, Any]) -> Picture:
    picture = _picture(base64.b64decode(body["jpeg"], validate=True))
    if picture.digest != body["digest"]:
        raise ValueError("not the picture of this digest")
    return picture
