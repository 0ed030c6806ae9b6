"""Runs pytest on the files before `--`, and writes the report that Bazel asks for."""

import os
import sys

import pytest


def main(argv: list[str]) -> int:
    """Returns pytest's exit code. The files are runfiles paths. Arguments after `--` go to pytest."""
    split = argv.index("--")
    files, extra = argv[:split], argv[split + 1 :]
    options = [
        "--import-mode=importlib",
        "-p",
        "no:cacheprovider",
        "--rootdir=.",
        "--override-ini=pythonpath=.",
        # Pytest rewrites the asserts of every module whose file these names match, at its import. A wider pattern
        # takes in all wheels: slow, and CPython 3.11.2 can fail where two threads parse at once (gh-106905).
        "--override-ini=python_files=test_*.py *_test.py",
        "-ra",
    ]
    if xml := os.environ.get("XML_OUTPUT_FILE"):
        options.append(f"--junitxml={xml}")
    if only := os.environ.get("TESTBRIDGE_TEST_ONLY"):
        options += ["-k", only]
    tmp = os.environ.get("TEST_TMPDIR")
    if tmp:
        options.append(f"--basetemp={tmp}/pytest")
        os.environ.setdefault("HOME", tmp)
        os.environ.setdefault("HYPOTHESIS_STORAGE_DIRECTORY", f"{tmp}/hypothesis")
    _bear_slow_machines()
    return pytest.main([*options, *files, *extra])


def _bear_slow_machines() -> None:
    """A busy machine makes a draw or a property slow; that says nothing about the code."""
    try:
        from hypothesis import HealthCheck, settings
    except ImportError:  # Tests on Airflow's wheels have no properties.
        return
    settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.load_profile("any machine")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
