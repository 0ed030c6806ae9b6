"""Renders a run configuration for Airflow, which reads JSON and has no protobuf.

    bazel run //deploy:run_config -- sample.yaml --out run.json

As in `sq run`, defaults are merged into every market, variables are replaced, relative paths are made absolute, and
the result is checked.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from google.protobuf import json_format

from sq_cli.market_names import check_market_names
from sq_cli.programs import read_pipeline
from sq_cli.run_config import read_run_config
from sq_stagekit.errors import EXIT_BAD_INPUT, InputError


def main() -> int:
    parser = argparse.ArgumentParser(prog="run_config", description="Renders a run configuration for Airflow.")
    parser.add_argument("config", type=Path, help="run configuration (YAML)")
    parser.add_argument("--out", type=Path, required=True, help="JSON file to write")
    flags = parser.parse_args()
    here = Path(os.environ.get("BUILD_WORKING_DIRECTORY", "."))
    try:
        config = read_run_config(here / flags.config)
        check_market_names(config, read_pipeline())
    except InputError as error:
        print(error, file=sys.stderr)
        return EXIT_BAD_INPUT
    text = json_format.MessageToJson(config, preserving_proto_field_name=True, sort_keys=True)
    (here / flags.out).write_text(text + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
