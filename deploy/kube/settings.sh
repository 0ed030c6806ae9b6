# Settings and functions of the scripts in this folder. To be sourced.
#   SQ_KUBE_HOME     folder of binaries and state; default ~/.cache/sq-kube
#   SQ_KUBE_CLUSTER  1 or 2: two clusters can run at once, each with its own ports, bridge and subnet
export PATH=/usr/sbin:/sbin:$PATH
SOURCE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
KUBE_HOME=${SQ_KUBE_HOME:-$HOME/.cache/sq-kube}
BIN=$KUBE_HOME/bin
CLUSTER=${SQ_KUBE_CLUSTER:-1}
case $CLUSTER in 1 | 2) ;; *) echo "SQ_KUBE_CLUSTER is $CLUSTER; give 1 or 2" >&2 && exit 2 ;; esac

RUN=$KUBE_HOME/run$CLUSTER
PKI=$RUN/pki
BRIDGE=sqbr$CLUSTER
SUBNET=10.$((243 + CLUSTER)).0 # the host is .1 on the bridge; servers for pods listen there
HOST=$SUBNET.1
PORT=$((6343 + 100 * CLUSTER)) # of the API server, on the bridge

say() { printf '%6.1f s  %s\n' "$(awk "BEGIN {print $EPOCHREALTIME - $T0}")" "$*"; }
T0=$EPOCHREALTIME

spawn() { # FOLDER NAME COMMAND...: in the background and in a new session, with its log and pid in FOLDER
    local folder=$1 name=$2
    shift 2
    setsid nice "$@" >"$folder/log/$name.log" 2>&1 </dev/null &
    echo "$! $name" >>"$folder/pids"
}

wait_for() { # SECONDS WHAT COMMAND...
    local end=$((SECONDS + $1)) what=$2
    shift 2
    until "$@" >/dev/null 2>&1; do
        ((SECONDS < end)) || { echo "timed out waiting for: $what (logs: $RUN)" >&2 && exit 1; }
        sleep 0.2
    done
    say "$what"
}
