#!/bin/bash
# Renews the locks from the *.in files. Arguments go to uv, as in: bazelw run //bazel/python:lock -- --upgrade
set -euo pipefail

source "$BUILD_WORKSPACE_DIRECTORY/bazel/python/uv.sh"

cd "$BUILD_WORKSPACE_DIRECTORY/bazel/python/locks"

compile() {
    uv pip compile --quiet --no-config --python-version 3.11 --generate-hashes --only-binary :all: --no-emit-index-url \
        --no-header --overrides overrides.txt --output-file "$1.lock" "$1.in" "${@:2}"
}

compile uv "$@"
compile stages "$@"
# stages.lock constrains dev.in, so that tests and tools use the versions of the stages.
for input in *.in; do
    name=${input%.in}
    case $name in
        uv | stages) ;;
        # This package has only a source distribution.
        spark) compile spark --no-binary pyspark "$@" ;;
        # Only the series that this package ships are read.
        series) compile series --no-deps "$@" ;;
        *) compile "$name" "$@" ;;
    esac
done
