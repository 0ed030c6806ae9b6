"""python -m sq_llm_server --port 0: prints its base URL, then serves until it is stopped."""

from __future__ import annotations

import argparse
from pathlib import Path

from sq_llm_server.answers import answer
from sq_llm_server.batch_faults import BATCH_KINDS, BatchFaults
from sq_llm_server.facets import inventing
from sq_llm_server.faults import KINDS, Faults
from sq_llm_server.judges import gullible, labelled, read_confusion, read_labels
from sq_llm_server.latency import Latency
from sq_llm_server.limits import RateLimits
from sq_llm_server.server import LlmServer


def _flags() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="sq_llm_server", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="default: %(default)s")
    parser.add_argument("--port", type=int, default=0, help="default: a free one")
    parser.add_argument("--key", default="", help="calls without this key get 401")
    parser.add_argument("--log", type=Path, help="file to which each call adds a line of JSON")
    parser.add_argument(
        "--fault",
        action="append",
        default=[],
        metavar="KIND:N",
        help=f"fault of every Nth call, or of P%% of the calls as KIND:P%%; KIND: {', '.join(KINDS)}",
    )
    parser.add_argument("--refuse", action="append", default=[], metavar="FIELD", help="field of a request to refuse")
    parser.add_argument("--slow-seconds", type=float, default=1.0, help="duration of a slow call")
    parser.add_argument("--delay-seconds", type=float, default=0.0, help="wait before every answer")
    parser.add_argument("--retry-after-seconds", type=float, default=0.05, help="Retry-After of a 429")
    parser.add_argument("--median-seconds", type=float, default=0.0, help="median of a log-normal wait")
    parser.add_argument("--sigma", type=float, default=0.5, help="of its logarithm; default: %(default)s")
    parser.add_argument("--requests-per-minute", type=float, default=0, help="limit; 0: none")
    parser.add_argument("--tokens-per-minute", type=float, default=0, help="limit of tokens; 0: none")
    parser.add_argument(
        "--batch-fault",
        action="append",
        default=[],
        metavar="KIND:N",
        help=f"fault of every Nth batch; KIND: {', '.join(BATCH_KINDS)}",
    )
    parser.add_argument("--batch-seconds", type=float, default=1.0, help="duration of a batch; default: %(default)s")
    parser.add_argument("--labels", type=Path, help="CSV with query, title, grade: the grades to answer")
    parser.add_argument("--confusion", type=Path, help="JSON with 5 x 5 shares: grades given, by the label's grade")
    parser.add_argument("--gullible", action="store_true", help="obey what stands in products")
    parser.add_argument(
        "--invent-quotes",
        type=float,
        default=0.0,
        metavar="SHARE",
        help="share of judgments with invented quotes, 0..1",
    )
    parser.add_argument("--seed", type=int, default=0, help="of waits, shares of faults and confusion")
    return parser


def main() -> None:
    parser = _flags()
    flags = parser.parse_args()
    try:
        faults = Faults.parse(
            flags.fault,
            slow_seconds=flags.slow_seconds,
            delay_seconds=flags.delay_seconds,
            retry_after_seconds=flags.retry_after_seconds,
            seed=flags.seed,
            refuse=flags.refuse,
        )
        batch_faults = BatchFaults.parse(flags.batch_fault, seconds=flags.batch_seconds, seed=flags.seed)
        if flags.confusion and not flags.labels:
            raise ValueError("--confusion needs --labels")
        confusion = read_confusion(flags.confusion) if flags.confusion else None
        judge = labelled(read_labels(flags.labels), confusion, flags.seed) if flags.labels else answer
        judge = gullible(judge) if flags.gullible else judge
        judge = inventing(judge, flags.invent_quotes, flags.seed) if flags.invent_quotes else judge
    except (OSError, ValueError) as error:
        parser.error(str(error))
    server = LlmServer(
        flags.port,
        flags.log,
        faults,
        flags.host,
        flags.key,
        judge,
        Latency(flags.median_seconds, flags.sigma, flags.seed),
        RateLimits(flags.requests_per_minute, flags.tokens_per_minute),
        batch_faults,
    )
    print(server.url, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
