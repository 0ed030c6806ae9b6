"""Writes the whole sample into a folder."""

from __future__ import annotations

import gzip
import io
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from random import Random

from sq_sample import clicks, labels, language_files
from sq_sample.breaking import make_documents
from sq_sample.configuration import run_configuration, trained_configuration
from sq_sample.customers_words import INTENTS
from sq_sample.pictures import pictures
from sq_sample.planting import EndpointFault, Plan, planted
from sq_sample.products import make_products
from sq_sample.query_log import QueryLog, make_query_log

_QUERIES_LISTED = 20


def write_sample(folder: Path, seed: int, plans: Iterable[Plan], *, with_clicks: bool = False) -> None:
    """Writes every file of the sample. The same arguments give the same bytes.

    Catalogue, log and traffic are the same whatever is planted.

    Args:
        with_clicks: writes what customers of the British shop click, too, and a configuration that reads it.

    Raises:
        OSError: the folder cannot be written.
    """
    plans = list(plans)
    products = make_products(Random(f"products {seed}"))
    log = make_query_log(products, Random(f"queries {seed}"))
    content_of = dict(_files(products, log, plans)) | _training(products, log, plans, seed)
    if with_clicks:
        content_of |= _clicks(products, log, plans, seed)
    for path, content in content_of.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)


def _files(products: list, log: QueryLog, plans: list[Plan]) -> Iterator[tuple[str, bytes]]:
    for plan in plans:
        documents = _ndjson(make_documents(products, plan))
        yield f"catalogue.{plan.language}.ndjson", documents
        yield f"index.{plan.market}.ndjson", documents
        yield f"synonyms.{plan.market}.txt", language_files.synonyms(plan).encode()
        yield f"customers-words.{plan.market}.txt", language_files.customers_words(plan).encode()
        yield f"gazetteer.{plan.market}.csv", language_files.gazetteer(plan).encode()
        if plan.language != "en":
            yield f"glossary.en-{plan.language}.csv", language_files.glossary(plan).encode()
    yield "compounds.de.txt", language_files.compounds().encode()
    yield "log/ubi_queries.ndjson.gz", _gzip(log.queries)
    yield "log/ubi_events.ndjson.gz", _gzip(log.events)
    yield "searchd.json", _json({"markets": [_analyser(plan) for plan in plans]})
    yield "faults.json", _json({"markets": {plan.market: [_fault(fault) for fault in plan.endpoint] for plan in plans}})
    yield "planted.json", _json(_planted(plans, log))
    yield "sample.yaml", run_configuration(plans).encode()
    yield from pictures(products).items()


def _training(products: list, log: QueryLog, plans: list[Plan], seed: int) -> dict[str, bytes]:
    """Labels to train a judge of each market with, and a configuration that runs these judges."""
    found = {
        f"labels.{plan.market}.csv": _lines(
            labels.labels(products, log.searches, plan.language, Random(f"labels {plan.language} {seed}"))
        )
        for plan in plans
    }
    return found | {"sample-trained.yaml": trained_configuration(plans).encode()}


def _clicks(products: list, log: QueryLog, plans: list[Plan], seed: int) -> dict[str, bytes]:
    documents = clicks.make_clicks(products, log.searches, Random(f"clicks {seed}"))
    reading = "\n    report:\n      clicks: {uri: [clicks.uk.ndjson.gz], format: FILE_FORMAT_UBI}\n"
    british, separator, german = trained_configuration(plans).partition("\n  - market: de\n")
    return {
        "clicks.uk.ndjson.gz": _gzip(clicks.lines(documents)),
        "sample-with-clicks.yaml": (british.rstrip("\n") + reading + separator + german).encode(),
    }


def _analyser(plan: Plan) -> dict:
    """A market's entry of searchd.json."""
    steps = {"stemming": plan.unstemmed, "compounds": plan.whole_compounds, "spelling": plan.misspelt}
    without = [step for step, left_out in steps.items() if left_out]
    ignored = [] if plan.intents_required else [word.value(plan.language).lower() for word in INTENTS]
    return {"market": plan.market, "language": plan.language, "without": without, "ignored": ignored}


def _fault(fault: EndpointFault) -> dict:
    if fault.truncate:
        return {"pattern": fault.pattern, "truncate": True}
    kind, _, reason = fault.says.partition(": ")
    return {"pattern": fault.pattern, "status": fault.status, "type": kind, "reason": reason}


def _planted(plans: list[Plan], log: QueryLog) -> list[dict]:
    """The classes of each market, those of most searches first, with the English queries that show them.

    A query belongs to one class. The most frequent queries come first.
    """
    traffic = Counter(search.text for search in log.searches)
    meaning = {search.text: search for search in log.searches}
    entries = []
    for plan in plans:
        classes = planted(plan)
        queries: dict[str, list[str]] = {entry.class_id: [] for entry in classes}
        for text, _ in sorted(traffic.items(), key=lambda item: (-item[1], item[0])):
            search = meaning[text]
            if search.mistyped and not plan.misspelt:
                continue
            first = next((entry for entry in classes if entry.touches(search)), None)
            if first:
                queries[first.class_id].append(text)
        found = [
            {
                "market": entry.market,
                "kind": entry.kind,
                "class_id": entry.class_id,
                "why": entry.why,
                "searches": sum(traffic[text] for text in queries[entry.class_id]),
                "queries": queries[entry.class_id][:_QUERIES_LISTED],
            }
            for entry in classes
        ]
        entries += sorted(found, key=lambda entry: -entry["searches"])
    return entries


def _ndjson(records: Iterable[dict]) -> bytes:
    return _lines(json.dumps(record, ensure_ascii=False) for record in records)


def _json(value: object) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode()


def _lines(lines: Iterable[str]) -> bytes:
    return "".join(line + "\n" for line in lines).encode()


def _gzip(lines: Iterable[str]) -> bytes:
    packed = io.BytesIO()
    # Without name and time, which would differ from run to run.
    with gzip.GzipFile(filename="", fileobj=packed, mode="wb", compresslevel=6, mtime=0) as file:
        file.write(_lines(lines))
    return packed.getvalue()
