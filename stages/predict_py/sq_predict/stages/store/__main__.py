"""sq-store: predictions in; a file of JSON lines at the place where others read them out."""

from __future__ import annotations

import hashlib
import sys

from google.protobuf import json_format

from sq.v1.judge_inference_pb2 import JudgeInference, StoredPredictions
from sq_handoff import Store
from sq_handoff.location import join
from sq_predict.stages.config import STORE
from sq_stagekit import InputError, Stage, Work, run_stage


def run(work: Work) -> None:
    """Writes RUN.ndjson. The same run writes the same bytes, so a repetition changes nothing."""
    config: JudgeInference = work.config
    try:
        store = Store.at(config.store_uri)
    except ValueError as error:
        raise InputError(STORE, str(error), "give a path, file://, s3:// or gs://") from error
    lines, count = bytearray(), 0
    for record in work.inputs["predictions"][0]:
        work.check_stop()
        text = json_format.MessageToJson(record, indent=None, sort_keys=True, ensure_ascii=False)
        lines += f"{text}\n".encode()
        count += 1
    name = f"{work.run_id}.ndjson"
    store.put(name, bytes(lines))
    uri = join(config.store_uri, name)
    work.write(StoredPredictions(uri=uri, sha256=hashlib.sha256(lines).hexdigest(), records=count))
    work.note = f"{count} records at {uri}"


if __name__ == "__main__":
    sys.exit(run_stage(Stage.beside(__file__), run))
