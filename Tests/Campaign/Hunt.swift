import SluiceSimulator

/// Looks for the first run in which a judge objects: the named scenarios, the crash sweeps, then seeds. For an engine that
/// was broken on purpose.
struct Hunt {
    /// What every run but a property's own is for: that it ends as expected. Such an objection proves no judge.
    private static let expectations: Set<String> = ["scenario", "sweep"]

    /// Runs until a judge objects, prints who did and where.
    ///
    /// - Parameter onlySeeds: whether nothing but seeds is tried.
    /// - Returns: the exit code: 0 when the wanted judge is among the first to object, 1 when others are, 3 when nobody
    ///   objects.
    static func run(for judge: String, seeds: UInt64, onlySeeds: Bool) -> Int32 {
        if !onlySeeds, let code = inScenarios(judge) ?? inSweeps(judge) { return code }
        for seed in 1...max(1, seeds) {
            let run = SeedRun.run(seed: seed, trace: Trace(isOn: false))
            if let code = seen(run.violations, judge, "\(seed) seeds") { return code }
        }
        print("nobody|\(seeds) seeds|")
        return 3
    }

    private static func inScenarios(_ judge: String) -> Int32? {
        for scenario in NamedScenario.all {
            let run = scenario.run()
            if let code = seen(run.violations, judge, "scenario \"\(scenario.name)\"") { return code }
        }
        return nil
    }

    private static func inSweeps(_ judge: String) -> Int32? {
        for run in CrashSweep.Run.allCases {
            for place in CrashSweep.Place.allCases {
                let sweep = CrashSweep(run, place, powerFails: false)
                guard let (step, _) = sweep.violations.first(where: { isObjection($0.violation) }) else { continue }
                let violations = sweep.violations.filter { $0.step == step }.map(\.violation)
                let crashes = "\(step) crashes of the sweep over \(place) of a \(run)"
                if let code = seen(violations, judge, crashes) { return code }
            }
        }
        return nil
    }

    private static func isObjection(_ violation: Violation) -> Bool { !expectations.contains(violation.judge) }

    private static func seen(_ violations: [Violation], _ judge: String, _ place: String) -> Int32? {
        let objections = violations.filter(isObjection)
        guard let first = objections.first else { return nil }
        var names: [String] = []
        for objection in objections where !names.contains(objection.judge) { names.append(objection.judge) }
        let shown = objections.first { $0.judge == judge } ?? first
        print("\(names.joined(separator: ", "))|\(place)|\(shown.message)")
        return names.contains(judge) ? 0 : 1
    }
}
