#!/bin/bash
# needs.sh lists the Debian packages that the check on the cluster needs and this machine lacks, one on each line.
# `needs.sh install` installs them.
set -euo pipefail

# A file that shows that a package is installed, and the name of the package.
needs=(
    /usr/bin/containerd:containerd /usr/sbin/runc:runc /usr/lib/cni/bridge:containernetworking-plugins /usr/bin/openssl:openssl
    /usr/bin/ip:iproute2 /usr/bin/docker-registry:docker-registry '/usr/lib/postgresql/*/bin/postgres:postgresql'
    '/usr/lib/jvm/*/bin/java:openjdk-17-jre-headless' /usr/bin/chromium:chromium /usr/bin/python3:python3 /usr/bin/go:golang-go
)
missing=()
for need in "${needs[@]}"; do
    compgen -G "${need%:*}" >/dev/null || command -v "$(basename "${need%:*}")" >/dev/null || missing+=("${need##*:}")
done
if [[ ${1:-} == install ]]; then
    ((${#missing[@]})) || exit 0
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"
else
    ((${#missing[@]} == 0)) || printf '%s\n' "${missing[@]}"
fi
