"""`sq cat`: the records of an artefact."""

from __future__ import annotations

from typing import Annotated

import typer
from google.protobuf import json_format

from sq_handoff import ArtefactReader, fetch_manifest
from sq_stagekit import messages
from sq_stagekit.errors import InputError


def cat(
    uri: Annotated[str, typer.Argument(metavar="URI", help="Folder of an artefact, the one with manifest.json.")],
) -> None:
    """Print an artefact's records as JSON lines, every digest checked."""
    try:
        message_type = fetch_manifest(uri).content.message_type
    except ValueError as error:
        raise InputError("URI", str(error), "give a folder, s3:// or gs://") from error
    try:
        message = messages.find(message_type)
    except KeyError as error:
        raise InputError(uri, f"holds {message_type}", "read it with the sq that knows this type") from error
    for record in ArtefactReader.open(uri, message):
        print(json_format.MessageToJson(record, indent=None, ensure_ascii=False))
