"""`sq model`: models of a bucket."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sq_cli.commands.compare_models import compare_models
from sq_cli.console import err
from sq_cli.models.show import print_models, print_version, print_versions
from sq_cli.models.sign import sign_folder
from sq_handoff.location import join
from sq_models import Move, Reference, Registry, folder_digest, open_folder, parse_reference, promote, rollback
from sq_models.folder import verified_copy
from sq_models.reference import PRODUCTION
from sq_models.registry import models_in
from sq_stagekit.errors import InputError

MODEL = "MODEL"
app = typer.Typer(help="Register, promote and compare models of a bucket.", no_args_is_help=True)
app.command("compare")(compare_models)
_Version = Annotated[str, typer.Argument(metavar="BUCKET/NAME@VERSION", help="Such as s3://lake/models/judge@v2.")]
_Reason = Annotated[str, typer.Option(help="Why, for the history.")]


@app.command("list")
def list_models(
    bucket: Annotated[str, typer.Argument(metavar="BUCKET", help="Path or URI, such as s3://lake/models.")],
) -> None:
    """List the models of a bucket."""
    print_models([Registry(parse_reference(join(bucket, name), MODEL), MODEL) for name in models_in(bucket, MODEL)])


@app.command("show")
def show(
    model: Annotated[str, typer.Argument(metavar="BUCKET/NAME[@VERSION]", help="A model, or one of its versions.")],
) -> None:
    """Show a model's versions and the history of production; or a version's card, once it is verified."""
    reference = parse_reference(model, MODEL)
    if not reference.version:
        print_versions(Registry(reference, MODEL))
        return
    with open_folder(model, MODEL) as opened:
        print_version(opened)


@app.command("sign")
def sign(
    folder: Annotated[Path, typer.Argument(help="Folder with card.json, model.py and weights.")],
) -> None:
    """Sign a folder of your own with this machine's key. `sq train` signs what it writes."""
    sign_folder(folder)
    err.print(f"signed: {folder}", markup=False, soft_wrap=True)


@app.command("register")
def register(
    folder: Annotated[str, typer.Argument(help="A signed folder, such as one that sq train wrote.")],
    model: Annotated[
        str,
        typer.Argument(metavar="BUCKET/NAME[@VERSION]", help="Where to keep it. Default version: of its digest."),
    ],
) -> None:
    """Verify a signed folder and copy it into a bucket, as a version that is never replaced."""
    reference = parse_reference(model, MODEL)
    if reference.version == PRODUCTION:
        problem = f"{PRODUCTION} is the pointer, and not a version"
        raise InputError(MODEL, problem, f"register a version, then promote it: sq model promote {model}")
    with verified_copy(folder, "FOLDER") as copy:
        version = reference.version or folder_digest(copy)[:12]
        entry = Registry(reference, MODEL).register(copy, version)
    err.print(f"registered {reference.at(entry.version)}", markup=False, soft_wrap=True)


@app.command("promote")
def promote_version(version: _Version, reason: _Reason = "") -> None:
    """Make a version the one in production. Of two promotions at once one wins, and the other ends with 2."""
    reference = parse_reference(version, MODEL)
    _tell(reference, promote(reference, reason, MODEL))


@app.command("rollback")
def roll_back(
    model: Annotated[str, typer.Argument(metavar="BUCKET/NAME", help="A model.")], reason: _Reason = ""
) -> None:
    """Move production back to the version before."""
    reference = parse_reference(model, MODEL)
    _tell(reference, rollback(reference, reason, MODEL))


def _tell(reference: Reference, move: Move) -> None:
    err.print(
        f"in production: {reference.at(move.promotion.version)}, move {move.number}", markup=False, soft_wrap=True
    )
