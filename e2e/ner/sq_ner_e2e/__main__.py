"""`bazel run //e2e:ner`: the pipeline with the service sq-ner, and its failures.

Needs openssl. Ends with 'N passed, N failed'.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from sq_demo.search import search_service
from sq_e2e.checks import Checks
from sq_e2e.places import SAMPLE, SEARCHD
from sq_ner_e2e.load import check_drain, check_load
from sq_ner_e2e.pipeline import check_kill, check_own_engine, check_pipeline
from sq_ner_e2e.refusals import check_refusals
from sq_ner_e2e.shop import Shop
from sq_ner_e2e.tls import check_tls


def main() -> int:
    checks = Checks()
    with tempfile.TemporaryDirectory(prefix="sq-ner-") as name, search_service(SEARCHD, SAMPLE) as search_url:
        shop = Shop.at(Path(name), search_url)
        texts = (shop.queries() * 50)[:50_000]
        check_pipeline(checks, shop)
        check_kill(checks, shop)
        check_drain(checks, shop, texts)
        check_tls(checks, shop)
        check_refusals(checks, shop)
        check_load(checks, shop, texts)
        check_own_engine(checks, shop)
    return checks.close()


if __name__ == "__main__":
    sys.exit(main())
