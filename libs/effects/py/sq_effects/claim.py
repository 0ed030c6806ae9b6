"""What is claimed about one mechanism."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sq_effects.effect import Effect
from sq_effects.node import Node


@dataclass(frozen=True)
class ItemClaim:
    """An item that carries a test of its own."""

    p: float
    effect: Effect


@dataclass(frozen=True)
class Claim:
    """A claimed mechanism.

    Attributes:
        query: (eligible,) positions in the sample of the queries that the claim is about.
        whole: whether the mechanism as a whole is claimed; else only its claimed items are, and `effect` is over
            their queries alone.
        alone: the effect without regard to other claims.
        left: the effect that is left once the claims before this one are repaired.
        left_p: of the test of what is left.
        shared: points of the market's nDCG that the claims before this one win back as well: gain alone less left.
        items: claimed by themselves.
        rules: the change to suggest for each item; None where the item is better left as it is.
    """

    mechanism: str
    query: NDArray[np.intp]
    whole: bool
    node: Node
    alone: Effect
    left: Effect
    left_p: float
    shared: float
    items: Mapping[str, ItemClaim]
    rules: Mapping[str, str | None]


@dataclass(frozen=True)
class Result:
    """The tests of one mechanism, claimed or not.

    Attributes:
        reason: why it is not claimed; empty where it is.
    """

    mechanism: str
    node: Node
    effect: Effect
    reason: str
