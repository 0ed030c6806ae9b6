"""Run configurations over the judged queries."""

from __future__ import annotations

from pathlib import Path

import yaml

from sq_e2e.chorus.data import FIELDS, PEOPLE_SCALE, Chorus
from sq_e2e.chorus.index import INDEX


def market(name: str, chorus: Chorus, url: str, evaluate: dict) -> dict:
    """The configuration of one market over the judged queries."""
    catalogue = {"uri": str(chorus.products), "fields": FIELDS}
    return {
        "market": name,
        "generate": {
            "source_language": "en",
            "target_language": "en",
            "fixed": {"text": chorus.queries()},
            "catalogue": catalogue,
            "known_matches": 0,
        },
        "retrieve": {
            "opensearch": {
                "url": url,
                "index": INDEX,
                "search_fields": ["title^3", "supplier^2", "attr_t_product_type^2", "short_description"],
            },
            "fields": FIELDS,
        },
        "evaluate": {**evaluate, "catalogue": catalogue},
        "shards": 2,
    }


def people(path: Path) -> dict:
    return {"people": {"uri": str(path), "scale_max": PEOPLE_SCALE}}


def write_qrels(chorus: Chorus, path: Path) -> Path:
    """Writes the judgments by people as TREC qrels."""
    lines = [f"{row['query'].replace(' ', '_')} 0 {row['docid']} {row['rating']}\n" for row in chorus.rows()]
    path.write_text("".join(lines), encoding="utf-8")
    return path


def write_config(path: Path, markets: list[dict]) -> None:
    config = {"name": "Chorus", "workspace_uri": "runs", "markets": markets}
    path.write_text(yaml.safe_dump(config), encoding="utf-8")
