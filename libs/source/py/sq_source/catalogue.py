"""A catalogue's products."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, islice

from sq.v1.product_pb2 import Product
from sq.v1.source_pb2 import Catalogue, FieldMapping
from sq_source.documents import read_documents
from sq_source.files import find_files
from sq_source.guess import guess_fields
from sq_source.mapped_fields import MappedFields
from sq_source.mapping import Document, NoIdError, leaves, texts, to_product
from sq_stagekit import InputError

# Documents that a mapping is guessed from. The fields of its id and title must occur in them.
_SAMPLE = 1000


def read_catalogue(catalogue: Catalogue, field: str) -> Iterator[Product]:
    """Products in the order of the files, each with its content hash. An id may occur more than once.

    Args:
        field: of the configuration, for errors.

    Raises:
        InputError: a file is missing, a line is broken, a product has no id, or there are no products. After the last
            product: no product has one of the mapped fields.
    """
    documents = _documents(catalogue, field)
    sample = list(islice(documents, _SAMPLE))
    if not sample:
        raise InputError(f"{field}.uri", f"{catalogue.uri} contains no products", "give a catalogue with products")
    names = sorted({name for _, document in sample for name in leaves(document)})
    mapping = _mapping(catalogue, [document for _, document in sample], names, field)
    mapped = MappedFields(catalogue.fields, field)
    for where, document in chain(sample, documents):
        mapped.see(document)
        try:
            yield to_product(document, mapping)
        except NoIdError as error:
            raise InputError(where, f"has no {error}", "give every product an id, or map another field") from error
    mapped.check(names)


def _documents(catalogue: Catalogue, field: str) -> Iterator[tuple[str, Document]]:
    for uri in find_files(catalogue.uri, f"{field}.uri"):
        yield from read_documents(uri, catalogue.format, field, catalogue.csv)


def _mapping(catalogue: Catalogue, documents: list[Document], names: list[str], field: str) -> FieldMapping:
    if not catalogue.HasField("fields"):
        return guess_fields(names, field)
    for name in ("id", "title"):
        path = getattr(catalogue.fields, name)
        if not any(texts(document, path) for document in documents):
            raise InputError(
                f"{field}.fields.{name}",
                f"no product has the field {path}; there are {', '.join(names[:40])}",
                "map another field",
            )
    return catalogue.fields
