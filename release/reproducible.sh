#!/bin/bash
# Builds the images twice, in two checkouts of different names, output bases, umasks and time zones, without a cache of results,
# and compares every digest. Arguments: images, by default all. SQ_KEEP=1 keeps both for a look.
set -euo pipefail

root=$BUILD_WORKSPACE_DIRECTORY
cd "$root"
images=("${@:-}")
[[ -n ${images[0]} ]] || images=(sq-generate sq-retrieve sq-evaluate sq-ner-diff sq-report sq-all)
work=$(mktemp -d -t sq-reproducible.XXXXXX)

# clean NAME: ends the Bazel server of a checkout and removes it.
clean() {
    (cd "$work/$1" && ./bazelw --output_base="$work/out-$1" shutdown) 2>/dev/null || true
    chmod -R u+w "$work/out-$1" 2>/dev/null || true
    rm -rf "${work:?}/$1" "$work/out-$1"
}

# build NAME UMASK ZONE: leaves the digests in $work/NAME.digests.
build() (
    umask "$2"
    mkdir "$work/$1"
    git ls-files -z --cached --others --exclude-standard | while IFS= read -r -d '' file; do
        [[ -f $file ]] && printf '%s\0' "$file"
    done | tar --null -T - -cf - | tar -C "$work/$1" --no-same-permissions -xf -
    cd "$work/$1"
    targets=("${images[@]/#/\/\/release:}")
    TZ=$3 ./bazelw --output_base="$work/out-$1" build --disk_cache= --noshow_progress "${targets[@]}" "${targets[@]/%/.digest}"
    for image in "${images[@]}"; do
        printf '%s %s\n' "$image" "$(<"$work/out-$1/execroot/sq/bazel-out/k8-fastbuild/bin/release/$image.json.sha256")"
    done >"$work/$1.digests"
)

build one 022 UTC
[[ -n ${SQ_KEEP:-} ]] || clean one
build another-name 077 Asia/Kathmandu
[[ -n ${SQ_KEEP:-} ]] || clean another-name

differ=0
while read -r image digest; do
    other=$(awk -v image="$image" '$1 == image { print $2 }' "$work/another-name.digests")
    if [[ $digest == "$other" ]]; then
        echo "same   $image $digest"
    else
        echo "DIFFER $image $digest $other"
        differ=$((differ + 1))
    fi
done <"$work/one.digests"
if [[ -n ${SQ_KEEP:-} ]]; then echo "kept in $work"; else rm -rf "$work"; fi
echo "$((${#images[@]} - differ)) same, $differ differ"
exit "$((differ > 0))"
