"""Publishes a stage's artefact, and finds one that was published before."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from itertools import chain

from google.protobuf import json_format

from sq.v1.handoff_pb2 import Handoff
from sq.v1.manifest_pb2 import Manifest, ModelUsage, Provenance, Unfinished
from sq_handoff import NotFound, Store, fetch_manifest
from sq_handoff.canonical_json import canonical_json
from sq_stagekit.command import Command
from sq_stagekit.errors import InputError
from sq_stagekit.work import Work
from sq_stagekit.work_key import configuration_digest, program_digest, work_key

# The part of the handoff that the manifest does not have: segments and pages.
_HANDOFF = "handoff.json"


def publish(
    command: Command, work: Work, started: datetime, published: Manifest | None = None
) -> tuple[Manifest, Handoff]:
    """Publishes what the stage wrote.

    Args:
        published: the unfinished artefact that this one replaces.

    Returns:
        The manifest, and the fields of the handoff that the manifest does not have.
    """
    handoff = Handoff(first_segment=work.first_segment, last_segment=work.last_segment, pages=work.pages)
    # Stored before the manifest, so that find_published can give the same handoff again.
    Store.at(command.output).put(_HANDOFF, canonical_json(handoff))
    return work.output.publish(_provenance(command, work, started), published), handoff


def find_published(command: Command) -> Manifest | None:
    """The manifest at the output: of this work, or of unfinished work that this one may replace.

    Raises:
        InputError: the output contains the finished artefact of other work.
    """
    try:
        manifest = fetch_manifest(command.output)
    except NotFound:
        return None
    if manifest.provenance.work_key != work_key(command) and not manifest.provenance.unfinished:
        raise InputError(
            "--output",
            f"{command.output} contains the result of another configuration, program or input",
            f"start a run with a new run ID, or delete {command.output}",
        )
    return manifest


def is_finished(command: Command, manifest: Manifest) -> bool:
    """Whether an artefact is the result of this work, and nothing of it is still to do.

    What is still to do in an input is not this stage's: the same input gives the same result.
    """
    own = [item for item in manifest.provenance.unfinished if not item.input_uri]
    return manifest.provenance.work_key == work_key(command) and not own


def kept_handoff(command: Command) -> Handoff:
    """The fields of the handoff that the manifest does not have, as `publish` stored them."""
    return json_format.Parse(Store.at(command.output).get(_HANDOFF), Handoff())


def _unfinished(command: Command, work: Work) -> list[Unfinished]:
    """What is still to do here and in the inputs. It makes this artefact replaceable once the inputs are replaced."""
    found = [Unfinished(reason=reason, records=records) for reason, records in sorted(work.unfinished.items())]
    for reader in chain.from_iterable(command.inputs.values()):
        for item in reader.manifest.provenance.unfinished:
            inherited = Unfinished(reason=item.reason, records=item.records, input_uri=item.input_uri or reader.uri)
            if inherited not in found:
                found.append(inherited)
    return found


def _model_usage(command: Command, work: Work) -> list[ModelUsage]:
    """Paid calls for this artefact and for its inputs, each artefact once."""
    found = {}
    if work.spending:
        found[command.output] = work.spending.usage()
        found[command.output].MergeFrom(ModelUsage(uri=command.output, market=command.market))
    for reader in chain.from_iterable(command.inputs.values()):
        found |= {item.uri: item for item in reader.manifest.provenance.model_usage}
    return list(found.values())


def _provenance(command: Command, work: Work, started: datetime) -> Provenance:
    provenance = Provenance(
        stage=command.stage,
        run_id=command.run_id,
        market=command.market,
        shard=command.shard_text,
        image_digest=program_digest(),
        configuration_digest=configuration_digest(command.config),
        work_key=work_key(command),
        git_revision=os.environ.get("SQ_GIT_REVISION", ""),
        inputs=command.input_artefacts(),
        tag_engines=work.tag_engines,
        model_usage=_model_usage(command, work),
        unfinished=_unfinished(command, work),
    )
    provenance.start_time.FromDatetime(started)
    provenance.end_time.FromDatetime(datetime.now(UTC))
    return provenance
