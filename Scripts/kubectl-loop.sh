#!/usr/bin/env bash
# What people write to roll a DaemonSet with OnDelete out: delete so many pods, wait until all are Ready, go on.
# Scripts/bench.sh compares Sluice with it. Usage: Scripts/kubectl-loop.sh NAMESPACE DAEMONSET SELECTOR BATCH
set -euo pipefail

namespace=$1 name=$2 selector=$3 batch=$4
mapfile -t pods < <(kubectl -n "$namespace" get pods -l "$selector" -o name)
count() { kubectl -n "$namespace" get ds "$name" -o "jsonpath={.status.$1}"; }

desired=$(count desiredNumberScheduled)
done=0
while [ "$done" -lt "${#pods[@]}" ]; do
    next=("${pods[@]:done:batch}")
    kubectl -n "$namespace" delete "${next[@]}"
    done=$((done + ${#next[@]}))
    until [ "$(count numberReady)" = "$desired" ] && [ "$(count updatedNumberScheduled)" -ge "$done" ]; do :; done
done
