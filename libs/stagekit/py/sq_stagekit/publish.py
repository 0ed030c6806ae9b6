"""Publishes a stage's artefact, and finds one that was published before."""

from __future__ import annotations

import os
from datetime import UTC, datetime

from google.protobuf import json_format

from sq.v1.handoff_pb2 import Handoff
from sq.v1.manifest_pb2 import Manifest, Provenance
from sq_handoff import NotFound, Store, fetch_manifest
from sq_handoff.canonical_json import canonical_json
from sq_stagekit.command import Command
from sq_stagekit.errors import InputError
from sq_stagekit.work import Work
from sq_stagekit.work_key import configuration_digest, program_digest, work_key

# The part of the handoff that the manifest does not have: segments and pages.
_HANDOFF = "handoff.json"


def publish(command: Command, work: Work, started: datetime) -> tuple[Manifest, Handoff]:
    """Publishes what the stage wrote.

    Returns:
        The manifest, and the fields of the handoff that the manifest does not have.
    """
    handoff = Handoff(first_segment=work.first_segment, last_segment=work.last_segment, pages=work.pages)
    # Stored before the manifest, so that find_published can give the same handoff again.
    Store.at(command.output).put(_HANDOFF, canonical_json(handoff))
    return work.output.publish(_provenance(command, work, started)), handoff


def find_published(command: Command) -> tuple[Manifest, Handoff] | None:
    """What `publish` returned when this work was done before; None if it was not.

    Raises:
        InputError: the output contains the artefact of other work.
    """
    try:
        manifest = fetch_manifest(command.output)
    except NotFound:
        return None
    if manifest.provenance.work_key != work_key(command):
        raise InputError(
            "--output",
            f"{command.output} contains the result of another configuration, program or input",
            "use a new --run-id and --output, or delete that folder",
        )
    return manifest, json_format.Parse(Store.at(command.output).get(_HANDOFF), Handoff())


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
    )
    provenance.start_time.FromDatetime(started)
    provenance.end_time.FromDatetime(datetime.now(UTC))
    return provenance
