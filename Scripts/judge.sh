#!/usr/bin/env bash
# Shows how good the judgement is: every kind of bad collector in four magnitudes, on simulated fleets of 60 and 1,000
# nodes with a canary of 3 and of 5, and harmless versions, under the gates of Plans/fluent-bit.yaml.
# Usage: Scripts/judge.sh [--seeds N] [--harmless N] [--nodes N]   50 seeds, 2,000 harmless versions, both fleets
#
# The noise is that of Telemetry.swift; seeds derive from the commit. Columns: the share of seeds in which evidence stopped
# the version in the first wave that holds an affected node; the share in which it did in any wave; the share that halted in
# doubt; how many nodes got the bad version (median, most); the median time to the halt; how many nodes RollingUpdate with
# maxUnavailable 10 % reaches; how often a rank sum test on pooled samples objects to the canary.
# Exit code 1 when a kind is missed, or when too many harmless versions are halted.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

usage() { sed -n '2,/^set /{/^#/s/^# \{0,1\}//p}' Scripts/judge.sh >&2; exit 64; }
seeds=50 harmless=2000 fleets="60 1000"
while [ $# -gt 0 ]; do
    case $1 in
    --seeds) seeds=${2:?--seeds needs a number}; shift ;;
    --harmless) harmless=${2:?--harmless needs a number}; shift ;;
    --nodes) fleets=${2:?--nodes needs a number}; shift ;;
    *) usage ;;
    esac
    shift
done
Scripts/setup.sh >&2
swift build -c release --product SluiceJudge --explicit-target-dependency-import-check error >&2
judge=$(swift build -c release --product SluiceJudge --show-bin-path)/SluiceJudge
from=$((16#$(git rev-parse HEAD 2>/dev/null | cut -c1-8 | grep . || echo 1)))
result=0
for nodes in $fleets; do
    for canary in 3 5; do
        "$judge" table Plans/fluent-bit.yaml --nodes "$nodes" --canary "$canary" --seeds "$seeds" --from "$from" || result=1
        echo
    done
done
for canary in 3 5; do
    "$judge" harmless Plans/fluent-bit.yaml --nodes 60 --canary "$canary" --seeds "$harmless" --from "$from" || result=1
done
exit $result
