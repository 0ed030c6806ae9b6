"""Where the pictures of products come from."""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from math import ceil

from sq.v1.judgment_pb2 import PictureProblem
from sq.v1.pictures_pb2 import PICTURE_MODE_INLINE, PictureFetch, Pictures
from sq.v1.product_pb2 import Product
from sq_evaluate.judges.asked import Asked
from sq_evaluate.judges.pictures.picture import Picture, PictureError, Shown, usable_url

_PREFIX = "PICTURE_PROBLEM_"
# What OpenAI's models of 2025 take: 85 tokens with detail low; otherwise 1.62 for each square of 32 x 32 pixels.
_LOW_TOKENS, _PATCH, _PATCH_TOKENS = 85, 32, 1.62
# Of a picture that the service fetches: it scales it down to about that.
_USUAL_SIDE = 1024


@dataclass(frozen=True)
class Scaling:
    """Attributes:
    side: pixels of the longer side of a picture that is sent.
    pixels: most of a picture as it is fetched.
    """

    side: int = 512
    pixels: int = 25_000_000

    @classmethod
    def of(cls, config: PictureFetch) -> Scaling:
        return cls(config.longest_side or cls.side, config.max_pixels or cls.pixels)


class PictureSource(ABC):
    """Gives the pictures of products, and counts those that it cannot give."""

    def __init__(self, log: logging.Logger) -> None:
        self._log = log
        self._problems: Counter[str] = Counter()
        self._first = ""

    @abstractmethod
    def pictured(self, asked: Iterable[Asked]) -> Iterator[Asked]:
        """What is asked, in its order, with the pictures of all products or why they have none."""

    def end(self) -> None:
        """Tells in the log why products had no picture."""
        if self._problems:
            self._log.warning(
                f"{sum(self._problems.values())} pictures of products could not be used, the first that of "
                f"{self._first}; such products are judged without a picture",
                extra=dict(sorted(self._problems.items())),
            )

    def _failed(self, product: Product, error: PictureError) -> PictureProblem:
        self._problems[PictureProblem.Name(error.problem).removeprefix(_PREFIX).lower()] += 1
        self._first = self._first or f"{product.product_id} ({error})"
        return error.problem


class Urls(PictureSource):
    """Pictures that the model's service fetches.

    Args:
        allowed_hosts: in lower case; their addresses may be private.
    """

    def __init__(self, log: logging.Logger, allowed_hosts: frozenset[str] = frozenset()) -> None:
        super().__init__(log)
        self._allowed_hosts = allowed_hosts

    def pictured(self, asked: Iterable[Asked]) -> Iterator[Asked]:
        for one in asked:
            yield replace(one, pictures={product.product_id: self._shown(product) for product in one.products})

    def _shown(self, product: Product) -> Shown:
        try:
            return Picture.at(usable_url(product.image_uri, self._allowed_hosts))
        except PictureError as error:
            return self._failed(product, error)


def allowed_hosts(config: PictureFetch) -> frozenset[str]:
    """The hosts whose addresses may be private."""
    return frozenset(host.lower().rstrip(".") for host in config.allowed_hosts)


def planned_pictures(asked: Iterable[Asked], config: Pictures) -> Iterator[Asked]:
    """What is asked, with the pictures that a run probably sends. None is fetched, so inline ones are taken for new."""
    return Urls(logging.getLogger("sq.plan"), allowed_hosts(config.fetch)).pictured(asked)


def picture_tokens(config: Pictures) -> int:
    """Input tokens that a picture costs, as configured or as usual."""
    if config.tokens:
        return config.tokens
    if config.detail == "low":
        return _LOW_TOKENS
    side = Scaling.of(config.fetch).side if config.mode == PICTURE_MODE_INLINE else _USUAL_SIDE
    return ceil(ceil(side / _PATCH) ** 2 * _PATCH_TOKENS)
