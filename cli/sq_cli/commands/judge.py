"""`sq judge`: rates any list of (query, product) pairs, by evaluate's own program."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer
from google.protobuf import json_format
from google.protobuf.message import Message

from sq.v1.evaluate_config_pb2 import EvaluateConfig
from sq.v1.generate_config_pb2 import GenerateConfig
from sq.v1.handoff_pb2 import Handoff
from sq.v1.judgment_pb2 import JudgeFailureReason, JudgingRecord, Reason, ReasonCode
from sq.v1.manifest_pb2 import Provenance
from sq.v1.product_pb2 import ProductRef
from sq.v1.query_pb2 import Query, QuerySetRecord
from sq.v1.retrieval_pb2 import Hit, RetrievalRecord, SearchResult
from sq.v1.source_pb2 import FieldMapping
from sq_cli.console import err
from sq_cli.pairs_file import JudgedRow, PairRow, read_pairs, write_judged
from sq_cli.plan import Task
from sq_cli.process_runtime import ProcessRuntime
from sq_cli.programs import read_pipeline
from sq_cli.progress import Display
from sq_handoff import ArtefactReader, ArtefactWriter
from sq_stagekit.config import load_yaml, parse_config, read_config
from sq_stagekit.errors import EXIT_BAD_INPUT, EXIT_TRY_AGAIN, InputError, TryAgainError
from sq_text import normalise

# The names that the contract knows; evaluate has a judge for each.
JUDGES = tuple(field.name for field in EvaluateConfig.DESCRIPTOR.oneofs_by_name["judge"].fields)
_MARKET = "pairs"
# The products come from the catalogue by their ids: their hashes are not known here.
_UNKNOWN_HASH = "0" * 64


def judge(
    judge: Annotated[str, typer.Option(help=f"{', '.join(JUDGES)}; with settings as YAML: {{openai: {{…}}}}.")],
    catalogue: Annotated[Path, typer.Option(help="Product records: NDJSON or CSV, plain, gzip or zstd.")],
    pairs: Annotated[Path, typer.Option(help="CSV with the columns query and docid.")],
    out: Annotated[Path, typer.Option(help="CSV to write: query, docid, judgment, reasons.")],
    fields: Annotated[Path | None, typer.Option(help="Field mapping (YAML); guessed where absent.")] = None,
    language: Annotated[str, typer.Option(help="Language of queries and catalogue, ISO 639-1.")] = "en",
) -> None:
    """Rate every pair of --pairs with a judge."""
    rows = read_pairs(pairs)
    place = {"uri": str(catalogue.absolute())}
    if fields is not None:
        place["fields"] = json_format.MessageToDict(read_config(str(fields), FieldMapping))
    asked = list(dict.fromkeys(normalise(row.query) for row in rows))
    generate = {
        "source_language": language,
        "target_language": language,
        "fixed": {"text": asked},
        "catalogue": place,
        "segments": len(asked),
        "queries_per_segment": 1000,
        "known_matches": 0,
    }
    evaluate = {**judge_fields(judge), "catalogue": place, "pool_depth": 0}
    with tempfile.TemporaryDirectory(prefix="sq-judge-") as folder, Display() as display:
        stages = _Stages(folder, display)
        queries = stages.run("generate", parse_config(generate, GenerateConfig, "--catalogue"), [])
        by_text = _by_text(queries)
        retrieval = _as_retrieval(f"{folder}/retrieval", rows, by_text)
        judged = stages.run(
            "evaluate",
            parse_config(evaluate, EvaluateConfig, "--judge"),
            [("queries", queries), ("retrieval", retrieval)],
        )
        verdicts = _verdicts(judged)
    write_judged(out, [JudgedRow(row, *verdicts[by_text[normalise(row.query)].query_id, row.docid]) for row in rows])
    failed = sum(not judgment for judgment, _ in verdicts.values())
    err.print(f"{len(rows)} pairs, {len(verdicts)} distinct, {failed} without a judgment: {out}")


def judge_fields(judge: str) -> dict:
    """The fields of EvaluateConfig for --judge: YAML, or the name of a judge that needs no settings.

    Raises:
        InputError: no judge has that name, or it needs settings.
    """
    if judge.lstrip().startswith("{"):
        return load_yaml(judge, "--judge")
    if judge not in JUDGES:
        raise InputError("--judge", f"there is no judge {judge!r}", f"give one of {', '.join(JUDGES)}")
    fields = {judge: {}}
    try:
        parse_config(fields, EvaluateConfig, "--judge")
    except InputError as error:
        fix = f"give it as YAML: --judge '{{{judge}: {{FIELD: VALUE}}}}'"
        raise InputError("--judge", f"{judge} needs settings: {error.problem}", fix) from error
    return fields


class _Stages:
    """Runs single stages of the pipeline in one folder."""

    def __init__(self, folder: str, display: Display) -> None:
        self._folder = folder
        self._display = display
        self._runtime = ProcessRuntime("judge")
        self._contracts = {stage.contract.name: stage.contract for stage in read_pipeline().stages}

    def run(self, stage: str, config: Message, inputs: list[tuple[str, Handoff]]) -> Handoff:
        task = Task(
            key=(_MARKET, stage, 0),
            contract=self._contracts[stage],
            market=_MARKET,
            shard="",
            config=config,
            inputs=(),
            output=f"{self._folder}/{stage}",
            needs_all=True,
        )
        ending = self._runtime.run(task, inputs, 1, lambda event: self._display.event(task, event))
        if ending.handoff is not None:
            return ending.handoff
        if ending.code == EXIT_BAD_INPUT:
            raise InputError(stage, ending.message, "correct it and run again")
        if ending.code == EXIT_TRY_AGAIN:
            raise TryAgainError(ending.message)
        raise RuntimeError(f"{stage} ended with {ending.code}: {ending.message}")


def _by_text(handoff: Handoff) -> dict[str, Query]:
    return {
        query.source_text: query
        for record in ArtefactReader.open(handoff.uri, QuerySetRecord)
        for query in record.segment.queries
    }


def _as_retrieval(uri: str, rows: Iterable[PairRow], queries: dict[str, Query]) -> Handoff:
    """The pairs as if a search had returned them, in the order of the file."""
    wanted: dict[str, dict[str, None]] = {}
    for row in rows:
        wanted.setdefault(normalise(row.query), {})[row.docid] = None
    writer = ArtefactWriter(uri, RetrievalRecord)
    for text, docids in wanted.items():
        if text not in queries:
            raise InputError("--pairs", f"{text!r} is not a query", "give words to search for")
        hits = [
            Hit(rank=rank, product=ProductRef(product_id=docid, content_hash=_UNKNOWN_HASH))
            for rank, docid in enumerate(docids, 1)
        ]
        query = queries[text]
        result = SearchResult(query_id=query.query_id, segment_id=query.segment_id, hits=hits, total_hits=len(hits))
        writer.write(RetrievalRecord(result=result))
    manifest = writer.publish(Provenance(stage="judge", market=_MARKET))
    return Handoff(uri=uri, digest=manifest.digest)


def _verdicts(handoff: Handoff) -> dict[tuple[str, str], tuple[str, str]]:
    verdicts = {}
    for record in ArtefactReader.open(handoff.uri, JudgingRecord):
        if record.HasField("judgment"):
            item = record.judgment
            verdict = str(item.grade), " ".join(_reason(reason) for reason in item.reasons)
        else:
            item = record.failure
            verdict = "", "FAILED:" + JudgeFailureReason.Name(item.reason).removeprefix("JUDGE_FAILURE_REASON_")
        verdicts[item.query_id, item.product_id] = verdict
    return verdicts


def _reason(reason: Reason) -> str:
    name = ReasonCode.Name(reason.code).removeprefix("REASON_CODE_")
    about = "=".join(part for part in (reason.tag_type, reason.value.replace(" ", "_")) if part)
    return f"{name}:{about}" if about else name
