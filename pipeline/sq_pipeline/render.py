"""Renders pipeline.json: `python -m sq_pipeline.render --pipeline P --contracts C… --out pipeline.json`."""

from __future__ import annotations

import argparse
import hashlib
import sys
from collections.abc import Sequence
from pathlib import Path

import protovalidate
from google.protobuf import text_format
from google.protobuf.message import Message

from sq.v1.pipeline_pb2 import Pipeline, RenderedPipeline, RenderedStage, TypeFingerprint
from sq.v1.stage_contract_pb2 import StageContract
from sq_handoff.canonical_json import canonical_json
from sq_handoff.schema import fingerprint
from sq_pipeline.check import WiringError, check, name_of
from sq_stagekit import messages


def render(pipeline: Pipeline, contracts: Sequence[StageContract]) -> RenderedPipeline:
    """The wiring with every node named, its contracts in the order of the nodes, each once, and their digests.

    Raises:
        WiringError: wiring and contracts do not fit.
    """
    by_name = {contract.name: contract for contract in contracts}
    check(pipeline, by_name)
    named = Pipeline(name=pipeline.name, folder=pipeline.folder)
    for node in pipeline.nodes:
        named.nodes.add().CopyFrom(node)
        named.nodes[-1].name = name_of(node)
    stages = dict.fromkeys(node.stage for node in pipeline.nodes)
    return RenderedPipeline(pipeline=named, stages=[_rendered(by_name[stage]) for stage in stages])


def _rendered(contract: StageContract) -> RenderedStage:
    types = sorted({contract.output.message_type, *(item.message_type for item in contract.inputs)})
    digest = hashlib.sha256(contract.SerializeToString(deterministic=True)).hexdigest()
    return RenderedStage(
        contract=contract,
        contract_digest=f"sha256:{digest}",
        fingerprints=[
            TypeFingerprint(message_type=name, fingerprint=fingerprint(messages.find(name).DESCRIPTOR))
            for name in types
        ],
    )


def _read(path: Path, message: Message) -> Message:
    text_format.Parse(path.read_text(encoding="utf-8"), message)
    protovalidate.validate(message)
    return message


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pipeline", type=Path, required=True)
    parser.add_argument("--contracts", type=Path, nargs="+", action="extend", required=True)
    parser.add_argument("--out", type=Path, required=True)
    flags = parser.parse_args(arguments)
    path = flags.pipeline
    try:
        contracts = []
        for path in flags.contracts:
            contracts.append(_read(path, StageContract()))
        path = flags.pipeline
        rendered = render(_read(path, Pipeline()), contracts)
    except (WiringError, text_format.ParseError, protovalidate.ValidationError) as error:
        print(f"{path}: {error}", file=sys.stderr)
        return 2
    flags.out.write_bytes(canonical_json(rendered) + b"\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
