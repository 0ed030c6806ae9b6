"""The shops on OpenSearch: their index, their request, and the server with its analysers."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from sq_diagnosis_e2e.analysis import FIELDS, UNITS, Analysis, Lists
from sq_diagnosis_e2e.shops import Shop
from sq_e2e import servers
from sq_e2e.opensearch_index import index_documents
from sq_e2e.places import OPENSEARCH, ROOT

_ANALYSERS = Path(os.environ.get("SQ_OPENSEARCH_ANALYSIS") or ROOT.parent / "opensearch_analysis/files")
_MODULE = "analysis-common"
_DESCRIPTOR = """description=Analysers
version=2.19.3
name=analysis-common
classname=org.opensearch.analysis.common.CommonAnalysisPlugin
java.version=11
opensearch.version=2.19.3
extended.plugins=
has.native.controller=false
"""


@contextmanager
def opensearch() -> Iterator[str]:
    """An OpenSearch with stemmers and synonyms; gives its URL. Its folder is one that other users can enter."""
    with tempfile.TemporaryDirectory(prefix="sq-opensearch-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "server").mkdir(mode=0o755)
        module = folder / _MODULE
        module.mkdir()
        for jar in _ANALYSERS.glob("*.jar"):
            shutil.copy(jar, module)
        (module / "plugin-descriptor.properties").write_text(_DESCRIPTOR)
        with servers.opensearch(OPENSEARCH, folder / "server", modules=[module]) as url:
            yield url


def load(url: str, index: str, analysis: Analysis, lists: Lists, documents: Sequence[dict]) -> None:
    """Makes an index of documents, each with an id."""
    rows = ((document["id"], json.dumps(document)) for document in documents)
    index_documents(f"{url}/{index}", rows, _mappings(), _analysers(analysis, lists))


def request(shop: Shop) -> str:
    """The request body of a shop, with placeholders: all words have to match, popular products score more."""
    words = {"query": "{{query}}", "type": "cross_fields", "operator": "and", "fields": list(shop.searched)}
    popular = {"field": "popularity", "modifier": "ln2p"}
    scored = {"query": {"multi_match": words | {"tie_breaker": 0.1}}, "field_value_factor": popular}
    return json.dumps(
        {"query": {"function_score": scored}, "size": "{{size}}", "track_total_hits": True, "sort": ["_score", "id"]}
    )


def _mappings() -> dict:
    text = {"type": "text", "analyzer": "index", "search_analyzer": "query"}
    return {
        "properties": {name: text for name in FIELDS} | {"id": {"type": "keyword"}, "popularity": {"type": "double"}}
    }


def _analysers(analysis: Analysis, lists: Lists) -> dict:
    """Spellings come first, then the stop list. Synonyms come before the delimiter, which cannot read their lines."""
    spelling = _graph("spelling", lists.spelling if analysis.corrects else ())
    stops = {"stops": {"type": "stop", "stopwords": list(lists.stop)}} if analysis.stops and lists.stop else {}
    graphs = {**spelling, **stops, **_graph("synonyms", lists.synonyms if analysis.synonyms else ())}
    parts = {
        "type": "word_delimiter_graph",
        "catenate_all": True,
        "preserve_original": True,
        "split_on_case_change": False,
        "split_on_numerics": False,
    }
    units = {
        f"unit{number}": {"type": "pattern_replace", "pattern": pattern, "replacement": replacement}
        for number, (pattern, replacement) in enumerate(UNITS if analysis.units else ())
    }
    common = {
        "type": "custom",
        "tokenizer": "whitespace" if analysis.delimits else "standard",
        "char_filter": list(units),
    }
    stemmer = ["porter_stem"] if analysis.stems else []
    delimiter = ["parts"] if analysis.delimits else []
    flat = [*delimiter, "flatten_graph"] if delimiter else []
    return {
        "analyzer": {
            "index": common | {"filter": [*flat, "lowercase", *stemmer]},
            "query": common | {"filter": ["lowercase", *graphs, *delimiter, *stemmer]},
        },
        "filter": {**graphs, "parts": parts},
        "char_filter": units,
    }


def _graph(name: str, lines: Sequence[str]) -> dict[str, dict]:
    """A filter of synonyms by its name. A line whose word the stop list has is no line, as in Solr."""
    return {name: {"type": "synonym_graph", "synonyms": list(lines), "lenient": True}} if lines else {}
