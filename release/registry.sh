#!/bin/bash
# bazelw run //release:registry [-- PORT [FOLDER]]: a registry on this machine, to try a release with. Ctrl-C ends it.
# It listens on the loopback interface, without password and TLS. Without FOLDER, what it holds is deleted at the end.
set -euo pipefail

port=${1:-5000}
if [[ ! $port =~ ^[0-9]+$ ]] || ((port > 65535)); then
    echo "registry: $port is no port: give a number, such as 5000" >&2
    exit 2
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
folder=${2:-$work/storage}
[[ $folder == /* ]] || folder=${BUILD_WORKING_DIRECTORY:-$PWD}/$folder
cat >"$work/config.yml" <<CONFIG
version: 0.1
log: {level: warn}
storage: {filesystem: {rootdirectory: "$folder"}, delete: {enabled: true}}
http: {addr: "127.0.0.1:$port"}
CONFIG
echo "a registry on 127.0.0.1:$port holds what is in $folder; Ctrl-C ends it"
/usr/bin/docker-registry serve "$work/config.yml" &
server=$!
trap 'kill "$server" 2>/dev/null; wait "$server" || true; rm -rf "$work"' EXIT
trap 'exit 0' INT TERM
wait "$server"
