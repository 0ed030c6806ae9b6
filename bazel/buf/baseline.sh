#!/bin/bash
# baseline.sh BUF IMAGE: writes proto/baseline.binpb.gz.
set -euo pipefail

"$1" build "$2" --exclude-source-info --output -#format=binpb | gzip -9n >"$BUILD_WORKSPACE_DIRECTORY/proto/baseline.binpb.gz"
