#!/bin/bash
# build.sh SOURCES OUT COMMAND...: runs `go COMMAND... ` in the module laid out as SOURCES says; `{out}` in it stands for OUT.
set -euo pipefail
. "$SQ_ENV"

copy_sources "$1"
out=$PWD/$2
cd "$work/src"
go "${@:3:$#-3}" -o "$out" "${@: -1}"
if [[ ! -e $out ]]; then
    echo "${*: -1}: go ${*:3} made nothing: no test files?" >&2
    exit 1
fi
