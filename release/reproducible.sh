#!/bin/bash
# Builds the images twice and compares every digest. The two checkouts have different names, output bases, umasks and time
# zones, and no disk cache. Arguments: labels of images; default: all. The checkouts are below TMPDIR. SQ_KEEP=1 keeps them.
set -euo pipefail

images=("$@")
((${#images[@]})) || mapfile -t images <release/targets.txt
root=$BUILD_WORKSPACE_DIRECTORY
cd "$root"
work=$(mktemp -d -t sq-reproducible.XXXXXX)

# clean NAME: stops the Bazel server of a checkout and removes the checkout.
clean() {
    [[ -z ${SQ_KEEP:-} && -d $work/$1 ]] || return 0
    (cd "$work/$1" && ./bazelw --output_base="$work/out-$1" shutdown) 2>/dev/null || true
    chmod -R u+w "$work/out-$1" 2>/dev/null || true
    rm -rf "${work:?}/$1" "$work/out-$1"
}

finish() {
    clean one
    clean another-name
    if [[ -n ${SQ_KEEP:-} ]]; then echo "the checkouts are in $work"; else rm -rf "$work"; fi
}
trap finish EXIT

# build NAME UMASK ZONE: writes the digests to $work/NAME.digests, one image on each line.
build() (
    umask "$2"
    mkdir "$work/$1"
    git ls-files -z --cached --others --exclude-standard | while IFS= read -r -d '' file; do
        [[ -f $file ]] && printf '%s\0' "$file"
    done | tar --null -T - -cf - | tar -C "$work/$1" --no-same-permissions -xf -
    cd "$work/$1"
    echo "building ${#images[@]} images in $PWD, umask $2, time zone $3"
    TZ=$3 ./bazelw --output_base="$work/out-$1" build --disk_cache= --noshow_progress "${images[@]/%/.digest}"
    for image in "${images[@]}"; do
        path=${image#//}
        cat "$work/out-$1/execroot/sq/bazel-out/k8-fastbuild/bin/${path/://}.json.sha256"
        echo
    done | awk 'NF' >"$work/$1.digests"
)

build one 022 UTC
clean one
build another-name 077 Asia/Kathmandu
clean another-name

mapfile -t first <"$work/one.digests"
mapfile -t second <"$work/another-name.digests"
passed=0
printf '%-6s %-28s %-71s %s\n' '' image 'one, umask 022, UTC' 'another-name, umask 077, Asia/Kathmandu'
for index in "${!images[@]}"; do
    a=${first[index]:-none} b=${second[index]:-none}
    verdict=FAIL
    if [[ $a == sha256:* && $a == "$b" ]]; then
        verdict=ok
        passed=$((passed + 1))
    fi
    printf '%-6s %-28s %-71s %s\n' "$verdict" "${images[index]}" "$a" "$b"
done
echo "$passed passed, $((${#images[@]} - passed)) failed"
((passed == ${#images[@]}))
