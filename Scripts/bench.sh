#!/usr/bin/env bash
# Prints what Sluice costs beside its goals. Usage: Scripts/bench.sh [--quick | RUNS]     (rollouts of 1,000 nodes; 5,
# or 1 with --quick)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

runs=${1:-5}
[ "$runs" != --quick ] || runs=1
sluice=$PWD/$(Scripts/build.sh | sed "s|^$PWD/||")
swift build -c release --product SluiceBench --static-swift-stdlib >&2
bench=$(dirname "$sluice")/SluiceBench

"$bench" planner 5000
"$bench" planner 100000
"$bench" startup "$sluice"
"$bench" rollout "$sluice" "$runs"
