#!/usr/bin/env bash
# Runs the tests under a sanitizer; exit code 1 when one fails or the sanitizer finds something.
# Usage: Scripts/sanitize.sh address|thread [ARGUMENT...]   (arguments go to `swift test`, for instance --filter Store)
#
# Left out are TidyTests, which read texts, and EndToEndTests, which start the program over and over with the patience
# that a plain build needs; what they run is covered by the other tests.
#   SLUICE_SANITIZE  the folder for the builds (a folder for temporary files). It is used again.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
kind=${1:-}
case $kind in
address | thread) shift ;;
*) sed -n '2,/^set /{/^#/s/^# \{0,1\}//p}' Scripts/sanitize.sh >&2; exit 64 ;;
esac
Scripts/setup.sh --tests
folder=${SLUICE_SANITIZE:-${TMPDIR:-/tmp}/sluice-sanitize}/$kind

# Swift's runtime keeps metadata that the leak check takes for lost. The backtracer cannot read a process that a
# sanitizer lays out. The program goes on after a finding of the thread sanitizer, which then sets the exit code.
export ASAN_OPTIONS=detect_leaks=0 TSAN_OPTIONS=exitcode=66 SWIFT_BACKTRACE=enable=no
swift test --sanitize "$kind" --scratch-path "$folder" --skip EndToEndTests --skip TidyTests \
    --explicit-target-dependency-import-check error "$@"
