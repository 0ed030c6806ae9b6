"""Rates pairs of query and product with a judge, by the stages generate and evaluate."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from google.protobuf import json_format

from sq.v1.evaluate_config_pb2 import EvaluateConfig
from sq.v1.generate_config_pb2 import GenerateConfig
from sq.v1.source_pb2 import FieldMapping
from sq_cli.judging import Verdict, queries_by_text, read_verdicts, write_retrieval
from sq_cli.pairs_file import PairRow
from sq_cli.progress import Display
from sq_cli.single_stages import SingleStages
from sq_stagekit.config import load_yaml, parse_config, read_config
from sq_stagekit.errors import InputError
from sq_text import query_form

# The names that the contract knows; evaluate has a judge for each.
JUDGES = tuple(field.name for field in EvaluateConfig.DESCRIPTOR.oneofs_by_name["judge"].fields)
_MARKET = "pairs"


@dataclass(frozen=True)
class Products:
    """The catalogue of the products to rate.

    Attributes:
        fields: file with its field mapping; None to find the fields.
        language: of queries and catalogue, ISO 639-1.
    """

    path: Path
    fields: Path | None
    language: str

    @property
    def source(self) -> dict:
        """As a Catalogue of a configuration."""
        source: dict = {"uri": str(self.path.absolute())}
        if self.fields is not None:
            source["fields"] = json_format.MessageToDict(read_config(str(self.fields), FieldMapping))
        return source


def rate(judge: str, rows: Sequence[PairRow], products: Products) -> list[Verdict]:
    """The judge's verdict on each row, in their order. Equal pairs are judged once.

    Args:
        judge: the name of a judge, or one with settings, as YAML.

    Raises:
        InputError: judge, catalogue or pairs cannot be used.
        StageFailed: a stage failed, and the display has shown why.
    """
    source = products.source
    evaluate = {**judge_fields(judge), "catalogue": source, "pool_depth": 0}
    with tempfile.TemporaryDirectory(prefix="sq-judge-") as name, Display() as display:
        folder = Path(name)
        stages = SingleStages(_MARKET, folder, display)
        query_set = stages.run("generate", queries_config(rows, source, products.language), [])
        queries = queries_by_text(query_set)
        retrieval = write_retrieval(folder / "retrieval", _MARKET, rows, queries)
        inputs = [("queries", query_set), ("retrieval", retrieval)]
        verdicts = read_verdicts(stages.run("evaluate", parse_config(evaluate, EvaluateConfig, "--judge"), inputs))
    return [verdicts[queries[query_form(row.query)].query_id, row.docid] for row in rows]


def queries_config(rows: Sequence[PairRow], source: Mapping[str, object], language: str) -> GenerateConfig:
    """Makes the distinct queries of some pairs a query set, tagged from a catalogue. Raises InputError."""
    fields = {
        "source_language": language,
        "target_language": language,
        "fixed": {"text": list(dict.fromkeys(query_form(row.query) for row in rows))},
        "catalogue": source,
        "known_matches": 0,
    }
    return parse_config(fields, GenerateConfig, "--catalogue")


def judge_fields(judge: str) -> Mapping[str, object]:
    """The fields of EvaluateConfig for --judge: YAML, or the name of a judge that needs no settings.

    Raises:
        InputError: no judge has that name, or it needs settings.
    """
    if judge.lstrip().startswith("{") or ":" in judge:
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
