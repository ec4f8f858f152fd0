#!/usr/bin/env bash
# Kills the driver with -9 again and again, and lets the cluster's own record of deletes judge what came of it: no node
# loses two pods to one rollout, the budget is never exceeded, and every rollout ends.
# Usage: Scripts/prove-kills.sh [ROLLOUTS=20] [KILLS=10]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

rollouts=${1:-20}
kills=${2:-10}
sluice=${SLUICE_BINARY:-$(Scripts/build.sh)}
# 60 nodes, of which the DaemonSet runs on 55; the plan allows 5 of them to be without an available pod.
eligible=55
budget=5
# A rollout takes some ten seconds; one that takes a minute to its end is stuck.
patience=${PATIENCE:-120}
work=$(mktemp -d)
export KUBECONFIG=$work/kubeconfig SLUICE_STATE=$work/state.db NO_COLOR=1
cluster=
driver=
finish() {
    [ -z "$driver" ] || kill -9 "$driver" 2>/dev/null || true
    [ -z "$cluster" ] || kill "$cluster" 2>/dev/null || true
    rm -rf "$work"
}
trap finish EXIT

"$sluice" cluster --nodes 60 --start-delay 300ms --termination 100ms --ready-lag 100ms --port 0 \
    --kubeconfig "$KUBECONFIG" --audit "$work/audit" >"$work/cluster.log" 2>&1 &
cluster=$!
until grep -q '^prometheus at' "$work/cluster.log"; do
    kill -0 "$cluster" || { cat "$work/cluster.log" >&2; exit 1; }
    sleep 0.1
done

plan() { # NUMBER
    cat <<PLAN
apiVersion: sluice/v1
kind: RolloutPlan
metadata:
  name: kills-$1
spec:
  daemonSet: {name: node-exporter, namespace: monitoring}
  images: {node-exporter: "quay.io/prometheus/node-exporter:v2.0.$1"}
  budget: {maxUnavailable: $budget}
  waves:
    - {name: canary, selector: {matchLabels: {env: dev}}, take: 2, soak: 1s}
    - {name: rest, everythingElse: true, batches: [10, 50%]}
PLAN
}

# The pods that this rollout has sent into termination.
started() { tail -n "+$((before + 1))" "$work/audit" | grep -c '"startedTermination":true' || true; }

# Between 0 and 299 ms, as seconds.
moment() { printf '0.%03d' $((RANDOM % 300)); }

drive() { # ARGUMENTS
    "$sluice" "$@" >>"$work/driver.log" 2>&1 &
    driver=$!
}

# Waits until the driver has deleted so many pods, or is over, and a random moment more; then kills it.
kill_after() { # PODS
    while kill -0 "$driver" 2>/dev/null && [ "$(started)" -lt "$1" ]; do sleep 0.05; done
    sleep "$(moment)"
    kill -9 "$driver" 2>/dev/null || true
    local code=0
    { wait "$driver"; } 2>/dev/null || code=$?
    driver=
    case $code in
    0) ;; # it had done its work already
    137) killed=$((killed + 1)) ;;
    *)
        odd=$((odd + 1))
        echo "a driver that nobody had killed yet ended with $code" >&2
        tail -3 "$work/driver.log" >&2
        ;;
    esac
}

# Tells what the audit says of one rollout: deletes that began a pod's end, other ones, the most blind nodes, violations.
judge() {
    tail -n "+$((before + 1))" "$work/audit" | awk -v budget="$budget" '
        function text(key,   rest) {
            if (!match($0, "\"" key "\":\"[^\"]*\"")) return ""
            rest = substr($0, RSTART, RLENGTH); sub("^\"" key "\":\"", "", rest); sub("\"$", "", rest); return rest
        }
        function number(key,   rest) {
            if (!match($0, "\"" key "\":[0-9]+")) return 0
            rest = substr($0, RSTART, RLENGTH); sub("^\"" key "\":", "", rest); return rest + 0
        }
        /"startedTermination":true/ {
            started++
            if (++lost[text("node")] > 1) { violations++; print "two pods lost: " $0 > "/dev/stderr" }
            blind = number("blindNodes")
            if (blind + 1 > most) most = blind + 1
            if (blind + 1 > budget) { violations++; print "over the budget: " $0 > "/dev/stderr" }
            next
        }
        { repeated++ }
        END { print started + 0, repeated + 0, most + 0, violations + 0 }'
}

total_kills=0 total_started=0 total_repeated=0 most_blind=0 violations=0
for ((number = 1; number <= rollouts; number++)); do
    plan "$number" >"$work/plan.yaml"
    before=$(wc -l <"$work/audit")
    killed=0 odd=0
    : >"$work/driver.log"
    # Where the kills fall: random numbers of deleted pods, in order.
    mapfile -t targets < <(for ((i = 0; i < kills; i++)); do echo $((RANDOM % eligible)); done | sort -n)
    drive run -f "$work/plan.yaml" --yes --quiet
    for target in "${targets[@]}"; do
        kill_after "$target"
        # Before the first thing is written down there is nothing to resume: the same plan begins again.
        if "$sluice" status -o json 2>/dev/null | grep -q '"phase": *"\(completed\|aborted\)"' ||
            ! "$sluice" status -o json >/dev/null 2>&1; then
            drive run -f "$work/plan.yaml" --yes --quiet
        else
            drive resume --quiet
        fi
    done
    code=0
    timeout "$patience" tail --pid="$driver" -f /dev/null || kill -9 "$driver" 2>/dev/null || true
    { wait "$driver"; } 2>/dev/null || code=$?
    driver=
    read -r begun repeated most bad < <(judge)
    bad=$((bad + odd))
    if [ "$code" -ne 0 ] || [ "$begun" -ne "$eligible" ]; then
        bad=$((bad + 1))
        echo "rollout $number: the last driver's exit code is $code, $begun of $eligible pods were replaced" >&2
        tail -5 "$work/driver.log" >&2
    fi
    echo "rollout $number: $killed kills, $begun deletes, $repeated repeated, $most blind at most, $bad violations"
    total_kills=$((total_kills + killed))
    total_started=$((total_started + begun))
    total_repeated=$((total_repeated + repeated))
    violations=$((violations + bad))
    [ "$most" -le "$most_blind" ] || most_blind=$most
done
echo "rollouts $rollouts, kills $total_kills, deletes $total_started, repeated deletes $total_repeated," \
    "most blind nodes $most_blind of $budget allowed, violations $violations"
[ "$violations" -eq 0 ]
