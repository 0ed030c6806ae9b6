"""How Airflow itself uses artefacts: it checks the manifest against the handoff, and removes scratch files."""

from __future__ import annotations

from pydantic import ValidationError

from sq_airflow.handoff import Expected, Handoff, HandoffError
from sq_airflow.json_model import Count, ProtoJson, first_problem
from sq_airflow.store import exists, read, remove_folder

_MANIFEST = "manifest.json"
_SCRATCH = "scratch"


class Content(ProtoJson):
    """The part of a manifest about the artefact's records."""

    message_type: str = ""
    records: Count = 0


class Manifest(ProtoJson):
    """The fields of sq.v1.Manifest that Airflow compares with the handoff."""

    digest: str = ""
    content: Content = Content()


def accept(value: object, expected: Expected, storage_conn_id: str) -> Handoff:
    """The handoff of a task that has done its work.

    Raises:
        HandoffError: the handoff is missing, breaks its contract or belongs to another task; or storage has no
            artefact with its digest.
        StorageError: storage does not answer, or refuses Airflow.
    """
    handoff = named(value, expected)
    manifest = _manifest(handoff.uri, storage_conn_id)
    for name, given, wanted in (
        ("digest", manifest.digest, handoff.digest),
        ("content.messageType", manifest.content.message_type, handoff.message_type),
        ("content.records", manifest.content.records, handoff.records),
    ):
        if given != wanted:
            raise HandoffError(f"{handoff.uri}/{_MANIFEST}: {name} is {given!r}, but the handoff says {wanted!r}")
    return handoff


def named(value: object, expected: Expected) -> Handoff:
    """The handoff of a task, whose artefact Airflow does not look at. Raises HandoffError as `accept`."""
    handoff = Handoff.parse(value)
    expected.check(handoff)
    return handoff


def _manifest(uri: str, storage_conn_id: str) -> Manifest:
    try:
        return Manifest.model_validate_json(read(f"{uri}/{_MANIFEST}", storage_conn_id))
    except FileNotFoundError as error:
        raise HandoffError(f"{uri} has no {_MANIFEST}: the stage did not publish the artefact it named") from error
    except ValidationError as error:
        raise HandoffError(f"{uri}/{_MANIFEST}: {first_problem(error)}") from None


def clean_scratch(uri: str, storage_conn_id: str) -> bool:
    """Removes what a finished artefact kept for its own retries. An unfinished artefact keeps it.

    Returns:
        Whether there was anything to remove.
    """
    scratch = f"{uri}/{_SCRATCH}"
    if not exists(f"{uri}/{_MANIFEST}", storage_conn_id) or not exists(scratch, storage_conn_id):
        return False
    remove_folder(scratch, storage_conn_id)
    return True
