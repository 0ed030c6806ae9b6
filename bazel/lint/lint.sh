#!/bin/bash
# lint.sh check|write: runs every formatter and linter over the whole work tree, including files that no BUILD file names.
set -uo pipefail

mode=$1
root=${BUILD_WORKSPACE_DIRECTORY:-$(dirname "$(readlink -f WORKSPACE)")}
runfiles=$PWD
ruff=$runfiles/../wheels_dev/site/bin/ruff
buf=$runfiles/../buf/bin/buf
buildifier=$runfiles/bazel/go/buildifier
staticcheck=$runfiles/bazel/go/staticcheck
export SQ_SDK=$runfiles/../go_sdk/goroot SQ_MODULES=$runfiles/../go_modules/modules SQ_GOCACHE=$runfiles/bazel/go/third_party
failed=()
passed=0

# files PATTERN...: existing files that git tracks or would track.
files() {
    git -C "$root" -c safe.directory='*' ls-files -z --cached --others --exclude-standard --deduplicate -- "$@" |
        while IFS= read -r -d '' file; do [[ -f $root/$file ]] && printf '%s\0' "$file"; done
}

# step NAME COMMAND...: runs the command and records a failure.
step() {
    local name=$1
    shift
    if "$@"; then
        echo "ok   $name"
        passed=$((passed + 1))
    else
        echo "FAIL $name"
        failed+=("$name")
    fi
}

# on PATTERN COMMAND...: runs the command on these files, if there are any.
on() {
    local pattern=$1
    shift
    files "$pattern" | xargs -0 -r "$@"
}

gofmt_check() {
    local unformatted
    unformatted=$(on '*.go' "$GOROOT/bin/gofmt" -l "$@") || return 1
    [[ -z $unformatted ]] || { echo "$unformatted" && return 1; }
}

# The Go module of the build: the work tree and the generated files. A folder with its own go.mod is another module.
lay_out_module() {
    local nested path
    nested=$(cd "$root" && git -c safe.directory='*' ls-files -co --exclude-standard -- '*/go.mod' | sed 's#/go.mod$#/#')
    files '*.go' go.mod go.sum '*/testdata/*' '*/stage.textproto' | tr '\0' '\n' | while read -r path; do
        for folder in $nested; do [[ $path == "$folder"* ]] && continue 2; done
        mkdir -p "$work/src/$(dirname "$path")" && cp "$root/$path" "$work/src/$path"
    done
    find -L "$runfiles/proto" -name '*.pb.go' | while read -r path; do
        mkdir -p "$work/src/$(dirname "${path#"$runfiles/"}")" && cp -L "$path" "$work/src/${path#"$runfiles/"}"
    done
}

in_module() { (cd "$work/src" && "$@"); }

. "$runfiles/bazel/go/env.sh"
cp -rs "$runfiles/bazel/go/facts/go-build/." "$work/cache"
cp -rs "$runfiles/bazel/go/facts/staticcheck/." "$work/staticcheck"
date +%s >"$work/staticcheck/trim.txt"
export STATICCHECK_CACHE=$work/staticcheck RUFF_NO_CACHE=true RUFF_CACHE_DIR=$work/ruff
cd "$root" || exit 1

# Bazel 4 has these rules built in, so files do not load them.
native=$(printf -- ',-%s' native-proto native-proto-info native-py native-sh-binary native-sh-library native-sh-test native-java-{binary,library})
warnings=-warnings=${native#,}

# build_files COMMAND...: runs the command on the files that buildifier formats.
build_files() { files '*.bzl' '*BUILD.bazel' WORKSPACE | xargs -0 -r "$@"; }

if [[ $mode == write ]]; then
    step "ruff check" on '*.py' "$ruff" check --quiet --fix
    step "ruff format" on '*.py' "$ruff" format --quiet
    step gofmt on '*.go' "$GOROOT/bin/gofmt" -w
    step buildifier build_files "$buildifier" -mode=fix -lint=fix "$warnings"
    step "buf format" "$buf" format --write proto
else
    step "ruff check" on '*.py' "$ruff" check --quiet
    step "ruff format" on '*.py' "$ruff" format --quiet --diff
    step gofmt gofmt_check
    step buildifier build_files "$buildifier" -mode=check -lint=warn "$warnings"
    step "buf format" "$buf" format --diff --exit-code proto
    lay_out_module
    step "go vet" in_module go vet ./...
    step staticcheck in_module "$staticcheck" ./...
fi

((${#failed[@]} == 0)) || printf 'failed: %s\n' "${failed[@]}"
echo "$passed passed, ${#failed[@]} failed"
exit "$((${#failed[@]} > 0))"
