"""Finds where head and torso end in the ranking of all queries (most searches first, then by text).

A window over the whole table would move it to one worker. But there are few distinct numbers of searches. Their sums
tell in which of them a rank lies. Only the texts of that one are searched, by prefix.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from os.path import commonprefix

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as sf

from sq.v1.query_pb2 import BAND_HEAD, BAND_TAIL, BAND_TORSO
from sq_generate.spark.levels import Level, find_level

# So many texts are sorted on the driver.
FEW = 10_000


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the ranking, after all queries with more searches, and after those with as many and a smaller text.

    With the text None, no query with as many searches is before it.
    """

    searches: int
    text: str | None

    def before(self) -> Column:
        more = sf.col("searches") > sf.lit(self.searches)
        if self.text is None:
            return more
        return more | ((sf.col("searches") == sf.lit(self.searches)) & (sf.col("text") < sf.lit(self.text)))


def with_bands(texts: DataFrame) -> DataFrame:
    """Adds the band to texts (text, searches, …).

    Texts that begin within the first third of all searches are the head, those within the second third the torso.
    """
    rows = texts.groupBy("searches").agg(sf.count("*")).collect()
    levels = [Level(*row) for row in sorted(rows, reverse=True)]
    head, torso = (_place(texts, levels, thirds) for thirds in (1, 2))
    band = (
        sf.when(head.before(), sf.lit(BAND_HEAD)).when(torso.before(), sf.lit(BAND_TORSO)).otherwise(sf.lit(BAND_TAIL))
    )
    return texts.withColumn("band", band)


def _place(texts: DataFrame, levels: Sequence[Level], thirds: int) -> Place:
    searches, rank = find_level(levels, thirds)
    if not rank:
        return Place(searches, None)
    level = texts.where(sf.col("searches") == sf.lit(searches)).select("text")
    return Place(searches, nth_text(level, rank))


def nth_text(texts: DataFrame, rank: int) -> str:
    """The text at a rank, from 0, among distinct texts in the order of code points."""
    prefix = ""
    while True:
        count, first, last = texts.agg(sf.count("*"), sf.min("text"), sf.max("text")).first()
        if count <= FEW:
            return sorted(row.text for row in texts.collect())[rank]
        # Skips the prefix that all texts share. A text that equals the prefix is the smallest.
        prefix = commonprefix([first, last])
        next_one = sf.substring(sf.col("text"), len(prefix) + 1, 1)
        found = sorted(texts.groupBy(next_one.alias("next")).agg(sf.count("*")).collect())
        for character, size in found:
            if rank < size:
                texts = texts.where(next_one == sf.lit(character))
                break
            rank -= size
