"""The `sq` command."""

from __future__ import annotations

import os
import sys

import typer

from sq_cli.commands import audit, calibrate, cat, compare, doctor, export, judge, model, plan, run, show, train
from sq_cli.console import err
from sq_cli.single_stages import StageFailed
from sq_handoff import ArtefactError, StorageAway, StorageRefused
from sq_stagekit.errors import EXIT_BAD_INPUT, EXIT_TRY_AGAIN, InputError, TryAgainError

app = typer.Typer(
    name="sq",
    help="Finds where a product search fails before its customers do.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("run")(run.run)
app.command("show")(show.show)
app.command("cat")(cat.cat)
app.command("compare")(compare.compare)
app.command("judge")(judge.judge)
app.command("export")(export.export)
app.command("audit")(audit.audit)
app.command("calibrate")(calibrate.calibrate)
app.command("train")(train.train)
app.add_typer(model.app, name="model")
app.command("plan")(plan.plan)
app.command("doctor")(doctor.doctor)


def main() -> int:
    """Runs the command. Returns 0 for success, 2 for bad input, 75 if a retry may succeed; anything else is a bug."""
    # `bazel run` starts in the runfiles; paths must resolve against the user's folder.
    os.chdir(os.environ.get("BUILD_WORKING_DIRECTORY", "."))
    try:
        return app(standalone_mode=False, prog_name="sq") or 0
    except InputError as error:
        err.print(f"[red]{_escape(error.field)}[/]: {_escape(error.problem)}\n  {_escape(error.fix)}", soft_wrap=True)
        return EXIT_BAD_INPUT
    except (ArtefactError, StorageRefused) as error:
        err.print(f"[red]{_escape(str(error))}[/]\n  {_escape(error.fix)}", soft_wrap=True)
        return EXIT_BAD_INPUT
    except TryAgainError as error:
        err.print(f"[yellow]{_escape(str(error))}[/]", soft_wrap=True)
        return EXIT_TRY_AGAIN
    except StorageAway as error:
        err.print(f"[yellow]{_escape(str(error))}[/]\n  {_escape(error.fix)}", soft_wrap=True)
        return EXIT_TRY_AGAIN
    except StageFailed as failed:
        return failed.code
    except typer.Exit as done:
        return done.exit_code
    except BrokenPipeError:
        return 0
    except Exception as error:
        usage = getattr(error, "format_message", None)  # click's and typer's usage errors
        if usage is None:
            raise
        err.print(f"[red]{_escape(usage())}[/]", soft_wrap=True)
        return EXIT_BAD_INPUT


def _escape(text: str) -> str:
    return text.replace("[", r"\[")


if __name__ == "__main__":
    sys.exit(main())
