"""Labels by people: the grade that counts for each pair, and those of single people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import regex

from sq.v1.evaluate_config_pb2 import PeopleJudge
from sq_cli.pairs_file import PairRow
from sq_ratings import TOP_GRADE, Scale, collect, query_key, read_ratings
from sq_source import read_documents
from sq_source.columns import PRODUCT, usual_column
from sq_source.files import extension
from sq_stagekit.config import load_yaml, parse_config
from sq_stagekit.errors import InputError

_FLAG = "--labels"
_RATER = "rater"
_WHOLE = regex.compile(r"[0-9]+([.]0+)?")
Grades = dict[tuple[str, str], int]


@dataclass(frozen=True)
class Labels:
    """Attributes:
    grades: 0 to 4 by query key and product id, in the order of the file.
    people: the same by the column of one person; empty where the file has no such columns.
    scale: of the ratings, such as "0 to 3".
    """

    grades: Grades
    people: dict[str, Grades]
    scale: str

    @property
    def rows(self) -> list[PairRow]:
        return [PairRow(query, product) for query, product in self.grades]


def read_labels(path: Path, settings: str, raters: Sequence[str], flag: str = _FLAG) -> Labels:
    """Reads a file of ratings in every form that the judge `people` reads.

    Args:
        settings: more fields of PeopleJudge, as YAML. Without a scale, the file's highest rating is its end.
        flag: that names the file, for errors.
        raters: columns with the ratings of one person each; empty: those whose name begins with "rater".

    Raises:
        InputError: the file cannot be read, or has no ratings.
    """
    config = parse_config({**load_yaml(settings, "--people"), "uri": str(path)}, PeopleJudge, "--people")
    if not (config.scale_max or config.HasField("scale") or config.values):
        config.scale_max = _highest(config)
    grades = _grades(config)
    if not grades:
        raise InputError(flag, f"{path} contains no ratings", "give a file with ratings")
    people = {}
    for column in raters or list(_rater_columns(path)):
        one = PeopleJudge()
        one.CopyFrom(config)
        one.columns.rating = column
        people[column] = _grades(one)
    return Labels(grades, people, str(Scale.of(config)))


def _grades(config: PeopleJudge) -> Grades:
    return collect(read_ratings(config), Scale.of(config), config.aggregation, query_key)


def _highest(config: PeopleJudge) -> int:
    """The end of the scale: the file's highest rating where that is 1, 2 or 3; else that of grades."""
    found = {rating.value for rating in read_ratings(config)} - {""}
    whole = {float(value) for value in found if _WHOLE.fullmatch(value)}
    highest = int(max(whole, default=0))
    return highest if len(whole) == len(found) and 0 < highest < TOP_GRADE else TOP_GRADE


def _rater_columns(path: Path) -> Iterator[str]:
    if extension(str(path)) not in ("csv", "tsv", "tab"):
        return
    for _, row in islice(read_documents(str(path), 0, _FLAG), 1):
        if usual_column(row, PRODUCT):
            yield from (name for name in row if name.strip().lower().startswith(_RATER))
