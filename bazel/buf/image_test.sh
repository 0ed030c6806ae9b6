#!/bin/bash
# image_test.sh BUF CONFIG IMAGE [BASELINE]: lints the image, or compares it with a baseline.
set -euo pipefail

buf=$PWD/$1 config=$PWD/$2 image=$PWD/$3
export HOME=${TEST_TMPDIR:-$(mktemp -d)}
cd "$HOME"
if (($# == 4)); then
    "$buf" breaking "$image" --against "${OLDPWD}/$4" --config "$config" --path sq
else
    "$buf" lint "$image" --config "$config" --path sq
fi
