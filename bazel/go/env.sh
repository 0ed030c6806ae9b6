# Sourced by what runs the go command. In: SQ_SDK and SQ_MODULES, the marker files of @go_sdk and @go_modules, and SQ_GOCACHE,
# the tree of compiled third-party packages, or nothing. Out: the environment of a go command without network, and $work.

sdk=$(dirname "$(readlink -f "$SQ_SDK")")/root
modules=$(dirname "$(readlink -f "$SQ_MODULES")")/cache
work=$(mktemp -d)
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT

export GOROOT=$sdk PATH=$sdk/bin:$PATH GOMODCACHE=$modules GOCACHE=$work/cache HOME=$work GOPATH=$work/go
export LC_ALL=C.UTF-8 CGO_ENABLED=0 GOTOOLCHAIN=local GOPROXY=off GOSUMDB=off GOWORK=off GOENV=off GOTELEMETRY=off
export GOFLAGS="-mod=readonly -trimpath -buildvcs=false"
# The index of the module cache is keyed by its path and times: no use elsewhere.
export GODEBUG=goindex=0

mkdir "$work/cache" "$work/src"
if [[ -n ${SQ_GOCACHE:-} ]]; then
    # Links to a read-only cache; what is compiled here is written beside them.
    cp -rs "$(readlink -f "$SQ_GOCACHE")/." "$work/cache"
fi
# Without this file go would drop every entry that has not been used for days.
date +%s >"$work/cache/trim.txt"

# copy_sources FILE: lays out the module as FILE says, a line `source<TAB>path in the module` each. Copies: go:embed takes no links.
copy_sources() {
    local source path
    while IFS=$'\t' read -r source path; do
        mkdir -p "$work/src/$(dirname "$path")"
        cp -L "$source" "$work/src/$path"
        chmod u+w "$work/src/$path"
    done <"$1"
}
