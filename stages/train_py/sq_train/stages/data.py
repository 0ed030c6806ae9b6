"""The data of a training: what validate wrote, joined with the tagged queries."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sq.v1.judge_training_pb2 import Label, TrainingRecord
from sq.v1.product_pb2 import Product
from sq.v1.query_pb2 import Query, QuerySetRecord
from sq_handoff import ArtefactReader
from sq_stagekit import InputError


@dataclass(frozen=True)
class Data:
    """Queries and products by id, and all labels."""

    queries: dict[str, Query]
    products: dict[str, Product]
    labels: list[Label]

    @classmethod
    def read(cls, queries: ArtefactReader[QuerySetRecord], labels: ArtefactReader[TrainingRecord]) -> Data:
        found = {query.query_id: query for query in queries_of(queries)}
        data = cls(found, {}, [])
        for record in labels:
            if record.HasField("product"):
                data.products[record.product.product_id] = record.product
            elif record.HasField("label"):
                data.labels.append(record.label)
        return data

    def part(self, *, held_out: bool) -> list[Label]:
        """The labels that are kept apart, or those that are not."""
        return [label for label in self.labels if label.held_out == held_out]


def queries_of(records: Iterable[QuerySetRecord]) -> list[Query]:
    """The queries of a query set."""
    return [query for record in records for query in record.segment.queries]


def single(reader: ArtefactReader) -> object:
    """The only record of an artefact. Raises InputError."""
    records = list(reader)
    if len(records) != 1:
        raise InputError("--input", f"{reader.uri} has {len(records)} records, not one", "clear the task that wrote it")
    return records[0]
