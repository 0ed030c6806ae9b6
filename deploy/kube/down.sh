#!/bin/bash
# Stops what up.sh and node.sh started, by pid. Removes its pods, mounts, bridge, cgroups and state. Restores the sysctls.
set -uo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/settings.sh"
[[ -d $RUN ]] || exit 0

ours() { grep -qa -- "$RUN\|$BIN" "/proc/$1/cmdline" 2>/dev/null; }

# Kill: their state is removed below. Only containers need a graceful end.
for name in kube-scheduler kube-controller-manager kube-apiserver etcd; do
    pid=$(awk -v name="$name" '$2 == name {print $1}' "$RUN/pids" 2>/dev/null)
    [[ -n $pid ]] && ours "$pid" && kill -9 "$pid"
done
for node in 1 2; do
    SQ_KEEP_OBJECT=1 "$SOURCE/node.sh" down "$node"
done
ip link del "$BRIDGE" 2>/dev/null
rm -rf "$RUN"
if ! compgen -G "$KUBE_HOME/run[12]" >/dev/null && [[ -s $KUBE_HOME/sysctl.before ]]; then
    sysctl -q -p "$KUBE_HOME/sysctl.before"
    rm "$KUBE_HOME/sysctl.before"
    # CNI's network namespaces of pods that are gone
    awk '$2 ~ "/run/netns/cni-" {print $2}' /proc/mounts | sort -u | while read -r mount; do
        umount -l "$mount"
        rm -f "$mount"
    done
    rmdir /sys/fs/cgroup/*/sq 2>/dev/null
fi
exit 0
