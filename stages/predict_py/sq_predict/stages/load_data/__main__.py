"""sq-load-data: a market of a finished run in; copies of its query set and its results out."""

from __future__ import annotations

import re
import sys

from google.protobuf.message import Message

from sq.v1.judge_inference_pb2 import JudgeInference, LoadedArtefact
from sq.v1.query_pb2 import QuerySetRecord
from sq.v1.retrieval_pb2 import RetrievalRecord
from sq_handoff import ArtefactReader, ArtefactWriter, Store
from sq_handoff.location import join
from sq_predict.stages.config import SOURCE
from sq_stagekit import InputError, Stage, Work, run_stage

# Folder in the run, name of the model's input, type.
_ARTEFACTS = (("generate", "queries", QuerySetRecord), ("retrieve", "retrieval", RetrievalRecord))
_MANIFEST = re.compile(r"(?:shard-(\d+)-of-(\d+)/)?manifest\.json")
_FIX = "give the folder of a market in a finished run, such as s3://lake/runs/november/uk"


def run(work: Work) -> None:
    config: JudgeInference = work.config
    if not config.source_uri:
        raise InputError(SOURCE, "is missing", f"{_FIX}; or start the DAG run with the parameter source")
    names = []
    for folder, name, message in _ARTEFACTS:
        found = artefacts(join(config.source_uri, folder))
        for number, uri in enumerate(found):
            work.check_stop()
            copied = copy(uri, join(work.output.uri, f"{name}-{number}"), message)
            work.write(LoadedArtefact(input=name, uri=copied.uri, digest=copied.digest, source_uri=uri))
        names.append(f"{len(found)} of {name}")
    work.note = f"artefacts of {config.source_uri}: {', '.join(names)}"


def artefacts(uri: str) -> list[str]:
    """The artefact at a folder, or its shards. Raises InputError if there is none, or a shard is missing."""
    try:
        store = Store.at(uri)
    except ValueError as error:
        raise InputError(SOURCE, str(error), _FIX) from error
    found = [match for match in map(_MANIFEST.fullmatch, store.list()) if match]
    if not found:
        raise InputError(SOURCE, f"there is no artefact at {uri}", _FIX)
    shards = {int(match[1]): int(match[2]) for match in found if match[1]}
    if not shards:
        return [uri]
    wanted = max(shards.values())
    missing = sorted(set(range(wanted)) - set(shards))
    if missing:
        raise InputError(SOURCE, f"shard {missing[0]} of {wanted} is missing at {uri}", "wait until that run has ended")
    return [join(uri, f"shard-{shard}-of-{wanted}") for shard in sorted(shards)]


def copy(uri: str, target: str, message: type[Message]) -> ArtefactReader:
    """Copies an artefact, whose digests are checked on the way. Returns the copy."""
    original = ArtefactReader.open(uri, message)
    writer = ArtefactWriter(target, message)
    for record in original:
        writer.write(record)
    writer.publish(original.manifest.provenance)
    return ArtefactReader.open(target, message)


if __name__ == "__main__":
    sys.exit(run_stage(Stage.beside(__file__), run))
