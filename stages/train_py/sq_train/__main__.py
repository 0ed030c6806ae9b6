"""The program: query set, labels and catalogue in; a signed model's folder out."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Sequence
from pathlib import Path

from sq.v1.evaluate_config_pb2 import PeopleJudge as LabelsFile
from sq.v1.model_card_pb2 import ModelFigure
from sq.v1.query_pb2 import Query, QuerySetRecord
from sq.v1.source_pb2 import Catalogue
from sq_handoff import ArtefactError, ArtefactReader, StorageAway, StorageRefused
from sq_source import read_catalogue
from sq_stagekit import InputError, TryAgainError
from sq_stagekit.config import load_yaml, parse_config
from sq_stagekit.errors import EXIT_BAD_INPUT, EXIT_TRY_AGAIN
from sq_train.embedding_files import open_embedding, read_embedding
from sq_train.examples import make_examples
from sq_train.labels import FIELD as LABELS_FIELD
from sq_train.labels import read_labels
from sq_train.sources import model_sources
from sq_train.training import train
from sq_train.write import check_free, write_model
from sq_trained import Features


def run(arguments: Sequence[str]) -> None:
    """Trains and writes the folder. Raises InputError or TryAgainError."""
    flags = _flags().parse_args(arguments)
    out = Path(flags.out)
    check_free(out)
    labels, scale = read_labels(_place(flags.labels, LabelsFile, LABELS_FIELD))
    embedding = read_embedding(flags.embedding)
    queries = read_queries(flags.queries)
    wanted = {product for _, product in labels}
    products = {
        product.product_id: product
        for product in read_catalogue(_place(flags.catalogue, Catalogue, "--catalogue"), "--catalogue")
        if product.product_id in wanted
    }
    examples = make_examples(labels, queries, products, Features(open_embedding(embedding)))
    trained = train(examples, queries[0].language, flags.seed)
    trained.card.sources.CopyFrom(model_sources(labels, examples, embedding, flags.seed))
    write_model(out, trained, embedding)
    found = trained.card.figures
    print(f"{found.pairs} of {len(labels)} labels, {found.queries} queries, ratings on {scale}")
    print(f"on queries kept apart: {_both(found.kappa, found.agreement)}")
    print(f"rules alone:           {_both(found.rules_kappa, found.rules_agreement)}")


def read_queries(uri: str) -> list[Query]:
    """The queries of a query set."""
    return [query for record in ArtefactReader.open(uri, QuerySetRecord) for query in record.segment.queries]


def _flags() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("sq-train", description=__doc__, allow_abbrev=False)
    parser.add_argument("--queries", required=True, help="URI of a query set: the labelled queries, tagged")
    parser.add_argument("--labels", required=True, help="file, or sq.v1.PeopleJudge as YAML")
    parser.add_argument("--catalogue", required=True, help="file, or sq.v1.Catalogue as YAML")
    parser.add_argument("--embedding", default="", help="folder or URI with *.onnx and *tokenizer.json; or none")
    parser.add_argument("--out", required=True, help="folder to write")
    parser.add_argument("--seed", type=int, default=0)
    return parser


def _place(text: str, message: type, field: str):
    """A message with a uri: given as YAML, or as the place alone."""
    return parse_config(load_yaml(text, field) if text.lstrip().startswith("{") else {"uri": text}, message, field)


def _both(kappa: ModelFigure, same: ModelFigure) -> str:
    return f"quadratic kappa {_shown(kappa)}, same grade {_shown(same)}"


def _shown(figure: ModelFigure) -> str:
    return f"{figure.value:.2f} ({figure.low:.2f} to {figure.high:.2f})"


def main(arguments: Sequence[str]) -> int:
    """Returns 0 for success, 2 for bad input, 75 if a retry may succeed."""
    logging.basicConfig(level=logging.WARNING, format="%(message)s", stream=sys.stderr)
    try:
        run(arguments)
    except InputError as error:
        print(f"{error.field}: {error.problem}\n  {error.fix}", file=sys.stderr)
        return EXIT_BAD_INPUT
    except (ArtefactError, StorageRefused) as error:
        print(f"{error}\n  {error.fix}", file=sys.stderr)
        return EXIT_BAD_INPUT
    except (TryAgainError, StorageAway) as error:
        print(error, file=sys.stderr)
        return EXIT_TRY_AGAIN
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
