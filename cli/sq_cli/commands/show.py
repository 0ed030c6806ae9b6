"""`sq show`: what a run found."""

from __future__ import annotations

from typing import Annotated

import typer
from google.protobuf import json_format

from sq.v1.report_pb2 import RunReport
from sq_cli import history, tables
from sq_cli.plan import RUN_FOLDER
from sq_handoff import ArtefactReader
from sq_handoff.store import join


def show(
    run: Annotated[str, typer.Argument(metavar="RUN", help="latest, a run id, or a run's folder.")] = "latest",
    json: Annotated[bool, typer.Option("--json", help="The whole report as JSON.")] = False,
) -> None:
    """Show the report of a run."""
    place = history.find(run)
    reader = ArtefactReader.open(join(place.uri, RUN_FOLDER, "consolidate"), RunReport)
    report = next(iter(reader))
    if json:
        print(json_format.MessageToJson(report, always_print_fields_with_no_presence=True))
    else:
        tables.print_report(report)
