import SluiceCore
import SluiceSimulator
import SluiceStore
import Testing

/// The store on a disk that crashes at every operation.
struct CrashSweepTests {
    enum Crash: CaseIterable {
        case kill, powerCut
    }

    /// Opens, takes some turns, closes, and does it again: with a migration, checkpoints and a new log on the way.
    private func drive(_ disk: SimulatedDisk, _ work: inout Workload, padding: Int) throws {
        for _ in 0..<2 {
            let store = try disk.open()
            for _ in 0..<3 { try work.step(store, padding: padding) }
            try store.close()
        }
    }

    private func crash(_ disk: SimulatedDisk, _ kind: Crash, _ random: inout SplitMix) {
        switch kind {
        case .kill: disk.kill()
        case .powerCut: disk.cutPower { random.next() }
        }
    }

    /// One run that crashes after `count` operations, perhaps again while it recovers, and then goes on to its end.
    ///
    /// Returns whether it crashed.
    private func run(crashingAfter count: UInt64, _ kind: Crash, seed: UInt64, isLying: Bool = false) throws -> Bool {
        let disk = SimulatedDisk()
        var random = SplitMix(seed: seed &* 1_000_003 &+ count)
        var work = Workload()
        disk.ignoresSyncs = isLying
        disk.stop(after: count)
        do {
            try drive(disk, &work, padding: 0)
        } catch let error as StoreError {
            guard disk.hasStopped else { throw error }
        }
        guard disk.hasStopped else { return false }
        crash(disk, kind, &random)
        disk.stop(after: random.below(12))
        do {
            let store = try disk.open()
            _ = try store.load(Workload.id)
            try store.close()
        } catch {
            guard disk.hasStopped else { throw error }
        }
        crash(disk, kind, &random)
        let store = try disk.open()
        try work.resume(store)
        for _ in 0..<2 { try work.step(store) }
        try store.close()
        crash(disk, kind, &random)
        guard let reader = try disk.openReadOnly(), try Workload.turn(reader) == work.returned else {
            throw Workload.Problem("what was closed is not what a reader finds")
        }
        return true
    }

    /// The problems of crashes at every operation of a run.
    private func sweep(_ kind: Crash, seed: UInt64, isLying: Bool = false) -> (crashes: UInt64, problems: [String]) {
        var problems: [String] = []
        var count: UInt64 = 0
        while true {
            do {
                guard try run(crashingAfter: count, kind, seed: seed, isLying: isLying) else { break }
            } catch {
                problems.append("\(kind) after \(count) operations, seed \(seed): \(error)")
            }
            count += 1
        }
        return (count, problems)
    }

    @Test(
        "After a crash at any operation the state is the last commit, or the one under way", arguments: Crash.allCases)
    func everyOperation(_ kind: Crash) {
        for seed in kind == .kill ? 1...1 : 1...2 as ClosedRange<UInt64> {
            let (crashes, problems) = sweep(kind, seed: seed)
            #expect(problems == [])
            #expect(crashes > 150)
        }
    }

    @Test("A disk that only says that it synced is found out by a power cut, not by a kill")
    func lyingDisk() {
        #expect(sweep(.kill, seed: 1, isLying: true).problems == [])
        #expect(sweep(.powerCut, seed: 1, isLying: true).problems.count > 20)
    }

    @Test("Crashes around automatic checkpoints lose nothing either")
    func checkpoints() throws {
        for seed in 1...4 as ClosedRange<UInt64> {
            let disk = SimulatedDisk()
            var random = SplitMix(seed: seed)
            var work = Workload()
            for _ in 0..<4 {
                let store = try disk.open()
                try work.resume(store)
                disk.stop(after: 200 + random.below(2_000))
                do {
                    while true { try work.step(store, padding: 150_000) }
                } catch {
                    #expect(disk.hasStopped)
                }
                disk.cutPower { random.next() }
            }
            let store = try disk.open()
            try work.resume(store)
            #expect((work.returned ?? 0) > 10)
        }
    }
}
