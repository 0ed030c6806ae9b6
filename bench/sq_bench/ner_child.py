"""ner_child CATALOGUE ADDRESS: tags as a stage does, with a service, or with a gazetteer if ADDRESS is empty.

Reads batch sizes from stdin. Prints the tags per second for each, or the peak memory in bytes for 0.
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from sq.v1.ner_config_pb2 import NerOptions
from sq_bench.ner import QUERIES, catalogue_at, queries
from sq_ner.client import NerConnection
from sq_ner.entries import market_entries
from sq_ner.markets import catalogue_values
from sq_ner.tagger import GazetteerTagger, Tagger
from sq_source import read_catalogue
from sq_text import Entry, gazetteer_engine


def main(catalogue: str, address: str) -> None:
    entries = market_entries(catalogue_values(read_catalogue(catalogue_at(Path(catalogue)), "catalogue")), "", "en")
    local = None if address else GazetteerTagger(entries, "en")
    for line in sys.stdin:
        size = int(line)
        print(_rate(local or entries, address, size) if size else _peak(), flush=True)


def _rate(source: Tagger | Sequence[Entry], address: str, size: int) -> float:
    texts = queries(QUERIES[size])
    if not address:
        return _tags_a_second(source, texts, size)
    with NerConnection(address, NerOptions(batch_size=size, timeout_seconds=600)) as service:
        tagger = service.tagger("en", gazetteer_engine(source, "en").gazetteer_digest)
        return _tags_a_second(tagger, texts, len(texts))


def _tags_a_second(tagger: Tagger, texts: list[str], step: int) -> float:
    """Measures one batch size. The client makes its own batches; the gazetteer gets them ready."""
    started = time.perf_counter()
    tags = sum(len(found) for at in range(0, len(texts), step) for found in tagger.tag_all(texts[at : at + step]))
    assert tags >= 3 * len(texts), tags
    return tags / (time.perf_counter() - started)


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


if __name__ == "__main__":
    main(*sys.argv[1:])
