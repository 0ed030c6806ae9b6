"""The program sq-ner, which serves the gazetteers of markets as sq.v1.NerService.

    sq-ner --config FILE|JSON

Relative paths in the configuration (sq.v1.NerServerConfig) resolve against the working directory. Exit codes: 0 after
SIGTERM or SIGINT, 2 bad configuration, 75 a store is unavailable.
"""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
import threading
from collections.abc import Sequence

from sq.v1.ner_config_pb2 import NerServerConfig
from sq_ner.markets import load_markets
from sq_ner.server import NerServer
from sq_stagekit import InputError, Stopped, TryAgainError, errors
from sq_stagekit.config import read_config
from sq_stagekit.logs import log_level, start_logging


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="sq-ner", description="Serves the gazetteers of markets as sq.v1.NerService.")
    parser.add_argument(
        "--config",
        required=True,
        metavar="FILE|JSON",
        help="sq.v1.NerServerConfig: a YAML or JSON file, or JSON",
    )
    flags = parser.parse_args(arguments)
    # `bazel run` starts programs in Bazel's output folder.
    os.chdir(os.environ.get("BUILD_WORKING_DIRECTORY", "."))
    log = start_logging({"program": "sq-ner"})
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    try:
        log.setLevel(log_level())
        serve(read_config(flags.config, NerServerConfig), log, stop)
    except InputError as error:
        log.error(str(error), extra={"field": error.field, "fix": error.fix})
        return errors.EXIT_BAD_INPUT
    except TryAgainError as error:
        log.error(str(error))
        return errors.EXIT_TRY_AGAIN
    return errors.EXIT_DONE


def serve(config: NerServerConfig, log: logging.Logger, stop: threading.Event) -> None:
    """Serves until `stop` is set, then finishes calls in progress.

    Raises:
        InputError, TryAgainError: see NerServer and load_markets.
    """

    def check_stop() -> None:
        if stop.is_set():
            raise Stopped

    server = NerServer(config, log)
    log.info("listening", extra={"port": server.port, "tls": config.HasField("tls")})
    try:
        server.serve(load_markets(config.markets, log, check_stop))
        log.info("serving", extra={"port": server.port})
        # Signal handlers run in this thread only. A signal that another thread receives does not wake it.
        while not stop.wait(1):
            pass
    except Stopped:
        log.info("stopped before all catalogues were read")
    finally:
        server.stop()
        log.info("stopped", extra={"calls": server.servicer.calls, "texts": server.servicer.texts})


if __name__ == "__main__":
    sys.exit(main())
