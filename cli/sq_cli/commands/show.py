"""`sq show`: what a run found."""

from __future__ import annotations

from typing import Annotated

import typer
from google.protobuf import json_format

from sq.v1.report_pb2 import RunReport
from sq_cli import history, tables
from sq_cli.plan import RUN_FOLDER
from sq_handoff import ArtefactReader, Store, fetch_manifest
from sq_handoff.location import join

_STAGE = "consolidate"


def show(
    run: Annotated[str, typer.Argument(metavar="RUN", help="latest, a run id, or a run's folder.")] = "latest",
    json: Annotated[bool, typer.Option("--json", help="The whole report as JSON.")] = False,
    stats: Annotated[bool, typer.Option("--stats", help="The statistics too: tests, segments, clicks.")] = False,
) -> None:
    """Show what a run found, and what to do first."""
    place = history.find(run)
    reader = ArtefactReader.open(report_of(place.uri), RunReport)
    report = next(iter(reader))
    searched, usage = reader.manifest.provenance.searched, reader.manifest.provenance.model_usage
    if json:
        report.searched.extend(searched)
        report.model_usage.extend(usage)
        for market in report.markets:
            market.searched.extend(one for one in searched if one.market == market.market)
            market.model_usage.extend(one for one in usage if one.market == market.market)
        print(json_format.MessageToJson(report, always_print_fields_with_no_presence=True))
    else:
        tables.print_report(report, searched, stats)
        tables.print_cost(usage)


def report_of(run_uri: str) -> str:
    """The report over all markets, or where there is none, the one over the most of them."""
    folder = join(run_uri, RUN_FOLDER)
    published = {name.split("/")[0] for name in Store.at(folder).list() if name.endswith("/manifest.json")}
    reports = [join(folder, name) for name in sorted(published) if name.startswith(_STAGE)]
    return max(reports, key=lambda uri: len(fetch_manifest(uri).provenance.inputs), default=join(folder, _STAGE))
