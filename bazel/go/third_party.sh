#!/bin/bash
# third_party.sh SOURCES OUT [PACKAGE...]: compiles what thirdparty.go imports, the tools of go.mod and the packages named
# (of the standard library) into the build cache OUT.
set -euo pipefail
. "$SQ_ENV"

copy_sources "$1"
out=$PWD/$2
cd "$work/src"
export GOCACHE=$out
go build ./bazel/go "${@:3}"
# Tools run on this machine.
[[ -n ${GOARCH:-} ]] || go build -o "$work/bin/" tool
# Times, and what keeps time, would make equal trees differ.
find "$out" -name '*-a' -exec sed -i -E 's/^(v1 [0-9a-f]+ [0-9a-f]+ .{20}) .{20}$/\1                    0/' {} +
rm -f "$out"/{trim.txt,testexpire.txt,README}
