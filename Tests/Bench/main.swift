/// Benchmarks of what decides and what waits; `Scripts/bench.sh` runs them.
print("no benchmark named")
