"""Publishes a stage's artefact, and finds one that was published before."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from itertools import chain

from google.protobuf import json_format

from sq.v1.handoff_pb2 import Handoff
from sq.v1.manifest_pb2 import HandoffFields, Manifest, ModelUsage, Provenance, Unfinished
from sq_handoff import Corrupt, NotFound, Store, fetch_manifest
from sq_stagekit.command import Command
from sq_stagekit.errors import InputError
from sq_stagekit.pages import show_pages
from sq_stagekit.pinned_models import models_of
from sq_stagekit.search_times import search_times
from sq_stagekit.work import Work
from sq_stagekit.work_key import configuration_digest, program_digest, work_key

# Earlier versions kept segments and pages of the handoff in this file beside the manifest.
_HANDOFF = "handoff.json"
# Most characters of the note in a handoff, whose size is limited.
_NOTE = 500


def publish(
    command: Command, work: Work, started: datetime, published: Manifest | None = None
) -> tuple[Manifest, Handoff]:
    """Publishes what the stage wrote, and shows the pages of what is published then.

    Args:
        published: the unfinished artefact that this one replaces.

    Returns:
        The manifest at the output, and the handoff of that artefact: of another execution if that one was first.
    """
    manifest = work.output.publish(_provenance(command, work, started), published)
    return manifest, kept_handoff(command, manifest)


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


def kept_handoff(command: Command, manifest: Manifest) -> Handoff:
    """Segments and pages of a published artefact. Shows the pages, if the execution that published it did not.

    Raises:
        Corrupt: a page, or the handoff of an earlier version, is missing or damaged.
    """
    store = Store.at(command.output)
    if not manifest.provenance.HasField("handoff"):
        return _earlier_handoff(store)
    show_pages(store, manifest)
    kept = manifest.provenance.handoff
    pages = [page.name for page in kept.pages]
    return Handoff(first_segment=kept.first_segment, last_segment=kept.last_segment, pages=pages, note=kept.note)


def _earlier_handoff(store: Store) -> Handoff:
    try:
        return json_format.Parse(store.get(_HANDOFF), Handoff())
    except (FileNotFoundError, UnicodeDecodeError, json_format.ParseError) as error:
        raise Corrupt(store.uri, f"{_HANDOFF} is missing or damaged") from error


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
        searched=search_times(chain.from_iterable(command.inputs.values())),
        models=models_of(chain.from_iterable(command.inputs.values()), work.models),
        unfinished=_unfinished(command, work),
        handoff=HandoffFields(
            first_segment=work.first_segment, last_segment=work.last_segment, pages=work.pages, note=work.note[:_NOTE]
        ),
    )
    provenance.start_time.FromDatetime(started)
    provenance.end_time.FromDatetime(datetime.now(UTC))
    return provenance
