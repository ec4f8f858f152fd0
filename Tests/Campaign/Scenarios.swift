import SluiceSimulator

/// The named scenarios and the crash sweep.
enum Scenarios {
    static func run(isTraced: Bool, only part: String?) -> Int32 {
        var failed = 0
        for scenario in NamedScenario.all where part.map(scenario.name.contains) ?? true {
            let trace = Trace(isOn: isTraced)
            let run = scenario.run(trace: trace)
            for line in trace.lines { print(line) }
            print("\(run.violations.isEmpty ? "passed" : "FAILED")  \(scenario.name): \(run.ending)")
            for violation in run.violations {
                print("  \(violation.judge) at \(violation.time) ms: \(violation.message)")
            }
            failed += run.violations.isEmpty ? 0 : 1
        }
        return failed == 0 ? 0 : 1
    }

    static func sweep() -> Int32 {
        var failed = 0
        for run in CrashSweep.Run.allCases {
            for place in CrashSweep.Place.allCases {
                for powerFails in [false, true] { failed += sweep(run, place, powerFails: powerFails) }
            }
        }
        return failed == 0 ? 0 : 1
    }

    private static func sweep(_ run: CrashSweep.Run, _ place: CrashSweep.Place, powerFails: Bool) -> Int {
        let sweep = CrashSweep(run, place, powerFails: powerFails)
        print(
            "\(sweep.crashes) crashes over \(place) of a \(run), \(powerFails ? "power cut" : "kill"): "
                + "\(sweep.violations.count) violations")
        for (step, violation) in sweep.violations.prefix(5) {
            print("  step \(step): \(violation.judge) at \(violation.time) ms: \(violation.message)")
        }
        return sweep.violations.count
    }
}
