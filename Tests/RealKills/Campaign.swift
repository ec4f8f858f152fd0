import Foundation
import SluiceCore

/// Rollouts under fire: until each kind of victim has been killed often enough, all of them in the middle of a rollout.
final class Campaign {
    enum Victim: String, CaseIterable {
        case sluice
        case apiServer = "kube-apiserver"
        case etcd
    }

    /// One kill: once so many pods of the rollout have begun to go, and then at a moment of its kind.
    private struct Strike {
        enum Moment {
            /// So many milliseconds later.
            case anywhere(Milliseconds)
            /// So many milliseconds after the next report that a pod is Ready: while the driver commits and sends the
            /// delete that this makes room for.
            case atDelete(Milliseconds)
        }

        var victim: Victim
        var pods: Int
        var moment: Moment
    }

    private let workload: Workload
    private let loop: EventLoop
    private let controlPlane: ControlPlane
    private let kubelets: FakeKubelets
    private let driver: SluiceDriver
    private let folder: String
    private let wanted: Int
    private var draw: Draw
    /// The moments of all kills, for whoever asks the other logs what happened then.
    private let diary: FileHandle
    /// Kills that ended a process while a rollout was under way.
    private(set) var kills: [Victim: Int] = [:]
    /// Rollouts that were driven to their end.
    private(set) var rollouts = 0

    /// Kills of each kind in one rollout, at most.
    private static let killsPerRollout = 3
    /// The longest delay of a kill anywhere, in milliseconds.
    private static let longestDelay = 500
    /// The longest delay of a kill at a delete, in milliseconds.
    private static let longestReaction = 40
    /// The longest time until a killed process is started again, in milliseconds.
    private static let longestPause = 1_000
    /// How long a rollout may go on without a pod that begins to go, or to its end after the last one, in seconds.
    private static let patience: Int64 = 300

    init(
        _ workload: Workload, loop: EventLoop, controlPlane: ControlPlane, kubelets: FakeKubelets, driver: SluiceDriver,
        folder: String, wanted: Int, draw: Draw
    ) throws {
        let diary = "\(folder)/log/kills.log"
        _ = FileManager.default.createFile(atPath: diary, contents: nil)
        self.diary = try FileHandle(forWritingTo: URL(filePath: diary))
        self.workload = workload
        self.loop = loop
        self.controlPlane = controlPlane
        self.kubelets = kubelets
        self.driver = driver
        self.folder = folder
        self.wanted = wanted
        self.draw = draw
    }

    /// Rolls out and kills until there were enough kills of each kind.
    func run() throws {
        try settle(Workload.image(0))
        repeat { try rollOut(rollouts + 1) } while Victim.allCases.contains { missing($0) > 0 }
    }

    private func missing(_ victim: Victim) -> Int { max(0, wanted - kills[victim, default: 0]) }

    /// Waits until every node has its Ready pod and no other pod is left.
    private func settle(_ image: String) throws {
        try loop.pump("for a Ready pod of \(image) on every node", seconds: Self.patience) {
            kubelets.readyNodes(image: image) == workload.nodes && kubelets.podCount == workload.nodes
        }
    }

    private func rollOut(_ number: Int) throws {
        let plan = "\(folder)/plan-\(number).yaml"
        try Data(workload.plan(number).utf8).write(to: URL(filePath: plan))
        kubelets.beginCounting()
        let before = (kills: kills, resumes: driver.resumes, gaveUp: driver.gaveUp, at: loop.now)
        try driver.run(plan: plan)
        for strike in drawStrikes() {
            try wait(for: "\(strike.pods) pods to go") { kubelets.ended >= strike.pods || driver.isDone }
            try waitFor(strike.moment)
            // One server at a time: a pair of them would only be away for longer.
            if strike.victim != .sluice { try wait(for: "the control plane") { controlPlane.isReady } }
            guard !driver.isDone else { break }
            let at = "\(loop.wall.rfc3339Micro) rollout \(number), \(kubelets.ended) pods have gone: "
            guard kill(strike.victim) else { continue }
            kills[strike.victim, default: 0] += 1
            try diary.write(contentsOf: Data((at + "killed \(strike.victim.rawValue)\n").utf8))
        }
        try wait(for: "the end of the rollout") { driver.isDone }
        try wait(for: "the control plane") { controlPlane.isReady }
        try settle(Workload.image(number))
        rollouts = number
        let fallen = Victim.allCases.map { "\(kills[$0, default: 0] - before.kills[$0, default: 0]) of \($0.rawValue)" }
        say(
            "rollout \(number): completed in \((loop.now - before.at) / 1_000) s, kills: "
                + fallen.joined(separator: ", ")
                + "; \(driver.resumes - before.resumes) resumes, gave up \(driver.gaveUp - before.gaveUp) times")
    }

    /// Waits as long as the rollout moves.
    private func wait(for what: String, until isDone: () -> Bool) throws {
        while !isDone() {
            let ended = kubelets.ended
            do {
                try loop.pump("for \(what)", seconds: Self.patience) { isDone() || kubelets.ended > ended }
            } catch let failure as KillTestFailure {
                throw KillTestFailure(
                    description: "\(failure) (\(ended) of \(workload.nodes) pods have gone); sluice says:\n"
                        + driver.lastWords)
            }
        }
    }

    private func waitFor(_ moment: Strike.Moment) throws {
        switch moment {
        case .anywhere(let delay): try loop.pass(delay)
        case .atDelete(let delay):
            let reports = kubelets.readyReports
            try wait(for: "another pod to be Ready") { kubelets.readyReports > reports || driver.isDone }
            try loop.pass(delay)
        }
    }

    /// Kills of each kind that is still missing, shuffled, at moments in the order of the rollout.
    private func drawStrikes() -> [Strike] {
        var victims = Victim.allCases.flatMap {
            Array(repeating: $0, count: min(Self.killsPerRollout, missing($0)))
        }
        for index in victims.indices.dropFirst() { victims.swapAt(index, draw.number(in: 0...index)) }
        let moments = victims.map { _ in draw.number(in: 1...workload.nodes) }.sorted()
        return zip(victims, moments).map { victim, pods in
            let moment: Strike.Moment =
                draw.number(in: 0...1) == 0
                ? .anywhere(Milliseconds(draw.number(in: 0...Self.longestDelay)))
                : .atDelete(Milliseconds(draw.number(in: 0...Self.longestReaction)))
            return Strike(victim: victim, pods: pods, moment: moment)
        }
    }

    /// - Returns: whether a running process was ended, in the middle of the rollout.
    private func kill(_ victim: Victim) -> Bool {
        let pause = Milliseconds(draw.number(in: 0...Self.longestPause))
        switch victim {
        case .sluice: return driver.kill(resumeAfter: pause)
        case .apiServer: controlPlane.kill(.apiServer, restartAfter: pause)
        case .etcd: controlPlane.kill(.etcd, restartAfter: pause)
        }
        return true
    }
}

/// A line for whoever watches.
func say(_ text: String) {
    print(text)
    fflush(nil)
}
