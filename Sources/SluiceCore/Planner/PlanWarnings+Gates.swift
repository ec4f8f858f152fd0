/// Warnings about gates that cannot do what they are there for.
extension PlanWarnings {
    /// Comparisons that too few nodes take part in, wave by wave.
    var gatesThatCannotTell: [String] {
        slicing.waves.indices.flatMap { index in
            gates(of: slicing.waves[index]).compactMap { gate -> String? in
                guard case .comparison(let comparison) = gate.criterion else { return nil }
                let updated = slicing.waves[index].nodes.count
                // A wave waits for a baseline that is scraped, so no node of an earlier wave changes in it.
                let isScraped = gate.provider.scrape != nil
                let others = others(of: index, baseline: isScraped ? 0 : comparison.baselineSeconds)
                guard updated > 0 else { return nil }
                return Self.sentence(gate, comparison, wave: slicing.waves[index].name, updated, others)
            }
        }
    }

    /// Gates whose first measurements still contain the time before the update.
    var gatesThatLookBack: [String] {
        var seen: Set<String> = []
        return slicing.waves.flatMap { gates(of: $0) }.compactMap { gate in
            guard let range = gate.provider.query?.longestRangeSeconds, range > gate.initialDelaySeconds,
                seen.insert(gate.name).inserted
            else { return nil }
            return
                "gate \(gate.name) looks back \(PlanText.duration(seconds: range)) from its first measurement on, "
                + "\(PlanText.duration(seconds: gate.initialDelaySeconds)) after the update: what was before the "
                + "update is in it; give it an initialDelay of \(PlanText.duration(seconds: range))"
        }
    }

    private func gates(of wave: WavePlan.PlannedWave) -> [Gate] { plan.gates + plan.waves[wave.planIndex].gates }

    /// How many nodes keep their version from the baseline on until the wave is over: those of later waves, and those of
    /// earlier ones that are watched for at least as long as the baseline lasts before this wave begins.
    private func others(of index: Int, baseline: Int64) -> Int {
        var count = slicing.waves[(index + 1)...].reduce(0) { $0 + $1.nodes.count }
        var watched: Int64 = 0
        for earlier in slicing.waves[..<index].reversed() {
            watched += PlanEstimate.watchSeconds(earlier, plan: plan)
            if watched >= baseline { count += earlier.nodes.count }
        }
        return count
    }

    private static func sentence(
        _ gate: Gate, _ comparison: Comparison, wave: String, _ updated: Int, _ others: Int
    ) -> String? {
        let place = "gate \(gate.name) in wave \(wave)"
        guard others > 0 else {
            return "\(place) can never pass: no other node keeps its version from the baseline of "
                + "\(PlanText.duration(seconds: comparison.baselineSeconds)) on; shorten the baseline, lengthen the soaks "
                + "before, or give the gate to earlier waves only"
        }
        guard let choices = ShiftTest.choices(of: updated, outOf: updated + others) else { return nil }
        let sides =
            "\(PlanText.count(updated, "updated node")) and \(PlanText.count(others, "other")) give "
            + PlanText.count(choices, "choice")
        if choices < comparison.choicesToPass {
            return "\(place) can never pass: \(sides), and it takes \(comparison.choicesToPass) (docs/judgement.md)"
        }
        if choices < comparison.choicesToFail {
            return "\(place) can pass but never convict by numbers: \(sides), and it takes \(comparison.choicesToFail) "
                + "(docs/judgement.md)"
        }
        return nil
    }
}
