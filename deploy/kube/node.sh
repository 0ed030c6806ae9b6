#!/bin/bash
# Adds a node to the cluster, or removes it: node.sh up|down 1|2. Both nodes are this machine. Each has its own container
# runtime, kubelet, cgroup and range of pod addresses.
#   SQ_NODE_POOL    value of its label sq/pool; default stages
#   SQ_NODE_TAINTS  taints it starts with, such as sq/pool=busy:NoSchedule
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/settings.sh"
NUMBER=${2:?usage: node.sh up|down 1|2}
NAME=node$NUMBER
NODE=$RUN/$NAME
ADDRESS=$SUBNET.$NUMBER
SLOT=$((2 * (CLUSTER - 1) + NUMBER - 1)) # 0..3, for ports
export KUBECONFIG=$RUN/admin.kubeconfig
CTR=(timeout 20 ctr -a "$NODE/containerd.sock" -n k8s.io)

network() {
    mkdir -p "$NODE/cni"
    ip addr replace "$ADDRESS/24" dev "$BRIDGE"
    cat >"$NODE/cni/10-bridge.conflist" <<JSON
{"cniVersion": "0.4.0", "name": "pods", "plugins": [
  {"type": "bridge", "bridge": "$BRIDGE", "isGateway": false, "ipMasq": false, "hairpinMode": true,
   "ipam": {"type": "host-local", "dataDir": "$NODE/cni/ipam", "ranges": [[
     {"subnet": "$SUBNET.0/24", "rangeStart": "$SUBNET.$((NUMBER * 100 - 90))", "rangeEnd": "$SUBNET.$((NUMBER * 100 - 1))",
      "gateway": "$HOST"}]],
     "routes": [{"dst": "10.244.0.1/32"}]}}]}
JSON
    echo 'nameserver 127.0.0.1' >"$NODE/resolv.conf"
}

registries() { # pulls from other registries go to a closed port: they fail at once, without network traffic
    mkdir -p "$NODE/certs.d/_default"
    printf '%s\n' 'server = "http://127.0.0.1:9"' '[host."http://127.0.0.1:9"]' '  capabilities = ["pull", "resolve"]' \
        >"$NODE/certs.d/_default/hosts.toml"
    [[ -n ${SQ_REGISTRY_HOST:-} ]] || return 0
    mkdir -p "$NODE/certs.d/$SQ_REGISTRY_HOST"
    printf '%s\n' "server = \"$SQ_REGISTRY_URL\"" "[host.\"$SQ_REGISTRY_URL\"]" '  capabilities = ["pull", "resolve"]' \
        >"$NODE/certs.d/$SQ_REGISTRY_HOST/hosts.toml"
}

runtime() {
    cat >"$NODE/containerd.toml" <<TOML
version = 2
root = "$NODE/containerd/root"
state = "$NODE/containerd/state"
disabled_plugins = ["io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.btrfs",
  "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs", "io.containerd.tracing.processor.v1.otlp"]
[grpc]
  address = "$NODE/containerd.sock"
[plugins."io.containerd.internal.v1.opt"]
  path = "$NODE/containerd/opt"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "localhost/pause:1"
  restrict_oom_score_adj = true   # root may lack CAP_SYS_RESOURCE: then runc cannot lower oom_score_adj
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "overlayfs"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
        SystemdCgroup = false
  [plugins."io.containerd.grpc.v1.cri".registry]
    config_path = "$NODE/certs.d"
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "$NODE/cni"
TOML
    spawn "$NODE" containerd containerd -c "$NODE/containerd.toml"
    wait_for 60 "$NAME: container runtime" "${CTR[@]}" version
    python3 "$SOURCE/image.py" localhost/pause:1 "$BIN/pause" "$NODE/pause.tar" >/dev/null
    "${CTR[@]}" images import "$NODE/pause.tar" >>"$NODE/log/import.log"
}

