#!/usr/bin/env bash
# Gates against a real Prometheus that scrapes a real node_exporter for each node of an embedded cluster. Whenever a
# rollout replaces a node's pod, that node's exporter is stopped and another one started, as good or as bad as the case
# wants it. Prints a table of what the gates made of it; exit code 1 when something is not as it must be.
#
#   Tests/RealPrometheus/run.sh [CASE …]
#
# Without a CASE all of them run, in about eight minutes; `Tests/RealPrometheus/cases.sh` has them. Needed besides a
# Swift toolchain: prometheus, prometheus-node-exporter (or node_exporter), openssl and curl, in PATH. On Debian and
# Ubuntu missing ones are installed when this runs as root, and no service of theirs is started; otherwise:
#
#   sudo apt-get install --no-install-recommends prometheus prometheus-node-exporter openssl curl
#
#   SLUICE_BINARY   the sluice to test; without it a release build is made
#   NODES=14        the size of the embedded cluster; the DaemonSet runs on all but a few of its nodes
#   PORT=29090      Prometheus listens there, the exporters at the ports that follow
#   KEEP=FOLDER     where logs, plans and databases are kept; without it they go, unless a case failed
#
# Everything listens on 127.0.0.1 and is stopped at the end, however that comes about.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

usage() { sed -n '2,/^set /{/^#/s/^# \{0,1\}//p}' Tests/RealPrometheus/run.sh >&2; exit 64; }
case ${1:-} in -*) usage ;; esac
nodes=${NODES:-14} port=${PORT:-29090}
[[ $nodes =~ ^[1-9][0-9]*$ && $port =~ ^[1-9][0-9]*$ ]] || usage

exporter_program() { command -v prometheus-node-exporter || command -v node_exporter; }
install_missing() {
    local missing=()
    command -v prometheus >/dev/null || missing+=(prometheus)
    exporter_program >/dev/null || missing+=(prometheus-node-exporter)
    for name in openssl curl; do command -v "$name" >/dev/null || missing+=("$name"); done
    [ ${#missing[@]} -gt 0 ] || return 0
    local command="apt-get install -y --no-install-recommends ${missing[*]}"
    if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
        echo "not in PATH: ${missing[*]}; on Debian and Ubuntu: sudo $command" >&2
        exit 1
    fi
    echo "installing: ${missing[*]}" >&2
    # With this policy no package starts its service (invoke-rc.d); one that is there already stays as it is.
    local policy=/usr/sbin/policy-rc.d code=0
    [ -e "$policy" ] && policy= || { printf '#!/bin/sh\nexit 101\n' >"$policy"; chmod +x "$policy"; }
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive $command -qq; } >&2 || code=$?
    [ -z "$policy" ] || rm -f "$policy"
    [ "$code" -eq 0 ] || { echo "apt-get failed (exit code $code); install by hand: $command" >&2; exit 1; }
}
install_missing
node_exporter=$(exporter_program)
prometheus --version 2>&1 | head -1
"$node_exporter" --version 2>&1 | head -1

for ((each = port; each <= port + nodes; each++)); do
    if (exec 3<>"/dev/tcp/127.0.0.1/$each") 2>/dev/null; then
        echo "port $each is taken; choose others with PORT" >&2
        exit 1
    fi
done

sluice=${SLUICE_BINARY:-$(Scripts/build.sh)}
work=$(mktemp -d)
export NO_COLOR=1
declare -A exporters=()
prometheus_process='' cluster_process='' driver=''

end() { # PROCESS: ends a process of ours and waits for it
    [ -n "$1" ] || return 0
    kill "$1" 2>/dev/null || true
    wait "$1" 2>/dev/null || true
}
end_all() {
    end "$driver"; driver=
    for name in "${!exporters[@]}"; do end "${exporters[$name]}"; done
    exporters=()
    end "$prometheus_process"; prometheus_process=
    end "$cluster_process"; cluster_process=
}
failed=0
finish() {
    local code=$?
    trap '' INT TERM HUP
    end_all
    if [ -n "${KEEP:-}" ]; then
        mkdir -p "$KEEP"
        cp -r "$work/." "$KEEP/"
    elif [ "$code" -ne 0 ] && [ "$failed" -ne 0 ]; then
        echo "logs, plans and databases are in $work" >&2
        return
    fi
    rm -rf "$work"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
trap 'exit 129' HUP

await() { # WHAT COMMAND …: until the command succeeds, at most 30 s
    local what=$1
    shift
    for _ in {1..300}; do
        if "$@" >/dev/null 2>&1; then return 0; fi
        sleep 0.1
    done
    echo "$what was not there within 30 s; its log is in $folder" >&2
    failed=1
    exit 1
}

# What an exporter is after its node's pod was replaced.
exporter_flags() { # KIND
    case $1 in
    whole) ;;
    # As an upgrade whose flags do not fit any more: Ready, answering, and without most of its series.
    stripped) echo --collector.disable-defaults --collector.loadavg ;;
    esac
}
start_exporter() { # NODE KIND
    [ "$2" != none ] || return 0
    # shellcheck disable=SC2046
    "$node_exporter" --web.listen-address="127.0.0.1:${exporter_port[$1]}" $(exporter_flags "$2") \
        >>"$folder/exporter-$1.log" 2>&1 &
    exporters[$1]=$!
}
replace_exporter() { # NODE KIND
    end "${exporters[$1]:-}"
    unset "exporters[$1]"
    start_exporter "$1" "$2"
}

