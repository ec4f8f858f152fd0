#!/usr/bin/env bash
# Shows the three jobs on an embedded cluster of 60 nodes: canary a new collector version, resume an interrupted
# rollout, report nodes on stale versions. Everything it makes lies in one temporary folder.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

sluice=${SLUICE_BINARY:-$(Scripts/build.sh)}
work=$(mktemp -d)
export KUBECONFIG=$work/kubeconfig SLUICE_STATE=$work/state.db NO_COLOR=1
cluster=
finish() {
    [ -z "$cluster" ] || kill "$cluster" 2>/dev/null || true
    rm -rf "$work"
}
trap finish EXIT

say() { printf '\n=== %s\n' "$*"; }
show() {
    printf '$ sluice'
    printf ' %s' "$@" | sed "s|$work/||g"
    printf '\n'
}
# Events are never cut, so that logs keep every word; here they are folded to the terminal.
wrap() { fold -s -w 80; }
run() {
    show "$@"
    local code=0
    "$sluice" "$@" || code=$?
    [ "$code" -eq 0 ] || printf '(exit code %s)\n' "$code"
    return 0
}

plan() { # NAME IMAGE_TAG
    sed -e "s|NAME|$1|; s|TAG|$2|; s|PROMETHEUS|$prometheus|" Scripts/demo-plan.yaml >"$work/$1.yaml"
}

say "An embedded cluster: 60 nodes, the production node_exporter DaemonSet"
"$sluice" cluster --nodes 60 --start-delay 1s --termination 300ms --ready-lag 300ms \
    --kubeconfig "$KUBECONFIG" >"$work/cluster.log" &
cluster=$!
until grep -q '^prometheus at' "$work/cluster.log"; do
    kill -0 "$cluster" || { cat "$work/cluster.log" >&2; exit 1; }
    sleep 0.1
done
prometheus=$(sed -n 's/^prometheus at //p' "$work/cluster.log")
cat "$work/cluster.log" | sed "s|$work/||"

say "Report: which versions run before the rollout"
run report versions -n monitoring ds/node-exporter

say "Plan: canary, then dev, then everything else. Changes nothing"
plan good v1.9.0
run plan -f "$work/good.yaml"

say "Run it, and kill -9 the driver in the middle"
show run -f "$work/good.yaml" --yes
"$sluice" run -f "$work/good.yaml" --yes --quiet >"$work/run.log" 2>&1 &
driver=$!
until [ "$(grep -c ' updated ' "$work/run.log" || true)" -ge 14 ]; do
    kill -0 "$driver" 2>/dev/null || break
    sleep 0.1
done
kill -9 "$driver"
wait "$driver" 2>/dev/null || true
head -14 "$work/run.log" | wrap
echo "…"
tail -3 "$work/run.log" | wrap
echo "(killed)"

say "Report: during the rollout, nobody drives it"
run report versions -n monitoring ds/node-exporter | head -22
run status

say "Resume: it goes on where it stood"
show resume
"$sluice" resume >"$work/resume.log" 2>"$work/resume.err"
head -6 "$work/resume.log" | wrap
echo "…"
tail -4 "$work/resume.log" | wrap
wrap <"$work/resume.err"

say "A bad version, Ready but silent: the gate halts it in the canary"
plan bad v1.10.0-silent
show run -f "$work/bad.yaml" --yes
code=0
"$sluice" run -f "$work/bad.yaml" --yes --quiet 2>&1 | wrap || code=${PIPESTATUS[0]}
printf '(exit code %s)\n' "$code"
run status

say "Report: after the halt, only the canary nodes run the bad version"
run report versions -n monitoring ds/node-exporter | head -16

say "Give the bad version up"
run abort --reason "ships nothing" ds/node-exporter -n monitoring
run history
