"""python -m sq_llm_server --port 0: prints its base URL, then serves until it is stopped."""

from __future__ import annotations

import argparse
from pathlib import Path

from sq_llm_server.faults import KINDS, Faults
from sq_llm_server.server import LlmServer


def main() -> None:
    parser = argparse.ArgumentParser(prog="sq_llm_server", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="default: a free one")
    parser.add_argument("--log", type=Path, help="file to which each call adds a line of JSON")
    parser.add_argument(
        "--fault",
        action="append",
        default=[],
        metavar="KIND:N",
        help=f"fault of every Nth call; KIND: {', '.join(KINDS)}",
    )
    parser.add_argument("--slow-seconds", type=float, default=1.0, help="duration of a slow call")
    parser.add_argument("--delay-seconds", type=float, default=0.0, help="wait before every answer")
    parser.add_argument("--retry-after-seconds", type=float, default=0.05, help="Retry-After of a 429")
    flags = parser.parse_args()
    try:
        faults = Faults.parse(
            flags.fault,
            slow_seconds=flags.slow_seconds,
            delay_seconds=flags.delay_seconds,
            retry_after_seconds=flags.retry_after_seconds,
        )
    except ValueError as error:
        parser.error(str(error))
    server = LlmServer(flags.port, flags.log, faults)
    print(server.url, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
