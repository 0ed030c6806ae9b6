"""Which models an artefact was made with, so that parts of one run cannot mix two versions."""

from __future__ import annotations

from collections.abc import Iterable

from sq.v1.manifest_pb2 import PinnedModel
from sq_handoff import ArtefactReader
from sq_stagekit.errors import InputError


def models_of(inputs: Iterable[ArtefactReader], own: Iterable[PinnedModel] = ()) -> list[PinnedModel]:
    """The models of this artefact and of its inputs, each once."""
    found: list[PinnedModel] = []
    for reader in inputs:
        found += (model for model in reader.manifest.provenance.models if model not in found)
    return found + [model for model in own if model not in found]


def pinned(reference: str, inputs: Iterable[ArtefactReader]) -> str:
    """The version that a reference meant for the inputs; the reference itself where none of them used it."""
    return next((model.uri for model in models_of(inputs) if model.reference == reference), reference)


def refuse_mixed(inputs: Iterable[ArtefactReader]) -> None:
    """Raises InputError if one reference meant different models for the inputs, as where production moved meanwhile."""
    first: dict[str, PinnedModel] = {}
    for model in models_of(inputs):
        other = first.setdefault(model.reference, model)
        if other.digest != model.digest:
            problem = (
                f"the inputs were made with {other.uri} ({other.digest[:12]}) and {model.uri} ({model.digest[:12]})"
            )
            raise InputError("--input", problem, f"start a new run, or name a version in place of {model.reference}")
