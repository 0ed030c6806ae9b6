"""Configurations of retrieve for the sample shop. Each asks for the same products in another way."""

from __future__ import annotations

import copy

_SEARCHED = ["title^8", "brand^4", "category^4", "sizes^2", "description"]
_TAG_TYPES = {"colour": "COLOUR", "material": "MATERIAL", "gender": "GENDER", "size": "SIZE"}


def like_opensearch(sample: dict, url: str, market: str) -> dict:
    """The configuration of the sample."""
    found = copy.deepcopy(sample["defaults"]["retrieve"])
    found["opensearch"] |= {"url": url, "index": market}
    return found


def search_as_json(sample: dict, url: str, market: str) -> dict:
    """The first JSON API: OpenSearch's request and answer, by a template and by paths."""
    source = "$._source"
    return {
        "json": {
            "url": f"{url}/{{{{filter.market}}}}/_search",
            "filters": {"market": market},
            "body_template": sample["defaults"]["retrieve"]["opensearch"]["body_template"],
            "answer": {
                "hits": "$.hits.hits",
                "total": "$.hits.total.value",
                "score": "$._score",
                **{
                    name: f"{source}.{name}"
                    for name in ("id", "title", "description", "brand", "category", "price", "image")
                },
                "attributes": [
                    {"path": f"{source}.{'sizes' if name == 'size' else name}", "name": name, "tag_type": tag_type}
                    for name, tag_type in _TAG_TYPES.items()
                ],
            },
        },
        "max_retries": 1,
    }


def find(url: str, market: str) -> dict:
    """The second JSON API: GET, nested hits, and attributes as a list of names and values."""
    return {
        "json": {
            "url": f"{url}/{{{{filter.market}}}}/find",
            "filters": {"market": market},
            "parameters": [{"name": "q", "value": "{{query}}"}, {"name": "n", "value": "{{size}}"}],
            "answer": {
                "hits": "$.page.entries",
                "total": "$.page.found",
                "score": "$.relevance",
                "id": "$.item.sku",
                "title": "$.item.texts.name",
                "description": "$.item.texts.about",
                "brand": "$.item.maker.name",
                "category": "$.item.shelf",
                "price": "$.item.offer.amount",
                "image": "$.item.media[0].href",
                "attribute_lists": [
                    {"items": "$.item.facts[*]", "name": "$.name", "value": "$.values", "tag_types": _TAG_TYPES}
                ],
            },
        },
        "max_retries": 1,
    }


def of_solr(sample: dict, url: str, market: str) -> dict:
    return {
        "solr": {
            "url": url,
            "collection": market,
            "search_fields": _SEARCHED,
            "parameters": [{"name": "mm", "value": "100%"}, {"name": "sort", "value": "score desc, id asc"}],
        },
        "fields": sample["defaults"]["retrieve"]["fields"],
        "max_retries": 1,
    }
