"""`sq cat` prints the records of an artefact."""

from __future__ import annotations

from typing import Annotated

import typer
from google.protobuf import json_format

from sq_handoff import ArtefactReader, fetch_manifest
from sq_stagekit import messages
from sq_stagekit.errors import InputError


def cat(
    uri: Annotated[
        str, typer.Argument(metavar="URI", help="Folder of an artefact (the one that contains manifest.json).")
    ],
) -> None:
    """Print the records of an artefact as JSON lines. Checks every digest."""
    try:
        message_type = fetch_manifest(uri).content.message_type
    except ValueError as error:
        raise InputError("URI", str(error), "give a folder, or a URI with s3:// or gs://") from error
    try:
        message = messages.find(message_type)
    except KeyError as error:
        raise InputError(
            uri, f"contains {message_type}, which this sq does not know", "use the sq of the release that wrote it"
        ) from error
    for record in ArtefactReader.open(uri, message):
        print(json_format.MessageToJson(record, indent=None, ensure_ascii=False))
