#!/bin/bash
# Renews bazel/image/locks/*.lock from the *.in files. They are subsets of stages.lock, so that images have the wheels that
# the tests used.
set -euo pipefail

source "$BUILD_WORKSPACE_DIRECTORY/bazel/python/uv.sh"

cd "$BUILD_WORKSPACE_DIRECTORY/bazel/image/locks"
for input in *.in; do
    uv pip compile --quiet --no-config --python-version 3.11 --generate-hashes --only-binary :all: --no-emit-index-url --no-header \
        --constraint ../../python/locks/stages.lock --overrides ../../python/locks/overrides.txt --no-annotate --output-file "${input%.in}.lock" "$input" "$@"
done
