"""The handoff: the small JSON that a stage returns and the next stage receives."""

from __future__ import annotations

import os
from pathlib import Path

from sq.v1.handoff_pb2 import Handoff
from sq.v1.manifest_pb2 import Manifest
from sq_handoff.canonical_json import canonical_json
from sq_stagekit.command import Command
from sq_stagekit.config import check_config
from sq_stagekit.errors import InputError

MAX_BYTES = 4096


def complete_handoff(command: Command, manifest: Manifest, known: Handoff) -> Handoff:
    """The handoff of a published artefact; `known` has the fields that the manifest does not."""
    handoff = Handoff(
        stage=command.stage,
        run_id=command.run_id,
        market=command.market,
        shard=command.shard_text,
        uri=command.output,
        digest=manifest.digest,
        message_type=manifest.content.message_type,
        records=manifest.content.records,
        counts=manifest.content.counts,
    )
    handoff.MergeFrom(known)
    check_config(handoff, "handoff")
    return handoff


def hand_over(handoff: Handoff) -> None:
    """Writes the handoff to stdout, and to the file that SQ_HANDOFF names.

    Raises:
        InputError: it is larger than MAX_BYTES.
    """
    text = canonical_json(handoff)
    if len(text) > MAX_BYTES:
        raise InputError("handoff", f"has {len(text)} bytes; the limit is {MAX_BYTES}", "use a shorter run ID")
    path = os.environ.get("SQ_HANDOFF")
    if path:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_bytes(text)
    print(text.decode(), flush=True)
