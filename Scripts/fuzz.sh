#!/usr/bin/env bash
# Feeds the readers of everything that comes from outside with broken input, by libFuzzer under the address sanitizer.
# Usage: Scripts/fuzz.sh [SECONDS] [TARGET...]
#
# Each target (all of them: plan kubeconfig watch list json credential http exposition) runs for SECONDS (60) on one core.
# Its first inputs are made from Tests/Recordings, Plans and docs. Exit code 1 when one crashed, hung for 10 seconds or
# took more than 2 GiB; the input stays in the folder that is printed. Try it again with
#   SluiceFuzz fuzz TARGET INPUT
#   SLUICE_FUZZ  the folder for the build, the inputs found so far and the logs (.build-fuzz). It is used again.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
Scripts/setup.sh
seconds=60
if [[ ${1:-} =~ ^[1-9][0-9]*$ ]]; then seconds=$1; shift; fi
folder=$(realpath -m "${SLUICE_FUZZ:-.build-fuzz}")
toolchain=$(dirname "$(dirname "$(realpath "$(command -v swift)")")")
library=$(find "$toolchain/lib" -name "libclang_rt.fuzzer_no_main-$(uname -m).a" -print -quit)
[ -n "$library" ] || { echo "this Swift toolchain has no libFuzzer below $toolchain/lib" >&2; exit 1; }

# A main of our own chooses the target, so libFuzzer comes without its main, and coverage is asked for by hand.
build=(swift build -c release --package-path Tests/Fuzz --scratch-path "$folder/build" --product SluiceFuzz
    --sanitize address -Xswiftc -enable-testing -Xlinker "$library" -Xlinker -lstdc++
    -Xswiftc -sanitize-coverage=edge,indirect-calls,trace-cmp,inline-8bit-counters,pc-table)
"${build[@]}" >&2
fuzz=$("${build[@]}" --show-bin-path)/SluiceFuzz
[ $# -gt 0 ] || mapfile -t targets < <("$fuzz" targets)
[ $# -eq 0 ] || targets=("$@")

export SWIFT_BACKTRACE=enable=no ASAN_OPTIONS=detect_leaks=0
failed=0
for target in "${targets[@]}"; do
    inputs=$folder/$target findings=$folder/findings/$target log=$folder/$target.log
    mkdir -p "$inputs" "$findings"
    seeds=$("$fuzz" seed "$target" "$inputs")
    before=$(find "$findings" -type f | wc -l)
    "$fuzz" fuzz "$target" "$inputs" -max_total_time="$seconds" -timeout=10 \
        -rss_limit_mb=2048 -max_len=16384 -artifact_prefix="$findings/" -print_final_stats=1 >"$log" 2>&1 || failed=1
    after=$(find "$findings" -type f | wc -l)
    executions=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
    coverage=$(grep -o 'cov: [0-9]*' "$log" | tail -1)
    peak=$(sed -n 's/^stat::peak_rss_mb: *//p' "$log")
    printf '%s: %s s, %s seeds, %s executions, %s, peak %s MiB, %s findings\n' "$target" "$seconds" "$seeds" \
        "${executions:-0}" "${coverage:-cov: 0}" "${peak:-?}" "$((after - before))"
    if [ "$after" -gt "$before" ]; then
        grep -m 3 -E 'Fatal error|Disagreement|ERROR: |SUMMARY' "$log" || true
        echo "  see $findings and $log"
    fi
done
exit "$failed"
