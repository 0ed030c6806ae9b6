"""`sq judge` rates a list of (query, product) pairs with the evaluate stage."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated

import typer
from google.protobuf import json_format

from sq.v1.evaluate_config_pb2 import EvaluateConfig
from sq.v1.generate_config_pb2 import GenerateConfig
from sq.v1.source_pb2 import CsvDialect, FieldMapping
from sq_cli.console import err
from sq_cli.judging import queries_by_text, read_verdicts, write_retrieval
from sq_cli.pairs_file import JudgedRow, read_pairs, write_judged
from sq_cli.progress import Display
from sq_cli.single_stages import SingleStages
from sq_stagekit.config import load_yaml, parse_config, read_config
from sq_stagekit.errors import InputError
from sq_text import query_form

# The names that the contract knows; evaluate has a judge for each.
JUDGES = tuple(field.name for field in EvaluateConfig.DESCRIPTOR.oneofs_by_name["judge"].fields)
_MARKET = "pairs"


def judge(
    judge: Annotated[str, typer.Option(help=f"{', '.join(JUDGES)}; with settings as YAML: {{openai: {{…}}}}.")],
    catalogue: Annotated[Path, typer.Option(help="Products: JSON or CSV; plain, gzip or zstd.")],
    pairs: Annotated[Path, typer.Option(help="Pairs: a table with the columns query and docid.")],
    out: Annotated[Path, typer.Option(help="CSV to write, with the columns query, docid, judgment, reasons.")],
    fields: Annotated[
        Path | None, typer.Option(help="Field mapping of the catalogue (YAML). Default: detected.")
    ] = None,
    csv: Annotated[
        str, typer.Option(help="How --pairs is written, as YAML: {separator: ';', encoding: …}. Default: detected.")
    ] = "{}",
    language: Annotated[str, typer.Option(help="Language of queries and catalogue (ISO 639-1).")] = "en",
) -> None:
    """Rate every pair of --pairs with a judge."""
    rows = read_pairs(pairs, parse_config(load_yaml(csv, "--csv"), CsvDialect, "--csv"))
    source = {"uri": str(catalogue.absolute())}
    if fields is not None:
        source["fields"] = json_format.MessageToDict(read_config(str(fields), FieldMapping))
    texts = list(dict.fromkeys(query_form(row.query) for row in rows))
    generate = {
        "source_language": language,
        "target_language": language,
        "fixed": {"text": texts},
        "catalogue": source,
        "known_matches": 0,
    }
    evaluate = {**judge_fields(judge), "catalogue": source, "pool_depth": 0}
    with tempfile.TemporaryDirectory(prefix="sq-judge-") as name, Display() as display:
        folder = Path(name)
        stages = SingleStages(_MARKET, folder, display)
        query_set = stages.run("generate", parse_config(generate, GenerateConfig, "--catalogue"), [])
        queries = queries_by_text(query_set)
        retrieval = write_retrieval(folder / "retrieval", _MARKET, rows, queries)
        inputs = [("queries", query_set), ("retrieval", retrieval)]
        verdicts = read_verdicts(stages.run("evaluate", parse_config(evaluate, EvaluateConfig, "--judge"), inputs))
    judged = [(row, verdicts[queries[query_form(row.query)].query_id, row.docid]) for row in rows]
    write_judged(out, [JudgedRow(row, verdict.judgment, verdict.reasons) for row, verdict in judged])
    failed = sum(not verdict.judgment for verdict in verdicts.values())
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
