"""Moves the production pointer: forward to a version, or back to the one before."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sq.v1.model_registry_pb2 import Promotion
from sq_models.opening import open_folder
from sq_models.reference import PRODUCTION, Reference
from sq_models.registry import Move, Registry, who
from sq_stagekit import InputError


def promote(
    version: Reference, reason: str, field: str, public_keys: Sequence[Path] = (), after: int | None = None
) -> Move:
    """Makes a version the one in production, if a trusted key signed it as it is registered.

    Args:
        after: number of the move that the reason is about, 0 for none: a later move refuses this one. None: whatever
            is in production now.

    Returns:
        The move; the last one if the version is in production already.

    Raises:
        InputError: there is no such version, it cannot be trusted, or somebody else moved the pointer at the same time.
        TryAgainError: the store does not answer.
    """
    if version.version in ("", PRODUCTION):
        raise InputError(field, f"{version} names no version", f"give {version.uri}@VERSION")
    registry = Registry(version, field)
    history = registry.history()
    if history and history[-1].promotion.version == version.version:
        return history[-1]
    if after is not None and after != (history[-1].number if history else 0):
        made = history[-1].promotion
        problem = f"{made.promoted_by} moved production to {made.version} meanwhile, so it was not moved to {version}"
        raise InputError(field, problem, "compare again with what is in production now")
    return _move(registry, history, version.version, reason, public_keys, rollback=False)


def rollback(model: Reference, reason: str, field: str, public_keys: Sequence[Path] = ()) -> Move:
    """Moves the pointer back to the version before. A second rollback goes back one more. Raises as `promote`."""
    registry = Registry(model, field)
    history = registry.history()
    stack = in_production(history)
    if len(stack) < 2:
        problem = f"{model.uri} has no earlier version in production"
        raise InputError(field, problem, f"promote another version: sq model promote {model.uri}@VERSION")
    return _move(registry, history, stack[-2], reason, public_keys, rollback=True)


def in_production(history: Sequence[Move]) -> list[str]:
    """The versions that rollbacks would go through, the current one last."""
    stack: list[str] = []
    for move in history:
        if move.promotion.rollback:
            del stack[-1:]
        else:
            stack.append(move.promotion.version)
    return stack


def _move(
    registry: Registry, history: Sequence[Move], version: str, reason: str, keys: Sequence[Path], *, rollback: bool
) -> Move:
    with open_folder(str(registry.reference.at(version)), registry.field, keys) as opened:
        promotion = Promotion(
            version=version, digest=opened.digest, promoted_by=who(), reason=reason, rollback=rollback
        )
    promotion.promote_time.GetCurrentTime()
    return registry.move(history[-1].number if history else 0, promotion)
