"""`sq show` prints the report of a run."""

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
    run: Annotated[str, typer.Argument(metavar="RUN", help="`latest`, a run id, or the folder of a run.")] = "latest",
    json: Annotated[bool, typer.Option("--json", help="Print the whole report as JSON.")] = False,
) -> None:
    """Show the report of a run."""
    place = history.find(run)
    report = next(iter(ArtefactReader.open(report_of(place.uri), RunReport)))
    if json:
        print(json_format.MessageToJson(report, always_print_fields_with_no_presence=True))
    else:
        tables.print_report(report)


def report_of(run_uri: str) -> str:
    """The report of all markets; if there is none, the report of the most markets."""
    folder = join(run_uri, RUN_FOLDER)
    published = {name.split("/")[0] for name in Store.at(folder).list() if name.endswith("/manifest.json")}
    reports = [join(folder, name) for name in sorted(published) if name.startswith(_STAGE)]
    return max(reports, key=lambda uri: len(fetch_manifest(uri).provenance.inputs), default=join(folder, _STAGE))