cgroups() { # each node has its own subtree, so that two kubelets do not remove each other's pods
    for controller in /sys/fs/cgroup/*/; do
        mkdir -p "$controller/sq/$CLUSTER-$NAME" 2>/dev/null || true
    done
    for file in cpuset.cpus cpuset.mems; do
        for folder in /sys/fs/cgroup/cpuset/sq "/sys/fs/cgroup/cpuset/sq/$CLUSTER-$NAME"; do
            [[ -e $folder/$file ]] && cat "$(dirname "$folder")/$file" >"$folder/$file"
        done
    done
    return 0
}

kubelet() {
    cat >"$NODE/kubelet.yaml" <<YAML
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
address: $ADDRESS
healthzPort: $((10348 + SLOT))
containerRuntimeEndpoint: unix://$NODE/containerd.sock
cgroupDriver: cgroupfs
cgroupRoot: /sq/$CLUSTER-$NAME
failCgroupV1: false
failSwapOn: false
makeIPTablesUtilChains: false
podLogsDir: $NODE/podlogs
resolvConf: $NODE/resolv.conf
clusterDNS: [127.0.0.1]
clusterDomain: cluster.local
oomScoreAdj: 0
volumePluginDir: $RUN/volumeplugins
nodeStatusUpdateFrequency: 4s
authentication: {anonymous: {enabled: false}, webhook: {enabled: true}, x509: {clientCAFile: $PKI/ca.crt}}
authorization: {mode: Webhook}
evictionHard: {memory.available: 100Mi, nodefs.available: "0%", nodefs.inodesFree: "0%", imagefs.available: "0%", imagefs.inodesFree: "0%"}
imageGCHighThresholdPercent: 100
imageGCLowThresholdPercent: 99
YAML
    spawn "$NODE" kubelet "$BIN/kubelet" --config "$NODE/kubelet.yaml" --kubeconfig "$RUN/$NAME.kubeconfig" \
        --root-dir "$NODE/kubelet" --cert-dir "$NODE/kubelet/pki" --hostname-override "$NAME" --node-ip "$ADDRESS" \
        --node-labels "sq/pool=${SQ_NODE_POOL:-stages}" --register-with-taints "${SQ_NODE_TAINTS:-}"
    wait_for 120 "$NAME: ready" "$BIN/kubectl" wait --for=condition=Ready "node/$NAME" --timeout=1s
}

stop() { # SIGNAL NAME: by pid, if the process is still ours
    local pid
    pid=$(awk -v name="$2" '$2 == name {print $1}' "$NODE/pids" 2>/dev/null)
    [[ -n $pid ]] && grep -qa -- "$NODE\|$RUN" "/proc/$pid/cmdline" 2>/dev/null || return 0
    kill "-$1" "$pid"
    for _ in $(seq 100); do
        [[ -e /proc/$pid ]] || return 0
        sleep 0.1
    done
    kill -9 "$pid"
}

case ${1:-} in
up)
    mkdir -p "$NODE"/{log,containerd,kubelet,podlogs}
    network
    registries
    runtime
    cgroups
    kubelet
    ;;
down)
    [[ -d $NODE ]] || exit 0
    [[ -z ${SQ_KEEP_OBJECT:-} ]] && timeout 10 "$BIN/kubectl" delete "node/$NAME" --ignore-not-found >/dev/null 2>&1 || true
    stop KILL kubelet
    "${CTR[@]}" tasks ls -q 2>/dev/null | xargs -r -P4 -n1 "${CTR[@]}" tasks rm -f >/dev/null 2>&1 || true
    "${CTR[@]}" containers ls -q 2>/dev/null | xargs -r -P4 -n1 "${CTR[@]}" containers rm >/dev/null 2>&1 || true
    stop TERM containerd
    for folder in /proc/[0-9]*; do # shims of our socket that a dead containerd left
        tr '\0' ' ' 2>/dev/null <"$folder/cmdline" | grep -q "containerd-shim.* -address $NODE/containerd.sock" && kill -9 "${folder#/proc/}"
    done
    awk -v folder="$NODE/" 'index($2, folder) == 1 {print $2}' /proc/mounts | sort -r | xargs -r umount -l
    for folder in /sys/fs/cgroup/*/sq/"$CLUSTER-$NAME"; do
        [[ -d $folder ]] && find "$folder" -depth -type d -exec rmdir {} \; 2>/dev/null
    done
    find /var/log/containers -maxdepth 1 -type l -lname "$NODE/*" -delete 2>/dev/null || true
    rm -rf "$NODE"
    ;;
*) echo "usage: node.sh up|down 1|2" >&2 && exit 2 ;;
esac
