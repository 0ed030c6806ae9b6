#!/bin/bash
# Makes keys, certificates and tokens of one cluster, and a kubeconfig for each of its programs.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/settings.sh"
[[ -e $PKI/ca.crt ]] && exit 0
mkdir -p "$PKI"
cd "$PKI"

leaf() { # NAME SUBJECT EXTENSIONS
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "$2" -keyout "$1.key" -out "$1.csr"
    openssl x509 -req -in "$1.csr" -CA ca.crt -CAkey ca.key -CAcreateserial -days 365 -out "$1.crt" -extfile <(printf '%s\n' "$3")
}

account() { # NAME USER GROUPS: a token and a kubeconfig
    local token
    token=$(openssl rand -hex 16)
    echo "$token,$2,$2,\"$3\"" >>tokens.csv
    cat >"$RUN/$1.kubeconfig" <<YAML
apiVersion: v1
kind: Config
clusters: [{name: sq$CLUSTER, cluster: {server: "https://$HOST:$PORT", certificate-authority-data: "$(base64 -w0 ca.crt)"}}]
users: [{name: $1$CLUSTER, user: {token: "$token"}}]
contexts: [{name: sq$CLUSTER, context: {cluster: sq$CLUSTER, user: $1$CLUSTER}}]
current-context: sq$CLUSTER
YAML
    chmod 600 "$RUN/$1.kubeconfig"
}

umask 077
: >tokens.csv
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 365 -subj "/CN=sq$CLUSTER-ca" -keyout ca.key -out ca.crt
leaf apiserver /CN=kube-apiserver "subjectAltName=IP:127.0.0.1,IP:10.96.0.1,IP:$HOST,DNS:localhost,DNS:kubernetes.default.svc
extendedKeyUsage=serverAuth"
leaf kubelet-client /O=system:masters/CN=kube-apiserver-kubelet-client extendedKeyUsage=clientAuth
openssl genrsa -out sa.key 2048
account admin admin system:masters
account airflow sq-airflow ""
account kube-controller-manager system:kube-controller-manager ""
account kube-scheduler system:kube-scheduler ""
for node in 1 2; do
    account "node$node" "system:node:node$node" system:nodes
done
