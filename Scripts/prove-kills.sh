#!/usr/bin/env bash
# Kills the driver with -9 at random moments of rollouts on the embedded cluster, resumes it, and judges from the
# cluster's own audit: no node loses two pods in one rollout, the budget is kept, every rollout finishes.
# Usage: Scripts/prove-kills.sh [ROLLOUTS] [KILLS]     (20 rollouts of 60 nodes, 10 kills each)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

rollouts=${1:-20}
kills=${2:-10}
eligible=55 # of 60 nodes, five are tainted against the example DaemonSet
budget=5
sluice=${SLUICE_BINARY:-$(Scripts/build.sh)}
work=$(mktemp -d)
export KUBECONFIG=$work/kubeconfig SLUICE_STATE=$work/state.db
cluster=
finish() {
    [ -z "$cluster" ] || kill "$cluster" 2>/dev/null || true
    [ -n "${KEEP:-}" ] || rm -rf "$work"
}
trap finish EXIT

"$sluice" cluster --nodes 60 --start-delay 300ms --termination 100ms --ready-lag 100ms --audit "$work/audit" \
    --kubeconfig "$KUBECONFIG" >"$work/cluster.log" &
cluster=$!
until grep -q '^prometheus at' "$work/cluster.log"; do
    kill -0 "$cluster" 2>/dev/null || exit 1
    sleep 0.1
done

violations=0
killed=0
for rollout in $(seq "$rollouts"); do
    sed -e "s|NAME|kills-$rollout|; s|TAG|v2.0.$rollout|; /gates:/,/interval: 1s/d; s|soak: 3s|soak: 1s|" \
        Scripts/demo-plan.yaml >"$work/plan.yaml"
    before=$(wc -l <"$work/audit")
    command=(run -f "$work/plan.yaml" --yes)
    for _ in $(seq "$kills"); do
        "$sluice" "${command[@]}" --quiet >>"$work/run.log" 2>&1 &
        driver=$!
        sleep "0.$((RANDOM % 9))$((RANDOM % 10))"
        if kill -9 "$driver" 2>/dev/null; then killed=$((killed + 1)); fi
        wait "$driver" 2>/dev/null || true
        # Killed before the rollout was written down, there is nothing to resume, and the plan is run again.
        if "$sluice" status -o json 2>/dev/null | grep -q '"phase": "\(preparing\|updating\|soaking\)"'; then
            command=(resume)
        fi
    done
    code=0
    "$sluice" "${command[@]}" --quiet >>"$work/run.log" 2>&1 || code=$?
    phase=$("$sluice" status -o json | sed -n 's/^  "phase": "\(.*\)",$/\1/p')
    if [ "$code" -ne 0 ] || [ "$phase" != completed ]; then
        echo "rollout $rollout: exit code $code, phase $phase" >&2
        violations=$((violations + 1))
    fi
    tail -n "+$((before + 1))" "$work/audit" | grep '"terminates":true' >"$work/deletes" || true
    twice=$(sed 's/.*"node":"\([^"]*\)".*/\1/' "$work/deletes" | sort | uniq -d | tr '\n' ' ')
    if [ -n "$twice" ]; then
        echo "rollout $rollout: nodes that lost two pods: $twice" >&2
        violations=$((violations + 1))
    fi
done

grep '"terminates":true' "$work/audit" >"$work/deletes"
deletes=$(wc -l <"$work/deletes")
repeated=$(grep -c '"terminates":false' "$work/audit" || true)
least=$(sed 's/.*"availableBefore":\([0-9]*\).*/\1/' "$work/deletes" | sort -n | head -1)
blind=$((eligible - least + 1))
[ "$blind" -le "$budget" ] || violations=$((violations + 1))
echo "rollouts $rollouts, kills $killed, pods deleted $deletes (expected $((rollouts * eligible))), repeated deletes" \
    "$repeated, most nodes without a pod $blind (budget $budget), violations $violations"
[ "$violations" -eq 0 ]
