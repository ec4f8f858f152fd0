/// Whose fault a halt is, as far as counting can tell: a halt at night is believed when it says what the others do.
struct Attribution: Sendable, Equatable {
    /// How many updated nodes failed, and how many were updated.
    var failed: Int
    var updated: Int
    /// How many untouched nodes are in trouble too, and how many there are.
    var troubled: Int
    var untouched: Int
    /// Whether every failed node says that the registry has had too many requests.
    var isRegistryBusy: Bool

    /// Above it, as much trouble on the updated nodes is no surprise.
    static let significance = 0.05

    /// The words by which registries and kubelets say that they are asked too often. (Docker Hub, `toomanyrequests`;
    /// HTTP 429)
    private static let busyWords = ["toomanyrequests", "too many requests", "429"]

    init(failed: Int, updated: Int, troubled: Int, untouched: Int, isRegistryBusy: Bool = false) {
        self.failed = failed
        self.updated = updated
        self.troubled = troubled
        self.untouched = untouched
        self.isRegistryBusy = isRegistryBusy
    }

    /// Whether a failure's sentence speaks of a registry that is asked too often.
    static func saysBusy(_ message: String) -> Bool {
        let text = message.lowercased()
        return busyWords.contains { text.contains($0) }
    }

    /// The comparison in one sentence; nil when there is nobody to compare with.
    var sentence: String? {
        guard untouched > 0, updated > 0 else { return nil }
        let chance = FisherTest.probability(ofAtLeast: failed, of: updated, against: troubled, of: untouched)
        let counts =
            "\(failed) of \(PlanText.count(updated, "updated node")) failed, \(troubled) of \(untouched) untouched "
            + "\(untouched == 1 ? "one is" : "ones are") in trouble, p = \(Comparison.rounded(chance))"
        if isRegistryBusy { return counts + "; the registry is asked too often, which is not the version's fault" }
        // Without trouble among the others a large p only says that they are few.
        guard troubled > 0, chance > Self.significance else { return counts }
        return counts + "; the trouble may have another cause than the version"
    }
}

extension RolloutMachine {
    /// What the updated nodes and the untouched ones say together.
    func attribution() -> Attribution {
        var result = Attribution(failed: 0, updated: 0, troubled: 0, untouched: 0)
        var failures: [String] = []
        let isPressure = state.nodes.values.contains { $0.status == .failed && $0.reason == .nodePressure }
        for record in state.nodes.values where !record.isLeaked {
            switch record.status {
            case .failed:
                result.failed += 1
                result.updated += 1
                failures.append(record.message)
            case .updated, .replacing: if record.wave != nil { result.updated += 1 }
            case .pending, .deferred:
                result.untouched += 1
                let isWell = isWell(record.node, countingPressure: isPressure)
                if !isWell || !view.ownPods(on: record.node).contains(where: \.isReady) { result.troubled += 1 }
            case .deleting, .skipped, .left: break
            }
        }
        result.isRegistryBusy = !failures.isEmpty && failures.allSatisfy(Attribution.saysBusy)
        return result
    }

    /// Whether an untouched node is in no trouble. Where updated nodes failed for pressure, another's counts when it came
    /// during the rollout, as theirs did.
    private func isWell(_ name: String, countingPressure: Bool) -> Bool {
        guard let node = view.nodes[name], node.ready == .true else { return false }
        let began = state.rollout.createdAt
        return !countingPressure || !node.pressures.contains { $0.since.map { $0 >= began } ?? false }
    }
}
