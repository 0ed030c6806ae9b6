#!/bin/bash
# Renews bazel/image/locks/*.lock out of the *.in beside them: subsets of stages.lock, so that an image has what tests saw.
set -euo pipefail

if ! command -v uv >/dev/null; then
    tools=$(mktemp -d)
    trap 'rm -rf "$tools"' EXIT
    /usr/bin/python3.11 -m pip install --quiet --no-deps --require-hashes --target "$tools" \
        --requirement "$BUILD_WORKSPACE_DIRECTORY/bazel/python/locks/uv.lock"
    PATH=$tools/bin:$PATH
fi

cd "$BUILD_WORKSPACE_DIRECTORY/bazel/image/locks"
for input in *.in; do
    uv pip compile --quiet --no-config --python-version 3.11 --generate-hashes --only-binary :all: --no-emit-index-url --no-header \
        --constraint ../../python/locks/stages.lock --no-annotate --output-file "${input%.in}.lock" "$input" "$@"
done
