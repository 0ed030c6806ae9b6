"""One run uses one version of a model, however long it takes and whatever moves meanwhile."""

from __future__ import annotations

import json

from sq.v1.run_config_pb2 import RunConfig
from sq_handoff import Store
from sq_models import Registry, is_reference, parse_reference
from sq_stagekit.errors import InputError

# Below the run's prefix: the version that each reference means for the run.
FILE = "models.json"
_FIELD = "evaluate.trained.model"


def pin_models(config: RunConfig, run_uri: str) -> None:
    """Replaces BUCKET/NAME@production of every market by the version that it means for this run.

    The first start of a run keeps the versions below its prefix. A run that is resumed reads them there.

    Raises:
        InputError: no version of a model is in production.
        TryAgainError: the bucket does not answer.
        StorageError: the run's storage does not answer, or refuses.
    """
    moving = dict.fromkeys(filter(_moves, (market.evaluate.trained.model_uri for market in config.markets)))
    if not moving:
        return
    versions = _kept_versions(list(moving), Store.at(run_uri))
    for market in config.markets:
        asked = market.evaluate.trained.model_uri
        if asked in moving:
            # A reference that this run's first start did not have is of another configuration, which stages refuse.
            market.evaluate.trained.model_uri = versions.get(asked) or _version(asked)


def _kept_versions(references: list[str], store: Store) -> dict[str, str]:
    try:
        return _read(store)
    except FileNotFoundError:
        found = {reference: _version(reference) for reference in references}
        # Of two starts at once the first one decides for both.
        return found if store.put_once(FILE, json.dumps(found, indent=1).encode()) else _read(store)


def _read(store: Store) -> dict[str, str]:
    try:
        return dict(json.loads(store.get(FILE)))
    except (ValueError, TypeError) as error:
        raise InputError(f"{store.uri}/{FILE}", f"is damaged: {error}", "start a run with a new run ID") from error


def _moves(text: str) -> bool:
    return is_reference(text) and parse_reference(text, _FIELD).moves


def _version(text: str) -> str:
    reference = parse_reference(text, _FIELD)
    return str(reference.at(Registry(reference, _FIELD).resolve(reference.version).version))
