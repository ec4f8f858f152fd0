#!/usr/bin/env bash
# Prints what Sluice costs beside its goals; exit code 1 when one is missed.
# Usage: Scripts/bench.sh [--quick] [--only PART[,PART...]] [--cluster KUBECONFIG] [RUNS]
#
# Without a cluster it measures on the embedded one (part `embedded`). On a real control plane it also measures the parts
#   ways           100 nodes, budget 10, RUNS times (5): Sluice, native RollingUpdate, a kubectl loop, each over the
#                  ideal schedule of its own run
#   idle           the requests of a driver while a wave soaks
#   thousand       1,000 nodes, budget 100, at the controller manager's default of 20 requests a second
#   thousand-fast  the same at 200 requests a second
#   large          5,000 nodes of 25 KB each: memory, and how soon `resume` acts
# The real control plane is either running already, whatever its nodes (--cluster, with --only), or started part by part:
#   SLUICE_CLUSTER_UP    a command that starts a fresh cluster. It gets the number of nodes as its argument (kubelets may
#                        be fake), and in the environment KCM_QPS and KCM_BURST, the limits of kube-controller-manager's
#                        client, and RUN, a folder for its data. It prints KUBECONFIG=PATH when the cluster is ready.
#   SLUICE_CLUSTER_DOWN  a command that stops it again; it gets the same RUN.
# Whatever else they need, such as KUBEBUILDER_ASSETS with the binaries, comes from the environment. kubectl is needed.
# On the cluster only the namespace sluice-bench is used; `large` annotates the nodes. --quick measures each once.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

usage() { sed -n '2,/^set /{/^#/s/^# \{0,1\}//p}' Scripts/bench.sh >&2; exit 64; }
runs=5 quick='' only='' given=''
while [ $# -gt 0 ]; do
    case $1 in
    --quick) quick=1 runs=1 ;;
    --only) only=${2:?--only needs a part}; shift ;;
    --cluster) given=$(realpath "${2:?--cluster needs a kubeconfig}"); shift ;;
    [1-9]*) runs=$1 ;;
    *) usage ;;
    esac
    shift
done
if [ -z "$only" ]; then
    only=embedded
    [ -z "${SLUICE_CLUSTER_UP:-}" ] || only=embedded,ways,idle,thousand,thousand-fast,large
    [ -z "$given" ] || { echo "--cluster needs --only: which parts fit this cluster?" >&2; exit 64; }
fi

sluice=$PWD/$(Scripts/build.sh | sed "s|^$PWD/||")
swift build -c release --product SluiceBench --static-swift-stdlib >&2
bench=$(dirname "$sluice")/SluiceBench
loop=$PWD/Scripts/kubectl-loop.sh

work=$(mktemp -d)
export RUN=${RUN:-$work/cluster}
kubeconfig=$given shape=
down() {
    [ -n "$shape" ] || return 0
    shape=
    "${SLUICE_CLUSTER_DOWN:?SLUICE_CLUSTER_DOWN has to name a command that stops the cluster}" >&2
}
finish() {
    down
    rm -rf "$work"
}
trap finish EXIT

# A cluster of so many nodes, whose controller manager may send so many requests a second. The one at hand is kept when it
# is like that.
cluster() { # NODES QPS
    [ -z "$given" ] || return 0
    [ "$shape" != "$1 $2" ] || return 0
    down
    : "${SLUICE_CLUSTER_UP:?SLUICE_CLUSTER_UP has to name a command that starts a cluster; see the head of Scripts/bench.sh}"
    mkdir -p "$RUN"
    shape="$1 $2"
    KCM_QPS=$2 KCM_BURST=$(($2 * 3 / 2)) "$SLUICE_CLUSTER_UP" "$1" >"$work/up.log"
    cat "$work/up.log" >&2
    kubeconfig=$(sed -n 's/.*KUBECONFIG=\([^ ]*\).*/\1/p' "$work/up.log" | tail -1)
    [ -s "$kubeconfig" ] || { echo "$SLUICE_CLUSTER_UP did not print KUBECONFIG=PATH" >&2; exit 1; }
}

say() { printf '=== %s\n' "$*"; }
missed=0
measure() { "$bench" "$@" || missed=1; }

for part in ${only//,/ }; do
    case $part in
    embedded)
        say "The planner, the start-up, and $runs rollouts on the embedded cluster"
        measure planner 5000
        measure planner 100000
        measure startup "$sluice"
        measure rollout "$sluice" "$runs"
        ;;
    ways)
        say "Sluice beside native RollingUpdate and a kubectl loop"
        cluster 100 20
        measure real "$sluice" "$loop" "$kubeconfig" 10 "$runs" sluice native loop
        ;;
    idle)
        say "Idle minutes on a real control plane"
        cluster 100 20
        measure idle "$sluice" "$kubeconfig" 2 60
        [ -n "$quick" ] || measure idle "$sluice" "$kubeconfig" 20 300
        ;;
    thousand)
        say "1,000 nodes, the controller manager at 20 requests a second"
        cluster 1000 20
        measure real "$sluice" "$loop" "$kubeconfig" 100 1 sluice native
        ;;
    thousand-fast)
        say "1,000 nodes, the controller manager at 200 requests a second"
        cluster 1000 200
        measure real "$sluice" "$loop" "$kubeconfig" 100 1 sluice native
        ;;
    large)
        say "5,000 nodes of 25 KB each"
        cluster 5000 200
        measure large "$sluice" "$kubeconfig" 25000
        ;;
    *) usage ;;
    esac
done
exit "$missed"
