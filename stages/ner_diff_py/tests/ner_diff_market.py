"""Products and queries for the tests."""

from __future__ import annotations

from sq.v1.product_pb2 import Attribute, Product, ProductRef
from sq.v1.query_pb2 import BAND_HEAD, Query
from sq.v1.retrieval_pb2 import Hit, RetrievalRecord, SearchResult
from sq.v1.tag_pb2 import Tag
from sq_handoff.product import seal


def product(
    product_id: str, title: str, *, brand: str = "", category: str = "", text: str = "", **tags: str
) -> Product:
    """A product. Further arguments are attributes with the tag type of that name: colour="red" has COLOUR."""
    attributes = [Attribute(name=name, values=[value], tag_type=name.upper()) for name, value in sorted(tags.items())]
    return seal(
        Product(
            product_id=product_id,
            title=title,
            description=text,
            brand=brand,
            categories=[category] if category else [],
            attributes=attributes,
        )
    )


def tag(text: str, kind: str, surface: str, value: str = "") -> Tag:
    start = text.index(surface)
    return Tag(type=kind, value=value or surface, surface=surface, start=start, end=start + len(surface))


def query(query_id: str, text: str, tags: list[Tag], language: str = "en", **fields: object) -> Query:
    given = {
        "query_id": query_id,
        "segment_id": "S",
        "source_text": text,
        "source_language": language,
        "text": text,
        "language": language,
        "source_tags": tags,
        "tags": tags,
        "intended_tags": tags,
        "band": BAND_HEAD,
    }
    return Query(**{**given, **fields})


def result(query_id: str, products: list[Product]) -> list[RetrievalRecord]:
    hits = [
        Hit(rank=rank, product=ProductRef(product_id=item.product_id, content_hash=item.content_hash))
        for rank, item in enumerate(products, 1)
    ]
    found = SearchResult(query_id=query_id, segment_id="S", hits=hits)
    return [*(RetrievalRecord(product=item) for item in products), RetrievalRecord(result=found)]
