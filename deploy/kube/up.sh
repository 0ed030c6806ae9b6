#!/bin/bash
# Starts a Kubernetes on this machine, with one node. etcd, scheduler and controller manager listen on the loopback
# interface, the API server on a bridge. Pods use the same bridge and reach no other network. Requires root and about
# 900 MiB of memory. down.sh stops it.
#   SQ_REGISTRY_HOST, SQ_REGISTRY_URL   registry of the images: its name in image references, and its URL
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/settings.sh"
[[ -e $RUN/pids ]] && echo "cluster $CLUSTER is running, or was not stopped: run down.sh first" >&2 && exit 1
mkdir -p "$RUN"/{log,etcd}

# A kubelet changes these on the host; down.sh restores them.
[[ -e $KUBE_HOME/sysctl.before ]] || sysctl vm.overcommit_memory vm.panic_on_oom kernel.panic kernel.panic_on_oops \
    kernel.keys.root_maxkeys kernel.keys.root_maxbytes >"$KUBE_HOME/sysctl.before"

"$SOURCE/pki.sh" >"$RUN/log/pki.log" 2>&1
say keys

ip link show "$BRIDGE" >/dev/null 2>&1 || ip link add "$BRIDGE" type bridge
ip addr replace "$HOST/24" dev "$BRIDGE"
ip link set "$BRIDGE" up

etcd=$((12279 + 100 * CLUSTER))
spawn "$RUN" etcd "$BIN/etcd" --data-dir "$RUN/etcd" --unsafe-no-fsync --log-level warn \
    --listen-client-urls "http://127.0.0.1:$etcd" --advertise-client-urls "http://127.0.0.1:$etcd" \
    --listen-peer-urls "http://127.0.0.1:$((etcd + 1))" --initial-advertise-peer-urls "http://127.0.0.1:$((etcd + 1))" \
    --initial-cluster "default=http://127.0.0.1:$((etcd + 1))"
spawn "$RUN" kube-apiserver "$BIN/kube-apiserver" --etcd-servers "http://127.0.0.1:$etcd" \
    --bind-address "$HOST" --secure-port "$PORT" --advertise-address "$HOST" --endpoint-reconciler-type none \
    --tls-cert-file "$PKI/apiserver.crt" --tls-private-key-file "$PKI/apiserver.key" --client-ca-file "$PKI/ca.crt" \
    --token-auth-file "$PKI/tokens.csv" --authorization-mode Node,RBAC --enable-admission-plugins NodeRestriction \
    --service-account-key-file "$PKI/sa.key" --service-account-signing-key-file "$PKI/sa.key" \
    --service-account-issuer https://kubernetes.default.svc --service-cluster-ip-range 10.96.0.0/24 \
    --kubelet-client-certificate "$PKI/kubelet-client.crt" --kubelet-client-key "$PKI/kubelet-client.key" \
    --kubelet-preferred-address-types InternalIP
export KUBECONFIG=$RUN/admin.kubeconfig
wait_for 180 "API server" "$BIN/kubectl" get --raw /readyz
spawn "$RUN" kube-controller-manager "$BIN/kube-controller-manager" --kubeconfig "$RUN/kube-controller-manager.kubeconfig" \
    --bind-address 127.0.0.1 --secure-port $((10157 + 100 * CLUSTER)) --leader-elect=false \
    --use-service-account-credentials --kube-api-qps 500 --kube-api-burst 1000 \
    --service-account-private-key-file "$PKI/sa.key" --root-ca-file "$PKI/ca.crt" \
    --node-monitor-grace-period 20s --flex-volume-plugin-dir "$RUN/volumeplugins"
spawn "$RUN" kube-scheduler "$BIN/kube-scheduler" --kubeconfig "$RUN/kube-scheduler.kubeconfig" \
    --bind-address 127.0.0.1 --secure-port $((10159 + 100 * CLUSTER)) --leader-elect=false

"$SOURCE/node.sh" up 1
wait_for 60 "default service account" "$BIN/kubectl" get serviceaccount default
echo "export KUBECONFIG=$KUBECONFIG"
