"""`sq train` trains a judge from labelled (query, product) pairs, on this machine."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path
from typing import Annotated

import typer
from google.protobuf import json_format

from sq.v1.evaluate_config_pb2 import PeopleJudge as Labels
from sq.v1.generate_config_pb2 import GenerateConfig
from sq.v1.source_pb2 import Catalogue, FieldMapping
from sq_cli.options import CatalogueFields, Language
from sq_cli.pairs_file import read_pairs
from sq_cli.programs import find_program
from sq_cli.progress import Display
from sq_cli.rating import queries_config
from sq_cli.single_stages import SingleStages
from sq_stagekit.config import load_yaml, parse_config, read_config

_FLAG = "--labels"


def train(
    labels: Annotated[
        str,
        typer.Option(help="Labels: a table with the columns query, docid, rating; with settings as YAML: {uri: …}."),
    ],
    catalogue: Annotated[Path, typer.Option(help="Products: JSON or CSV; plain, gzip or zstd.")],
    out: Annotated[Path, typer.Option(help="Folder to write: the model, signed with this machine's key.")],
    fields: CatalogueFields = None,
    embedding: Annotated[
        str,
        typer.Option(
            help="Folder or URI of a sentence embedding: *.onnx and *tokenizer.json; none. Default: built in."
        ),
    ] = "",
    language: Language = "en",
    seed: Annotated[int, typer.Option(help="Of the training. The same labels and seed give the same model.")] = 0,
) -> None:
    """Train a judge from the ratings of --labels."""
    rated = read_labels(labels)
    source = Catalogue(uri=str(catalogue.absolute()))
    if fields is not None:
        source.fields.CopyFrom(read_config(str(fields), FieldMapping))
    with tempfile.TemporaryDirectory(prefix="sq-train-") as name:
        with Display() as display:
            stages = SingleStages("labels", Path(name), display)
            queries = stages.run("generate", _generate(rated, source, language), [])
        command = [*find_program("sq-train"), f"--queries={queries.uri}", f"--labels={_json(rated)}"]
        command += [f"--catalogue={_json(source)}", f"--embedding={embedding}", f"--out={out.absolute()}"]
        code = subprocess.run([*command, f"--seed={seed}"], check=False).returncode
    if code:
        raise typer.Exit(code)


def read_labels(text: str) -> Labels:
    """The labels' file and its settings, of YAML or of a path alone. Raises InputError."""
    given = load_yaml(text, _FLAG) if text.lstrip().startswith("{") else {"uri": text}
    labels = parse_config(given, Labels, _FLAG)
    if "://" not in labels.uri:
        labels.uri = str(Path(labels.uri).absolute())
    return labels


def _generate(labels: Labels, source: Catalogue, language: str) -> GenerateConfig:
    """The queries of the labels, tagged as those of `sq judge` are."""
    rows = read_pairs(Path(labels.uri), labels.csv if labels.HasField("csv") else None, _FLAG)
    return queries_config(rows, json_format.MessageToDict(source), language)


def _json(message: object) -> str:
    return json_format.MessageToJson(message, indent=None)