start_prometheus() {
    prometheus --config.file="$folder/prometheus.yml" --storage.tsdb.path="$folder/tsdb" \
        --web.listen-address="127.0.0.1:$port" "${prometheus_flags[@]}" >>"$folder/prometheus.log" 2>&1 &
    prometheus_process=$!
}
ask() { # QUERY: the answer of Prometheus
    curl -sS --max-time 5 "${curl_flags[@]}" "$address/api/v1/query" --data-urlencode "query=$1"
}
has_history() {
    ask "count(count_over_time(up{job=\"node\"}[1m]) >= $history)" | grep -q "\"${#exporter_port[@]}\""
}

# The cluster, an exporter for each node with a pod, and Prometheus with a history of some scrapes of each.
begin() { # CASE
    folder=$work/$1
    mkdir "$folder"
    address=http://127.0.0.1:$port prometheus_flags=() curl_flags=() access=() scrape_interval=1s history=15 start_delay=1s
    if [ "$(type -t "prepare_$1")" = function ]; then "prepare_$1"; fi
    export KUBECONFIG=$folder/kubeconfig SLUICE_STATE=$folder/state.db
    "$sluice" cluster --nodes "$nodes" --start-delay "$start_delay" --termination 300ms --ready-lag 300ms \
        --kubeconfig "$KUBECONFIG" >"$folder/cluster.log" 2>&1 &
    cluster_process=$!
    await "the embedded cluster" grep -q '^prometheus at' "$folder/cluster.log"
    "$sluice" report versions -n monitoring ds/node-exporter -o json >"$folder/versions.json"
    declare -gA exporter_port=()
    local node next=$((port + 1))
    {
        printf 'global: {scrape_interval: %s, scrape_timeout: 1s}\n' "$scrape_interval"
        printf 'scrape_configs:\n  - job_name: node\n    static_configs:\n'
        while read -r node; do
            exporter_port[$node]=$next
            printf '      - {targets: ["127.0.0.1:%s"], labels: {node: "%s"}}\n' "$next" "$node"
            next=$((next + 1))
        done < <(sed -nE '/"node":/{N; s/.*"node": "(.*)",\n *"pod": ".*/\1/p}' "$folder/versions.json")
    } >"$folder/prometheus.yml"
    for node in "${!exporter_port[@]}"; do start_exporter "$node" whole; done
    start_prometheus
    await "Prometheus with a history" has_history
}

# Runs a plan; at each event calls `on_event EVENT NODE`.
drive() { # CASE GATES
    cat >"$folder/plan.yaml" <<PLAN
apiVersion: sluice/v1
kind: RolloutPlan
metadata: {name: $1}
spec:
  daemonSet: {name: node-exporter, namespace: monitoring}
  images: {node-exporter: "quay.io/prometheus/node-exporter:v1.9.0"}
  budget: {maxUnavailable: 3}
  waves:
    - name: canary
      nodes: [$(printf '%s\n' "${!exporter_port[@]}" | sort | head -3 | paste -sd,)]
      batches: [3]
      soak: 15s
      gates:
$2
    - {name: rest, everythingElse: true, batches: [3]}
PLAN
    local line event node
    mkfifo "$folder/events"
    "$sluice" run -f "$folder/plan.yaml" --yes --quiet -o json >"$folder/events" 2>"$folder/run.log" &
    driver=$!
    while read -r line; do
        printf '%s\n' "$line" >>"$folder/events.json"
        event=$(sed -n 's/.*"event":"\([a-zA-Z]*\)".*/\1/p' <<<"$line")
        node=$(sed -n 's/.*"node":"\([^"]*\)".*/\1/p' <<<"$line")
        on_event "$event" "$node"
    done <"$folder/events"
    code=0
    wait "$driver" || code=$?
    driver=
    [ -s "$folder/events.json" ] || { cat "$folder/run.log" >&2; failed=1; exit 1; }
    "$sluice" status -o json ds/node-exporter -n monitoring >"$folder/status.json" 2>>"$folder/run.log" || true
}

# A field of the end's event, whose sentence has quotes that JSON escapes.
end_field() { # FIELD
    grep -E '"event":"(halted|aborted|completed)"' "$folder/events.json" | tail -1 |
        sed -nE 's/.*"'"$1"'":"(([^"\\]|\\.)*)".*/\1/p' | sed 's/\\"/"/g; s/\\\\/\\/g'
}
rows=()
# Notes what came of a case, and whether it is what must come of it.
judge() { # CASE REASON WORDS: the end's reason, or `completed`; words that its sentence must hold
    local reason wave sentence result=ok
    reason=$(end_field reason) wave=$(end_field wave) sentence=$(end_field message)
    reason=${reason:-$(end_field event)}
    [ "$reason" = "$2" ] && [[ $sentence == *"$3"* ]] || { result=MISS failed=1; }
    [ "$2" = completed ] || [ "$wave" = canary ] || { result=MISS failed=1; }
    rows+=("$1|$reason|${wave:--}|$result|${sentence:-all waves passed (exit code $code)}")
    echo "$result: $1: $reason ${sentence}" >&2
}

. Tests/RealPrometheus/cases.sh

if [ $# -eq 0 ]; then set -- "${cases[@]}"; fi
for each; do
    [ "$(type -t "case_$each")" = function ] || { echo "no case $each; there are: ${cases[*]}" >&2; exit 64; }
done
for each; do
    begin "$each"
    echo "$each: ${#exporter_port[@]} nodes, each with a node_exporter" >&2
    "case_$each"
    end_all
done
printf '\n%-22s %-16s %-8s %-6s %s\n' CASE VERDICT WAVE RESULT SENTENCE
for row in "${rows[@]}"; do
    IFS='|' read -r name reason wave result sentence <<<"$row"
    printf '%-22s %-16s %-8s %-6s %s\n' "$name" "$reason" "$wave" "$result" "$sentence"
done
exit "$failed"
