#!/bin/bash
# facts.sh SOURCES OUT STATICCHECK: what go vet and staticcheck know about third-party packages, as OUT/go-build and OUT/staticcheck.
set -euo pipefail
. "$SQ_ENV"

copy_sources "$1"
out=$PWD/$2
staticcheck=$PWD/$3
cd "$work/src"
export STATICCHECK_CACHE=$out/staticcheck
mkdir -p "$out/go-build"
go vet ./bazel/go
"$staticcheck" -checks none ./bazel/go
# The compiled packages, which are links, stand in the cache this one is laid upon.
(cd "$work/cache" && find . -type f -name '*-[ad]' -exec cp --parents {} "$out/go-build" \;)
find "$out" -name '*-a' -exec sed -i -E 's/^(v1 [0-9a-f]+ [0-9a-f]+ .{20}) .{20}$/\1                    0/' {} +
rm -f "$out"/staticcheck/{trim.txt,README}
