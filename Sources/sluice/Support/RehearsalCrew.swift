import Dispatch
import Foundation
import SluiceCore
import SluiceRehearsal

/// Runs a rehearsal on all processors. Each run depends on its seed alone, and the outcomes are put in the order of the
/// seeds, so that the report never depends on which run was done first.
struct RehearsalCrew {
    let rehearsal: Rehearsal
    /// How many runs of each version; their seeds count from 1.
    let runs: Int

    /// Tries a good version and then each bad one.
    func report(bad versions: [BadVersion]) -> RehearsalReport {
        var report = rehearsal.emptyReport
        let all = [nil] + versions.map(Optional.some)
        let outcomes = outcomes(of: all)
        for (index, version) in all.enumerated() {
            let own = Array(outcomes[(index * runs)..<((index + 1) * runs)])
            if let version {
                report.add(own, bad: version.kind.rawValue, meaning: version.meaning, needsGate: version.needsGate)
            } else {
                report.add(own, zones: rehearsal.script.zones.map { ($0.name, $0.nodes) })
            }
        }
        return report
    }

    /// The outcomes of every version, one version after the other, each in the order of its seeds.
    ///
    /// Each worker has a beginning of its own to copy: what two of them share, they count references of at the same time.
    private func outcomes(of versions: [BadVersion?]) -> [RehearsalRun] {
        let slots = Slots(count: versions.count * runs)
        let shares = min(runs, max(1, ProcessInfo.processInfo.activeProcessorCount))
        DispatchQueue.concurrentPerform(iterations: versions.count * shares) { task in
            let (index, share) = task.quotientAndRemainder(dividingBy: shares)
            let prepared = rehearsal.prepared(versions[index])
            for number in stride(from: share, to: runs, by: shares) {
                slots.put(prepared.run(seed: UInt64(number + 1)), at: index * runs + number)
            }
        }
        return slots.all
    }
}

/// Where outcomes are gathered.
///
/// Unchecked, because the lock is held whenever the values are touched.
private final class Slots: @unchecked Sendable {
    private let lock = NSLock()
    private var values: [RehearsalRun?]

    init(count: Int) {
        values = Array(repeating: nil, count: count)
    }

    func put(_ value: RehearsalRun, at index: Int) {
        lock.withLock { values[index] = value }
    }

    var all: [RehearsalRun] { lock.withLock { values.compactMap { $0 } } }
}
