#!/bin/bash
# Runs go mod tidy with the generated packages, then writes thirdparty.go from the imports of the Go files.
set -euo pipefail

runfiles=$PWD
root=$BUILD_WORKSPACE_DIRECTORY
sdk=$(dirname "$(readlink -f ../go_sdk/goroot)")/root
export PATH=$sdk/bin:$PATH GOROOT=$sdk GOTOOLCHAIN=local GOWORK=off GOFLAGS=-mod=mod
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cd "$root"
nested=$(git ls-files -co --exclude-standard -- '*/go.mod' | sed 's#/go.mod$#/#')
git ls-files -co --exclude-standard -- '*.go' go.mod go.sum | while read -r path; do
    [[ -f $path ]] || continue
    for folder in $nested; do [[ $path == "$folder"* ]] && continue 2; done
    mkdir -p "$work/$(dirname "$path")" && cp "$path" "$work/$path"
done
(cd "$runfiles" && find -L proto -name '*.pb.go' -exec cp -L --parents {} "$work" \;)
cd "$work"

rm -f bazel/go/thirdparty.go
go list -e -test -f '{{join .Imports "\n"}}
{{join .TestImports "\n"}}
{{join .XTestImports "\n"}}' ./... | grep -E '^[^/ ]+\.[^/ ]+/' | grep -v ' ' | sort -u >packages
{
    echo '// Package thirdparty imports every third-party package that first-party code does, so that they are compiled beforehand, once.'
    echo '// Written by `bazelw run //bazel/go:tidy`.'
    echo 'package thirdparty'
    echo
    echo 'import ('
    sed 's/.*/\t_ "&"/' packages
    echo ')'
} >bazel/go/thirdparty.go
gofmt -w bazel/go/thirdparty.go
go mod tidy "$@"
cp go.mod go.sum "$root/"
cp bazel/go/thirdparty.go "$root/bazel/go/"
