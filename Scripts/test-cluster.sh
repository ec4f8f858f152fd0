#!/usr/bin/env bash
# Runs the end-to-end tests on a real cluster, and looks afterwards that nothing is left behind there.
#
#   Scripts/test-cluster.sh [KUBECONFIG] [arguments for swift test]
#
# Without KUBECONFIG it uses $KUBECONFIG. It needs kubectl, five nodes or more that are Ready and have no taints, and the
# rights of a cluster administrator (the tests make namespaces and roles). Each test has a namespace of its own with a
# DaemonSet on at most 12 nodes, which pulls quay.io/prometheus/node-exporter; existing workloads are not touched.
#
#   SLUICE_E2E_CONTEXT=NAME        the kubeconfig's context to use
#   SLUICE_E2E_FAKE_KUBELETS=NAME  the kubelets are fake ones: they obey image tags (…:v9-crash-loop) and the annotation
#                                  NAME/dead=true on a node; without it the tests of bad pods and dead nodes are skipped
#   SLUICE_BINARY=PATH             the sluice to test, instead of the one that was built with the tests
set -euo pipefail

if [ $# -gt 0 ] && [[ $1 != -* ]]; then
    SLUICE_E2E_KUBECONFIG=$(realpath "$1")
    shift
else
    SLUICE_E2E_KUBECONFIG=${KUBECONFIG:?name a kubeconfig, or set KUBECONFIG}
fi
SLUICE_E2E_PREFIX=sluice-e2e-$$
export SLUICE_E2E_KUBECONFIG SLUICE_E2E_PREFIX
cd "$(dirname "${BASH_SOURCE[0]}")/.."

cluster() {
    KUBECONFIG=$SLUICE_E2E_KUBECONFIG kubectl ${SLUICE_E2E_CONTEXT:+--context "$SLUICE_E2E_CONTEXT"} "$@"
}

# What the tests made and the cluster still has. Namespaces take a while to go.
leftovers() {
    cluster get namespaces,clusterroles,clusterrolebindings -o name | grep -e "$SLUICE_E2E_PREFIX" || true
    cluster get nodes -l "sluice-e2e/killed-by=$SLUICE_E2E_PREFIX" -o name
}

# Tests clean up after themselves, also when they fail; this is for those that were killed.
clean_up() {
    local name
    for name in $(leftovers); do
        case $name in
        node/*)
            cluster annotate "$name" "$SLUICE_E2E_FAKE_KUBELETS/dead-" >&2
            cluster label "$name" sluice-e2e/killed-by- >&2
            ;;
        *) cluster delete --wait=false --ignore-not-found "$name" >&2 ;;
        esac
    done
}

cluster version -o json >/dev/null
trap clean_up EXIT
status=0
swift test --filter EndToEndTests --explicit-target-dependency-import-check error "$@" || status=$?
for _ in $(seq 60); do
    left=$(leftovers)
    [ -n "$left" ] || break
    sleep 2
done
if [ -n "$left" ]; then
    echo "left over in the cluster:" $left >&2
    exit 1
fi
echo "nothing is left over in the cluster" >&2
exit "$status"
