"""Prints the last line of each test, then `N passed, N failed`, from the build event file of a `bazel test`.

Exit code: 1 if a test failed or no test ran.
"""

import json
import re
import sys
from pathlib import Path
from urllib.parse import unquote, urlparse

PASSED = {"PASSED", "FLAKY"}
# The last lines of pytest, of go test, and of programs with named checks.
CLOSING = re.compile(
    r"^(=+ .*\b(passed|failed|error|skipped)\b.* =+|PASS|FAIL|ok\s+\S+\s+[\d.]+s|\d+ passed, \d+ failed)$"
)


def closing_line(log: Path) -> str:
    """The last line of the test runner in a test's log, or ""."""
    if not log.is_file():
        return ""
    lines = log.read_text(errors="replace").splitlines()
    return next((line for line in reversed(lines) if CLOSING.match(line)), "")


def main(path: str) -> int:
    """Prints the summary. Returns the exit code."""
    results: dict[str, bool] = {}
    closings: dict[str, str] = {}
    with open(path) as events:
        for line in events:
            event = json.loads(line)
            if "testSummary" in event:
                results[event["id"]["testSummary"]["label"]] = event["testSummary"]["overallStatus"] in PASSED
            elif "testResult" in event:
                for output in event["testResult"].get("testActionOutput", []):
                    if output["name"] == "test.log" and "uri" in output:
                        log = Path(unquote(urlparse(output["uri"]).path))
                        closings[event["id"]["testResult"]["label"]] = closing_line(log)
            elif "targetCompleted" in event["id"] and not event.get("completed", {}).get("success"):
                # A target that did not build has no test summary.
                results.setdefault(event["id"]["targetCompleted"]["label"], False)
    for label, closing in sorted(closings.items()):
        if closing:
            print(f"{label}: {closing}")
    passed = sum(results.values())
    failed = len(results) - passed
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
