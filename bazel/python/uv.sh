# Sourced: puts the locked uv on the path where there is none.
if ! command -v uv >/dev/null; then
    tools=$(mktemp -d)
    trap 'rm -rf "$tools"' EXIT
    /usr/bin/python3.11 -m pip install --quiet --no-deps --require-hashes --target "$tools" \
        --requirement "$BUILD_WORKSPACE_DIRECTORY/bazel/python/locks/uv.lock"
    PATH=$tools/bin:$PATH
fi
